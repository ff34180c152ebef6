/** A step of training that was not finite, and what is known of it before anybody looks into it. */
import type { Example, Network } from "../../nn/index.js";
import type { TrainingSettings } from "../settings.js";
import type { WeightSizes } from "../step/weight-sizes.js";
import type { StepReport, Trainer } from "../trainer.js";

/** A step that changed nothing, and what is known of the run up to it. */
export interface FailedStep {
  readonly report: StepReport;
  readonly batch: readonly Example[];
  /** The last steps before it that changed the weights, oldest first. */
  readonly recent: readonly StepReport[];
  /** Largest number of each parameter when the run began and when this epoch did. */
  readonly weights: { readonly atStart: WeightSizes; readonly atEpoch: WeightSizes };
  /** What an example is called in messages: "train.tsv:13". */
  readonly nameOf: (example: Example) => string;
}

/** Where the step was made. */
export interface Scene {
  readonly net: Network;
  readonly settings: TrainingSettings;
  readonly seed: number;
  /** It is left as it was. */
  readonly trainer: Trainer;
}
