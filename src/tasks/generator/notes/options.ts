/**
 * What a generator of piano-rolls is trained with: the options, and the row of each.
 */
import { gru } from "../../../cell/catalogue/gru/gru.js";
import type { Cell } from "../../../cell/cell.js";
import type { Roll } from "../../../data/index.js";
import type { Zoneout } from "../../../nn/index.js";
import type { RowsOf } from "../../../options/row.js";
import { cosine } from "../../../train/schedules.js";
import { adam } from "../../../train/step/optimizers.js";
import { cell, rate, sizes, trainingRows, whole } from "../../shared/options.js";
import type { TaskTraining } from "../../task.js";
import { type NoteOutput, noteOutputNames } from "./output.js";

/**
 * What training a generator of piano-rolls takes. Only `train` and `unit` are needed; how it is trained stands in
 * TaskTraining, with the defaults of `noteRows`.
 */
export interface NoteGeneratorOptions extends TaskTraining {
  readonly unit: "note";
  /** Pieces. */
  readonly train: readonly Roll[];
  /** Chooses the best epoch. Default: a seeded tenth of `train` is held back for it. */
  readonly valid?: readonly Roll[];
  /**
   * How the notes of a step are told: "independent", 88 sigmoids at once, the measure of the literature; or "joint", one note
   * after another, which writes better chords. Default "independent".
   */
  readonly output?: NoteOutput;
  /** Steps of a quarter note in the data: it shapes what is written, not what is learned. Default 1. */
  readonly stepsPerBeat?: number;
  /** Quarter notes a minute in which pieces are written; default 100. */
  readonly beatsPerMinute?: number;
  /** A cell of the catalogue or your own; default `gru`, the notes'. */
  readonly cell?: Cell;
  /** Hidden units of each recurrent layer; one number per layer. Default [200]. */
  readonly units?: readonly number[];
  /** Dropout between layers and before the output; default 0.3, of a joint output 0.4. */
  readonly dropout?: number;
  /** Share of keys that are left out of what is read, each by chance; default 0.1. Not of a joint output. */
  readonly inputDropout?: number;
  /** Share of the states that recurrent products do not see in training, the same at all steps; default 0.5, joint 0.3. */
  readonly recurrentDropout?: number;
  /** How likely a state keeps its old value at a step: one number, or numbers by state; default 0. */
  readonly zoneout?: Zoneout;
  /** Longer pieces are cut for training into parts of at most so many steps; default 256. */
  readonly segment?: number;
}

/**
 * The rows. What differs by the output is what does best on the validation part of the JSB chorales; a pass of the joint
 * output takes some five times as long as of sigmoids, which read a step at once.
 */
export const noteRows = {
  ...trainingRows,
  unit: { kind: "name", names: ["note"], required: true },
  train: { kind: "data", required: true },
  valid: { kind: "data" },
  output: { kind: "name", names: noteOutputNames, default: "independent" },
  stepsPerBeat: { kind: "number", above: 0, default: 1 },
  beatsPerMinute: { kind: "number", above: 0, default: 100 },
  cell: { ...cell, default: gru },
  units: { ...sizes, default: [200] },
  dropout: { ...rate, default: 0.3, by: "output", defaults: { joint: 0.4 } },
  inputDropout: {
    ...rate,
    default: 0.1,
    by: "output",
    defaults: { joint: 0 },
    needs: { output: ["independent"] },
  },
  recurrentDropout: { ...rate, default: 0.5, by: "output", defaults: { joint: 0.3 } },
  zoneout: { kind: "either", of: [rate, { kind: "object", what: "numbers by state" }], default: 0 },
  segment: { ...whole, default: 256 },
  epochs: { ...trainingRows.epochs, default: 120, by: "output", defaults: { joint: 60 } },
  batchSize: { ...trainingRows.batchSize, default: 8 },
  optimizer: { ...trainingRows.optimizer, default: adam({ learningRate: 0.003 }) },
  schedule: { ...trainingRows.schedule, default: cosine() },
  clip: { ...trainingRows.clip, default: 1 },
} as const satisfies RowsOf<NoteGeneratorOptions>;
