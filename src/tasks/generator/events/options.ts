/**
 * What a generator of performances is trained with: the options, and the row of each.
 */
import { gru } from "../../../cell/catalogue/gru/gru.js";
import type { Cell } from "../../../cell/cell.js";
import type { Piece } from "../../../data/index.js";
import type { RowsOf } from "../../../options/row.js";
import { cosine } from "../../../train/schedules.js";
import { adam } from "../../../train/step/optimizers.js";
import { cell, rate, sizes, trainingRows, whole } from "../../shared/options.js";
import type { TaskTraining } from "../../task.js";

/**
 * What training a generator of performances takes. Only `train` and `unit` are needed; how it is trained stands in
 * TaskTraining, with the defaults of `eventRows`. `batchSize` is the number of lanes in which the pieces are read, one
 * after the other.
 */
export interface EventGeneratorOptions extends TaskTraining {
  readonly unit: "event";
  /** Pieces. */
  readonly train: readonly Piece[];
  /** Chooses the best epoch. Default: a seeded tenth of `train` is held back for it. */
  readonly valid?: readonly Piece[];
  /** A cell of the catalogue or your own; default `gru`, the notes'. */
  readonly cell?: Cell;
  /** Hidden units of each recurrent layer; default [256]. */
  readonly units?: readonly number[];
  /** Dropout between layers and before the output; default 0.2. */
  readonly dropout?: number;
  /** Share of the states that recurrent products do not see in training, the same at all steps of a batch; default 0. */
  readonly recurrentDropout?: number;
  /** Steps over which gradients flow back, and after which weights are updated; default 64. */
  readonly bptt?: number;
}

/** The rows. */
export const eventRows = {
  ...trainingRows,
  unit: { kind: "name", names: ["event"], required: true },
  train: { kind: "data", required: true },
  valid: { kind: "data" },
  cell: { ...cell, default: gru },
  units: { ...sizes, default: [256] },
  dropout: { ...rate, default: 0.2 },
  recurrentDropout: { ...rate, default: 0 },
  bptt: { ...whole, default: 64 },
  epochs: { ...trainingRows.epochs, default: 20 },
  batchSize: { ...trainingRows.batchSize, default: 16 },
  optimizer: { ...trainingRows.optimizer, default: adam({ learningRate: 0.002 }) },
  schedule: { ...trainingRows.schedule, default: cosine() },
  // A loss is the sum over the steps.
  clip: { ...trainingRows.clip, derived: { share: 0.25 } },
} as const satisfies RowsOf<EventGeneratorOptions>;
