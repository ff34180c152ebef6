/**
 * Runs a file's own graph on sequences, for the certificate: packs them as the graph's inputs lie, evaluates the graph as it stands,
 * and unpacks the values that our layers should give. Sequences of one length go in together; where the graph takes lengths, all.
 */
import { FileFormatError } from "../../errors.js";
import type { FileRun, Rows } from "../../imported.js";
import type { Budget } from "../../limits.js";
import { evaluateGraph } from "../evaluate/graph.js";
import { sizeOf as countOf, EvaluationError, type Numbers } from "../evaluate/numbers.js";
import type { OnnxFile } from "../file.js";
import type { OnnxNode } from "../messages.js";
import type { ReadInput } from "./inputs.js";
import type { Item } from "./items.js";
import type { Atom, Axes } from "./values.js";

/** A tensor of the file that is a value of the network. */
export interface Seen {
  /** The tensor's name. */
  readonly name: string;
  readonly item: Item;
  readonly dims: readonly (readonly Atom[])[];
}

/** What is run, and what is looked at. */
export interface RunPlan {
  readonly opened: OnnxFile;
  readonly nodes: ReadonlySet<OnnxNode>;
  readonly inputs: readonly ReadInput[];
  /** Numbers of inputs that are weights. */
  readonly weights: ReadonlyMap<string, Numbers>;
  readonly axes: Axes;
  /** Which sizes differ from run to run, and which of them the graph works for alone. */
  readonly open: ReadonlyMap<number, string>;
  readonly pins: ReadonlyMap<number, number>;
  /** The input of the sequence. */
  readonly input: string;
  readonly output: Seen;
  /** What the output is made of by the loss, where the graph has it. */
  readonly scores: Seen | undefined;
  /** Values of our layers by name. */
  readonly layers: ReadonlyMap<string, Seen>;
  /** ŷ of what the graph gives. */
  readonly predicted: (rows: Rows) => Rows;
  readonly budget: Budget;
}

/** The number of steps that all sequences have; undefined if it may differ. */
export const fixedSteps = (
  plan: Pick<RunPlan, "axes" | "open" | "pins" | "inputs" | "input">,
): number | undefined => {
  const { axes, inputs, input } = plan;
  if (axes.time) return fixedSize(axes.time, plan);
  const own = inputs.find(({ name }) => name === input);
  // A time of size 1 is no axis.
  return own?.dims.flat().some((atom) => atom.kind === "open" && atom !== axes.batch) ? undefined : 1;
};

const fixedSize = ({ size }: Atom, { open, pins }: Pick<RunPlan, "open" | "pins">): number | undefined =>
  pins.get(size) ?? (open.has(size) ? undefined : size);

/** Sizes of this run. */
interface Sizes {
  readonly T: number;
  readonly B: number;
}

/** Runs sequences; each must have the fixed number of steps, if there is one. */
export function runFile(plan: RunPlan, sequences: readonly Rows[]): FileRun {
  const hasLengths = plan.inputs.some((input) => isLengths(input));
  const { batch } = plan.axes;
  const fixed = batch ? fixedSize(batch, plan) : 1;
  const outputs: Rows[] = [];
  const scores: Rows[] = [];
  const values = new Map<string, Rows[]>();
  for (const group of groupsOf(sequences, hasLengths, fixed)) {
    const all =
      fixed === undefined ? group : Array.from({ length: fixed }, (_, i) => group[i % group.length]!);
    const chosen = all.map((at) => sequences[at]!);
    const T = Math.max(...chosen.map(({ length }) => length));
    const given = evaluated(plan, chosen, { T, B: chosen.length });
    const take = (seen: Seen, to: Rows[]): void => {
      const numbers = given.get(seen.name);
      if (!numbers) return;
      group.forEach((at, b) => {
        to[at] = unpacked(seen, numbers, plan.axes, {
          b,
          B: chosen.length,
          T,
          length: sequences[at]!.length,
        });
      });
    };
    take(plan.output, outputs);
    if (plan.scores) take(plan.scores, scores);
    for (const [layer, seen] of plan.layers) {
      const to = values.get(layer) ?? [];
      values.set(layer, to);
      take(seen, to);
    }
  }
  const complete = new Map(
    [...values].filter(([, rows]) => rows.filter(Boolean).length === sequences.length),
  );
  return {
    outputs: outputs.map(plan.predicted),
    ...(plan.scores ? { scores } : {}),
    values: complete,
  };
}

