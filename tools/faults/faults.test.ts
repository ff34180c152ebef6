/** The short form of `npm run faults -- files hostile`: a few of each format, by the same programs. */
import { mkdtemp, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run as mutated } from "./files.mjs";
import { run as hostile } from "./hostile.mjs";
import { formats } from "./parts/formats.mjs";
import { mutatedBytes, mutatedJson } from "./parts/mutate.mjs";
import { randomOf } from "./parts/random.mjs";

let work: string;
const said: string[] = [];
const print = (line: string): void => void said.push(line);

// Below this folder: what is bundled there has to find the packages of the project.
beforeAll(async () => {
  work = await mkdtemp(fileURLToPath(new URL("./.work-", import.meta.url)));
});
afterAll(() => rm(work, { recursive: true, force: true }));

test("mutations of a number are always the same, and differ from number to number", () => {
  const file = new Uint8Array(300);
  const of = (n: number): string => mutatedBytes(file, randomOf(7, "a", n)).join();
  expect(of(3)).toBe(of(3));
  expect(new Set(Array.from({ length: 50 }, (_, n) => of(n))).size).toBeGreaterThan(45);
  const json = { a: [1, { b: "x" }], c: null };
  const changed = (n: number): string => JSON.stringify(mutatedJson(json, randomOf(7, "b", n)));
  expect(changed(2)).toBe(changed(2));
  expect(json).toEqual({ a: [1, { b: "x" }], c: null });
});

test("mutated files of every format are read or refused", async () => {
  const fine = await mutated({ seed: 3, minutes: 1, work, print, count: 500 });
  expect(said.join("\n")).toContain("something went wrong");
  expect(fine, said.join("\n")).toBe(true);
  for (const { name } of formats) expect(said.some((line) => line.startsWith(name))).toBe(true);
});

test("hostile files are refused by the command line, each in its way", async () => {
  said.length = 0;
  const names =
    /the shard "\/etc\/passwd"|cell .\/evil.mjs|the options \{"train":\["\/dev\/zero"|a data set of packed zeros|the step "x"/;
  const fine = await hostile({ seed: 1, minutes: 1, work, print, names });
  expect(fine, said.join("\n")).toBe(true);
});
