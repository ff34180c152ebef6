/** The sections of a module that are the same for all: its header, running and streaming, and the test of itself. */
import { tokenCutter, wordTokens } from "../data/index.js";
import type { ModelFile } from "../io/index.js";
import { type Network, parameterCount } from "../nn/index.js";
import { ownInput } from "../nn/input.js";
import { kindOf } from "../nn/layers/table.js";
import { inComment, literal } from "./identifiers.js";
import { indented } from "./layers.js";
import { outputCode } from "./losses.js";
import type { SelfTestCase } from "./self-test.js";
import type { TaskCode } from "./tasks.js";
import type { StandaloneWeights } from "./weights.js";

/** How far a module may be from the reference, relative to numbers above 1. */
const TOLERANCE = "1e-6";

/** Whether the network is to be given initial states. */
const isGiven = ({ layers }: Network): boolean =>
  layers.some(({ name, layer }) => kindOf(layer).given?.(layer, name, false).length);

const weightsText: Readonly<Record<StandaloneWeights, string>> = {
  float32: "numbers of 32 bits",
  int8: "whole numbers of 8 bits with a scale for each row, biases in 32 bits",
};

/** What the module is and how it is used. */
export function headerText(
  model: ModelFile,
  about: {
    readonly task: TaskCode;
    readonly weights: StandaloneWeights;
    readonly noSteps: string | undefined;
    readonly input: string;
  },
): string {
  const { task, weights, noSteps, input } = about;
  const { network } = model;
  const given = isGiven(network) ? ", states" : "";
  const names = task.code === "" ? ["run"] : ["predict", "run"];
  const layers = network.layers.map(
    ({ name, input, output }) => `${name} (${input.width} to ${output.width})`,
  );
  const rows =
    network.output.over === "tokens"
      ? `a row of ${network.output.width} numbers for every step`
      : `${network.output.width} numbers`;
  const lines = [
    `${task.title.replace(/^[at]/, (letter) => letter.toUpperCase())}, as a module that needs nothing: no imports, no network, no eval. Written by`,
    "unrolled (https://www.npmjs.com/package/unrolled) from a model file; write it anew rather than change it.",
    "",
    `    import { ${[...names, "selfTest"].join(", ")} } from "./model.js";`,
    ...task.usage.map((line) => `    ${line}`),
    `    run(input${given}); // ${rows}`,
    "    selfTest(); // throws if this runtime computes something else than where the module was written",
    ...(noSteps === undefined
      ? [
          `    const stream = createStream(${given === "" ? "" : "states"});`,
          "    stream.step(x); // the same numbers, one step at a time; state(), restore(state), reset()",
        ]
      : []),
    "",
    `The input of run is ${input}.`,
    ...(noSteps === undefined ? [] : [`It cannot run step by step: ${noSteps}.`]),
    `Layers: ${layers.join(", ")}.`,
    `${parameterCount(network).toLocaleString("en-US")} weights as ${weightsText[weights]}; arithmetic in 64 bits.`,
    "Math.exp and Math.tanh are the runtime's own, so the last digits may differ from one runtime to another.",
  ];
  return [
    "/**",
    ...lines.map((line) => ` * ${inComment(line.replaceAll(/\s/g, " "))}`.trimEnd()),
    " */",
  ].join("\n");
}

/** What runs the network, whole sequences and step by step. */
export function runText(
  net: Network,
  { steps, graph }: { readonly steps: boolean; readonly graph: boolean },
): string {
  const given = isGiven(net) ? ", states" : "";
  const perStep = net.output.over === "tokens";
  const { row } = outputCode[net.loss];
  const parts = [
    `/** Runs the network over a whole sequence: ${perStep ? "its prediction for every step" : "its prediction"}. */
export function run(input${given}) {
  return ${perStep ? `outputs(scoresOf(input${given}).steps)` : `${row}(scoresOf(input${given}).vector)`};
}`,
    `/** What the layers make of an input: scores, of which predictions are made. */
function scoresOf(input${given}) {
  return ${graph ? `runGraph(network().layers, read(input), ${aroundText(net, given)})` : `network().layers.reduce((a, layer) => layer.run(a${given}), read(input))`};
}`,
  ];
  if (!steps) return parts.join("\n\n");
  return [
    ...parts,
    `/** A stream of steps with states of its own${given === "" ? "" : ", which start as given"}. */
export function createStream(${given.slice(2)}) {
${
  graph
    ? `  const { layers } = network();
  return streamOf(layers.map(({ layer }) => layer), look, ${row}, ${given.slice(2) || "undefined"}, stepGraph(layers));`
    : `  return streamOf(network().layers, look, ${row}${given});`
}
}`,
    `let first;
const own = () => (first ??= createStream());

/** The prediction for the next step of the module's own stream. */
export const step = (x) => own().step(x);

/** The states of the module's own stream: a copy, which JSON can hold. */
export const state = () => own().state();

/** Goes on from states that state() gave. */
export const restore = (saved) => own().restore(saved);

/** Starts a new sequence. */
export const reset = () => own().reset();`,
  ].join("\n\n");
}

