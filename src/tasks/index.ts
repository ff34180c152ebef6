/**
 * `unrolled/tasks`: the things that people want to do, each with the verbs train, evaluate, predict, save and load.
 */

export type { Answer, AnswerOptions } from "./answer.js";
export type { Classification } from "./classifier/answers.js";
export type { BaselineScores } from "./classifier/baselines.js";
export { classifier } from "./classifier/classifier.js";
export type { ClassifierInput } from "./classifier/inputs.js";
export type { ClassifierMetrics, Judgement } from "./classifier/judge.js";
export type { Classifier, ClassifierEvaluation } from "./classifier/model.js";
export type { ClassifierOptions } from "./classifier/options.js";
export type { ForecasterInput } from "./forecaster/answering.js";
export type { BaselineName } from "./forecaster/baselines.js";
export { forecaster } from "./forecaster/forecaster.js";
export type { ForecastEvaluation, ForecastMetrics } from "./forecaster/judge.js";
export type { ForecastWindow } from "./forecaster/look.js";
export type { Forecast, Forecaster } from "./forecaster/model.js";
export type { ForecasterOptions, ForecastNetworkOptions, SettingOptions } from "./forecaster/options.js";
export type { EvaluatedSeries } from "./forecaster/places.js";
export {
  type CalendarCycle,
  type ForecastMode,
  type ForecastSettings,
  forecastModes,
  type SeriesParts,
  type StaticColumn,
  type WindowLevel,
  windowLevels,
} from "./forecaster/settings.js";
export type { EventRequest } from "./generator/events/answering.js";
export type {
  EventEvaluation,
  EventGenerator,
  GeneratedEvents,
  Performed,
} from "./generator/events/model.js";
export type { EventGeneratorOptions } from "./generator/events/options.js";
export type { EventOptions, EventState, EventStream } from "./generator/events/stream.js";
export { generator, type OpenGenerator } from "./generator/generator.js";
export type { NoteRequest } from "./generator/notes/answering.js";
export { type MusicBaselines, musicBaselines, type StepLoss } from "./generator/notes/baselines.js";
export type { GeneratedNotes, NoteEvaluation, NoteFacts, NoteGenerator } from "./generator/notes/model.js";
export type { NoteGeneratorOptions } from "./generator/notes/options.js";
export type { NoteOutput } from "./generator/notes/output.js";
export {
  type MusicDistance,
  type MusicStatistics,
  musicDistance,
  musicStatistics,
} from "./generator/notes/statistics.js";
export type { NoteOptions, NoteState, NoteStream } from "./generator/notes/stream.js";
export type { GeneratorUnit } from "./generator/options.js";
export type { CopiedText, NGramScore } from "./generator/text/judge.js";
export type {
  GeneratedText,
  GeneratorData,
  GeneratorEvaluation,
  GeneratorKind,
  GeneratorLine,
  TextGenerator,
} from "./generator/text/model.js";
export type { TextGeneratorOptions } from "./generator/text/options.js";
export type {
  Ended,
  GeneratedToken,
  GenerateOptions,
  GeneratorState,
  TextStream,
} from "./generator/text/stream.js";
export { type TextTokens, type TextUnit, textUnits } from "./generator/text/tokens.js";
export {
  type NetworkEvaluation,
  type PlainNetwork,
  plainNetwork,
  type SequenceOutput,
} from "./network/model.js";
export type { SequenceExample, SequenceInput } from "./network/sequences.js";
export {
  type AnyInput,
  type AnyModel,
  type OpenedModel,
  type OpenOptions,
  openModel,
  type TaskName,
  taskNames,
  taskOf,
} from "./open.js";
export {
  type Baseline,
  majorityBaseline,
  naiveBayesBaseline,
  nearestNeighbourBaseline,
} from "./shared/baselines.js";
export { type Insight, insightOf, type ReadInput, type TaskTrace } from "./shared/insight.js";
export type { Judged, Mistake } from "./shared/mistakes.js";
export type { FoundSpan, TaggedExample, Tagger, TaggerEvaluation, Tagging } from "./tagger/model.js";
export type { TaggerOptions } from "./tagger/options.js";
export type { TagNotation } from "./tagger/tag-notation.js";
export { type LegalTags, legalTags, schemeOf, type TagReading, type TagSlip } from "./tagger/tag-scheme.js";
export { tagger } from "./tagger/tagger.js";
export type { TaskTraining } from "./task.js";
export type {
  Translated,
  Translation,
  TranslationPair,
  TranslationSearch,
  Translator,
  TranslatorEvaluation,
} from "./translator/model.js";
export type { TranslatorOptions } from "./translator/options.js";
export type { Side, SideVocabulary, TranslationUnit } from "./translator/text.js";
export { translator } from "./translator/translator.js";
export type { TrainingWorker, WorkerChoice } from "./worker/choice.js";
