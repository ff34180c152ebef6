/**
 * Repeats a step of a recorded run: from the newest checkpoint before it, or from the start, with the run's own options and
 * data. Every step on the way is compared with what the run recorded.
 */
import { DataError } from "../../data/index.js";
import type { Finding } from "../../train/index.js";
import { type CheckpointStore, newestCheckpoint, readCheckpoint, TrainingError } from "../../train/index.js";
import { checkpointFolder, type RecordedStep } from "../../train/node.js";
import { messageOf } from "../terminal/errors.js";
import type { RecordedRun } from "./recorded-run.js";
import type { Retrain, RunTraining } from "./train.js";

/** The result of a replay. */
export interface Replay {
  /** The step that it started from; 0: the start of the run. */
  readonly from: number;
  readonly recorded: RecordedStep;
  readonly recomputed: RecordedStep;
  /** Steps, up to the one after it if that was computed, that differ from what was recorded. */
  readonly different: readonly number[];
  /** The last step that was computed. */
  readonly last: number;
  /**
   * Whether weights and optimiser are bit for bit those of the run's checkpoint after the step; undefined if there is
   * no such checkpoint.
   */
  readonly state: boolean | undefined;
  /** If the step was not finite, why: the message, and what was found. */
  readonly failure?: { readonly message: string; readonly finding: Finding | undefined };
}

/** The reason why a replay stops: it has what it needs. */
const ENOUGH = new Error("the step has been made");

/** How to repeat it. */
interface Request {
  readonly step: number;
  readonly retrain: Retrain;
  readonly executor: RunTraining["executor"];
  readonly signal: AbortSignal;
  readonly onMade?: (step: number) => void;
}

/** Repeats the step. @throws the signal's reason if aborted, and whatever training throws */
export async function replayStep(run: RecordedRun, request: Request): Promise<Replay> {
  const { step, retrain, executor, signal, onMade } = request;
  const store = checkpointFolder(run.path);
  const start = await newestCheckpoint(store, { upTo: step - 1 });
  const there = await newestCheckpoint(store, { upTo: step });
  const expected = there?.step === step ? readCheckpoint(there.bytes).trainer.buffers : undefined;
  // If the run kept no weights after the step, the norm of the next step shows whether they are the same.
  const last = expected || !run.steps.has(step + 1) ? step : step + 1;
  const made = new Map<number, RecordedStep>();
  const enough = new AbortController();
  const kept = lastKept();
  let failure: Replay["failure"];
  const { epochs: _epochs, minutes: _minutes, anyTier: _anyTier, ...chosen } = run.configuration;
  try {
    await retrain(chosen, {
      ...planOf(run, last),
      executor,
      checkpoints: { store: kept.store, everySeconds: Number.POSITIVE_INFINITY },
      ...(start ? { resume: start.bytes, anyTier: true } : {}),
      signal: AbortSignal.any([signal, enough.signal]),
      onProgress({ step: at, stepLoss: loss, norm, valid }) {
        if (valid === undefined) made.set(at, { loss, norm });
        onMade?.(at);
        if (at >= last) enough.abort(ENOUGH);
      },
    });
  } catch (error) {
    if (error instanceof Error && ["OptionError", "UsageError"].includes(error.name))
      throw new DataError({
        file: `${run.path}/run.json`,
        problem: `has options that cannot be: ${messageOf(error)}`,
        remedy: "It is damaged, or of another version.",
      });
    const ended = error instanceof TrainingError && made.has(step);
    if (error !== ENOUGH && !ended) throw error;
    if (ended && error.finding?.step === step)
      failure = { message: messageOf(error), finding: error.finding };
  }
  const recomputed = made.get(step)!;
  const found = kept.bytes();
  return {
    from: start?.step ?? 0,
    recorded: run.steps.get(step)!,
    recomputed,
    different: [...made.keys()].filter((at) => !sameStep(run.steps.get(at), made.get(at)!)),
    last: Math.max(...made.keys()),
    state: expected && found ? sameBuffers(expected, readCheckpoint(found).trainer.buffers) : undefined,
    ...(failure ? { failure } : {}),
  };
}

/** The run's number of steps, on which schedules depend; while a budget of minutes was being measured, there was none. */
const planOf = (
  { planned }: RecordedRun,
  last: number,
): { readonly steps: number; readonly fixedAt: number } => planned ?? { steps: last + 1, fixedAt: last + 1 };

/** A step that was not recorded (the run was killed) cannot differ. */
const sameStep = (recorded: RecordedStep | undefined, made: RecordedStep): boolean =>
  recorded === undefined || (Object.is(recorded.loss, made.loss) && Object.is(recorded.norm, made.norm));

function sameBuffers(a: ReadonlyMap<string, Float64Array>, b: ReadonlyMap<string, Float64Array>): boolean {
  return (
    a.size === b.size &&
    [...a].every(([name, values]) => values.every((v, i) => Object.is(v, b.get(name)?.[i])))
  );
}

/** A store that keeps the last checkpoint, in memory. */
function lastKept(): { readonly store: CheckpointStore; readonly bytes: () => Uint8Array | undefined } {
  let last: Uint8Array | undefined;
  return {
    bytes: () => last,
    store: {
      async save(name, bytes) {
        if (name.startsWith("step-")) last = bytes;
      },
      list: async () => [],
      load: async () => new Uint8Array(),
      remove: async () => {},
    },
  };
}
