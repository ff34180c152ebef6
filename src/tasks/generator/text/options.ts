/**
 * What a generator of texts is trained with: the options, and the row of each. What differs by the data, differs by the
 * fact `data`: "one long text", or "lines".
 */
import { gru } from "../../../cell/catalogue/gru/gru.js";
import type { Cell } from "../../../cell/cell.js";
import type { RowsOf } from "../../../options/row.js";
import { cosine } from "../../../train/schedules.js";
import { adam } from "../../../train/step/optimizers.js";
import { cell, flag, rate, sizes, trainingRows, whole } from "../../shared/options.js";
import type { TaskTraining } from "../../task.js";
import type { GeneratorData } from "./model.js";
import { type TextUnit, textUnits } from "./tokens.js";

/**
 * What training a generator of texts takes. Only `train` is needed; how it is trained stands in TaskTraining, with the
 * defaults of `textRows`. `batchSize` is the number of lanes in which one long text is read, or that of lines per step.
 */
export interface TextGeneratorOptions extends TaskTraining {
  /** One long text, or texts that are sequences of their own, all of them with a label or none. */
  readonly train: GeneratorData;
  /** Chooses the best epoch. Default: the last tenth of one long text, or a seeded tenth of lines, is held back for it. */
  readonly valid?: GeneratorData;
  /** What texts are cut into; default "character". */
  readonly unit?: TextUnit;
  /** Most tokens of the vocabulary; default 2,000 subwords, otherwise all. */
  readonly vocabularySize?: number;
  /** How often a token has to occur to be known; default 1 for characters, otherwise 2. */
  readonly minimumCount?: number;
  /** A cell of the catalogue or your own; default `gru`, the notes'. */
  readonly cell?: Cell;
  /** Hidden units of each recurrent layer; default [256]. */
  readonly units?: readonly number[];
  /**
   * Features per token; 0: tokens go in as one-hot vectors, which costs nothing. Default: 0 for characters, otherwise as many
   * as the last layer has units.
   */
  readonly embedding?: number;
  /** One table for tokens as they are read and as they are written; default true, where there is an embedding. */
  readonly tied?: boolean;
  /** Dropout on embeddings, between layers and before the output; default 0.1. */
  readonly dropout?: number;
  /** Share of the states that recurrent products do not see in training, the same at all steps of a batch; default 0. */
  readonly recurrentDropout?: number;
  /** Steps over which gradients flow back in one long text, and after which weights are updated; default 32. */
  readonly bptt?: number;
}

/** The rows. */
export const textRows = {
  ...trainingRows,
  train: { kind: "data", required: true },
  valid: { kind: "data" },
  unit: { kind: "name", names: textUnits, default: "character" },
  vocabularySize: { kind: "whole", least: 2, by: "unit", defaults: { subword: 2000 } },
  minimumCount: { ...whole, default: 2, by: "unit", defaults: { character: 1 } },
  cell: { ...cell, default: gru },
  units: { ...sizes, default: [256] },
  embedding: { kind: "whole", least: 0, by: "unit", defaults: { character: 0 } },
  tied: {
    ...flag,
    default: true,
    by: "tokens",
    defaults: { "one-hot tokens": false },
    needs: { tokens: ["tokens with an {embedding}"] },
  },
  dropout: { ...rate, default: 0.1 },
  recurrentDropout: { ...rate, default: 0 },
  bptt: { ...whole, default: 32, needs: { data: ["one long text"] } },
  epochs: { ...trainingRows.epochs, default: 10, by: "data", defaults: { lines: 30 } },
  batchSize: { ...trainingRows.batchSize, default: 32 },
  optimizer: {
    ...trainingRows.optimizer,
    default: adam({ learningRate: 0.004 }),
    by: "data",
    defaults: { lines: adam({ learningRate: 0.005 }) },
  },
  schedule: { ...trainingRows.schedule, default: cosine() },
  // A loss is the sum over the steps.
  clip: { ...trainingRows.clip, by: "data", defaults: { lines: 5 }, derived: { share: 0.25 } },
} as const satisfies RowsOf<TextGeneratorOptions>;
