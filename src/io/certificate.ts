/**
 * The certificate of an import: our network against an independent evaluation of the file's own formula, layer by layer
 * and as a whole, on seeded sequences of several lengths, in float64 (`reference`) and as it will run (`wasm`); and
 * against the outputs that the file's maker gave, where there are some. A layer alone is given what the FILE's layers
 * before it gave, so that a difference has one place.
 */
import type { Executor } from "../exec/executor.js";
import { checkModel, kindOf } from "../nn/build/index.js";
import {
  createPredictor,
  type Example,
  type FlatInput,
  type Network,
  NetworkError,
  network,
  type Parameters,
  type Tensor,
} from "../nn/index.js";
import { purposes, uniform } from "../tensor/random.js";
import type { FileInput, GivenOutput, Imported, Rows, RunnableFile, SourceLayer } from "./imported.js";
import { givenSteps, type Reading, type ReadSequence, readSteps } from "./reading.js";

/** What a network is run on. */
export type CertificateExecutor = "reference" | "wasm";

/**
 * The largest difference that passes, as a fraction of the largest value compared, or of 1 if that is larger.
 * Parameters are float32: a weight or a sum of two biases is off by up to 6e-8 of itself, which a few recurrent steps
 * over some hundred features multiply; `wasm` adds up in float32 and its tanh is off by 2.8e-7. Two gates that are
 * interchanged, or a bias that is left out, make differences of 1e-2 and more.
 */
export const certificateTolerances: Readonly<Record<CertificateExecutor, number>> = {
  reference: 1e-5,
  wasm: 1e-4,
};

/** Lengths of the sequences that are compared: several, so that the ends of both directions differ. */
export const certificateLengths: readonly number[] = [9, 6, 6, 1];

/** The largest differences, as fractions (see {@link certificateTolerances}). */
export type Differences = Readonly<Record<CertificateExecutor, number>>;

/** One comparison. */
export interface CertificateRow {
  /** The file's name for the layer; "whole network"; "expected outputs". */
  readonly name: string;
  /** Our layers that were compared; empty: all of them. */
  readonly layers: readonly string[];
  /** Numbers compared. */
  readonly values: number;
  readonly differences: Differences;
}

/** What was found: rows for layers in order, then the whole, then the expected outputs if there were some. */
export interface Certificate {
  readonly rows: readonly CertificateRow[];
  readonly tolerances: Differences;
  /** What each executor was: "wasm simd". */
  readonly tiers: Readonly<Record<CertificateExecutor, string>>;
}

/** An import whose network does not do what the file's layers do: it must not be used. */
export class CertificateError extends Error {
  override readonly name = "CertificateError";
  readonly certificate: Certificate;

  constructor(message: string, certificate: Certificate) {
    super(message);
    this.certificate = certificate;
  }
}

/** Makes executors: each comparison has its own, which is disposed of. */
export type ExecutorFactories = Readonly<Record<CertificateExecutor, () => Executor | Promise<Executor>>>;

/** A network to run, with what it is given and what it should give. */
interface Comparison {
  readonly name: string;
  readonly layers: readonly string[];
  readonly network: Network;
  readonly parameters: Parameters;
  readonly inputs: readonly FileInput[];
  /** What is done with sequences before and after the network. Absent: nothing. */
  readonly reading?: Reading;
  readonly outputs: readonly Rows[];
  /** z, what the predictions are made of, to be compared as well: of a softmax over many classes they are all small. */
  readonly scores?: readonly Rows[];
  /** What `outputs` are of the network's. Default: predictions. */
  readonly gives?: GivenOutput;
}

/**
 * Compares an imported network with the file it came from.
 *
 * @example
 * const certificate = await certify(imported, { reference: createReferenceExecutor, wasm: createWasmExecutor });
 * @throws CertificateError naming the layers that differ by more than {@link certificateTolerances}
 * @throws NetworkError naming a parameter that is not finite: an embedding's row need not be among what is compared
 */
export async function certify(imported: Imported, executors: ExecutorFactories): Promise<Certificate> {
  checkModel("certify", imported);
  checkFinite(imported);
  const comparisons = comparisonsOf(imported);
  const rows: CertificateRow[] = [];
  let tiers: Certificate["tiers"] = { reference: "", wasm: "" };
  for (const comparison of comparisons) {
    const reference = await difference(comparison, executors.reference);
    const wasm = await difference(comparison, executors.wasm);
    tiers = { reference: reference.tier, wasm: wasm.tier };
    const { name, layers, outputs } = comparison;
    const values = outputs.reduce((sum, output) => sum + output.flat().length, 0);
    rows.push({ name, layers, values, differences: { reference: reference.largest, wasm: wasm.largest } });
  }
  const certificate = { rows, tolerances: certificateTolerances, tiers };
  const failed = rows.filter(({ differences }) =>
    (Object.keys(certificateTolerances) as CertificateExecutor[]).some(
      (on) => !(differences[on] <= certificateTolerances[on]),
    ),
  );
  if (failed.length === 0) return certificate;
  const differing = failed.map(({ name, differences: { reference, wasm } }) => {
    return `${name} by ${reference.toPrecision(2)} in float64 and ${wasm.toPrecision(2)} in wasm`;
  });
  throw new CertificateError(
    `the imported network does not do what the file says: ${differing.join("; ")} (at most ${certificateTolerances.reference} and ${certificateTolerances.wasm} of the largest value pass)`,
    certificate,
  );
}

