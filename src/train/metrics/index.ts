/**
 * The metrics: classification, calibration, entities, texts, likelihoods and forecasts, with bootstrap intervals.
 */

export {
  type BleuOptions,
  type BleuScore,
  bleu,
  bleuOfStatistics,
  bleuSignature,
  bleuStatistics,
  type Smoothing,
  sentenceBleu,
} from "./bleu.js";
export { type BootstrapOptions, bootstrapInterval, bootstrapStatistic, type Interval } from "./bootstrap.js";
export {
  brierScore,
  type CalibrationResult,
  calibrationError,
  type ProbabilityResult,
  type ReliabilityBin,
  reliability,
} from "./calibration.js";
export {
  type ChrfOptions,
  chrf,
  chrfOfStatistics,
  chrfSignature,
  chrfStatistics,
  sentenceChrf,
} from "./chrf.js";
export {
  type ClassificationMetricName,
  type ClassificationResult,
  classificationMetrics,
  classificationReport,
  confusion,
  hits,
} from "./classification.js";
export {
  type EntityReport,
  entityReport,
  entityStatistics,
  f1OfStatistics,
  type SpanCounts,
  type SpanScores,
  spanCounts,
  spanScores,
  type TaggingResult,
} from "./entities.js";
export {
  type ForecastResult,
  mae,
  mase,
  mse,
  pinball,
  type QuantileResult,
  type ScaledForecastResult,
  type SkillResult,
  skill,
} from "./forecast.js";
export {
  bitsPerCharacter,
  type CharacterLikelihood,
  nllPerCharacter,
  nllPerStep,
  perplexity,
  type StepLikelihood,
  type TokenLikelihood,
} from "./likelihood.js";
export type { Metric, Scale } from "./metric.js";
export {
  exampleCounts,
  f1OfCounts,
  type LabelCounts,
  labelCounts,
  type MultiLabelResult,
  multiLabelMetrics,
  multiLabelReport,
} from "./multilabel.js";
export { decodeSpans, encodeSpans, type Span, type SpanReading, type SpanScheme } from "./spans.js";
export { type MetricName, metrics } from "./table.js";
export { exactMatches, type TextResult } from "./text.js";
export { type TokenizerName, tokenize } from "./tokenizers.js";
