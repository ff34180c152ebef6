/**
 * Recomputation over time: a sequence in pieces of so many steps. On the way there only the states between the pieces are
 * kept; on the way back, last piece first, the trainer computes each piece again from its state and goes back through it,
 * and the gradient of that state is handed to the piece before. A piece sees the same numbers, random ones too, as the
 * whole sequence would, so that what belongs to one step has the same bits; sums over steps are made piece by piece.
 * Source: Chen et al. 2016 (sublinear memory); Gruslys et al. 2016 (back-propagation through time).
 */
import type { Executor, Program } from "../exec/executor.js";
import {
  type BoundBatch,
  bindBatch,
  buildForward,
  capacityFor,
  checkTargets,
  type Example,
  type Extent,
  exampleLength,
  kindOf,
  type Network,
  names,
  type RunFacts,
  startedState,
  stepsOfExtent,
  targetWidth,
} from "../nn/index.js";
import { Builder, optimise, type Plan, verify } from "../plan/index.js";
import { packSequences, unpackSequences } from "../tensor/packing.js";

/** States, or their gradients, by name ("recurrent1.c"), H numbers each. */
export type States = Readonly<Record<string, readonly number[]>>;

/** Names of a training plan's inputs and outputs that hand gradients from piece to piece. */
export const handedNames = {
  /** Prefix of inputs: the gradient that the later pieces give to a state in which this one ends. */
  final: "train.dFinal.",
  /** Prefix of outputs: the gradient of a state from which this one began. */
  initial: "out.dInitial.",
} as const;

/** What lies in a piece of a batch's sequences. */
export interface Piece {
  /** Steps before it. */
  readonly from: number;
  /** The parts of those examples that reach into it, with the states in which the piece before ended. */
  readonly examples: readonly Example[];
  /** The place of each in the batch. */
  readonly places: readonly number[];
  /** Whether each comes to its end here. */
  readonly ends: readonly boolean[];
}

/** The states that pieces hand on. */
export function handedStates(
  net: Network,
): readonly { readonly name: string; readonly input: string; readonly width: number }[] {
  return net.layers.flatMap(({ name, layer }) =>
    (kindOf(layer).given?.(layer, name, true) ?? []).map(({ name: input, width }) => {
      return { name: startedState(input), input, width };
    }),
  );
}

/** Extents of the largest piece of a batch. */
export function pieceExtents(extents: readonly Extent[], steps: number): Extent[] {
  return extents.map((extent) => Math.min(stepsOfExtent(extent), steps));
}

/** The plan of a piece on the way there: the states in which it ends, as training has them, and nothing else. */
export function piecePlan(net: Network): Plan {
  const b = new Builder("piece", () => true);
  const { finals } = buildForward(b, net, { training: true, carried: true });
  for (const [name, value] of finals) b.output(names.final + name, value);
  const plan = optimise(b.finish());
  verify(plan);
  return plan;
}

/** Cuts batches, and hands states on. */
export interface Cutter {
  /** Bytes of its program. */
  readonly bytes: number;
  /**
   * The pieces of a batch, first one first, each with the states from which it begins.
   * @throws NetworkError if an example does not fit the network
   */
  cut(examples: readonly Example[], facts: RunFacts): readonly Piece[];
  dispose(): void;
}

/** How a cutter cuts. */
export interface CutterOptions {
  /** Steps of a piece. */
  readonly steps: number;
  /** The largest batches that are cut, as extents of their examples. */
  readonly batches: readonly (readonly Extent[])[];
  /** True if examples bring weights of their own; default false. */
  readonly sampleWeights?: boolean;
}

