/**
 * What a translator is trained with: the options, and the row of each.
 */
import { gru } from "../../cell/catalogue/gru/gru.js";
import type { Cell } from "../../cell/cell.js";
import type { DecoderOptions } from "../../nn/index.js";
import type { RowsOf } from "../../options/row.js";
import { adam } from "../../train/step/optimizers.js";
import { cell, flag, mostLayers, rate, trainingRows, whole } from "../shared/options.js";
import type { TaskTraining } from "../task.js";
import type { TranslationPair } from "./model.js";
import type { TranslationUnit } from "./text.js";

/**
 * What training a translator takes. Only `train` is needed; how it is trained stands in TaskTraining, with the defaults of
 * `translatorRows`. The decoder looks at the whole source, so there is no `recompute`.
 */
export interface TranslatorOptions extends Omit<TaskTraining, "recompute"> {
  readonly train: readonly TranslationPair[];
  /** Chooses the best epoch, by its perplexity. Default: a seeded tenth of `train` is held back for it. */
  readonly valid?: readonly TranslationPair[];
  /** A cell of the catalogue or your own, for encoder and decoder; default `gru`, the notes'. */
  readonly cell?: Cell;
  /** Hidden units of the decoder, and of the encoder in each direction; default 256. */
  readonly units?: number;
  /** Recurrent layers of the encoder, and of the decoder; default 1. */
  readonly layers?: number;
  /** Features per token; default 256. */
  readonly embedding?: number;
  /** How the decoder looks at the source; default "additive". */
  readonly attention?: NonNullable<DecoderOptions["attention"]>;
  /** What the decoder made of one step goes into the next; default true, where there is attention. */
  readonly inputFeeding?: boolean;
  /** One table for the target's tokens as they are read and as they are written; default true. */
  readonly tied?: boolean;
  /** Dropout on embeddings, between layers and before the output; default 0.3. */
  readonly dropout?: number;
  /** What texts are cut into; default "subword". */
  readonly unit?: TranslationUnit;
  /** Most tokens of each side's vocabulary; default 5,000. */
  readonly vocabularySize?: number;
  /** Share of a target's weight that is spread over all tokens; default 0.1. */
  readonly labelSmoothing?: number;
}

const { recompute: _, ...shared } = trainingRows;

/** The rows. */
export const translatorRows = {
  ...shared,
  train: { kind: "data", required: true },
  valid: { kind: "data" },
  cell: { ...cell, default: gru },
  units: { ...whole, default: 256 },
  layers: { ...whole, most: mostLayers, default: 1 },
  embedding: { ...whole, default: 256 },
  attention: { kind: "name", names: ["additive", "general", "none"], default: "additive" },
  inputFeeding: {
    ...flag,
    default: true,
    by: "attention",
    defaults: { none: false },
    needs: { attention: ["additive", "general"] },
  },
  tied: { ...flag, default: true },
  dropout: { ...rate, default: 0.3 },
  unit: { kind: "name", names: ["subword", "word"], default: "subword" },
  vocabularySize: { kind: "whole", least: 10, default: 5000 },
  epochs: { ...shared.epochs, default: 10 },
  // Of its own, although it is that of every training: what is learned here was measured with it.
  batchSize: { ...shared.batchSize, default: 32 },
  optimizer: { ...shared.optimizer, default: adam({ learningRate: 0.001 }) },
  clip: { ...shared.clip, default: 1 },
  labelSmoothing: { ...rate, default: 0.1 },
} as const satisfies RowsOf<TranslatorOptions>;