/** Numbers of sequences that run together. */
function groupsOf(
  sequences: readonly Rows[],
  together: boolean,
  most: number | undefined,
): readonly (readonly number[])[] {
  const groups = new Map<number, number[]>();
  sequences.forEach(({ length }, at) => {
    const key = together ? 0 : length;
    groups.set(key, [...(groups.get(key) ?? []), at]);
  });
  // With lengths the longest does not come first: a graph may put sequences in order, and must put them back.
  for (const group of together ? groups.values() : []) group.unshift(group.pop()!);
  const size = most ?? sequences.length;
  return [...groups.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / size) }, (_, i) => group.slice(i * size, (i + 1) * size)),
  );
}

const isLengths = ({ value, sizes }: ReadInput): boolean => value.kind === "given" && sizes.length === 1;

function evaluated(plan: RunPlan, sequences: readonly Rows[], sizes: Sizes): ReadonlyMap<string, Numbers> {
  const { opened, nodes, inputs, weights, budget } = plan;
  const feeds = new Map<string, Numbers>(weights);
  for (const input of inputs)
    feeds.set(
      input.name,
      input.name === plan.input ? packed(input, sequences, plan.axes, sizes) : given(input, sequences, sizes),
    );
  try {
    return evaluateGraph(opened.graph, { opset: opened.opset, feeds, nodes, budget });
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    throw new FileFormatError({
      file: opened.file,
      where: "graph",
      problem: `cannot be run on sequences of ${sizes.T} steps: ${error.message}`,
      remedy:
        "ONNX Runtime, too, refuses such a graph, or it does something that is not read here (docs/onnx.md).",
    });
  }
}

/** Lengths, and states of zeros. */
function given(
  { type, sizes: own, name, value }: ReadInput,
  sequences: readonly Rows[],
  { B }: Sizes,
): Numbers {
  const dims = own.map((n) => (n === 0 ? B : n));
  if (value.kind === "given" && own.length === 1)
    return { type, dims: [B], data: Float64Array.from(sequences, ({ length }) => length) };
  if (value.kind === "given") return { type, dims, data: new Float64Array(countOf(dims)) };
  throw new EvaluationError(`is given a second input "${name}"`);
}

/** Strides of atoms among axes of such sizes. */
interface Placed {
  readonly atom: Atom;
  readonly stride: number;
}

function placesOf(
  dims: readonly (readonly Atom[])[],
  { time, batch }: Axes,
  { T, B }: Sizes,
): { readonly sizes: number[]; readonly places: Placed[] } {
  const sizeOf = (atom: Atom): number => (atom === time ? T : atom === batch ? B : atom.size);
  const atoms = dims.flat();
  const places = atoms.map((atom, i) => ({
    atom,
    stride: atoms.slice(i + 1).reduce((size, each) => size * sizeOf(each), 1),
  }));
  return { sizes: dims.map((group) => group.reduce((size, atom) => size * sizeOf(atom), 1)), places };
}

/** Where feature `f` of step `t` of sequence `b` lies. */
const offsetOf = (
  places: readonly Placed[],
  { time, batch }: Axes,
  t: number,
  b: number,
  f: number,
): number =>
  places.reduce((sum, { atom, stride }) => {
    const at = atom === time ? t : atom === batch ? b : Math.floor(f / atom.stride) % atom.size;
    return sum + at * stride;
  }, 0);

function packed({ dims, type }: ReadInput, sequences: readonly Rows[], axes: Axes, sizes: Sizes): Numbers {
  const { sizes: shape, places } = placesOf(dims, axes, sizes);
  const data = new Float64Array(countOf(shape));
  sequences.forEach((rows, b) => {
    const last = rows.at(-1) ?? [];
    for (let t = 0; t < sizes.T; t++) {
      // Beyond a sequence's end stands something, which must not matter.
      const row = rows[t] ?? last;
      row.forEach((v, f) => {
        data[offsetOf(places, axes, t, b, f)] = v;
      });
    }
  });
  return { type, dims: shape, data };
}

interface Which extends Sizes {
  readonly b: number;
  readonly length: number;
}

function unpacked({ item, dims }: Seen, { data }: Numbers, axes: Axes, { b, length, ...sizes }: Which): Rows {
  const { places } = placesOf(dims, axes, sizes);
  const steps = item.over === "sequences" ? 1 : length;
  return Array.from({ length: steps }, (_, t) =>
    Array.from({ length: item.width }, (_, f) => data[offsetOf(places, axes, t, b, f)]!),
  );
}
