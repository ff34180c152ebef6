/**
 * What the header of a checkpoint holds, one row per field with what it can be. A checkpoint may come from elsewhere or be
 * damaged, and a run that begins at the step "7", or at no step at all, never ends: so every field is looked at.
 */
import { FileFormatError, parseJsonText } from "../../io/index.js";
import { shown, spelled } from "../../options/error.js";
import { type FieldRow, fieldProblem, isPlainObject } from "../../options/fields.js";
import type { ScheduleMemory } from "../schedules.js";

/** The version of the part beside the model. */
export const checkpointFormat = 1;

/** Where a run is: plain data. */
export interface RunPosition {
  /** Epoch and batch that come next, from 0. */
  readonly epoch: number;
  readonly batch: number;
  /** Steps of the whole run, once they are known, and after which step they became so (0: from the start). */
  readonly steps: number | null;
  readonly fixedAt: number;
  /** Sums over the epoch so far: of the losses times their rows, and of the rows. */
  readonly lossSum: number;
  readonly rows: number;
  /** Over the whole run: tokens, seconds of work, seconds of these in steps, steps left out, and such in a row now. */
  readonly tokens: number;
  readonly seconds: number;
  readonly inTraining: number;
  readonly skipped: number;
  readonly skippedInRow: number;
  /** Validations since the best one. */
  readonly waited: number;
}

/** What stands in the header. */
export interface CheckpointHeader {
  readonly format: number;
  readonly step: number;
  readonly applied: number;
  readonly schedule: ScheduleMemory;
  readonly position: RunPosition;
  readonly conditions: Readonly<Record<string, unknown>>;
  /** A score that is no finite number is null in JSON. */
  readonly best: { readonly score: number | null; readonly epoch: number } | null;
  readonly carried: readonly number[];
}

const count = { kind: "whole", least: 0 } as const;
const amount = { kind: "number", least: 0 } as const;

const rows: Readonly<Record<Exclude<keyof CheckpointHeader, "format">, FieldRow>> = {
  step: count,
  applied: count,
  schedule: { fields: { best: { kind: "number", orNull: true }, waited: count, fallen: amount } },
  position: {
    fields: {
      epoch: count,
      batch: count,
      steps: { ...count, orNull: true },
      fixedAt: count,
      lossSum: { kind: "number" },
      rows: amount,
      tokens: count,
      seconds: amount,
      inTraining: amount,
      skipped: count,
      skippedInRow: count,
      waited: count,
    },
  },
  conditions: { fields: {} },
  // Checkpoints of old had none where no validation had been.
  best: { fields: { score: { kind: "number", orNull: true }, epoch: count }, orNull: true, optional: true },
  carried: { kind: "list", of: { kind: "whole", least: Number.MIN_SAFE_INTEGER }, least: 0 },
};

/** The header as it stands in a file. @throws FileFormatError naming the field that is not what it can be */
export function readCheckpointHeader(text: string | undefined, name: string): CheckpointHeader {
  const fail = (problem: string, remedy = "Take an earlier checkpoint."): FileFormatError =>
    new FileFormatError({ file: name, where: "metadata", problem, remedy });
  if (text === undefined)
    throw fail(
      "is of a model, not of a run that could go on",
      "Give a checkpoint, or start a new training from the model.",
    );
  const result = parseJsonText(text);
  if ("problem" in result) throw fail('is not JSON under the key "checkpoint"');
  const header = isPlainObject(result.value) ? result.value : {};
  if (header["format"] !== checkpointFormat)
    throw fail(
      `has a checkpoint of format ${spelled(shown(header["format"]))}`,
      `This version goes on from format ${checkpointFormat}.`,
    );
  const problem = fieldProblem(header, { fields: rows });
  if (problem !== undefined) throw fail(`has a checkpoint that cannot be gone on from: ${problem}`);
  return header as unknown as CheckpointHeader;
}
