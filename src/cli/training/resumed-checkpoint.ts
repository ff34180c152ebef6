/**
 * The checkpoint that a run goes on from: the newest, or the one that is asked for. Where it is damaged, an earlier one that is
 * whole is named; it is not taken unasked, for the steps between would be lost without a word.
 */
import { DataError } from "../../data/index.js";
import { FileFormatError } from "../../io/index.js";
import { type Checkpoint, newestCheckpoint, readCheckpoint } from "../../train/index.js";
import { checkpointFolder } from "../../train/node.js";

/** What is to go on. */
export interface GoOn {
  readonly task: string;
  /** After which step; default: that of the newest checkpoint. */
  readonly at?: number | undefined;
}

/** Where a run goes on. */
export interface GoingOnFrom {
  readonly step: number;
  readonly bytes: Uint8Array;
}

const stepOf = (name: string): number => Number(/^step-(\d+)\.safetensors$/.exec(name)?.[1] ?? Number.NaN);

/** Whether a file is a checkpoint of a later step. */
export const isCheckpointAfter =
  (step: number) =>
  (name: string): boolean =>
    stepOf(name) > step;

/** @throws DataError if there is none, it is damaged, or of another task */
export async function checkpointToGoOnFrom(
  path: string,
  { task, at }: GoOn,
): Promise<GoingOnFrom | undefined> {
  const store = checkpointFolder(path);
  const found = await newestCheckpoint(store, at === undefined ? {} : { upTo: at });
  if (at !== undefined && found?.step !== at) {
    const steps = (await store.list()).map(stepOf).filter((step) => step >= 0);
    const there = steps.length === 0 ? "none" : steps.sort((a, b) => a - b).join(", ");
    throw new DataError({
      file: path,
      problem: `has no checkpoint of step ${at}`,
      remedy: `There are checkpoints of the steps ${there}.`,
    });
  }
  if (!found) return undefined;
  const { model } = await wholeCheckpoint(path, found);
  if (model.task !== task)
    throw new DataError({
      file: path,
      problem: `is a run of a ${model.task}, not of a ${task}`,
      remedy: `Resume it with unrolled train ${model.task}, or choose another folder with --run.`,
    });
  return found;
}

async function wholeCheckpoint(
  path: string,
  { name, step, bytes }: GoingOnFrom & { readonly name: string },
): Promise<Checkpoint> {
  const file = `${path}/${name}`;
  try {
    return readCheckpoint(bytes, file);
  } catch (error) {
    if (!(error instanceof FileFormatError)) throw error;
    const earlier = await earlierWhole(path, step);
    const remedy =
      earlier === undefined
        ? "No earlier checkpoint is whole: begin anew with --force."
        : `That of step ${earlier} is whole: --resume-at ${earlier} goes on from there.`;
    throw new DataError({ file, problem: `${error.where}: ${error.problem}`, remedy });
  }
}

async function earlierWhole(path: string, before: number): Promise<number | undefined> {
  const store = checkpointFolder(path);
  for (let step = before; ; ) {
    const found = await newestCheckpoint(store, { upTo: step - 1 });
    if (!found) return undefined;
    step = found.step;
    try {
      readCheckpoint(found.bytes, found.name);
      return step;
    } catch {
      // Damaged too: the one before it.
    }
  }
}
