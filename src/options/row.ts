/**
 * The row of an option: what its value can be, its default, and where it has an effect. Plain data, in tables by key; the
 * library takes its defaults from them, and command line, help and documentation are made from the same rows.
 */
import type {
  DataKind,
  EitherKind,
  FileKind,
  FlagKind,
  FunctionKind,
  ListKind,
  NameKind,
  NumberKind,
  NumbersKind,
  ObjectKind,
  TextKind,
  ValueKind,
  WholeKind,
} from "./value.js";

/**
 * What another option, or a fact about the data, has to be: given (true), left out (false), or one of some values, its
 * default included.
 */
export type Need = boolean | readonly unknown[];

/** What a row says beside the kind of its value. */
export interface RowFacts<T = unknown> {
  /** The value where none is given. Absent: nothing, or what `derived` says. */
  readonly default?: T;
  /** The option or fact by whose value the default differs, and the defaults that are others than `default`. */
  readonly by?: string;
  readonly defaults?: Readonly<Record<string, T>>;
  /** The numbers of a default that is computed: {share: 0.25} of another option. How, the help says in words. */
  readonly derived?: Readonly<Record<string, number>>;
  /** Where it has an effect, by the keys of other options and the names of facts. Absent: everywhere. */
  readonly needs?: Readonly<Record<string, Need>>;
  /** It has to be given. */
  readonly required?: boolean;
}

/** A row, whatever its value. */
export type OptionRow = ValueKind & RowFacts;

/** Rows by key. */
export type OptionTable = Readonly<Record<string, OptionRow>>;

/** The kinds of values that a type can have. */
type KindFor<T> = [T] extends [boolean]
  ? FlagKind
  : [T] extends [number]
    ? WholeKind | NumberKind
    : [T] extends [string]
      ? string extends T
        ? TextKind | FileKind | NameKind
        : NameKind<T>
      : [T] extends [(...args: never[]) => unknown]
        ? FunctionKind
        : [T] extends [readonly (infer Each)[]]
          ? ListKind<KindFor<Each>> | NumbersKind | DataKind
          : ObjectKind | EitherKind | NumbersKind | DataKind;

/** The type of the values of a kind that can be written as text; unknown for the others. */
export type ValueOf<Kind> = Kind extends { kind: "whole" | "number" }
  ? number
  : Kind extends { kind: "flag" }
    ? boolean
    : Kind extends { kind: "name"; names: readonly (infer Name)[] }
      ? Name
      : Kind extends { kind: "text" | "file" }
        ? string
        : Kind extends { kind: "list"; of: infer Of }
          ? readonly ValueOf<Of>[]
          : unknown;

/** The values of a table's options, each of which may be left out. */
export type ValuesOf<Rows> = { readonly [K in keyof Rows]?: ValueOf<Rows[K]> };

/** A row for each option of an interface: `rows satisfies RowsOf<TaggerOptions>` compiles where no key differs. */
export type RowsOf<Options> = {
  readonly [K in keyof Options]-?: KindFor<Exclude<Options[K], undefined>> &
    RowFacts<Exclude<Options[K], undefined>>;
};

/**
 * Facts about data that defaults and needs look at, by name; each a plural noun that can stand in a message ("texts"), where
 * it may name an option by its key in braces.
 */
export type Facts = Readonly<Record<string, string>>;

/** The default that a row has because of another option or a fact; undefined where it is the usual one. */
export function specialDefault(row: RowFacts, values: Readonly<Record<string, unknown>>): unknown {
  const { by, defaults = {} } = row;
  const special = by === undefined ? undefined : String(values[by]);
  return special !== undefined && Object.hasOwn(defaults, special) ? defaults[special] : undefined;
}

/** The default of a row, undefined where there is none or it is computed. @param values by which it may differ */
export function defaultOf<Row extends RowFacts>(
  row: Row,
  values: Readonly<Record<string, unknown>> = {},
): Row["default"] {
  return (specialDefault(row, values) as Row["default"]) ?? row.default;
}

/** The keys whose rows have a default. */
type KeysWithDefault<Rows> = {
  [K in keyof Rows]: Rows[K] extends { default: unknown } ? K : never;
}[keyof Rows];

/** Options with their defaults, where their rows have any. */
export type WithDefaults<Options, Rows> = Omit<Options, KeysWithDefault<Rows>> & {
  readonly [K in KeysWithDefault<Rows> & keyof Options]-?: Exclude<Options[K], undefined>;
};

/** Options, and the defaults of those that are left out. @param facts of the data, by which defaults may differ */
export function withDefaults<Options extends object, const Rows extends OptionTable>(
  options: Options,
  rows: Rows,
  facts: Facts = {},
): WithDefaults<Options, Rows> {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const plainDefaults = Object.entries(rows).map(([key, row]) => [key, row.default] as const);
  const values = { ...Object.fromEntries(plainDefaults), ...given, ...facts };
  const defaults = Object.entries(rows)
    .map(([key, row]) => [key, defaultOf(row, values)] as const)
    .filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(defaults), ...given } as WithDefaults<Options, Rows>;
}
