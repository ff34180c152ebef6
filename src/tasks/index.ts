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
export type { EventEvaluation, EventGenerator, GeneratedEvents, Performed } from "./event-model.js";
export type { EventOptions, EventState, EventStream } from "./event-stream.js";
export type { EventGeneratorOptions } from "./event-training.js";
export { type ForecasterOptions, forecaster } from "./forecaster.js";
export type { BaselineName } from "./forecaster-baselines.js";
export type { ForecastNetworkOptions } from "./forecaster-direct.js";
export type { ForecastEvaluation, ForecastMetrics } from "./forecaster-judge.js";
export type { ForecastWindow } from "./forecaster-look.js";
export type { Forecast, Forecaster } from "./forecaster-model.js";
export type { EvaluatedSeries } from "./forecaster-places.js";
export {
  type CalendarCycle,
  type ForecastMode,
  type ForecastSettings,
  forecastModes,
  type SeriesParts,
  type SettingOptions,
  type StaticColumn,
  type WindowLevel,
  windowLevels,
} from "./forecaster-settings.js";
export type { TextGeneratorOptions } from "./generator.js";
export type { CopiedText, NGramScore } from "./generator-judge.js";
export type {
  GeneratedText,
  GeneratorData,
  GeneratorEvaluation,
  GeneratorKind,
  GeneratorLine,
  TextGenerator,
} from "./generator-model.js";
export type {
  Ended,
  GeneratedToken,
  GenerateOptions,
  GeneratorState,
  TextStream,
} from "./generator-stream.js";
export { type TextTokens, type TextUnit, textUnits } from "./generator-text.js";
export { type GeneratorUnit, generator, type OpenGenerator } from "./generators.js";
export type { TrainingWorker, WorkerChoice } from "./in-worker.js";
export { type Insight, insightOf, type ReadInput, type TaskTrace } from "./insight.js";
export type { Judged, Mistake } from "./mistakes.js";
export { type MusicBaselines, musicBaselines, type StepLoss } from "./music-baselines.js";
export {
  type MusicDistance,
  type MusicStatistics,
  musicDistance,
  musicStatistics,
} from "./music-statistics.js";
export type { GeneratedNotes, NoteEvaluation, NoteFacts, NoteGenerator } from "./note-model.js";
export type { NoteOutput } from "./note-output.js";
export type { NoteOptions, NoteState, NoteStream } from "./note-stream.js";
export type { NoteGeneratorOptions } from "./note-training.js";
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
