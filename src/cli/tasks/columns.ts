/**
 * The options that say how labelled examples are read; `train classifier` and `evaluate` share them.
 */
import { InvalidArgumentError, type Option } from "commander";
import { exampleFormats } from "../../data/index.js";
import { UsageError } from "../terminal/errors.js";
import { choice, names, option } from "../terminal/options.js";
import type { DataAspect, DataRequest, OpenedFile } from "./row.js";

const heading = "Data:";

/** How examples are to be read, as chosen on the command line. */
export interface ChosenColumns extends Omit<DataRequest, "sources" | "separator" | "horizon"> {
  readonly labelSeparator?: string | undefined;
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
  tagColumn: columns.tagColumn,
});

/** How options are written on the command line, if not by their own name. */
const flags: Readonly<Partial<Record<DataAspect, string>>> = {
  separator: "label-separator",
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

/** The options, in the order of the help. @param formats the formats that can be named */
export const columnOptions = (formats: readonly string[] = exampleFormats): readonly Option[] => [
  choice(heading, "--format <name>", "format of all the files (default: by extension)", formats),
  option(heading, "--text <column>", "column of the text, by name or number (default: detected)"),
  option(heading, "--label <column>", "column of the label, by name or number (default: detected)"),
  option(
    heading,
    "--label-separator <text>",
    "separates several labels of one example, as in news|sport (default: one label each)",
  ),
  option(
    heading,
    "--series <column>",
    "for a table with one step of a series per row: the column that names the series (default: series or series_id)",
  ),
  option(heading, "--channels <name,...>", "columns that are the channels (default: all others)", names),
  option(
    heading,
    "--features <name,...>",
    "for a table of vectors: the columns of numbers (default: all but the label)",
    names,
  ),
];

/** A column, counted from 1, or from −1 at the end. */
function column(text: string): number {
  const value = /^[-−]?[0-9]+$/.test(text) ? Number(text.replace("−", "-")) : 0;
  if (value !== 0) return value;
  throw new InvalidArgumentError("Give a number from 1, or from -1 at the end.");
}

/** Which column of tagged sentences holds the tag. */
export const tagColumnOption = option(
  heading,
  "--tag-column <n>",
  "for tagged sentences: column of the tag (default: the last; for CoNLL-U 4, the part of speech)",
  column,
);
