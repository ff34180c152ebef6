/**
 * What the package publishes of data: sources, readers, tokens, splits and batches. Files are opened by data/node.ts,
 * which has a separate subpath because browsers cannot load it.
 */

export { type EpochBatchesOptions, epochBatches } from "./batches.js";
export { DataError, type DataProblem } from "./errors.js";
export { readMidi, readMidiPieces } from "./music/midi-read.js";
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
export {
  type Conflict,
  type DataQuality,
  dataQuality,
  type KeyedExample,
  labelConflicts,
  type Overlap,
  overlap,
} from "./quality.js";
export { fitScaler, type Scaler, scaled, scalerFromJson } from "./series/scaler.js";
export type { LabelledSeries, Series, SeriesExample } from "./series/series.js";
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
} from "./series/time.js";
export type { TimeForm } from "./series/time-forms.js";
export {
  clockTime,
  elapsedColumn,
  rowTime,
  type SeriesClock,
  sameStep,
  type TimeSeries,
  type TimeSeriesParts,
  timeSeries,
} from "./series/time-series.js";
export { readTimeTable, type TimeTable, type TimeTableOptions } from "./series/time-tables.js";
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
export type { Streamed } from "./streamed.js";
export type { ColumnName } from "./tables/columns.js";
export { csvRows } from "./tables/csv.js";
export {
  type ExampleColumns,
  type LabelledText,
  type ReadTextExamplesOptions,
  readTextExamples,
  requireClasses,
  type TextExample,
  type TextExamples,
} from "./tables/examples.js";
export {
  type InputStream,
  type Inputs,
  readInputs,
  type SeriesInput,
  streamInputs,
} from "./tables/inputs.js";
export { type JsonRow, jsonlRows } from "./tables/jsonl.js";
export { haveSeveral, type Labels, labelKey, type Place } from "./tables/labels.js";
export { type DecimalSign, decimalSigns } from "./tables/number.js";
export {
  type Examples,
  exampleFormats,
  type InputOptions,
  type LabelledExample,
  plurals,
  type ReadExamplesOptions,
  readExamples,
} from "./tables/read-examples.js";
export type { Row } from "./tables/row.js";
export type { TableForm } from "./tables/rows.js";
export { type TableFormatName, tableFormatOf, tableFormats } from "./tables/table.js";
export { type ReadTextsOptions, readTexts, streamTexts, type TextInput, type Texts } from "./tables/texts.js";
export { tsvRows } from "./tables/tsv.js";
export type { VectorColumns } from "./tables/vector-columns.js";
export type { LabelledVector, Vector, VectorExample } from "./tables/vectors.js";
export { type ParallelPair, type ParallelPairs, readParallel } from "./text/parallel.js";
export {
  type BuildSubwordsOptions,
  buildSubwords,
  decodeSubwords,
  encodeSubwords,
  type Subwords,
  subwordEncoder,
  subwordsFromJson,
} from "./text/subwords.js";
export {
  isTaggedName,
  type OtherColumn,
  readTagged,
  streamTagged,
  type TaggedOptions,
  type TaggedSentence,
  type TaggedSentences,
} from "./text/tagged.js";
export { type TaggedFormat, taggedFormats } from "./text/tagged-layout.js";
export { cutFromJson, learnCut, type TokenCut, tokenCutter } from "./text/token-cut.js";
export { type WordTokensOptions, wordTokens } from "./text/tokenise.js";
export {
  type BuildVocabularyOptions,
  buildVocabulary,
  decode,
  encode,
  extendedVocabulary,
  unknownToken,
  type Vocabulary,
  vocabularyFromJson,
} from "./text/vocabulary.js";
export { wordShape, wordShapeWidth } from "./text/word-shape.js";
