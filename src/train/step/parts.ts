/**
 * The batch of a training step on the plan that computes its gradients: in so many parts (`accumulate`), and each of these
 * piece by piece (`recompute`). Gradients add up from run to run; where the plan also updates, the last run does it. What a
 * step is beside that is in trainer.ts.
 */
import type { Program, Session, Stops } from "../../exec/executor.js";
import { type Reading, reads } from "../../exec/reads.js";
import {
  bindBatch,
  capacityFor,
  type Extent,
  largestExtents,
  names,
  stateOutputs,
  stepsOfExtent,
  unpackStates,
} from "../../nn/build/index.js";
import type { Example, Network, States } from "../../nn/index.js";
import type { Plan } from "../../plan/index.js";
import type { TrainingSettings } from "../settings.js";
import type { StepSums, TrainerOptions } from "../trainer.js";
import { handedNames, trainingNames } from "./names.js";
import { type Cutter, createCutter, type Handed, type Piece, writeHanded } from "./pieces.js";

/** States in which sequences stopped, by the sequence's id. */
export type CarriedStates = Map<number, States>;

/** A part of a step. */
interface PartOfStep {
  readonly step: number;
  /** Whether it is the step's first, and its last part. */
  readonly first: boolean;
  readonly last: boolean;
  /** Changed, as is `sums`. */
  readonly carried: CarriedStates;
  readonly sums: { -readonly [K in keyof StepSums]: StepSums[K] };
  /** Where the step's last run stops on its way. */
  readonly stops: Stops | undefined;
}

/** How a step is run. */
export interface StepRun {
  readonly step: number;
  /** Changed where training carries states on, of no concern elsewhere. */
  readonly carried: CarriedStates;
  /** Where the step's last run stops on its way. Default: nowhere. */
  readonly stops?: Stops | undefined;
}

interface RunnerParts {
  readonly plan: Plan;
  readonly options: TrainerOptions;
}

/** Writes a number into an input, where the plan has it. */
export function writeNumber(program: Program, name: string, value: number): void {
  if (name in program.plan.buffers) program.write(name, [value]);
}

/** Guards the programs of a training step. */
export class StepRunner {
  readonly program: Program;
  private readonly net: Network;
  private readonly options: TrainerOptions;
  private readonly cutter: Cutter | undefined;

  /**
   * Prepares them. Memory is sized here, for the largest batch.
   * @param plan that of a whole step, or of its first half
   */
  constructor(net: Network, session: Session, { plan, options }: RunnerParts) {
    const { batches, recompute: steps, sampleWeights = false } = options;
    const capacity = capacityFor(batches.map((extents) => largestRun(extents, options)));
    [this.net, this.options] = [net, options];
    this.program = session.prepare(plan, capacity);
    try {
      if (steps !== undefined) this.cutter = createCutter(net, session, { steps, capacity, sampleWeights });
    } catch (error) {
      this.program.dispose();
      throw error;
    }
  }

  /** Bytes of memory beside the parameters. */
  get bytes(): number {
    return this.program.bytes + (this.cutter?.bytes ?? 0);
  }

  /** Runs the batch of a step. */
  *run(examples: readonly Example[], { step, carried, stops }: StepRun): Reading<StepSums> {
    const sums = { loss: 0, rows: 0, tokens: 0 };
    const parts = partsOf(examples, this.options.accumulate ?? 1);
    for (const [i, part] of parts.entries()) {
      const [first, last] = [i === 0, i + 1 === parts.length];
      yield* this.runPart(part, { step, first, last, carried, sums, stops });
    }
    return sums;
  }

  private *runPart(examples: readonly Example[], part: PartOfStep): Reading<void> {
    const { step, first, last, carried, sums, stops } = part;
    const { net, program, cutter } = this;
    const { seed = 0, carry = false } = this.options;
    const started = carry ? examples.map((example) => withStates(example, carried)) : examples;
    const facts = { seed, step, carried: carry };
    const pieces = cutter ? yield* cutter.cut(started, facts) : [whole(started)];
    const { plan } = program;
    const [finals, initials] = [stateOutputs(plan), stateOutputs(plan, handedNames.initial)];
    const handed: Handed = new Map();
    for (const [i, piece] of [...pieces].reverse().entries()) {
      const isLast = last && i + 1 === pieces.length;
      writeNumber(program, trainingNames.keep, Number(!first || i > 0));
      writeNumber(program, trainingNames.apply, Number(isLast && Number.isFinite(sums.loss)));
      const { from } = piece;
      // A piece is given the states in which the one before it ended; whether a sequence may start without any is `carry`'s matter.
      const bound = bindBatch(net, program, piece.examples, { ...facts, from, carried: carry || !!cutter });
      writeHanded(program, piece, { bound, handed });
      program.run(bound.batch, isLast ? stops : undefined);
      const [loss, ...values] = yield* reads(program, trainingNames.loss, ...finals, ...initials);
      const states = (prefix: string, from: number): States[] =>
        unpackStates(plan, bound.packing, { prefix, values: values.slice(from) });
      if (carry) keepStates(carried, piece, states(names.final, 0));
      if (cutter)
        states(handedNames.initial, finals.length).forEach((gradients, k) => {
          handed.set(piece.places[k]!, gradients);
        });
      sums.loss += loss![0]!;
      sums.tokens += bound.packing.N;
      sums.rows += net.output.over === "tokens" ? bound.packing.N : piece.ends.filter(Boolean).length;
    }
  }

  dispose(): void {
    this.program.dispose();
    this.cutter?.dispose();
  }
}

/** Extents of the largest run of a batch: of a part of it, the steps of a piece. */
export function largestRun(
  extents: readonly Extent[],
  { accumulate = 1, recompute }: Pick<TrainingSettings, "accumulate" | "recompute">,
): readonly Extent[] {
  const part = largestExtents(extents, Math.ceil(extents.length / accumulate));
  return recompute === undefined ? part : part.map((extent) => Math.min(stepsOfExtent(extent), recompute));
}

/** A batch in so many parts, or fewer: only that of an empty batch is empty. */
function partsOf(examples: readonly Example[], most: number): (readonly Example[])[] {
  const size = Math.max(Math.ceil(examples.length / most), 1);
  const count = Math.max(Math.ceil(examples.length / size), 1);
  return Array.from({ length: count }, (_, i) => examples.slice(i * size, (i + 1) * size));
}

/** An example that starts where its sequence stopped. */
function withStates(example: Example, carried: CarriedStates): Example {
  const states = carried.get(example.id ?? -1);
  return states === undefined ? example : { ...example, states };
}

/** Remembers the states in which sequences ended. */
function keepStates(carried: CarriedStates, { examples, ends }: Piece, states: readonly States[]): void {
  states.forEach((state, i) => {
    if (ends[i]) carried.set(examples[i]?.id ?? i, state);
  });
}

/** A batch in one piece. */
const whole = (examples: readonly Example[]): Piece => ({
  from: 0,
  examples,
  places: [...examples.keys()],
  ends: examples.map(() => true),
});
