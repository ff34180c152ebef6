/**
 * `unrolled/tasks`: what people come for, each with the verbs train, evaluate, predict, save and load.
 */

export type { Classification } from "./classifier/answers.js";
export type { BaselineScores } from "./classifier/baselines.js";
export { type ClassifierOptions, classifier } from "./classifier/classifier.js";
export type { ClassifierInput } from "./classifier/inputs.js";
export type { ClassifierMetrics, Judgement } from "./classifier/judge.js";
export type { Classifier, ClassifierEvaluation } from "./classifier/model.js";
export type { BaselineName } from "./forecaster/baselines.js";
export type { ForecastNetworkOptions } from "./forecaster/direct.js";
export {
  type CalendarCycle,
  type ForecastMode,
  type ForecastSettings,
  forecastModes,
  type SeriesParts,
  type StaticColumn,
  type WindowLevel,
  windowLevels,
} from "./forecaster/forecast-settings.js";
export { type ForecasterOptions, forecaster } from "./forecaster/forecaster.js";
export type { ForecastEvaluation, ForecastMetrics } from "./forecaster/judge.js";
export type { ForecastWindow } from "./forecaster/look.js";
export type { Forecast, Forecaster } from "./forecaster/model.js";
export type { EvaluatedSeries } from "./forecaster/places.js";
export type { SettingOptions } from "./forecaster/settings.js";
export type {
  EventEvaluation,
  EventGenerator,
  GeneratedEvents,
  Performed,
} from "./generator/events/model.js";
export type { EventOptions, EventState, EventStream } from "./generator/events/stream.js";
export type { EventGeneratorOptions } from "./generator/events/training.js";
export { type GeneratorUnit, generator, type OpenGenerator } from "./generator/generator.js";
export { type MusicBaselines, musicBaselines, type StepLoss } from "./generator/notes/baselines.js";
export type { GeneratedNotes, NoteEvaluation, NoteFacts, NoteGenerator } from "./generator/notes/model.js";
export type { NoteOutput } from "./generator/notes/output.js";
export {
  type MusicDistance,
  type MusicStatistics,
  musicDistance,
  musicStatistics,
} from "./generator/notes/statistics.js";
export type { NoteOptions, NoteState, NoteStream } from "./generator/notes/stream.js";
export type { NoteGeneratorOptions } from "./generator/notes/training.js";
export type { CopiedText, NGramScore } from "./generator/text/judge.js";
export type {
  GeneratedText,
  GeneratorData,
  GeneratorEvaluation,
  GeneratorKind,
  GeneratorLine,
  TextGenerator,
} from "./generator/text/model.js";
export type {
  Ended,
  GeneratedToken,
  GenerateOptions,
  GeneratorState,
  TextStream,
} from "./generator/text/stream.js";
export { type TextTokens, type TextUnit, textUnits } from "./generator/text/tokens.js";
export type { TextGeneratorOptions } from "./generator/text/training.js";
export {
  type Baseline,
  majorityBaseline,
  naiveBayesBaseline,
  nearestNeighbourBaseline,
} from "./shared/baselines.js";
export { type Insight, insightOf, type ReadInput, type TaskTrace } from "./shared/insight.js";
export type { Judged, Mistake } from "./shared/mistakes.js";
export type { FoundSpan, TaggedExample, Tagger, TaggerEvaluation, Tagging } from "./tagger/model.js";
export { type LegalTags, legalTags, schemeOf } from "./tagger/tag-scheme.js";
export { type TaggerOptions, tagger } from "./tagger/tagger.js";
export type { TaskTraining } from "./task.js";
export type {
  Translated,
  Translation,
  TranslationPair,
  TranslationSearch,
  Translator,
  TranslatorEvaluation,
} from "./translator/model.js";
export type { Side, SideVocabulary, TranslationUnit } from "./translator/text.js";
export {
  type TranslatorOptions,
  translator,
} from "./translator/translator.js";
export type { TrainingWorker, WorkerChoice } from "./worker/choice.js";
