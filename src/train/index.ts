/**
 * `unrolled/train`: optimisers, the training step as one plan, and metrics.
 */

export { type FitOptions, type FitResult, fit, type Progress } from "./fit.js";
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
export { type TrainingPlanOptions, trainingNames, trainingPlan } from "./plan.js";
export {
  batchLengths,
  createTrainer,
  type StepReport,
  type Trainer,
  type TrainerOptions,
} from "./trainer.js";
