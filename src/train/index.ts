/**
 * `unrolled/train`: optimisers and schedules, the training step as one plan, training that can be stopped and go on,
 * and metrics.
 */

export { type BatchSource, type LaneOptions, laneBatches, shuffledBatches } from "./batches.js";
export {
  type BestSoFar,
  type Checkpoint,
  type RunPosition,
  readCheckpoint,
  writeCheckpoint,
} from "./checkpoint.js";
export { bestName, type Checkpointing, type CheckpointStore, newestCheckpoint } from "./checkpointing.js";
export { type TrainingControl, trainingControl } from "./control.js";
export { TrainingError } from "./errors.js";
export { type FitOptions, type FitResult, fit } from "./fit.js";
export { estimateMemory, type MemoryEstimate } from "./memory.js";
export {
  type BootstrapOptions,
  bootstrapInterval,
  type ClassificationMetricName,
  type ClassificationResult,
  classificationMetrics,
  classificationReport,
  confusion,
  hits,
  type Interval,
  type Metric,
} from "./metrics.js";
export {
  type Adam,
  adam,
  adamW,
  type Optimizer,
  type OptimizerRow,
  optimizerRow,
  optimizers,
  type RmsProp,
  rmsProp,
  type Sgd,
  sgd,
  type UpdateScope,
} from "./optimizers.js";
export { trainingNames, trainingPlan } from "./plan.js";
export type { Progress } from "./run.js";
export {
  type Constant,
  type Cosine,
  constant,
  cosine,
  type Plateau,
  plateau,
  type Schedule,
  type ScheduleMemory,
  type SchedulePlace,
  type StepDecay,
  scheduleFactor,
  stepDecay,
  type WarmUp,
  warmUp,
} from "./schedules.js";
export type { ParameterGroup, TrainingSettings } from "./settings.js";
export {
  batchLengths,
  createTrainer,
  type StepReport,
  type Trainer,
  type TrainerOptions,
  type TrainerState,
} from "./trainer.js";
