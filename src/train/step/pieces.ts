/**
 * Recomputation over time: a sequence in pieces of so many steps. On the way there only the states between the pieces are
 * kept; on the way back, last piece first, the trainer computes each piece again from its state and goes back through it,
 * and the gradient of that state is handed to the piece before. A piece sees the same numbers, random ones too, as the
 * whole sequence would, so that what belongs to one step has the same bits; sums over steps are made piece by piece.
 * Source: Chen et al. 2016 (sublinear memory); Gruslys et al. 2016 (back-propagation through time).
 */
import type { Program, Session } from "../../exec/executor.js";
import { type Reading, reads } from "../../exec/reads.js";
import {
  type BoundBatch,
  bindBatch,
  buildForward,
  checkStates,
  checkTargets,
  exampleLength,
  names,
  type Room,
  type RunFacts,
  stateOutputs,
  targetWidth,
  unpackStates,
} from "../../nn/build/index.js";
import type { Example, Network, States } from "../../nn/index.js";
import { Builder, optimise, type Plan, verify } from "../../plan/index.js";
import { packSequences } from "../../tensor/packing.js";
import { handedNames } from "./names.js";

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
   * @throws NetworkError if an example does not fit the network, or does not bring a state that it must (unless `carried`)
   */
  cut(examples: readonly Example[], facts: RunFacts): Reading<readonly Piece[]>;
  dispose(): void;
}

/** How a cutter cuts. */
export interface CutterOptions {
  /** Steps of a piece. */
  readonly steps: number;
  /** Room of the largest piece. */
  readonly capacity: Room;
  /** True if examples bring weights of their own. */
  readonly sampleWeights: boolean;
}

/** Prepares the way there. */
export function createCutter(net: Network, session: Session, options: CutterOptions): Cutter {
  const { steps, capacity, sampleWeights } = options;
  const program = session.prepare(piecePlan(net), capacity);
  /** Runs those that go on, and gives the states in which they end. */
  const runOn = function* (examples: readonly Example[], facts: RunFacts): Reading<States[]> {
    const { batch, packing } = bindBatch(net, program, examples, { ...facts, carried: true });
    program.run(batch);
    const values = yield* reads(program, ...stateOutputs(program.plan));
    return unpackStates(program.plan, packing, { values });
  };
  return {
    bytes: program.bytes,
    *cut(examples, facts) {
      checkTargets(net, examples);
      if (!facts.carried) checkStates(net, examples);
      let going = examples.map((example, place) => {
        return { place, example: { ...example, id: example.id ?? place }, T: exampleLength(net, example) };
      });
      const pieces: Piece[] = [];
      for (let from = 0; ; from += steps) {
        const to = from + steps;
        const parts = going.map((each) => ({
          ...each,
          part: partOf(net, each.example, { from, to, T: each.T, sampleWeights }),
        }));
        pieces.push({
          from,
          examples: parts.map(({ part }) => part),
          places: parts.map(({ place }) => place),
          ends: parts.map(({ T }) => T <= to),
        });
        const on = parts.filter(({ T }) => T > to);
        if (on.length === 0) return pieces;
        const states = yield* runOn(
          on.map(({ part }) => part),
          { ...facts, from },
        );
        going = on.map((each, i) => ({ ...each, example: { ...each.example, states: states[i]! } }));
      }
    },
    dispose: () => program.dispose(),
  };
}

/** Where a part of an example begins and ends, of how many steps. */
interface Cut extends Pick<CutterOptions, "sampleWeights"> {
  readonly from: number;
  readonly to: number;
  readonly T: number;
}

/** The steps of an example that lie in a piece. One with a single target has it in every piece, and counts in its last. */
function partOf(net: Network, example: Example, { from, to, T, sampleWeights }: Cut): Example {
  const cut = (values: ArrayLike<number>, width: number): ArrayLike<number> =>
    slice(values, from * width, to * width);
  const input = example.input as ArrayLike<number>;
  const target = example.target!;
  const part = { ...example, input: cut(input, input.length / Math.max(T, 1)) };
  if (net.output.over === "tokens") return { ...part, target: cut(target, targetWidth(net)) };
  const { weight = 1 } = sampleWeights ? example : {};
  return { ...part, weight: T <= to ? weight : 0 };
}

/** A part of a list, of typed numbers without a copy. */
function slice(values: ArrayLike<number>, from: number, to: number): ArrayLike<number> {
  if (ArrayBuffer.isView(values)) return (values as Float64Array).subarray(from, to);
  return Array.prototype.slice.call(values, from, to);
}

/** Gradients of states by the place of their sequence. */
export type Handed = Map<number, States>;

/** Gives a piece of a batch, on the training plan, what the later pieces gave its states. */
export function writeHanded(
  program: Program,
  { places }: Piece,
  { bound, handed }: { readonly bound: BoundBatch; readonly handed: Handed },
): void {
  const { packing } = bound;
  for (const { name, width } of Object.values(program.plan.buffers)) {
    if (!name.startsWith(handedNames.final)) continue;
    const none = new Float64Array(width);
    const state = name.slice(handedNames.final.length);
    const gradients = places.map((place) => handed.get(place)?.[state] ?? none);
    program.write(name, packSequences(packing, gradients, width));
  }
}