/** Prepares the way there. */
export function createCutter(net: Network, executor: Executor, options: CutterOptions): Cutter {
  const { steps, batches } = options;
  const largest = batches.map((extents) => pieceExtents(extents, steps));
  const program = executor.prepare(piecePlan(net), capacityFor(largest));
  /** Runs those that go on, and gives the states in which they end. */
  const runOn = (examples: readonly Example[], facts: RunFacts): States[] => {
    const bound = bindBatch(net, program, examples, facts);
    program.run(bound.batch);
    return finalStates(program, bound);
  };
  return {
    bytes: program.bytes,
    cut(examples, facts) {
      checkTargets(net, examples);
      const lengths = examples.map((example) => exampleLength(net, example));
      const longest = Math.max(...lengths, 1);
      let going = examples.map((example, i) => ({ ...example, id: example.id ?? i }));
      let places = [...going.keys()];
      const pieces: Piece[] = [];
      for (let from = 0; from < longest; from += steps) {
        const ends = places.map((place) => (lengths[place] as number) <= from + steps);
        const parts = going.map((example, k) => {
          const T = lengths[places[k] as number] as number;
          return partOf(net, example, { from, steps, T, sampleWeights: options.sampleWeights === true });
        });
        pieces.push({ from, examples: parts, places, ends });
        const on = [...places.keys()].filter((k) => !ends[k]);
        if (on.length === 0) break;
        const states = runOn(
          on.map((k) => parts[k] as Example),
          { ...facts, from },
        );
        going = on.map((k, i) => ({ ...going[k], states: states[i] }) as (typeof going)[number]);
        places = on.map((k) => places[k] as number);
      }
      return pieces;
    },
    dispose: () => program.dispose(),
  };
}

interface Cut extends Required<Pick<CutterOptions, "steps" | "sampleWeights">> {
  readonly from: number;
  /** Steps of the whole example. */
  readonly T: number;
}

/** The steps of an example that lie in a piece. One with a single target has it in every piece, and counts in its last. */
function partOf(net: Network, example: Example, { from, steps, T, sampleWeights }: Cut): Example {
  const cut = (values: ArrayLike<number>, width: number): ArrayLike<number> =>
    slice(values, from * width, (from + steps) * width);
  const input = example.input as ArrayLike<number>;
  const target = example.target as ArrayLike<number>;
  const part = { ...example, input: cut(input, input.length / Math.max(T, 1)) };
  if (net.output.over === "tokens") return { ...part, target: cut(target, targetWidth(net)) };
  const { weight = 1 } = sampleWeights ? example : {};
  return { ...part, weight: T <= from + steps ? weight : 0 };
}

/** A part of a list, of typed numbers without a copy. */
function slice(values: ArrayLike<number>, from: number, to: number): ArrayLike<number> {
  if (ArrayBuffer.isView(values)) return (values as Float64Array).subarray(from, to);
  return Array.prototype.slice.call(values, from, to);
}

/** The states in which the sequences of a run ended, in the caller's order. */
export function finalStates(program: Program, { packing }: BoundBatch): States[] {
  return readStates(program, packing, names.final);
}

/** Outputs that hold states, or their gradients, in the caller's order. */
function readStates(program: Program, packing: BoundBatch["packing"], prefix: string): States[] {
  const outputs = Object.values(program.plan.buffers).filter(({ name }) => name.startsWith(prefix));
  const rows = outputs.map(({ name, width }) => unpackSequences(packing, program.read(name), width));
  return Array.from({ length: packing.B }, (_, i) =>
    Object.fromEntries(outputs.map(({ name }, k) => [name.slice(prefix.length), rows[k]?.[i] as number[]])),
  );
}

/**
 * Runs a piece of a batch on the training plan: what the later pieces gave its states goes in, what it gives the earlier
 * one comes out.
 *
 * @param handed gradients of states by the place of their sequence; changed
 */
export function runPiece(
  net: Network,
  program: Program,
  { places }: Piece,
  { bound, handed }: { readonly bound: BoundBatch; readonly handed: Map<number, States> },
): void {
  const { packing } = bound;
  for (const { name, width } of handedStates(net)) {
    const none = new Float64Array(width);
    const gradients = places.map((place) => handed.get(place)?.[name] ?? none);
    program.write(handedNames.final + name, packSequences(packing, gradients, width));
  }
  program.run(bound.batch);
  readStates(program, packing, handedNames.initial).forEach((gradients, k) => {
    handed.set(places[k] as number, gradients);
  });
}
