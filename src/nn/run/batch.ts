/**
 * From a caller's examples to a run: packs sequences, writes inputs and targets, and gives results back in the
 * caller's order.
 */
import type { Batch, Program } from "../../exec/executor.js";
import {
  type Alignment,
  type Packing,
  packing,
  packRows,
  packSequences,
  placeOfRow,
  timeOfRow,
  unpackRows,
  unpackSequences,
} from "../../tensor/packing.js";
import { type FlatInput, inputShape, type NamedInput } from "../input.js";
import { NetworkError } from "../layers/layer.js";
import { alignmentOf, inputName, names, packingOf, placeInside, rowOf } from "../names.js";
import type { Network } from "../network.js";
import { inverse, writeBeside, writeRows } from "./beside.js";
import { checkTargets, extentOf, requireExamples, sequencesOf, targetWidth } from "./check-example.js";
import type { Example } from "./example.js";
import { stepsOfExtent } from "./extent.js";
import { type RunFacts, writeRunInputs } from "./inputs.js";
import { writeStates } from "./states.js";

/** A batch written into a program, ready to run. */
export interface BoundBatch {
  readonly batch: Batch;
  readonly packing: Packing;
}

/**
 * Writes examples into a program's inputs.
 *
 * @throws NetworkError if an example does not fit the network
 */
export function bindBatch(
  net: Network,
  program: Program,
  examples: readonly Example[],
  facts: RunFacts,
): BoundBatch {
  requireExamples(examples);
  const p = packing(
    examples.map((e, i) => stepsOfExtent(extentOf(net, e, `example ${i}`))),
    examples.map((e, i) => e.id ?? i),
  );
  const { packings, alignments } = writeInputs(net, program, examples, p, facts);
  if (rowOf(names.packing) in program.plan.buffers)
    alignments[alignmentOf(names.packing)] = writeRows(program, names.packing, p, p);
  if (names.target in program.plan.buffers) {
    checkTargets(net, examples);
    const targets = packTargets(net, p, examples);
    program.write(names.target, targets);
    if (names.previousTarget in program.plan.buffers)
      program.write(names.previousTarget, earlier(p, targets));
    if (names.quantiles in program.plan.buffers) program.write(names.quantiles, quantileOfOutputs(net));
  }
  writeRunInputs(program.plan, (name, values) => program.write(name, values), facts, names.packing, p);
  if (names.sampleWeight in program.plan.buffers)
    program.write(names.sampleWeight, packWeights(net, p, examples));
  writeStates(net, program, examples, { packing: p, carried: facts.carried === true });
  return { batch: { packings: { ...packings, [names.packing]: p }, alignments }, packing: p };
}

/** Writes what goes in, and gives the packings beside the network's own, and how those rows lie by its sequences. */
function writeInputs(
  net: Network,
  program: Program,
  examples: readonly Example[],
  p: Packing,
  facts: RunFacts,
): { readonly packings: Record<string, Packing>; readonly alignments: Record<string, Alignment> } {
  const write = (
    name: string,
    of: FlatInput,
    sequences: readonly ArrayLike<number>[],
    within: Packing,
  ): void => {
    const { over, width } = inputShape(of);
    const ids = over === "ids";
    const rows = ids ? new Int32Array(within.N) : new Float32Array(within.N * width);
    program.write(name, packRows(within, sequences, ids ? 1 : width, rows));
  };
  if (!("inputs" in net.input)) {
    const values = examples.map((e) => e.input as ArrayLike<number>);
    write(names.input, net.input, values, p);
    return { packings: {}, alignments: {} };
  }
  const packings: Record<string, Packing> = {};
  const alignments: Record<string, Alignment> = {};
  for (const [name, of] of Object.entries(net.input.inputs)) {
    const sequences = examples.map((e) => sequencesOf(e, name, of));
    if (of.once) {
      const vectors = sequences.map(([values]) => values!);
      program.write(inputName(name), packSequences(p, vectors, inputShape(of).width));
      continue;
    }
    const own = of.beside || of.inside ? ownPacking(of, sequences, p) : p;
    write(inputName(name), of, sequences.flat(), own);
    if (own === p) continue;
    packings[packingOf(name)] = own;
    writeRunInputs(
      program.plan,
      (input, values) => program.write(input, values),
      facts,
      packingOf(name),
      own,
    );
    if (of.inside) program.write(placeInside(name), placesInside(p, own));
    if (of.beside) alignments[alignmentOf(packingOf(name))] = writeBeside(program, name, p, own);
  }
  return { packings, alignments };
}

