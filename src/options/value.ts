/**
 * What the value of an option can be: one row per kind, each with its check and with words for what it takes. A kind is
 * plain data, so that a command line, a server and a form can be made from it. No texts about particular options.
 */
import { isList } from "./items.js";

/** A whole number from `least` (default 1) up to `most`. */
export interface WholeKind {
  readonly kind: "whole";
  readonly least?: number;
  readonly most?: number;
}
/** A finite number within its bounds: above or from a lower one, below or up to an upper one. */
export interface NumberKind {
  readonly kind: "number";
  readonly above?: number;
  readonly least?: number;
  readonly below?: number;
  readonly most?: number;
}
/** True or false. */
export interface FlagKind {
  readonly kind: "flag";
}
/** One of some names. */
export interface NameKind<Name extends string = string> {
  readonly kind: "name";
  readonly names: readonly Name[];
}
/** Any text: a column, a label. */
export interface TextKind {
  readonly kind: "text";
}
/** The path of a file or a folder. */
export interface FileKind {
  readonly kind: "file";
}
/** A list of values of a kind, at least so many of them (default 1), and at most so many. */
export interface ListKind<Of = ValueKind> {
  readonly kind: "list";
  readonly of: Of;
  readonly least?: number;
  readonly most?: number;
}
/** An object that its own area checks; `what` is a noun with its article: "a cell". */
export interface ObjectKind {
  readonly kind: "object";
  readonly what: string;
}
/** A function. */
export interface FunctionKind {
  readonly kind: "function";
}
/** A value of any of these kinds. */
export interface EitherKind {
  readonly kind: "either";
  readonly of: readonly ValueKind[];
}
/** A list of numbers, typed or not; whoever reads them checks each. */
export interface NumbersKind {
  readonly kind: "numbers";
}
/** The bytes of a file. */
export interface BytesKind {
  readonly kind: "bytes";
}
/** Data, which whoever reads it checks: examples to train with. */
export interface DataKind {
  readonly kind: "data";
}

/** The kinds of values. */
export type ValueKind =
  | WholeKind
  | NumberKind
  | FlagKind
  | NameKind
  | TextKind
  | FileKind
  | ListKind
  | ObjectKind
  | FunctionKind
  | EitherKind
  | NumbersKind
  | BytesKind
  | DataKind;

interface KindRow<Kind> {
  readonly fits: (value: unknown, kind: Kind) => boolean;
  /** One of them, and several. */
  readonly one: (kind: Kind) => string;
  readonly many: (kind: Kind) => string;
}

const whole = ({ least = 1, most }: WholeKind): string =>
  `from ${least}${most === undefined ? "" : ` to ${most}`}`;

/** " above 0 and below 1", " from 0 to below 1", " from 0 to 1". */
function bounds({ above, least, below, most }: NumberKind): string {
  const lower = above !== undefined ? `above ${above}` : least !== undefined ? `from ${least}` : "";
  const upTo = below !== undefined ? `below ${below}` : most !== undefined ? `at most ${most}` : "";
  const between = lower === "" || upTo === "" ? "" : least === undefined ? " and " : " to ";
  const text = `${lower}${between}${between === " to " ? upTo.replace("at most ", "") : upTo}`;
  return text === "" ? "" : ` ${text}`;
}

const isText = (value: unknown): boolean => typeof value === "string";

const kinds: { readonly [K in ValueKind["kind"]]: KindRow<Extract<ValueKind, { kind: K }>> } = {
  whole: {
    fits: (value, { least = 1, most = Number.MAX_SAFE_INTEGER }) =>
      Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
    one: (kind) => `a whole number ${whole(kind)}`,
    many: (kind) => `whole numbers ${whole(kind)}`,
  },
  number: {
    fits(value, { above = -Infinity, least = -Infinity, below = Infinity, most = Infinity }) {
      const number = value as number;
      return Number.isFinite(number) && number > above && number >= least && number < below && number <= most;
    },
    one: (kind) => `a number${bounds(kind)}`,
    many: (kind) => `numbers${bounds(kind)}`,
  },
  flag: {
    fits: (value) => typeof value === "boolean",
    one: () => "true or false",
    many: () => "true and false",
  },
  name: {
    fits: (value, { names }) => names.includes(value as string),
    one: ({ names }) => listed(names),
    many: ({ names }) => `names out of ${names.join(", ")}`,
  },
  text: { fits: isText, one: () => "a text", many: () => "texts" },
  file: { fits: isText, one: () => "the path of a file", many: () => "paths of files" },
  list: {
    fits: (value, { of, least = 1, most = Infinity }) =>
      Array.isArray(value) &&
      value.length >= least &&
      value.length <= most &&
      value.every((each) => fits(each, of)),
    one: ({ of, most }) => `a list of ${many(of)}${most === undefined ? "" : `, at most ${most} of them`}`,
    many: ({ of }) => `lists of ${many(of)}`,
  },
  object: {
    fits: (value) => typeof value === "object" && value !== null,
    one: ({ what }) => what,
    many: ({ what }) => `objects, each ${what}`,
  },
  function: {
    fits: (value) => typeof value === "function",
    one: () => "a function",
    many: () => "functions",
  },
  either: {
    fits: (value, { of }) => of.some((kind) => fits(value, kind)),
    one: ({ of }) => of.map(wanted).join(", or "),
    many: ({ of }) => of.map(many).join(", or "),
  },
  numbers: { fits: isList, one: () => "a list of numbers", many: () => "lists of numbers" },
  bytes: {
    fits: (value) => value instanceof Uint8Array,
    one: () => "a Uint8Array, the bytes of a file",
    many: () => "Uint8Arrays, each the bytes of a file",
  },
  data: { fits: (value) => value !== null, one: () => "data", many: () => "data" },
};

const rowOf = (kind: ValueKind): KindRow<ValueKind> => kinds[kind.kind] as KindRow<ValueKind>;

const many = (kind: ValueKind): string => rowOf(kind).many(kind);

/** Whether a value is of a kind. */
export const fits = (value: unknown, kind: ValueKind): boolean => rowOf(kind).fits(value, kind);

/** What a kind takes, in words: "a whole number from 1". */
export const wanted = (kind: ValueKind): string => rowOf(kind).one(kind);

/** "a", "a or b", "a, b or c". */
export const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
