/**
 * `unrolled/tasks`: what people come for, each with the verbs train, evaluate, predict, save and load.
 */
export {
  type Baseline,
  majorityBaseline,
  naiveBayesBaseline,
  nearestNeighbourBaseline,
} from "./baselines.js";
export { type ClassifierOptions, classifier } from "./classifier.js";
export type { Classification } from "./classifier-answers.js";
export type { BaselineScores } from "./classifier-baselines.js";
export type { ClassifierInput } from "./classifier-inputs.js";
export type { ClassifierMetrics, Judgement } from "./classifier-judge.js";
export type { Classifier, ClassifierEvaluation } from "./classifier-model.js";
export type { TrainingWorker, WorkerChoice } from "./in-worker.js";
export type { Insight, TaskTrace } from "./insight.js";
export type { Judged, Mistake } from "./mistakes.js";
export { type LegalTags, legalTags, schemeOf } from "./tag-scheme.js";
export { type TaggerOptions, tagger } from "./tagger.js";
export type { FoundSpan, TaggedExample, Tagger, TaggerEvaluation, Tagging } from "./tagger-model.js";
export type { TaskTraining } from "./training.js";
export {
  type TranslatorOptions,
  translator,
} from "./translator.js";
export type {
  Translated,
  Translation,
  TranslationPair,
  TranslationSearch,
  Translator,
  TranslatorEvaluation,
} from "./translator-model.js";
export type { Side, SideVocabulary, TranslationUnit } from "./translator-text.js";
