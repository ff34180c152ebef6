/**
 * `unrolled/train`: optimisers and schedules, the training step as one plan, training that can be stopped and go on,
 * and metrics.
 */

export { type BatchSource, type LaneOptions, laneBatches, shuffledBatches } from "./batches.js";
export { type Finding, type FindingCause, TrainingError, type TrainingErrorFacts } from "./errors.js";
export { fit, type TrainedNetwork } from "./fit.js";
export {
  type BleuOptions,
  type BleuScore,
  type BootstrapOptions,
  bitsPerCharacter,
  bleu,
  bleuOfStatistics,
  bleuSignature,
  bleuStatistics,
  bootstrapInterval,
  bootstrapStatistic,
  brierScore,
  type CalibrationResult,
  type CharacterLikelihood,
  type ChrfOptions,
  type ClassificationMetricName,
  type ClassificationResult,
  calibrationError,
  chrf,
  chrfOfStatistics,
  chrfSignature,
  chrfStatistics,
  classificationMetrics,
  classificationReport,
  confusion,
  decodeSpans,
  type EntityReport,
  encodeSpans,
  entityReport,
  entityStatistics,
  exactMatches,
  type ForecastResult,
  f1OfStatistics,
  hits,
  type Interval,
  type Metric,
  type MetricName,
  mae,
  mase,
  metrics,
  mse,
  nllPerCharacter,
  nllPerStep,
  type ProbabilityResult,
  perplexity,
  pinball,
  type QuantileResult,
  type ReliabilityBin,
  reliability,
  type Scale,
  type ScaledForecastResult,
  type SkillResult,
  type Smoothing,
  type Span,
  type SpanCounts,
  type SpanReading,
  type SpanScheme,
  type SpanScores,
  type StepLikelihood,
  sentenceBleu,
  sentenceChrf,
  skill,
  spanCounts,
  spanScores,
  type TaggingResult,
  type TextResult,
  type TokenizerName,
  type TokenLikelihood,
  tokenize,
} from "./metrics/index.js";
export type { NetworkModel, NetworkOutput } from "./network-model.js";
export {
  type BestSoFar,
  type Checkpoint,
  type RunPosition,
  readCheckpoint,
  writeCheckpoint,
} from "./run/checkpoint.js";
export { bestName, type Checkpointing, type CheckpointStore, newestCheckpoint } from "./run/checkpointing.js";
export { type TrainingControl, trainingControl } from "./run/control.js";
export type { FitOptions, FitReport, FitSettings } from "./run/options.js";
export type { Progress } from "./run/progress.js";
export type { ExampleValidation, TextValidation, Validation } from "./run/validation.js";
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
export { type GradientCut, gradientCuts } from "./step/cuts.js";
export { gradientName, gradientPlan } from "./step/gradients.js";
export { type EstimatedTraining, estimateMemory, type MemoryEstimate } from "./step/memory.js";
export { trainingNames } from "./step/names.js";
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
} from "./step/optimizers.js";
export { trainingPlan } from "./step/plan.js";
export { createSplitTrainer, createTrainer } from "./step/trainer.js";
export { updatePlan } from "./step/update.js";
export type {
  FinalGradients,
  GradientBuffer,
  SplitTrainer,
  StepReport,
  StepSums,
  Trainer,
  TrainerMaker,
  TrainerOptions,
  TrainerState,
} from "./trainer.js";