function checkFinite({ parameters, mapped }: Imported): void {
  for (const [name, { data }] of parameters) {
    const at = data.findIndex((value) => !Number.isFinite(value));
    if (at < 0) continue;
    const [layer, own = ""] = [name.slice(0, name.lastIndexOf(".")), name.slice(name.lastIndexOf(".") + 1)];
    // "recurrent1.w_u, w_f (columns of x)": the layer once, then its parameters.
    const from = mapped
      .filter(({ to }) => to.startsWith(`${layer}.`) && to.split(/[\s,.()]+/).includes(own))
      .map((each) => each.from);
    const source = from.length > 0 ? `, from ${from.join(" and ")},` : "";
    throw new NetworkError(
      `the parameter ${name}${source} holds ${data[at]} at place ${at}; weights must be finite numbers of float32`,
    );
  }
}

function comparisonsOf(imported: Imported): Comparison[] {
  const { network: net, parameters, graph, expected, gives = "prediction", reading = {} } = imported;
  const comparisons = graph ? graphComparisons(imported, graph) : layerComparisons(imported);
  if (expected && expected.length > 0) {
    const [from, to] = [expected.map(({ input }) => input), expected.map(({ output }) => output)];
    const whole = { layers: [], network: net, parameters };
    comparisons.push({ ...whole, name: "expected outputs", inputs: from, outputs: to, gives, reading });
  }
  return comparisons;
}

/** What the file's own graph gives, as a whole and at the places of our layers. */
function graphComparisons(
  { network: net, parameters }: Imported,
  { run, steps, names }: RunnableFile,
): Comparison[] {
  const inputs = seededInputs(net, steps);
  const { outputs, scores, values } = run(inputs);
  const comparisons: Comparison[] = [];
  const given = new Map<string, readonly Rows[]>(values);
  if (inputs.every(isRows)) given.set("input", inputs);
  net.layers.forEach(({ name, layer }, i) => {
    // Pooling by the last state stands together with its recurrent layer.
    const ends = layer.kind === "pool" && layer.by === "last" && readOf(net, i) === net.layers[i - 1]?.name;
    const first = ends ? i - 1 : i;
    const own = net.layers.slice(first, i + 1).map((each) => each.name);
    const [from, to] = [given.get(readOf(net, first) ?? ""), values.get(name)];
    if (!from || !to) return;
    const part = partOf(net, parameters, { name: names.get(name) ?? name, layers: own });
    const rounded = from.map((rows) => rows.map((row) => row.map(Math.fround)));
    if (part) comparisons.push({ ...part, name: names.get(name) ?? name, inputs: rounded, outputs: to });
  });
  const both = scores ? { outputs, scores } : { outputs };
  comparisons.push({ layers: [], network: net, parameters, ...both, name: "whole network", inputs });
  return comparisons;
}

/** The one value that a layer reads; undefined if it reads several, or its states start at other layers'. */
function readOf({ layers }: Network, i: number): string | undefined {
  const { from, states } = layers[i]!;
  if (states || (from && from.length !== 1)) return undefined;
  return from?.[0] ?? layers[i - 1]?.name ?? "input";
}

const isRows = (input: FileInput): input is Rows => Array.isArray(input);

/** What the file's layers give one after the other. */
function layerComparisons({ network: net, parameters, layers }: Imported): Comparison[] {
  const inputs = seededInputs(net);
  let given: readonly Rows[] = inputs;
  let scores: readonly Rows[] | undefined;
  const comparisons: Comparison[] = [];
  for (const layer of layers) {
    if (layer.layers.length === 0) scores ??= given;
    const part = partOf(net, parameters, layer);
    if (part) {
      // Networks take float32: what a layer alone is given must be the same number on both sides.
      const rounded = given.map((input) => input.map((row) => row.map(Math.fround)));
      const outputs = rounded.map((input) => layer.evaluate(input));
      comparisons.push({ ...part, name: layer.name, inputs: rounded, outputs });
    }
    given = given.map((input) => layer.evaluate(input));
  }
  const whole = { layers: [], network: net, parameters };
  const both = scores ? { outputs: given, scores } : { outputs: given };
  comparisons.push({ ...whole, ...both, name: "whole network", inputs });
  return comparisons;
}

