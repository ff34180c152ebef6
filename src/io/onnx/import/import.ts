/**
 * ONNX files of recurrent networks as models, as the exporters of PyTorch, Keras and tf2onnx write them. What exporters put in
 * between to find shapes is computed while reading. What no layer here stands for is listed, all of it, by operator and place.
 */

import {
  type LossName,
  type Network,
  NetworkError,
  network,
  type Parameters,
  type Tensor,
} from "../../../nn/index.js";
import { checkArguments } from "../../../options/check.js";
import { OptionError } from "../../../options/error.js";
import { FileFormatError } from "../../errors.js";
import type { GivenOutput, Imported, Mapping, Rows } from "../../imported.js";
import { type Budget, fileBudget, type ReadLimits } from "../../limits.js";
import type { Numbers } from "../evaluate/numbers.js";
import { filesBeside, type OnnxFile, openOnnx, withFilesBeside } from "../file.js";
import { elementTypes } from "../messages.js";
import { type Item, inOrderOf } from "./items.js";
import { type Lowered, lowered, placed } from "./lower.js";
import { fixedSteps, type RunPlan, runFile, type Seen } from "./run.js";
import { Unreadable } from "./unreadable.js";
import { type Flow, flowOf, inOrder, openOf, type Value } from "./values.js";
import { neededNodes, type Walk, walkGraph } from "./walk.js";

/** What comes after the last layer. */
export type OnnxHead = "linear" | "softmax" | "sigmoid";

/** How to read a file. */
export interface OnnxImportOptions {
  /** The file's name, for messages. Default "model.onnx". */
  readonly name?: string;
  /**
   * What follows the graph's output, where the graph does not end in it: "linear" (nothing), "softmax" or "sigmoid". It decides the
   * network's loss: squaredError, crossEntropy or binaryCrossEntropy. Default: what the graph ends in.
   */
  readonly head?: OnnxHead;
  /**
   * What becomes of states that the graph takes as inputs: "zero" (default) for a network whose sequences start at zero, and whose
   * streams carry their states; "given" for one that every example must bring them to.
   */
  readonly states?: "given" | "zero";
  /** Numbers of the graph's inputs that are weights, by name. Default: none are. */
  readonly weights?: Readonly<Record<string, Tensor>>;
  /** The bytes of the files beside the model in which its weights stand, by name. Default: none; `loadOnnx` finds them itself. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
  /** How much reading it may take. */
  readonly limits?: ReadLimits;
}

/** What a file became. */
export interface OnnxImport extends Imported {
  /** The graph's input of the sequence, and its axes: which is time and which is batch. */
  readonly input: { readonly name: string; readonly axes: readonly ("time" | "batch" | "features")[] };
  /** The graph's output that is the network's. */
  readonly output: string;
  /** What the graph's output is of the network's: its scores z, its prediction, or the logarithm of that. */
  readonly gives: GivenOutput;
  /** The network's layers, each with the nodes that it was made of. */
  readonly nodes: Readonly<Record<string, readonly string[]>>;
  /** Outputs of the graph that the network does not have. */
  readonly left: readonly string[];
}

/**
 * Reads an ONNX file.
 *
 * @example
 * const { network, parameters } = importOnnx(readFileSync("tagger.onnx"));
 * @throws FileFormatError if the bytes are no ONNX model, or listing everything in it that no layer here stands for;
 *   NetworkError if an option makes no sense
 */
export function importOnnx(bytes: Uint8Array, options: OnnxImportOptions = {}): OnnxImport {
  checkArguments("importOnnx", { bytes }, { bytes: { kind: "bytes" } });
  const { budget, opened } = openedWith(bytes, options);
  const files = new Map(Object.entries(options.files ?? {}));
  return importedOf(withFilesBeside(opened, files), options, budget);
}

/**
 * Reads an ONNX file whose weights stand in files beside it, as PyTorch's exporter writes them by default.
 *
 * @example
 * const imported = await loadOnnx(bytes, (name) => fetch(new URL(name, address)).then((found) => found.bytes()));
 * @param load gives the bytes of a file by its name; the name never leads out of the model's folder
 * @throws as importOnnx does
 */
export async function loadOnnx(
  bytes: Uint8Array,
  load: (name: string) => Uint8Array | Promise<Uint8Array>,
  options: OnnxImportOptions = {},
): Promise<OnnxImport> {
  checkArguments("loadOnnx", { bytes, load }, { bytes: { kind: "bytes" }, load: { kind: "function" } });
  const { budget, opened } = openedWith(bytes, options);
  const files = new Map(Object.entries(options.files ?? {}));
  for (const name of filesBeside(opened)) if (!files.has(name)) files.set(name, await load(name));
  return importedOf(withFilesBeside(opened, files), options, budget);
}

