/**
 * `unrolled/train`: optimisers, the training step as one plan, and metrics.
 */
export { type Adam, type Optimizer, type OptimizerRow, type RmsProp, type Sgd, type UpdateScope } from "./optimizers.js";
export { adam, adamW, optimizers, optimizerRow, rmsProp, sgd } from "./optimizers.js";
export { type TrainingPlanOptions, trainingNames, trainingPlan } from "./plan.js";
export { type StepReport, type Trainer, type TrainerOptions, batchLengths, createTrainer } from "./trainer.js";
