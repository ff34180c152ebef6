/**
 * The options that say how labelled examples are read; `train classifier` and `evaluate` share them.
 */
import { InvalidArgumentError, type Option } from "commander";
import { decimalSigns, exampleFormats, type TableForm, taggedFormats } from "../../data/index.js";
import { commandTable, type OwnOptions } from "../terminal/command-table.js";
import { UsageError } from "../terminal/errors.js";
import { optionsOf } from "../terminal/row-options.js";
import type { DataAspect, DataRequest, OpenedFile } from "./row.js";

const heading = "Data:" as const;

/** How examples are to be read, as chosen on the command line. */
export interface ChosenColumns extends Omit<DataRequest, "sources" | "separator" | "horizon" | "header"> {
  readonly labelSeparator?: string | undefined;
  readonly header?: "yes" | "no" | undefined;
}

/** What a task is asked to read, apart from the sources. */
export const dataRequest = ({ labelSeparator, ...columns }: ChosenColumns): Omit<DataRequest, "sources"> => ({
  format: columns.format,
  text: columns.text,
  label: columns.label,
  series: columns.series,
  channels: columns.channels,
  features: columns.features,
  separator: labelSeparator,
  ...formOf(columns),
  time: columns.time,
  tokenColumn: columns.tokenColumn,
  tagColumn: columns.tagColumn,
});

/** How a table is written, as chosen on the command line. */
export type ChosenForm = Pick<ChosenColumns, "header" | "delimiter" | "decimal">;

/** The same as readers take it. */
export const formOf = ({ header, delimiter, decimal }: ChosenForm): TableForm => ({
  header: header === undefined ? undefined : header === "yes",
  delimiter,
  decimal,
});

/** How options are written on the command line, if not by their own name. */
const flags: Readonly<Partial<Record<DataAspect, string>>> = {
  separator: "label-separator",
  tokenColumn: "token-column",
  tagColumn: "tag-column",
};

/** @throws UsageError naming the first option that does nothing for a model */
export function refuseIdleAspects(
  { model, file, row }: OpenedFile,
  request: Omit<DataRequest, "sources">,
): void {
  const own = row.takes(model);
  for (const [name, value] of Object.entries(request) as [DataAspect, unknown][])
    if (value !== undefined && !own.includes(name))
      throw new UsageError(
        `--${flags[name] ?? name} does nothing for ${file}, which is a ${model.task}; leave it out`,
      );
}

const columns = { kind: "list", of: { kind: "text" } } as const;

/** The options that say how a table is written. @param after which option they stand in the help */
export const formOptions = (after?: string) =>
  ({
    header: {
      row: { kind: "name", names: ["yes", "no"] },
      heading,
      after,
      text: "of tables: whether the first row holds the columns' names",
      usual: "found",
    },
    delimiter: {
      row: { kind: "text" },
      heading,
      after,
      value: "sign",
      text: "of .csv: what ends a field: a character, or comma, semicolon, tab, bar, space",
      usual: "found",
    },
    decimal: {
      row: { kind: "name", names: decimalSigns },
      heading,
      after,
      text: "of tables: the sign before decimals; the other one may then part thousands",
      usual: "found",
    },
  }) as const satisfies OwnOptions;

/** Which columns hold the times. */
export const timeOption = {
  row: { kind: "text" },
  heading,
  value: "column",
  text: "of tables with a step on each row: the column of the times",
  usual: "found by name or contents",
} as const satisfies OwnOptions[string];

/**
 * The options that say how labelled examples are read.
 *
 * @param formats that can be named
 * @param after which option they stand in the help; default: before those of the library
 */
export const columnOptions = <Format extends string>(formats: readonly Format[], after?: string) =>
  ({
    format: {
      row: { kind: "name", names: formats },
      heading,
      after,
      text: "format of all the files",
      usual: "by extension",
    },
    text: {
      row: { kind: "text" },
      heading,
      after,
      value: "column",
      text: "column of the text, by name or number",
      usual: "found",
    },
    label: {
      row: { kind: "text" },
      heading,
      after,
      value: "column",
      text: "column of the label, by name or number",
      usual: "found",
    },
    labelSeparator: {
      row: { kind: "text" },
      heading,
      after,
      text: "what stands between several labels of one example, as in news|sport",
      usual: "one label each",
    },
    series: {
      row: { kind: "text" },
      heading,
      after,
      value: "column",
      text: "of a table with a step of a series on each row: the column that names the series",
      usual: "series or series_id",
    },
    channels: {
      row: columns,
      heading,
      after,
      value: "name",
      text: "columns that are the channels",
      usual: "all others",
    },
    features: {
      row: columns,
      heading,
      after,
      value: "name",
      text: "of a table of vectors: columns that are their numbers",
      usual: "all but the label",
    },
    time: { ...timeOption, after },
    ...formOptions(after),
  }) as const satisfies OwnOptions;

/** A column, counted from 1, or from −1 at the end. */
function column(text: string): number {
  const value = /^[-−]?[0-9]+$/.test(text) ? Number(text.replace("−", "-")) : 0;
  if (value !== 0) return value;
  throw new InvalidArgumentError("Give a number from 1, or from -1 at the end.");
}

/** Which column of tagged sentences holds the token. */
export const tokenColumn = {
  row: { kind: "number" },
  heading,
  after: "format",
  value: "n",
  text: "of tagged sentences: column of the token",
  usual: "the first that is no number of the token",
  parse: column,
} as const satisfies OwnOptions[string];

/** Which column of tagged sentences holds the tag. */
export const tagColumn = {
  row: { kind: "number" },
  heading,
  after: "format",
  value: "n",
  text: "of tagged sentences: column of the tag",
  usual: "the last; of CoNLL-U 4, the part of speech",
  parse: column,
} as const satisfies OwnOptions[string];

const own = (options: OwnOptions): readonly Option[] =>
  optionsOf(commandTable({ what: "", rows: {}, help: {} }, options));

/** The same for the commands that read labelled examples of any task. */
export const anyColumns: readonly Option[] = own(columnOptions([...exampleFormats, ...taggedFormats]));

/** And of tagged sentences. */
export const anyTagColumn: readonly Option[] = own({
  tokenColumn: { ...tokenColumn, after: undefined },
  tagColumn: { ...tagColumn, after: undefined },
});

/** What predict takes of them. */
export const predictColumns: readonly Option[] = own({
  time: timeOption,
  ...formOptions(),
  tokenColumn: { ...tokenColumn, after: undefined },
});