function openedWith(
  bytes: Uint8Array,
  options: OnnxImportOptions,
): { readonly budget: Budget; readonly opened: OnnxFile } {
  const { name: file = "model.onnx", states = "zero" } = options;
  checkOption("head", options.head, Object.keys(heads));
  checkOption("states", states, ["zero", "given"]);
  const budget = fileBudget(file, options.limits, bytes.length);
  return { budget, opened: openOnnx(bytes, file, budget) };
}

function importedOf(opened: OnnxFile, options: OnnxImportOptions, budget: Budget): OnnxImport {
  const { graph, opset, file } = opened;
  const weights = weightsOf(options);
  const walk = walkGraph(graph, { states: options.states ?? "zero", opset, budget, weights });
  const outputs = graph.outputs.map(({ name = "" }) => ({ name, value: walk.values.get(name) }));
  const { own, reasons } = deepest(outputs);
  // What is wrong on the way to other outputs does not matter.
  const needed = neededNodes(graph, own ? [own.name] : outputs.map(({ name }) => name));
  const problems = walk.problems
    .filter(({ node }) => !node || !own || needed.has(node))
    .map(({ text }) => text);
  if (problems.length === 0 && !own) problems.push(...(reasons.length > 0 ? reasons : [nothingFound(walk)]));
  const left = outputs.filter(({ name }) => name !== own?.name).map(({ name }) => name);
  const around = { opened, walk, left, options, weights, needed, budget };
  const result = problems.length === 0 && own ? importedFrom(own, around) : undefined;
  if (typeof result === "string") problems.push(result);
  if (problems.length > LISTED)
    problems.splice(LISTED, problems.length, `and ${problems.length - LISTED} more`);
  if (typeof result !== "object")
    throw new FileFormatError({
      file,
      where: "graph",
      problem: `holds what no layer here stands for:\n  ${problems.join("\n  ")}\n`,
      remedy:
        "Networks of an embedding, LSTM, GRU and RNN layers, pooling and dense layers can be imported (docs/onnx.md).",
    });
  return result;
}

/** Problems that are listed. */
const LISTED = 40;

function checkOption(name: string, value: string | undefined, choices: readonly string[]): void {
  if (value !== undefined && !choices.includes(value))
    throw new NetworkError(`the option ${name} is "${value}"; it can be ${choices.join(", ")}`);
}

const weightsOf = ({ weights = {} }: OnnxImportOptions): ReadonlyMap<string, Numbers> =>
  new Map(
    Object.entries(weights).map(([name, { shape, data }]) => [
      name,
      { type: elementTypes.float32, dims: shape, data },
    ]),
  );

const nothingFound = ({ inputs }: Walk): string => {
  const names = inputs.all.map(({ name }) => `"${name}"`).join(", ");
  return `no output comes from a recurrent layer or a dense one that reads an input (${names || "there is none"})`;
};

interface Own {
  readonly name: string;
  readonly flow: Flow;
}

/** The output that comes out of most layers, of equals the first; or why others give nothing. */
function deepest(outputs: readonly { readonly name: string; readonly value: Value | undefined }[]): {
  readonly own: Own | undefined;
  readonly reasons: readonly string[];
} {
  let found: { readonly own: Own; readonly depth: number } | undefined;
  const reasons: string[] = [];
  for (const { name, value } of outputs) {
    if (value?.kind !== "flow" && value?.kind !== "partial") continue;
    try {
      const flow = flowOf(value);
      const depth = inOrderOf(flow.item).filter(
        ({ made }) => made.kind !== "input" && made.kind !== "beside",
      ).length;
      if (depth > 0 && (!found || depth > found.depth)) found = { own: { name, flow }, depth };
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      reasons.push(`the output "${name}" ${error.message}`);
    }
  }
  return { own: found?.own, reasons };
}

interface Head {
  readonly loss: LossName;
  /** How it makes predictions of scores. Absent: they are the scores. */
  readonly predicted?: (rows: Rows) => Rows;
}

const softmaxOf = (rows: Rows): Rows =>
  rows.map((z) => {
    const most = Math.max(...z);
    const powers = z.map((v) => Math.exp(v - most));
    const total = powers.reduce((sum, v) => sum + v, 0);
    return powers.map((v) => v / total);
  });

