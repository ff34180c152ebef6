/**
 * From a caller's examples to a run: packs sequences, writes inputs and targets, and gives results back in the
 * caller's order.
 */
import type { Batch, Capacity, Program } from "../exec/executor.js";
import {
  type Packing,
  packing,
  packRows,
  placeOfRow,
  timeOfRow,
  unpackRows,
  unpackSequences,
} from "../tensor/packing.js";
import { names } from "./build.js";
import { type RunFacts, writeRunInputs } from "./inputs.js";
import { NetworkError } from "./layer.js";
import { losses } from "./losses.js";
import { inputShape, kindOf, type Network } from "./network.js";

/** One sequence with what goes along with it. */
export interface Example {
  /** Token ids, or step after step of `width` numbers. */
  readonly input: ArrayLike<number>;
  /** Class indices or numbers: one row per step, or one for the sequence if the network pools. */
  readonly target?: ArrayLike<number>;
  /** Id in the data set, the key of random numbers; default: its index in the list. */
  readonly id?: number;
  /** How much the sequence counts in the loss, where training weighs sequences; default 1. */
  readonly weight?: number;
  /** Initial states where a layer takes given ones: "recurrent1.c" -> H numbers. */
  readonly states?: Readonly<Record<string, ArrayLike<number>>>;
}

/** Number of steps of an example. @throws NetworkError if its numbers do not fill whole steps, or an id is outside the vocabulary */
export function exampleLength(net: Network, example: Example): number {
  const { over, width } = inputShape(net.input);
  const { input } = example;
  if (over !== "ids") {
    if (input.length % width !== 0)
      throw new NetworkError(
        `an example holds ${input.length} numbers, which is not a multiple of the input width ${width}`,
      );
    return input.length / width;
  }
  for (let t = 0; t < input.length; t++) {
    const id = input[t] as number;
    if (!(Number.isInteger(id) && id >= 0 && id < width))
      throw new NetworkError(`step ${t} holds the token id ${id}; ids run from 0 to ${width - 1}`);
  }
  return input.length;
}

/** The capacity that batches of the given lengths need. */
export function capacityFor(batches: readonly (readonly number[])[]): Capacity {
  let [B, T, N] = [1, 1, 1];
  for (const lengths of batches) {
    B = Math.max(B, lengths.length);
    for (const n of lengths) T = Math.max(T, n);
    N = Math.max(
      N,
      lengths.reduce((a, b) => a + b, 0),
    );
  }
  return { B, T, N };
}

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
  const p = packing(
    examples.map((e) => exampleLength(net, e)),
    examples.map((e, i) => e.id ?? i),
  );
  const { over, width } = inputShape(net.input);
  const inputs = examples.map((e) => e.input);
  const stepWidth = over === "ids" ? 1 : width;
  program.write(
    names.input,
    packRows(p, inputs, stepWidth, over === "ids" ? new Int32Array(p.N) : new Float32Array(p.N * width)),
  );
  if (names.target in program.plan.buffers) {
    const targets = packTargets(net, p, examples);
    program.write(names.target, targets);
    if (names.previousTarget in program.plan.buffers)
      program.write(names.previousTarget, earlier(p, targets));
  }
  writeRunInputs(program.plan, (name, values) => program.write(name, values), facts, names.packing, p);
  if (names.sampleWeight in program.plan.buffers)
    program.write(names.sampleWeight, packWeights(net, p, examples));
  const { carried = false } = facts;
  for (const { name, layer } of net.layers) {
    for (const state of kindOf(layer).given?.(layer, name, carried) ?? []) {
      program.write(state.name, packStates(p, examples, { ...state, optional: carried }));
    }
  }
  return { batch: { packings: { [names.packing]: p } }, packing: p };
}

function packTargets(net: Network, p: Packing, examples: readonly Example[]): Float64Array {
  const isClass = losses[net.loss].target === "class";
  const width = isClass ? 1 : net.output.width;
  const perToken = net.output.over === "tokens";
  examples.forEach(({ target }, i) => {
    const wanted = width * (perToken ? (p.lengths[p.order.indexOf(i)] as number) : 1);
    if (target?.length !== wanted)
      throw new NetworkError(`example ${i} has ${target?.length ?? "no"} target numbers and needs ${wanted}`);
    if (!isClass) return;
    for (let k = 0; k < wanted; k++) {
      const c = target[k] as number;
      if (!(Number.isInteger(c) && c >= 0 && c < net.output.width))
        throw new NetworkError(
          `example ${i} has the class ${c}; classes run from 0 to ${net.output.width - 1}`,
        );
    }
  });
  const targets = examples.map((e) => e.target as ArrayLike<number>);
  if (perToken) return packRows(p, targets, width, new Float64Array(p.N * width));
  return placeSequences(p, targets, width);
}

function packStates(
  p: Packing,
  examples: readonly Example[],
  state: { readonly name: string; readonly width: number; readonly optional: boolean },
): Float64Array {
  const nothing = new Float64Array(state.width);
  const key = state.name.replace(".initial.", ".");
  const values = examples.map((e, i) => {
    const given = e.states?.[key] ?? (state.optional ? nothing : undefined);
    if (given?.length !== state.width)
      throw new NetworkError(`example ${i} must bring the initial state ${key} of ${state.width} numbers`);
    return given;
  });
  return placeSequences(p, values, state.width);
}

/** The targets, one per token, of the step before; −1 at a first step. */
function earlier(p: Packing, targets: ArrayLike<number>): Int32Array {
  const times = timeOfRow(p);
  const places = placeOfRow(p);
  return Int32Array.from({ length: p.N }, (_, row) => {
    const t = times[row] as number;
    return t === 0 ? -1 : (targets[(p.offsets[t - 1] as number) + (places[row] as number)] as number);
  });
}

/** The weight of each row's loss: a sequence's own, for every one of its steps. */
function packWeights(net: Network, p: Packing, examples: readonly Example[]): Float64Array {
  const weights = examples.map(({ weight = 1 }, i) => {
    if (weight >= 0 && Number.isFinite(weight)) return [weight];
    throw new NetworkError(`example ${i} has the weight ${weight}; a weight is a finite number, 0 or more`);
  });
  const perSequence = placeSequences(p, weights, 1);
  if (net.output.over !== "tokens") return perSequence;
  return Float64Array.from(placeOfRow(p), (place) => perSequence[place] as number);
}

/** Per-sequence values in the packing's order. */
function placeSequences(p: Packing, values: readonly ArrayLike<number>[], width: number): Float64Array {
  const out = new Float64Array(p.B * width);
  p.order.forEach((caller, place) => {
    for (let f = 0; f < width; f++)
      out[place * width + f] = (values[caller] as ArrayLike<number>)[f] as number;
  });
  return out;
}

/** An output of the network's own shape, per example in the caller's order: one row, or a row per step. */
export function readOutput(
  net: Network,
  program: Program,
  name: string,
  { packing: p }: BoundBatch,
  width = net.output.width,
): number[][][] {
  const values = program.read(name);
  if (net.output.over === "tokens") return unpackRows(p, values, width);
  return unpackSequences(p, values, width).map((row) => [row]);
}
