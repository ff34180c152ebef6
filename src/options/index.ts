/**
 * `unrolled/options`: the rows that options are made of, and their check. Tasks have theirs in `unrolled/tasks/help`.
 */

export { checkArguments, checkNeeds, checkOptions, unknownOption } from "./check.js";
export {
  type Keyed,
  keyed,
  libraryErrors,
  OptionError,
  plain,
  renamedKeys,
  type Spelling,
  shown,
  someOf,
  spelled,
} from "./error.js";
export { type FieldRow, fieldProblem, isPlainObject } from "./fields.js";
export { type ItemKind, isList, isObject, isTexts, listProblem } from "./items.js";
export {
  defaultOf,
  type Facts,
  type Need,
  type OptionRow,
  type OptionTable,
  type RowFacts,
  type RowsOf,
  type ValueOf,
  type ValuesOf,
  type WithDefaults,
  withDefaults,
} from "./row.js";
export {
  type BytesKind,
  type DataKind,
  type EitherKind,
  type FileKind,
  type FlagKind,
  type FunctionKind,
  fits,
  type ListKind,
  listed,
  type NameKind,
  type NumberKind,
  type NumbersKind,
  type ObjectKind,
  type TextKind,
  type ValueKind,
  type WholeKind,
  wanted,
} from "./value.js";