const heads: Readonly<Record<OnnxHead, Head>> = {
  linear: { loss: "squaredError" },
  softmax: { loss: "crossEntropy", predicted: softmaxOf },
  sigmoid: {
    loss: "binaryCrossEntropy",
    predicted: (rows) => rows.map((z) => z.map((v) => 1 / (1 + Math.exp(-v)))),
  },
};

/** What a graph ends in: the head that it is, what its output is of the network's, and what that is made of. */
interface Ending {
  readonly head: OnnxHead;
  readonly text: string;
  readonly gives: OnnxImport["gives"];
  readonly scores: Item;
}

function endingOf({ made }: Item): Ending | undefined {
  if (made.kind === "softmax")
    return {
      head: "softmax",
      text: made.log ? "log softmax" : "softmax",
      gives: made.log ? "log prediction" : "prediction",
      scores: made.from[0],
    };
  if (made.kind === "layer" && made.layer.kind === "activation" && made.layer.by === "sigmoid")
    return { head: "sigmoid", text: "sigmoid", gives: "prediction", scores: made.from[0]! };
  return undefined;
}

interface Around {
  readonly opened: OnnxFile;
  readonly walk: Walk;
  readonly left: readonly string[];
  readonly options: OnnxImportOptions;
  readonly weights: ReadonlyMap<string, Numbers>;
  readonly needed: RunPlan["nodes"];
  readonly budget: Budget;
}

/** The network of what flows out of a graph, or what is wrong with it. */
function importedFrom(own: Own, around: Around): OnnxImport | string {
  try {
    return networkOf(own, around);
  } catch (error) {
    if (error instanceof Unreadable || error instanceof NetworkError || error instanceof OptionError)
      return error.message;
    throw error;
  }
}

function networkOf({ name: output, flow: given }: Own, around: Around): OnnxImport | string {
  const { walk, left, options } = around;
  const flow = inOrder(given, output);
  const ending = endingOf(flow.item);
  const head = options.head ?? ending?.head ?? "linear";
  if (ending && ending.head !== head)
    return `the graph ends in a ${ending.text}, after which ${head} cannot follow: leave the option head out`;
  const item = ending?.scores ?? flow.item;
  const input = inputOf(item, walk);
  decideAxes(input.dims, walk);
  checkOutput(flow, walk);
  const layers = lowered(item);
  const { item: from } = input;
  if (from.over === "raw")
    throw new Unreadable(`reads the input "${input.name}", of which nothing tells its features`);
  if (walk.inputs.open.has(from.width) && from.over !== "ids")
    throw new Unreadable(`reads the input "${input.name}", whose number of features is not in the file`);
  const net = network({
    input: from.over === "ids" ? { vocabulary: from.width } : { width: from.width },
    layers: placed(layers),
    loss: heads[head].loss,
  });
  const gives = ending ? ending.gives : "scores";
  const steps = fixedSteps({
    axes: walk.axes,
    pins: walk.pins,
    open: walk.inputs.open,
    inputs: walk.inputs.all,
    input: input.name,
  });
  const plan = planOf({ flow, output, item, gives, head, input: input.name, layers }, around);
  return {
    format: "onnx",
    network: net,
    parameters: parametersOf(net, layers),
    output,
    gives,
    left,
    mapped: layers.flatMap(({ name, mapped }) =>
      mapped.map((each): Mapping => ({ ...each, to: `${name}.${each.to}` })),
    ),
    layers: [],
    graph: {
      names: new Map(layers.map(({ name, nodes }) => [name, nodes.join(" + ")])),
      ...(steps === undefined ? {} : { steps }),
      run: (sequences: readonly Rows[]) => runFile(plan, sequences),
    },
    assumed: assumedIn({ walk, left }, { output, head, gives, layers, steps }),
    nodes: Object.fromEntries(layers.map(({ name, nodes }) => [name, nodes])),
    input: {
      name: input.name,
      axes: input.dims.map((group) =>
        group[0]?.kind === "feature" ||
        (group.length === 0 && input.dims.length === 3 && group === input.dims[2])
          ? "features"
          : group[0] !== undefined && group[0] === walk.axes.time
            ? "time"
            : "batch",
      ),
    },
  };
}

interface OwnInput {
  readonly name: string;
  readonly item: Item;
  readonly dims: Flow["dims"];
}

/** The input that an output is made of. @throws Unreadable if it is not one */
function inputOf(item: Item, { inputs }: Walk): OwnInput {
  const all = inOrderOf(item).filter(({ made }) => made.kind === "input");
  const names = all.map(({ made }) => (made.kind === "input" ? made.name : ""));
  if (all.length !== 1) throw new Unreadable(`reads ${all.length} inputs: ${names.join(", ")}`);
  const dims = inputs.all.find(({ name }) => name === names[0])?.dims ?? [];
  return { name: names[0]!, item: all[0]!, dims };
}

