/**
 * The rows of the options that shape any training: those of `fit` that are no network and no data. Tasks add to them, and
 * have defaults of their own.
 */
import type { RowsOf } from "../options/row.js";
import type { FitOptions } from "./run/options.js";
import type { TrainerOptions } from "./trainer.js";

/** The rows. */
export const fitRows = {
  epochs: { kind: "whole", needs: { steps: false, minutes: false } },
  steps: { kind: "whole", needs: { epochs: false, minutes: false } },
  minutes: { kind: "number", above: 0, needs: { epochs: false, steps: false } },
  fixedAt: { kind: "whole", least: 0, needs: { steps: true } },
  patience: { kind: "whole" },
  batchSize: { kind: "whole", default: 32 },
  accumulate: { kind: "whole", default: 1 },
  recompute: { kind: "whole" },
  optimizer: { kind: "object", what: "an optimiser, as adam() gives one" },
  schedule: { kind: "object", what: "a schedule, as cosine() gives one", default: { kind: "constant" } },
  average: { kind: "number", above: 0, below: 1 },
  clip: { kind: "number", above: 0 },
  clipValue: { kind: "number", above: 0 },
  groups: { kind: "data" },
  mostSkipped: { kind: "whole", default: 1 },
  seed: { kind: "whole", least: 0, most: 2 ** 32 - 1, default: 1 },
  memoryLimit: { kind: "number", above: 0 },
  resume: { kind: "object", what: "the bytes of a checkpoint" },
  anyTier: { kind: "flag", default: false, needs: { resume: true } },
  onMemory: { kind: "function" },
  onWeights: { kind: "function" },
  onProgress: { kind: "function" },
  control: { kind: "object", what: "what trainingControl() gives" },
  signal: { kind: "object", what: "an AbortSignal" },
} as const satisfies RowsOf<Pick<FitOptions, SharedOption>>;

/** The options of `fit` that tasks hand on. */
export type SharedOption =
  | ("epochs" | "steps" | "minutes" | "fixedAt" | "patience" | "batchSize" | "accumulate" | "recompute")
  | ("optimizer" | "schedule" | "average" | "clip" | "clipValue" | "groups" | "mostSkipped" | "seed")
  | ("memoryLimit" | "resume" | "anyTier" | "onMemory" | "onWeights" | "onProgress" | "control" | "signal");

/** The rows of the options of a trainer, which is told what `fit` reads off the data. */
export const trainerRows = {
  optimizer: { ...fitRows.optimizer, required: true },
  schedule: fitRows.schedule,
  clip: fitRows.clip,
  clipValue: fitRows.clipValue,
  groups: fitRows.groups,
  accumulate: fitRows.accumulate,
  recompute: fitRows.recompute,
  average: fitRows.average,
  labelSmoothing: { kind: "number", least: 0, below: 1, default: 0 },
  classWeights: { kind: "data" },
  sampleWeights: { kind: "flag", default: false },
  carry: { kind: "flag", default: false },
  seed: { ...fitRows.seed, default: 0 },
  batches: { kind: "data", required: true },
  steps: { kind: "whole" },
} as const satisfies RowsOf<TrainerOptions>;

/** The rows of all options of `fit`. `data` tells examples and one long text apart. */
export const fitOptionRows = {
  ...fitRows,
  train: { kind: "data", required: true },
  valid: { kind: "data" },
  batchSize: { ...fitRows.batchSize, needs: { data: ["examples"] } },
  bptt: {
    kind: "object",
    what: "lanes and their steps: { lanes: 32, steps: 64 }",
    needs: { data: ["one long text"] },
  },
  parameters: {
    kind: "either",
    of: [{ kind: "object", what: "parameters, as initialParameters() gives them" }, { kind: "function" }],
  },
  executor: { kind: "object", what: "an executor or a session" },
  threads: { kind: "whole", most: 64, default: 1, needs: { executor: false } },
  trainer: { kind: "function" },
  labelSmoothing: trainerRows.labelSmoothing,
  classWeights: trainerRows.classWeights,
  exampleName: { kind: "function" },
  checkpoints: { kind: "object", what: "where checkpoints go: { store }" },
} as const satisfies RowsOf<FitOptions>;
