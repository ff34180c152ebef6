// What the package publishes of data: sources, readers, tokens, splits and batches. Files are opened by data/node.ts,
// which is a subpath of its own because browsers cannot load it.
export { type EpochBatchesOptions, epochBatches } from "./batches.js";
export type { ColumnName } from "./columns.js";
export { csvRows } from "./csv.js";
export { DataError, type DataProblem } from "./errors.js";
export {
  type ExampleColumns,
  type LabelledText,
  type ReadTextExamplesOptions,
  readTextExamples,
  readTexts,
  requireClasses,
  type TextExample,
  type TextExamples,
  type TextInput,
  type Texts,
} from "./examples.js";
export { type JsonRow, jsonlRows } from "./jsonl.js";
export { haveSeveral, type Labels, labelKey, type Place } from "./labels.js";
export { readMidi } from "./music/midi-read.js";
export { writeMidi } from "./music/midi-write.js";
export { noteName, noteNumber, parseSteps, stepsText } from "./music/note-names.js";
export {
  decodePerformance,
  encodePerformance,
  type Performance,
  performanceToken,
  performanceTokens,
} from "./music/performance.js";
export {
  defaultTempo,
  drumChannel,
  type MusicNote,
  type Piece,
  pieceEnd,
  type TempoChange,
  type TempoMap,
  tempoMap,
} from "./music/piece.js";
export {
  pianoKeys,
  pieceRoll,
  type Roll,
  type RollOfPiece,
  type RollPieceOptions,
  rollPiece,
} from "./music/roll.js";
export { type RollParts, readRolls } from "./music/roll-json.js";
export { pianoRollPicture, type RollPictureOptions } from "./music/roll-picture.js";
export { type ParallelPair, type ParallelPairs, readParallel } from "./parallel.js";
export {
  type Conflict,
  type DataQuality,
  dataQuality,
  type KeyedExample,
  labelConflicts,
  type Overlap,
  overlap,
} from "./quality.js";
export {
  type Examples,
  exampleFormats,
  type Inputs,
  type LabelledExample,
  plurals,
  type ReadExamplesOptions,
  readExamples,
  readInputs,
  type SeriesInput,
} from "./read-examples.js";
export type { Row } from "./row.js";
export { fitScaler, type Scaler, scaled, scalerFromJson } from "./scaler.js";
export type { LabelledSeries, Series, SeriesExample } from "./series.js";
export {
  bytesSource,
  type Line,
  lines,
  readBytes,
  readText,
  type Source,
  textPieces,
  textSource,
} from "./source.js";
export {
  type HeldOut,
  type HoldOut,
  heldOut,
  type Range,
  splitByPosition,
  splitBySeed,
  stratifiedHoldOut,
} from "./split.js";
export {
  type BuildSubwordsOptions,
  buildSubwords,
  decodeSubwords,
  encodeSubwords,
  type Subwords,
  subwordEncoder,
  subwordsFromJson,
} from "./subwords.js";
export { type TableFormatName, tableFormatOf, tableFormats } from "./table.js";
export {
  isTaggedName,
  readTagged,
  type TaggedFormat,
  type TaggedOptions,
  type TaggedSentence,
  type TaggedSentences,
  taggedFormats,
} from "./tagged.js";
export {
  formatTime,
  parseTime,
  seasonOf,
  stepsBetween,
  stepText,
  type TimeParts,
  type TimeStep,
  timeAfter,
  timeParts,
} from "./time.js";
export { rowTime, type TimeSeries, type TimeSeriesParts, timeSeries } from "./time-series.js";
export { readTimeTable, type TimeTable, type TimeTableOptions } from "./time-tables.js";
export { type WordTokensOptions, wordTokens } from "./tokenise.js";
export { tsvRows } from "./tsv.js";
export type { LabelledVector, Vector, VectorColumns, VectorExample } from "./vectors.js";
export {
  type BuildVocabularyOptions,
  buildVocabulary,
  decode,
  encode,
  extendedVocabulary,
  unknownToken,
  type Vocabulary,
  vocabularyFromJson,
} from "./vocabulary.js";
export { wordShape, wordShapeWidth } from "./word-shape.js";