/** Where nothing reads steps one after the other, time and batch are what is usual: the batch first. */
function decideAxes(dims: Flow["dims"], { axes }: Walk): void {
  const open = openOf({ dims }).filter((atom) => atom !== axes.time && atom !== axes.batch);
  if (!axes.time && !axes.batch && open.length === 2) axes.batch = open.shift();
  if (open.length === 1 && axes.batch) axes.time ??= open.shift();
  if (open.length === 1) axes.batch ??= open.shift();
  if (open.length > 0) throw new Unreadable("reads an input with more axes than time, batch and features");
}

/** The output must hold steps and sequences as the network has them. */
function checkOutput(flow: Flow, { axes }: Walk): void {
  const wanted = [axes.batch, ...(flow.item.over === "tokens" ? [axes.time] : [])].filter(
    (atom) => atom !== undefined,
  );
  const found = openOf(flow);
  if (wanted.some((atom) => !found.includes(atom)) || found.length !== wanted.length)
    throw new Unreadable("gives an output without the axis of the sequences of a batch, or with others");
}

function parametersOf(net: Network, layers: readonly Lowered[]): Parameters {
  const own = new Map<string, Tensor>();
  for (const { name, parameters } of layers)
    for (const [local, tensor] of parameters) own.set(`${name}.${local}`, tensor);
  return new Map(net.parameters.map((spec) => [spec.name, own.get(spec.name)!]));
}

interface Parts {
  readonly flow: Flow;
  readonly output: string;
  /** What the network's scores are. */
  readonly item: Item;
  readonly gives: OnnxImport["gives"];
  readonly head: OnnxHead;
  readonly input: string;
  readonly layers: readonly Lowered[];
}

/** How the file's own graph is run, and which of its tensors are values of our layers. */
function planOf(
  { flow, output, item, gives, head, input, layers }: Parts,
  { opened, walk, weights, needed, budget }: Around,
): RunPlan {
  const seen = new Map<Item, Seen>();
  for (const [name, value] of walk.values)
    if (value.kind === "flow" && !seen.has(value.item)) seen.set(value.item, { name, ...value });
  const own: Seen = { name: output, item: flow.item, dims: flow.dims };
  const scores = gives === "scores" ? { ...own, item } : seen.get(item);
  const { predicted = (rows: Rows): Rows => rows } = heads[head];
  return {
    opened,
    nodes: needed,
    inputs: walk.inputs.all,
    weights,
    axes: walk.axes,
    open: walk.inputs.open,
    pins: walk.pins,
    input,
    output: own,
    scores,
    layers: new Map(
      (walk.axes.reordered ? [] : layers).flatMap(({ name, item: of }) =>
        seen.has(of) ? [[name, seen.get(of)!] as const] : [],
      ),
    ),
    predicted:
      gives === "scores"
        ? predicted
        : gives === "prediction"
          ? (rows) => rows
          : (rows) => rows.map((row) => row.map(Math.exp)),
    budget,
  };
}

interface Facts {
  readonly output: string;
  readonly head: OnnxHead;
  readonly gives: OnnxImport["gives"];
  readonly layers: readonly Lowered[];
  readonly steps: number | undefined;
}

/** What the file does not tell. */
function assumedIn(
  { walk, left }: Pick<Around, "walk" | "left">,
  { output, head, gives, layers, steps }: Facts,
): string[] {
  const said: string[] = [];
  if (gives === "scores") {
    const follows = head === "linear" ? "linear, which is nothing" : head;
    said.push(`What follows the output "${output}" is not in the file: ${follows} (option head).`);
  }
  if (gives === "log prediction")
    said.push(`The output "${output}" is the logarithm of the predictions here.`);
  const states = [...walk.given];
  if (states.length > 0 && walk.states === "zero")
    said.push(
      `The graph takes states as inputs (${states.join(", ")}); here sequences start at zero (option states).`,
    );
  if (left.length > 0) said.push(`Outputs that the network does not have: ${left.join(", ")}.`);
  if (layers.some(({ layer }) => layer.kind === "pool"))
    said.push("Pooling is over all steps of the graph; here it is over the steps that each sequence has.");
  if (steps !== undefined)
    said.push(
      `The graph takes sequences of ${steps} steps alone, and was compared on those; the network takes any number.`,
    );
  return said;
}
