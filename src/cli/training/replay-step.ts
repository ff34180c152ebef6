/**
 * Makes a step of a recorded run again: from the newest checkpoint before it, or from the start, with the run's own options
 * and data. Every step on the way is held against what the run recorded.
 */
import type { Finding } from "../../train/index.js";
import { type CheckpointStore, newestCheckpoint, readCheckpoint, TrainingError } from "../../train/index.js";
import { checkpointFolder, type RecordedStep } from "../../train/node.js";
import { messageOf } from "../terminal/errors.js";
import type { RecordedRun } from "./recorded-run.js";
import type { Retrain, RunTraining } from "./train.js";

/** What a replay came to. */
export interface Replay {
  /** The step that it went on from; 0: the start. */
  readonly from: number;
  readonly recorded: RecordedStep;
  readonly recomputed: RecordedStep;
  /** Steps on the way, and the one behind it if it was made, that are not what was recorded. */
  readonly different: readonly number[];
  /** The last step that was made. */
  readonly last: number;
  /** Whether weights and optimiser are, to the bit, those of the run's checkpoint after the step; undefined: there is none. */
  readonly state: boolean | undefined;
  /** Why the step was not finite, where it was not: the message, and what was found. */
  readonly failure?: { readonly message: string; readonly finding: Finding | undefined };
}

/** Why a replay stops: it has what it wanted. */
const ENOUGH = new Error("the step has been made");

/** How it is made. */
interface Request {
  readonly step: number;
  readonly retrain: Retrain;
  readonly executor: RunTraining["executor"];
  readonly signal: AbortSignal;
  readonly onMade?: (step: number) => void;
}

/** Makes the step again. @throws the signal's reason if aborted, and what training throws */
export async function replayStep(run: RecordedRun, request: Request): Promise<Replay> {
  const { step, retrain, executor, signal, onMade } = request;
  const store = checkpointFolder(run.path);
  const start = await newestCheckpoint(store, { upTo: step - 1 });
  const there = await newestCheckpoint(store, { upTo: step });
  const expected = there?.step === step ? readCheckpoint(there.bytes).trainer.buffers : undefined;
  // Without the run's own weights after the step, the next step's norm tells whether they are the same.
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

/** The run's number of steps, which schedules look at; while a budget of minutes was measured there was none. */
const planOf = (
  { planned }: RecordedRun,
  last: number,
): { readonly steps: number; readonly fixedAt: number } => planned ?? { steps: last + 1, fixedAt: last + 1 };

/** A step that was not recorded (a run that was killed) cannot be another. */
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