/** Sequences inside one sequence that have random numbers of their own. */
const STEPS_OF_ID = 1024;

/** The packing of an input's own sequences: one for each example, or one for each of its steps. */
function ownPacking(
  of: NamedInput,
  sequences: readonly (readonly ArrayLike<number>[])[],
  p: Packing,
): Packing {
  const { width } = inputShape(of);
  const perStep = "vocabulary" in of ? 1 : width;
  const ids = new Int32Array(p.B);
  p.order.forEach((caller, place) => {
    ids[caller] = p.ids[place]!;
  });
  return packing(
    sequences.flatMap((list) => list.map((values) => values.length / perStep)),
    sequences.flatMap((list, i) =>
      list.map((_, t) => (of.inside ? Math.imul(ids[i]!, STEPS_OF_ID) + t : ids[i]!)),
    ),
  );
}

/** For each token the place of its own sequence in the packing of the sequences inside the steps. */
function placesInside(p: Packing, inside: Packing): Int32Array {
  const placeOf = inverse(inside.order);
  // The caller's list of inner sequences is that of all steps, example after example.
  const firsts = new Int32Array(p.B);
  const lengths = new Int32Array(p.B);
  p.order.forEach((caller, place) => {
    lengths[caller] = p.lengths[place]!;
  });
  for (let i = 1; i < p.B; i++) firsts[i] = firsts[i - 1]! + lengths[i - 1]!;
  const [places, times] = [placeOfRow(p), timeOfRow(p)];
  return Int32Array.from(places, (place, row) => placeOf[firsts[p.order[place]!]! + times[row]!]!);
}

function packTargets(net: Network, p: Packing, examples: readonly Example[]): Float64Array {
  const copies = net.quantiles?.length ?? 1;
  const width = targetWidth(net);
  const targets = examples.map((e) => repeated(e.target!, width, copies));
  if (net.output.over === "tokens")
    return packRows(p, targets, width * copies, new Float64Array(p.N * width * copies));
  return packSequences(p, targets, width * copies);
}

/** Rows of targets, each as often side by side as there are quantiles of it. */
function repeated(target: ArrayLike<number>, width: number, copies: number): ArrayLike<number> {
  if (copies === 1) return target;
  const row = width * copies;
  return Float64Array.from(
    { length: target.length * copies },
    (_, k) => target[Math.floor(k / row) * width + (k % width)]!,
  );
}

/** For each output the quantile that it is of: those of one quantile stand together, from the smallest on. */
function quantileOfOutputs({ output: { width }, quantiles = [] }: Network): Float64Array {
  const each = width / quantiles.length;
  return Float64Array.from({ length: width }, (_, k) => quantiles[Math.floor(k / each)]!);
}

/** The targets, one per token, of the step before; −1 at a first step. */
function earlier(p: Packing, targets: ArrayLike<number>): Int32Array {
  const times = timeOfRow(p);
  const places = placeOfRow(p);
  return Int32Array.from({ length: p.N }, (_, row) => {
    const t = times[row]!;
    return t === 0 ? -1 : targets[p.offsets[t - 1]! + places[row]!]!;
  });
}

/** The weight of each row's loss: a sequence's own, for every one of its steps. */
function packWeights(net: Network, p: Packing, examples: readonly Example[]): Float64Array {
  const weights = examples.map(({ weight = 1 }, i) => {
    if (weight >= 0 && Number.isFinite(weight)) return [weight];
    throw new NetworkError(`example ${i} has the weight ${weight}; a weight is a finite number, 0 or more`);
  });
  const perSequence = packSequences(p, weights, 1);
  if (net.output.over !== "tokens") return perSequence;
  return Float64Array.from(placeOfRow(p), (place) => perSequence[place]!);
}

/** An output of the network's own shape, per example in the caller's order: one row, or a row per step. */
export const readOutput = (
  net: Network,
  program: Program,
  name: string,
  bound: BoundBatch,
  width = net.output.width,
): number[][][] => unpackOutput(net, program.read(name), bound, width);

/** The same of values that have been read. */
export function unpackOutput(
  net: Network,
  values: Float64Array,
  { packing: p }: BoundBatch,
  width = net.output.width,
): number[][][] {
  if (net.output.over === "tokens") return unpackRows(p, values, width);
  return unpackSequences(p, values, width).map((row) => [row]);
}
