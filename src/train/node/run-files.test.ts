/** Which files are a run's: not by their names alone. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, it } from "vitest";
import { tensorFrom, writeSafetensors } from "../../io/index.js";
import { foreignFiles, isRunFile, keepAside } from "./run-files.js";

const root = mkdtempSync(join(tmpdir(), "unrolled-files-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let path: string;
beforeEach(() => {
  path = mkdtempSync(join(root, "each-"));
});
const put = (name: string, contents: string | Uint8Array = ""): void =>
  writeFileSync(join(path, name), contents);
const tensors = [tensorFrom("w", [1], Float32Array.of(1))];
const step = "step-000000003.safetensors";

it("a folder that is not there, or holds other names, has none that are foreign", async () => {
  put("notes.txt");
  expect(await foreignFiles(path)).toEqual([]);
  expect(await foreignFiles(join(path, "none"))).toEqual([]);
});
it("without a run, all of the names are a person's", async () => {
  for (const name of ["run.json", "metrics.jsonl", "steps.tsv", "best.safetensors", step]) put(name);
  expect(await foreignFiles(path)).toEqual([
    "best.safetensors",
    "metrics.jsonl",
    "run.json",
    step,
    "steps.tsv",
  ]);
});
it("with a run all are its own, but the best model beside one that is done", async () => {
  put("run.json", JSON.stringify({ unrolled: "0.1.0", state: "running" }));
  for (const name of ["metrics.jsonl", "steps.tsv", "best.safetensors", step]) put(name);
  expect(await foreignFiles(path)).toEqual([]);
  put("run.json", JSON.stringify({ machine: { memoryGiB: 1 }, state: "done" }));
  expect(await foreignFiles(path)).toEqual(["best.safetensors"]);
});
it("a run that lost its run.json shows by its checkpoints, and a model is none", async () => {
  put(step, writeSafetensors(tensors));
  put("steps.tsv");
  expect(await foreignFiles(path)).toEqual([step, "steps.tsv"]);
  put(step, writeSafetensors(tensors, { checkpoint: "{}" }));
  expect(await foreignFiles(path)).toEqual([]);
  put("run.json", "[1]");
  expect(await foreignFiles(path)).toEqual(["run.json"]);
});
it("files are kept under names that nobody has", async () => {
  for (const name of ["run.json", "run.json.kept", "steps.tsv"]) put(name);
  expect(await keepAside(path, ["run.json", "steps.tsv"])).toEqual(["run.json.kept-2", "steps.tsv.kept"]);
  expect(readdirSync(path)).toEqual(["run.json.kept", "run.json.kept-2", "steps.tsv.kept"]);
});
it("names that a run keeps for itself", () => {
  expect(["run.lock", "run.json", "best.safetensors", step].every(isRunFile)).toBe(true);
  expect(["mood.safetensors", "run.json.kept", "step-1.txt"].some(isRunFile)).toBe(false);
});
