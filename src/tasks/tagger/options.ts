/**
 * What a tagger is trained with: the options, and the row of each.
 */
import { gru } from "../../cell/catalogue/gru/gru.js";
import type { Cell } from "../../cell/cell.js";
import type { RowsOf } from "../../options/row.js";
import type { SpanScheme } from "../../train/metrics/index.js";
import { adam } from "../../train/step/optimizers.js";
import { cell, rate, sizes, trainingRows, whole } from "../shared/options.js";
import type { TaskTraining } from "../task.js";
import type { TaggedExample } from "./model.js";

/**
 * What training a tagger takes. Only `train` is needed; how it is trained stands in TaskTraining, with the defaults of
 * `taggerRows`. A tagger reads whole sentences, so there is no `recompute`.
 */
export interface TaggerOptions extends Omit<TaskTraining, "recompute"> {
  readonly train: readonly TaggedExample[];
  /** Chooses the best epoch. Default: a seeded tenth of `train` is held back for it. */
  readonly valid?: readonly TaggedExample[];
  /** A cell of the catalogue or your own, for words and for characters; default `gru`, the notes'. */
  readonly cell?: Cell;
  /** Hidden units of each recurrent layer, per direction; default [100]. */
  readonly units?: readonly number[];
  /** Features per word; default 100. */
  readonly embedding?: number;
  /** Features per character, and hidden units per direction of the network that reads them; 0 leaves it out. Default 25. */
  readonly characters?: number;
  /** How tags mark spans: "IOB2" (also called BIO), "IOBES" (BIOES, BILOU), "IOB1", or "none". Default: as they show. */
  readonly tagScheme?: SpanScheme | "none";
  /** "crf" (default) scores whole sequences of tags, "softmax" each tag by itself. */
  readonly output?: "crf" | "softmax";
  /** Dropout before each recurrent layer and before the output; default 0.5. */
  readonly dropout?: number;
  /** Share of words left out in training, so that looks and characters must do; default 0.1. */
  readonly wordDropout?: number;
  /** Share of the states that recurrent products do not see in training, the same at all steps; default 0. */
  readonly recurrentDropout?: number;
  /** A word counts as known if it occurs so often in the training data; default 2. */
  readonly minimumCount?: number;
  /** Share of a target's weight that is spread over all tags, for the output "softmax"; default 0. */
  readonly labelSmoothing?: number;
}

const { recompute: _, ...shared } = trainingRows;

/** The rows. */
export const taggerRows = {
  ...shared,
  train: { kind: "data", required: true },
  valid: { kind: "data" },
  cell: { ...cell, default: gru },
  units: { ...sizes, default: [100] },
  embedding: { ...whole, default: 100 },
  characters: { kind: "whole", least: 0, default: 25 },
  tagScheme: { kind: "name", names: ["IOB2", "IOBES", "IOB1", "none"] },
  output: { kind: "name", names: ["crf", "softmax"], default: "crf" },
  dropout: { ...rate, default: 0.5 },
  wordDropout: { ...rate, default: 0.1 },
  recurrentDropout: { ...rate, default: 0 },
  minimumCount: { ...whole, default: 2 },
  epochs: { ...shared.epochs, default: 15 },
  batchSize: { ...shared.batchSize, default: 16 },
  optimizer: { ...shared.optimizer, default: adam({ learningRate: 0.002 }) },
  clip: { ...shared.clip, default: 5 },
  labelSmoothing: { ...rate, default: 0, needs: { output: ["softmax"] } },
} as const satisfies RowsOf<TaggerOptions>;
