/**
 * What `predict` and `generate` print, of every task, is what the library answers, byte for byte: a server that sends the
 * library's JSON sends the same.
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWasmExecutor } from "../exec/wasm/index.js";
import { writeModel } from "../io/index.js";
import { initialParameters, linear, network, pool } from "../nn/index.js";
import { type AnswerOptions, type AnyInput, openModel } from "../tasks/index.js";
import { createFolder, type Folder, runCli } from "./harness.cases.js";

/** What is asked, as the library and as the command line are asked. */
interface Case {
  readonly inputs: readonly AnyInput[];
  readonly options?: (path: (name: string) => string) => AnswerOptions;
  /** Contents of the file that is given to the command. */
  readonly file?: { readonly name: string; readonly text: string };
  readonly verb?: "predict" | "generate";
  readonly args: readonly string[];
  /** Whether the text is what is printed without --json too: texts that are printed while they are written are not. */
  readonly inText?: false;
}

const jsonl = (key: string, values: readonly unknown[]): string =>
  values.map((value) => `${JSON.stringify({ [key]: value })}\n`).join("");

const texts = ["a fine day", "isn't it\tdreary?"];
const series = [
  [
    [0.5, 2],
    [0.25, -1],
  ],
  [[5, 0.25]],
];
const vectors = [
  [0.5, -1],
  [3, 3],
];
const rows = Array.from({ length: 20 }, (_, t) => [10 + ((t * 7) % 5), t % 3]);
const generated = { length: 9, seed: 3, temperature: 0.8 };
const generate = ["--length", "9", "--seed", "3", "--temperature", "0.8", "--count", "2"];
const twice = (request: object): AnyInput[] =>
  [0, 1].map((sequence) => ({ ...generated, ...request, sequence }));
const asTexts = texts.flatMap((text) => ["--text", text]);

const cases: Readonly<Record<string, Case>> = {
  "classifier-texts": { inputs: texts, args: asTexts },
  "classifier-series": {
    inputs: series,
    options: (path) => ({ names: series.map((_, i) => `${path("series.jsonl")}:${i + 1}`) }),
    file: { name: "series.jsonl", text: jsonl("series", series) },
    args: [],
  },
  "classifier-vectors": {
    inputs: vectors,
    options: (path) => ({ names: vectors.map((_, i) => `${path("vectors.csv")}:${i + 2}`) }),
    file: { name: "vectors.csv", text: `x,y\n${vectors.map((vector) => `${vector.join(",")}\n`).join("")}` },
    args: [],
  },
  tagger: { inputs: ["Anna went to Graz", "Otto"], args: ["--text", "Anna went to Graz", "--text", "Otto"] },
  translator: { inputs: ["ab b", "ba"], args: ["--text", "ab b", "--text", "ba"] },
  forecaster: {
    inputs: [{ columns: { load: rows.map(([load]) => load!), sun: rows.map(([, sun]) => sun!) } }],
    file: { name: "rows.csv", text: `load,sun\n${rows.map((row) => `${row.join(",")}\n`).join("")}` },
    args: [],
  },
  "generator-lines": {
    inputs: twice({ label: "good" }),
    verb: "generate",
    args: [...generate, "--label", "good"],
  },
  "generator-text": {
    inputs: twice({ prime: "a fine" }),
    verb: "generate",
    args: [...generate, "--prime", "a fine"],
    inText: false,
  },
  "generator-notes": {
    inputs: twice({ prime: "C4 E4 | G4" }),
    verb: "generate",
    args: [...generate, "--prime", "C4 E4 | G4"],
  },
  "generator-events": {
    inputs: twice({ prime: "C4 E4 | G4" }),
    verb: "generate",
    args: [...generate, "--prime", "C4 E4 | G4"],
  },
  network: {
    inputs: vectors.map((vector) => [vector]),
    file: {
      name: "steps.jsonl",
      text: jsonl(
        "input",
        vectors.map((vector) => [vector]),
      ),
    },
    args: [],
  },
};

/** A network of no task, as imported ones are. */
function plainNetwork(): Uint8Array {
  const net = network({
    input: { width: 2 },
    layers: [pool({ by: "mean" }), linear({ units: 2 })],
    loss: "squaredError",
  });
  return writeModel({ task: "network", network: net, parameters: initialParameters(net, 1), data: {} });
}

const modelOf = (name: string): Uint8Array =>
  name === "network"
    ? plainNetwork()
    : readFileSync(new URL(`../../test/golden/model-files/${name}.format-1.safetensors`, import.meta.url));

let folder: Folder;
beforeAll(async () => {
  folder = await createFolder();
});
afterAll(() => folder.remove());

describe("the command line prints what the library answers", () => {
  it.each(Object.keys(cases))("of %s", async (name) => {
    const { inputs, options, file, verb = "predict", args, inText = true } = cases[name]!;
    const bytes = modelOf(name);
    const model = await openModel(bytes, { executor: await createWasmExecutor() });
    const answers = await model.answer(inputs, options?.(folder.path));
    model.dispose();
    expect(answers).toHaveLength(inputs.length);
    const given = file ? [await folder.write(file.name, file.text)] : [];
    const command = [verb, await folder.write(`${name}.safetensors`, bytes), ...given, ...args];
    const printed = await runCli([...command, "--json"]);
    expect(printed).toMatchObject({ status: 0, leaked: 0 });
    expect(printed.stdout).toBe(answers.map(({ json }) => `${JSON.stringify(json)}\n`).join(""));
    if (!inText) return;
    expect((await runCli(command)).stdout).toBe(answers.map(({ text }) => `${text}\n`).join(""));
  });
});
