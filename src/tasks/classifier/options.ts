/**
 * What a classifier is trained with: the options, and the row of each. What differs by the data, differs by the facts that
 * `data` names (texts, series or vectors) and `labels` (one label each, or several labels).
 */
import { gru } from "../../cell/catalogue/gru/gru.js";
import type { Cell } from "../../cell/cell.js";
import type { LabelledExample } from "../../data/index.js";
import type { Direction, Pooling, Zoneout } from "../../nn/index.js";
import type { RowsOf } from "../../options/row.js";
import { adam } from "../../train/step/optimizers.js";
import { cell, flag, rate, sizes, trainingRows, whole } from "../shared/options.js";
import type { TaskTraining } from "../task.js";
import type { Classifier } from "./model.js";

/**
 * What training a classifier takes. Only `train` is needed; how it is trained stands in TaskTraining, with the defaults of
 * `classifierRows`.
 */
export interface ClassifierOptions extends TaskTraining {
  /** Texts, series or vectors, with one label each or with lists of labels. */
  readonly train: readonly LabelledExample[];
  /** Chooses the best epoch. Default: a seeded tenth of `train` is held back for it. */
  readonly valid?: readonly LabelledExample[];
  /** A cell of the catalogue or your own; default `gru`, the notes'. */
  readonly cell?: Cell;
  /** Hidden units of each recurrent layer; one number per layer. Default [64]. */
  readonly units?: readonly number[];
  /** Direction in which the layers read; default "both". Not for vectors. */
  readonly direction?: Direction;
  /** Features per word; default 64. For texts. */
  readonly embedding?: number;
  /** Dropout on the embedding, between layers and before the output; default 0.5. */
  readonly dropout?: number;
  /** Share of words left out in training, each by chance; default 0. For texts. */
  readonly wordDropout?: number;
  /** Share of the states that recurrent products do not see in training, the same at all steps of a text; default 0.
   * Not for vectors. */
  readonly recurrentDropout?: number;
  /** How likely a state keeps its old value at a step: one number, or numbers by state; default 0. Not for vectors. */
  readonly zoneout?: Zoneout;
  /** From steps to one vector; default "max". Not for vectors. */
  readonly pooling?: Pooling;
  /** A word counts as known if it occurs so often in the training texts; default 2. For texts. */
  readonly minimumCount?: number;
  /** Names of a vector's numbers, by which columns of a table are found again. Default: none. For vectors. */
  readonly features?: readonly string[];
  /** Share of a target's weight that is spread over all labels; default 0. */
  readonly labelSmoothing?: number;
  /** How much an example counts in training, by its label; default 1 each. Not where there are several labels. */
  readonly labelWeights?: Readonly<Record<string, number>>;
  /** A classifier to train further, on new data: its network, weights, vocabulary and labels are kept. Default: a new one. */
  readonly from?: Classifier;
  /** With `from`: words of the new data join the vocabulary, and start as what an unknown word is. Default false. */
  readonly extendVocabulary?: boolean;
}

/** Settled by a model that is trained further. */
const isNew = { from: false } as const;
const ofTexts = { from: false, data: ["texts"] } as const;
/** A vector is one step: nothing recurs. */
const ofSteps = { from: false, data: ["texts", "series"] } as const;

/** The rows. */
export const classifierRows = {
  ...trainingRows,
  train: { kind: "data", required: true },
  valid: { kind: "data" },
  cell: { ...cell, default: gru, needs: isNew },
  units: { ...sizes, default: [64], needs: isNew },
  direction: {
    kind: "name",
    names: ["both", "forward", "reverse"],
    default: "both",
    by: "data",
    defaults: { vectors: "forward" },
    needs: ofSteps,
  },
  embedding: { ...whole, default: 64, needs: ofTexts },
  dropout: { ...rate, default: 0.5, needs: isNew },
  wordDropout: { ...rate, default: 0, needs: ofTexts },
  recurrentDropout: { ...rate, default: 0, needs: ofSteps },
  zoneout: {
    kind: "either",
    of: [rate, { kind: "object", what: "numbers by state" }],
    default: 0,
    needs: ofSteps,
  },
  pooling: {
    kind: "name",
    names: ["last", "mean", "max", "meanMax", "attention"],
    default: "max",
    by: "data",
    defaults: { vectors: "last" },
    needs: ofSteps,
  },
  minimumCount: { ...whole, default: 2, needs: { data: ["texts"], words: ["new words"] } },
  features: { kind: "list", of: { kind: "text" }, needs: { from: false, data: ["vectors"] } },
  epochs: { ...trainingRows.epochs, default: 12, by: "data", defaults: { series: 30, vectors: 60 } },
  batchSize: { ...trainingRows.batchSize, by: "data", defaults: { series: 8 } },
  optimizer: { ...trainingRows.optimizer, default: adam({ learningRate: 0.002 }) },
  clip: { ...trainingRows.clip, default: 1 },
  labelSmoothing: { ...rate, default: 0 },
  labelWeights: { kind: "object", what: "numbers by label", needs: { labels: ["one label each"] } },
  from: { kind: "object", what: "a classifier" },
  extendVocabulary: { ...flag, default: false, needs: { from: true, data: ["texts"] } },
} as const satisfies RowsOf<ClassifierOptions>;
