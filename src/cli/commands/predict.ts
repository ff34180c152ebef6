/**
 * `unrolled predict`: what a model says about texts, given as options, as the lines of a file or of standard input,
 * or as a column of a table. What is read is answered while it is read: lines of any number in the same memory.
 */
import type { Command } from "commander";
import {
  type DecimalSign,
  exampleFormats,
  type Source,
  streamTexts,
  tableFormatOf,
  taggedFormats,
} from "../../data/index.js";
import { fileSource } from "../../data/node.js";
import type { OpenedModel } from "../../tasks/index.js";
import { formOf, predictColumns, refuseIdleAspects } from "../tasks/columns.js";
import { withModelFile } from "../tasks/open.js";
import { type Asked, type AskRequest, inputsOf } from "../tasks/row.js";
import { UsageError, withNames } from "../terminal/errors.js";
import { choice, collect, names, option, wholeNumber } from "../terminal/options.js";
import { resultLines } from "../terminal/result-lines.js";
import type { Surroundings } from "../terminal/surroundings.js";
import { say } from "../terminal/talk.js";

interface Options {
  readonly text?: readonly string[];
  readonly format?: string;
  readonly textColumn?: string;
  readonly series?: string;
  readonly channels?: readonly string[];
  readonly label?: string;
  readonly horizon?: number;
  readonly features?: readonly string[];
  readonly time?: string;
  readonly header?: "yes" | "no";
  readonly delimiter?: string;
  readonly decimal?: DecimalSign;
  readonly tokenColumn?: number;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** Adds `predict` to the program. */
export function addPredict(program: Command, around: Surroundings): void {
  const command = program
    .command("predict")
    .description(
      "Print what a model says about texts or series: label, its probability and the text, separated by tabs.",
    )
    .usage("MODEL [FILE|-] [--text TEXT] [options]")
    .argument("<model>", "a model file")
    .argument("[file]", "texts, one per line, or a table; or series; - or nothing reads standard input")
    .option("--text <text>", "a text; may be given several times", collect)
    .addOption(
      choice("Data:", "--format <name>", "format of the file (default: by extension)", [
        ...exampleFormats,
        ...taggedFormats,
        "txt",
      ]),
    )
    .addOption(
      option(
        "Data:",
        "--text-column <column>",
        "column of the text in a table, by name or number (default: found)",
      ),
    )
    .addOption(
      option(
        "Data:",
        "--series <column>",
        "for a table with one step per row: the column that names the series (default: series or series_id)",
      ),
    )
    .addOption(
      option("Data:", "--channels <name,...>", "columns that are the channels (default: all others)", names),
    )
    .addOption(
      option(
        "Data:",
        "--label <column>",
        "for a table of series: a column that is not a channel (default: label)",
      ),
    )
    .addOption(
      option(
        "Data:",
        "--horizon <n>",
        "for a forecaster that goes step by step: steps ahead (default: as trained)",
        wholeNumber(1),
      ),
    );
  for (const each of predictColumns) command.addOption(each);
  command
    .addOption(option("Output:", "--quiet", "print the answers only"))
    .addOption(
      option("Output:", "--json", "print one JSON object per text, with the probabilities of all labels"),
    )
    .addHelpText(
      "after",
      `
Examples:
  unrolled predict mood.safetensors --text "a warm , funny film"
  unrolled predict mood.safetensors reviews.csv --text-column review --json
  unrolled predict passengers.safetensors passengers.csv
  cut -f 2 reviews.tsv | unrolled predict mood.safetensors

The input is answered while it is read, in its order, in the same memory whatever its length; what comes through a pipe is answered
when the pipe pauses. Read as a whole are the tables of forecasters, and of series with a step on each row. Where a table does not
name the column of the text, its first 1000 rows show it. If a line cannot be used, the answers before it are printed and the
status is 1.`,
    )
    .action(async (model: string, file: string | undefined, options: Options) => {
      refuseContradictions(file, options);
      await withModelFile({ file: model }, around, async (opened) => {
        const { series, channels, label, horizon, time, tokenColumn } = options;
        const form = formOf(options);
        const streamInputs = opened.row.takesData?.(opened.model, { ...options, file: file ?? "" })
          ? opened.row.streamInputs
          : undefined;
        const asOptions = streamInputs
          ? { series, channels, label, horizon, time, tokenColumn, ...form }
          : { horizon, time };
        refuseIdleAspects(opened, asOptions);
        if (opened.row.generate)
          throw new UsageError(
            `${model} is of a ${opened.model.task}, which writes instead of answering; use unrolled generate`,
          );
        const asked = streamInputs
          ? await streamInputs(await opened.opened(), dataOf(file, options, around))
          : textsOf(file, options, around);
        const { json = false, quiet } = options;
        // The other commands have --text for the column; here that is the text itself.
        await withNames({ text: "textColumn" }, async () =>
          answerAll(await opened.opened(), asked, { json, around }),
        );
        for (const notice of asked.notices()) say(around, quiet, notice);
      });
    });
}

/** Prints the answers in the order of the inputs, while these are read. What was answered before an error is printed too. */
async function answerAll(
  model: OpenedModel,
  { items, options }: Asked,
  { json: asJson, around }: { readonly json: boolean; readonly around: Surroundings },
): Promise<void> {
  const lines = resultLines(around);
  try {
    for await (const { json, text } of model.answers(items, options))
      await lines.print(asJson ? JSON.stringify(json) : text);
  } finally {
    around.stdin.close?.();
    await lines.end();
  }
}

function refuseContradictions(file: string | undefined, options: Options): void {
  const { text, format, textColumn, header, delimiter, decimal } = options;
  if (text !== undefined) {
    const [other] = [
      ...(file === undefined ? [] : [file]),
      ...(format === undefined ? [] : ["--format"]),
      ...(textColumn === undefined ? [] : ["--text-column"]),
    ];
    if (other !== undefined)
      throw new UsageError(`--text is the text itself; ${other} is for a file of texts`);
  }
  const [ofTables] = Object.entries({ "text-column": textColumn, header, delimiter, decimal }).filter(
    ([, value]) => value !== undefined,
  );
  if (ofTables !== undefined && formatOf(file, format) === "txt") {
    throw new UsageError(
      `--${ofTables[0]} is for a table; if the extension does not say what the file is, add --format`,
    );
  }
}

const formatOf = (file = "", format?: string): string => format ?? tableFormatOf(file) ?? "txt";

/** Data other than texts. @throws UsageError if texts were given */
function dataOf(file: string | undefined, options: Options, { stdin }: Surroundings): AskRequest {
  const { text, textColumn, format, series, channels, label, horizon, time, tokenColumn } = options;
  if (text !== undefined || textColumn !== undefined)
    throw new UsageError("the model takes numbers, not texts; give it a file of them");
  const source = file === undefined || file === "-" ? stdin : fileSource(file);
  return { source, format, series, channels, label, horizon, time, tokenColumn, ...formOf(options) };
}

function textsOf(file: string | undefined, options: Options, around: Surroundings): Asked {
  const idle = (["series", "channels", "label"] as const).find((key) => options[key] !== undefined);
  if (idle !== undefined)
    throw new UsageError(`--${idle} is for a model of series, and this one takes texts; leave it out`);
  if (options.tokenColumn !== undefined)
    throw new UsageError("--token-column is for a file of tokens that a tagger reads; leave it out");
  const { text, textColumn, format, quiet } = options;
  if (text !== undefined) return { items: inputsOf(text, (each) => each), notices: () => [] };
  const source: Source = file === undefined || file === "-" ? around.stdin : fileSource(file);
  if (source === around.stdin && around.stdin.isTTY)
    say(around, quiet, "Reading texts, one per line, until the end of input (Ctrl-D).");
  const { items, notices } = streamTexts(source, { format, text: textColumn, ...formOf(options) });
  return { items: inputsOf(items, (each) => each.text), notices };
}
