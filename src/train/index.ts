/**
 * `unrolled/train`: optimisers, the training step as one plan, and metrics.
 */
export { type Adam, type Optimizer, type OptimizerRow, type RmsProp, type Sgd, type UpdateScope } from "./optimizers.js";
export { adam, adamW, optimizers, optimizerRow, rmsProp, sgd } from "./optimizers.js";
export { type TrainingPlanOptions, trainingNames, trainingPlan } from "./plan.js";
export { type StepReport, type Trainer, type TrainerOptions, batchLengths, createTrainer } from "./trainer.js";
export { type FitOptions, type FitResult, type Progress, fit } from "./fit.js";
export { type BootstrapOptions, type ClassificationMetricName, type ClassificationResult, type Interval, type Metric } from "./metrics.js";
export { bootstrapInterval, classificationMetrics, classificationReport, confusion, hits } from "./metrics.js";