/** The same inputs for every import of such a shape: ids below the vocabulary, or numbers from −1 to 1. */
function seededInputs({ input }: Network): readonly Rows[];
function seededInputs({ input }: Network, steps: number | undefined): readonly FileInput[];
function seededInputs({ input }: Network, steps?: number): readonly FileInput[] {
  const rows = (of: FlatInput, length: number, sequence: number): Rows =>
    Array.from({ length }, (_, time) => {
      const at = { seed: 1, purpose: purposes.synthetic, sequence, time };
      if ("vocabulary" in of) return [Math.floor(uniform(at, 0) * of.vocabulary)];
      return Array.from({ length: of.width }, (_, feature) => 2 * uniform(at, feature) - 1);
    });
  return certificateLengths.map((length, sequence) => {
    const own = steps ?? length;
    if (!("inputs" in input)) return rows(input, own, sequence);
    const named = Object.entries(input.inputs).map(([name, of], i): [string, Rows] => {
      if (of.inside) throw new NetworkError(`the input "${name}" is inside steps, which cannot be certified`);
      // What lies beside the sequence has a length of its own.
      const many = of.once ? 1 : of.beside ? Math.max(own - 2, 1) : own;
      return [name, rows(of, many, sequence + certificateLengths.length * (i + 1))];
    });
    return Object.fromEntries(named);
  });
}

/** Some layers as a separate network; undefined if there are none, or they need weights of a layer that is missing. */
function partOf(
  net: Network,
  parameters: Parameters,
  { name, layers }: Pick<SourceLayer, "name" | "layers">,
): Pick<Comparison, "layers" | "network" | "parameters"> | undefined {
  const first = net.layers.findIndex((placed) => placed.name === layers[0]);
  const placed = net.layers.slice(first, first + layers.length);
  if (layers.length === 0) return undefined;
  if (placed.map((each) => each.name).join() !== layers.join())
    throw new RangeError(`${name} is said to be ${layers.join(", ")}, which are not layers in a row`);
  if (placed.some(({ layer, input }) => (kindOf(layer).borrows?.(layer, input) ?? []).length > 0))
    return undefined;
  const { over, width } = placed[0]!.input;
  // What is there once for a sequence goes in as a sequence of one step; the squared error leaves outputs as they are.
  const part = network({
    input: over === "ids" ? { vocabulary: width } : { width },
    layers: placed.map(({ layer }) => layer),
    loss: "squaredError",
  });
  const renamed = part.parameters.map((spec): [string, Tensor] => {
    const at = part.layers.findIndex((each) => spec.name.startsWith(`${each.name}.`));
    const [own, whole] = [part.layers[at]?.name ?? "", placed[at]?.name ?? ""];
    return [spec.name, parameters.get(whole + spec.name.slice(own.length))!];
  });
  return { layers, network: part, parameters: new Map(renamed) };
}

async function difference(
  { network: net, parameters, inputs, outputs, scores, gives = "prediction", reading = {} }: Comparison,
  create: () => Executor | Promise<Executor>,
): Promise<{ readonly largest: number; readonly tier: string }> {
  const executor = await create();
  try {
    const perStep = net.output.over === "tokens";
    const read = inputs.map((input) => (isRows(input) ? stepsOf(input, reading, perStep) : input));
    const examples = read.map(
      (input): Example => ({ input: "rows" in input ? input.rows.flat() : flat(input) }),
    );
    const wanted = { parameters, scores: scores !== undefined || gives !== "prediction" };
    const found = createPredictor(net, executor, wanted).predict(examples);
    const ofScores = found.map((each) => each.scores ?? []);
    const ofRows = found.map(({ rows }, i) => {
      const [own, input] = [ofScores[i]!, read[i]!];
      const given = gives === "prediction" ? rows : gives === "scores" ? own : own.map(logSoftmax);
      return "rows" in input ? givenSteps(given, input as ReadSequence, reading, perStep) : given;
    });
    const largest = Math.max(
      largestDifference(ofRows, outputs),
      scores ? largestDifference(ofScores, scores) : 0,
    );
    return { largest, tier: executor.tier };
  } finally {
    executor.dispose();
  }
}

/** A sequence as the network reads it. @throws NetworkError if it cannot */
function stepsOf(rows: Rows, reading: Reading, perStep: boolean): ReadSequence {
  const read = readSteps(rows, reading, perStep);
  if (typeof read === "object") return read;
  throw new NetworkError(`an input whose outputs are expected ${read}`);
}

/** Of several inputs, the numbers of each. */
const flat = (input: Readonly<Record<string, Rows>>): Record<string, number[]> =>
  Object.fromEntries(Object.entries(input).map(([name, rows]) => [name, rows.flat()]));

/** Logarithms of a softmax, of scores: those of its results would be infinite where these are too small for a float. */
function logSoftmax(scores: readonly number[]): number[] {
  const most = Math.max(...scores);
  const total = Math.log(scores.reduce((sum, z) => sum + Math.exp(z - most), 0));
  return scores.map((z) => z - most - total);
}

/** Infinite if something is not a number, or one side has more numbers. */
function largestDifference(found: readonly Rows[], wanted: readonly Rows[]): number {
  const [ours, theirs] = [found.flat(2), wanted.flat(2)];
  const shapes = (all: readonly Rows[]): string =>
    JSON.stringify(all.map((rows) => rows.map((r) => r.length)));
  if (shapes(found) !== shapes(wanted)) return Number.POSITIVE_INFINITY;
  const scale = theirs.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  const largest = theirs.reduce((most, value, i) => Math.max(most, Math.abs(value - ours[i]!)), 0);
  return Number.isNaN(largest) ? Number.POSITIVE_INFINITY : largest / scale;
}