/** What runs beside the input of a network that is more than a row. */
function aroundText({ input }: Network, given: string): string {
  const all = "inputs" in input ? Object.entries(input.inputs) : [];
  const once = all.flatMap(([name, of]) => (of.once ? [name] : []));
  const parts = [
    ...(given === "" ? [] : ["given: states"]),
    ...("inputs" in input ? [`once: ${literal(once)}, main: ${literal(ownInput(input.inputs))}`] : []),
  ];
  return parts.length === 0 ? "{}" : `{ ${parts.join(", ")} }`;
}

/** The layers, made once and when they are first needed. */
export const buildText = (layers: readonly string[]): string => `let built;

/** The layers and their weights, which are read when they are first needed. */
function network() {
  built ??= build();
  return built;
}

function build() {
  const w = Object.fromEntries(Object.entries(stored).map(([name, read]) => [name, read()]));
  return {
    w,
    layers: [
${indented(indented(indented(layers.join("\n"))))}
    ],
  };
}`;

/** From scores of steps to predictions; nothing where there is one prediction for a sequence. */
export function outputsText(net: Network): string {
  if (net.output.over !== "tokens") return "";
  const { row, rows } = outputCode[net.loss];
  return `/** Predictions out of the scores of steps. */
function outputs(scores) {
  ${rows === undefined ? `return scores.map((z) => ${row}(z));` : `const { w } = network();\n  return ${rows};`}
}`;
}

/** The exported self-test. */
export function selfTestText({ lowercase }: TaskCode, net: Network): string {
  const given = isGiven(net) ? ", states" : "";
  const found = `run(input${given})`;
  const rows = net.output.over === "tokens" ? found : `[${found}]`;
  const tokenTest =
    lowercase === undefined
      ? ""
      : `
  const cut = words(textCase.text, ${lowercase}).join(" ");
  if (cut !== textCase.words.join(" ")) throw new Error("a text is cut into other words here: " + cut);`;
  return `/**
 * Runs stored inputs and compares with what a reference in 64 bits made of them with these weights. The tolerance of
 * ${TOLERANCE} leaves room for other last digits of exp and tanh, which recurrence carries on; what is stored has 9 digits.
 *
 * @returns how many inputs there were, and the largest difference
 * @throws Error naming the first number that is another one
 */
export function selfTest() {${tokenTest}
  let largest = 0;
  cases.forEach(({ input, states, rows, first, last }, i) => {
    const found = ${rows};
    if (found.length !== rows) throw new Error("case " + i + " gives " + found.length + " rows instead of " + rows);
    for (const [row, expected] of [[found[0], first], [found[found.length - 1], last]])
      expected.forEach((value, k) => {
        const difference = Math.abs(row[k] - value) / Math.max(1, Math.abs(value));
        if (!(difference <= ${TOLERANCE}))
          throw new Error("case " + i + " gives " + row[k] + " instead of " + value);
        largest = Math.max(largest, difference);
      });
  });
  return { cases: cases.length, largest };
}`.replace("{ input, states, rows, first, last }", `{ input${given}, rows, first, last }`);
}

/** The stored inputs of the self-test. */
export function casesText(cases: readonly SelfTestCase[], { lowercase, cut }: TaskCode): string {
  const lines = ["const cases = [", ...cases.map((each) => `  ${literal(each)},`), "];"];
  if (lowercase !== undefined) {
    const textCase = {
      text: sampleText,
      words: cut ? tokenCutter(cut)(sampleText) : wordTokens(sampleText, { lowercase }),
    };
    lines.push("", `const textCase = ${literal(textCase)};`);
  }
  return lines.join("\n");
}

/** A text with a sign, a contraction, a number, letters without blanks and characters beyond the first plane. */
const sampleText = "It isn't Café №5’s best, 3.50€ — is it? 👍🏽 ไทย 東京";
