// The options that say how labelled examples are read; `train classifier` and `evaluate` share them.
import type { Option } from "commander";
import { exampleFormats } from "../data/index.js";
import { choice, names, option } from "./options.js";
import type { DataRequest } from "./tasks.js";

const heading = "Data:";

/** How examples are read, as it was chosen. */
export interface ChosenColumns {
  readonly format?: string | undefined;
  readonly text?: string | undefined;
  readonly label?: string | undefined;
  readonly series?: string | undefined;
  readonly channels?: readonly string[] | undefined;
  readonly features?: readonly string[] | undefined;
  readonly labelSeparator?: string | undefined;
}

/** What a task is asked to read, beside the sources. */
export const dataRequest = ({ labelSeparator, ...columns }: ChosenColumns): Omit<DataRequest, "sources"> => ({
  ...{ format: columns.format, text: columns.text, label: columns.label },
  ...{ series: columns.series, channels: columns.channels, features: columns.features },
  separator: labelSeparator,
});

/** The options, in the order of the help. @param formats that can be named */
export const columnOptions = (formats: readonly string[] = exampleFormats): readonly Option[] => [
  choice(heading, "--format <name>", "format of all the files (default: by extension)", formats),
  option(heading, "--text <column>", "column of the text, by name or number (default: found)"),
  option(heading, "--label <column>", "column of the label, by name or number (default: found)"),
  option(
    heading,
    "--label-separator <text>",
    "parts several labels of one example, as in news|sport (default: one label each)",
  ),
  option(
    heading,
    "--series <column>",
    "of a table with a step of a series on each row: the column that names the series (default: series or series_id)",
  ),
  option(heading, "--channels <name,...>", "columns that are the channels (default: all others)", names),
  option(
    heading,
    "--features <name,...>",
    "of a table of vectors: columns that are their numbers (default: all but the label)",
    names,
  ),
];
