/**
 * `unrolled predict`: what a model says about texts, given as options, as the lines of a file or of standard input,
 * or as a column of a table.
 */
import type { Command } from "commander";
import { exampleFormats, readTexts, type Source, tableFormatOf, taggedFormats } from "../../data/index.js";
import { fileSource } from "../../data/node.js";
import type { Answer, OpenedModel } from "../../tasks/index.js";
import { refuseIdleAspects } from "../tasks/columns.js";
import { withModelFile } from "../tasks/open.js";
import type { Asked, DataRequest } from "../tasks/row.js";
import { UsageError, withNames } from "../terminal/errors.js";
import { choice, collect, names, option, wholeNumber } from "../terminal/options.js";
import type { Surroundings } from "../terminal/surroundings.js";
import { print, say } from "../terminal/talk.js";

interface Options {
  readonly text?: readonly string[];
  readonly format?: string;
  readonly textColumn?: string;
  readonly series?: string;
  readonly channels?: readonly string[];
  readonly label?: string;
  readonly horizon?: number;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** Adds `predict` to the program. */
export function addPredict(program: Command, around: Surroundings): void {
  program
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
    )
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
  cut -f 2 reviews.tsv | unrolled predict mood.safetensors`,
    )
    .action(async (model: string, file: string | undefined, options: Options) => {
      refuseContradictions(file, options);
      await withModelFile({ file: model }, around, async (opened) => {
        const { series, channels, label, horizon } = options;
        const readInputs = opened.row.takesData?.(opened.model, { ...options, file: file ?? "" })
          ? opened.row.readInputs
          : undefined;
        refuseIdleAspects(opened, readInputs ? { series, channels, label, horizon } : { horizon });
        if (opened.row.generate)
          throw new UsageError(
            `${model} is of a ${opened.model.task}, which writes instead of answering; use unrolled generate`,
          );
        const asked: Asked = readInputs
          ? await readInputs(await opened.opened(), dataOf(file, options, around))
          : { inputs: await textsOf(file, options, around), notices: [] };
        for (const notice of asked.notices) say(around, options.quiet, notice);
        for await (const { json, text } of answersInTurn(await opened.opened(), asked))
          print(around, options.json ? JSON.stringify(json) : text);
      });
    });
}

/** The answers in the order of the inputs, a few at a time, so that the first are printed soon. */
async function* answersInTurn(model: OpenedModel, { inputs, options = {} }: Asked): AsyncGenerator<Answer> {
  for (let from = 0; from < inputs.length; from += model.atOnce) {
    const to = from + model.atOnce;
    const names = options.names && { names: options.names.slice(from, to) };
    yield* await model.answer(inputs.slice(from, to), { ...options, ...names });
  }
}

function refuseContradictions(file: string | undefined, { text, format, textColumn }: Options): void {
  if (text !== undefined) {
    const [other] = [
      ...(file === undefined ? [] : [file]),
      ...(format === undefined ? [] : ["--format"]),
      ...(textColumn === undefined ? [] : ["--text-column"]),
    ];
    if (other !== undefined)
      throw new UsageError(`--text is the text itself; ${other} is for a file of texts`);
  }
  if (textColumn !== undefined && formatOf(file, format) === "txt") {
    throw new UsageError(
      "--text-column is for a table; if the extension does not say what the file is, add --format",
    );
  }
}

const formatOf = (file = "", format?: string): string => format ?? tableFormatOf(file) ?? "txt";

/** Data other than texts. @throws UsageError if texts were given */
function dataOf(file: string | undefined, options: Options, { stdin }: Surroundings): DataRequest {
  const { text, textColumn, format, series, channels, label, horizon } = options;
  if (text !== undefined || textColumn !== undefined)
    throw new UsageError("the model takes numbers, not texts; give it a file of them");
  const source = file === undefined || file === "-" ? stdin : fileSource(file);
  return { sources: [source], format, series, channels, label, horizon };
}

async function textsOf(
  file: string | undefined,
  options: Options,
  around: Surroundings,
): Promise<readonly string[]> {
  const idle = (["series", "channels", "label"] as const).find((key) => options[key] !== undefined);
  if (idle !== undefined)
    throw new UsageError(`--${idle} is for a model of series, and this one takes texts; leave it out`);
  const { text, textColumn, format, quiet } = options;
  if (text !== undefined) return text;
  const source: Source = file === undefined || file === "-" ? around.stdin : fileSource(file);
  if (source === around.stdin && around.stdin.isTTY)
    say(around, quiet, "Reading texts, one per line, until the end of input (Ctrl-D).");
  // The other commands have --text for the column; here that is the text itself.
  const { texts, notices } = await withNames({ text: "textColumn" }, () =>
    readTexts([source], { format, text: textColumn }),
  );
  for (const notice of notices) say(around, quiet, notice);
  return texts.map((each) => each.text);
}
