// `unrolled predict`: what a model says about texts, be they options, the lines of a file or of standard input, or a
// table's column.
import type { Command } from "commander";
import { DataError, readTexts, type Source, tableFormatOf, tableFormats } from "../data/index.js";
import { fileSource } from "../data/node.js";
import { UsageError } from "./errors.js";
import { choice, collect, option } from "./options.js";
import type { Surroundings } from "./surroundings.js";
import { print, say } from "./talk.js";
import { openModel } from "./tasks.js";

interface Options {
  readonly text?: readonly string[];
  readonly format?: string;
  readonly textColumn?: string;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** Adds `predict` to the program. */
export function addPredict(program: Command, around: Surroundings): void {
  program
    .command("predict")
    .description("Print what a model says about texts: label, its probability, text; parted by tabs.")
    .usage("MODEL [FILE|-] [--text TEXT] [options]")
    .argument("<model>", "a model file")
    .argument("[file]", "texts: one a line, or a table; - or nothing reads standard input")
    .option("--text <text>", "a text; may be given several times", collect)
    .addOption(
      choice("Data:", "--format <name>", "format of the file (default: by extension)", [
        ...Object.keys(tableFormats),
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
  cut -f 2 reviews.tsv | unrolled predict mood.safetensors`,
    )
    .action(async (model: string, file: string | undefined, options: Options) => {
      refuseContradictions(file, options);
      const { task, ...opened } = await openModel(model);
      const texts = await textsOf(file, options, around);
      for await (const answers of task.predict(opened, texts, around)) {
        for (const { json, line } of answers) print(around, options.json ? JSON.stringify(json) : line);
      }
    });
}

function refuseContradictions(file: string | undefined, { text, format, textColumn }: Options): void {
  if (text !== undefined) {
    const [other] = [
      ...(file === undefined ? [] : [file]),
      ...(format === undefined ? [] : ["--format"]),
      ...(textColumn === undefined ? [] : ["--text-column"]),
    ];
    if (other !== undefined)
      throw new UsageError(`--text is the text itself; ${other} goes with a file of texts`);
  }
  if (textColumn !== undefined && formatOf(file, format) === "txt") {
    throw new UsageError("--text-column goes with a table; where the extension does not tell, add --format");
  }
}

const formatOf = (file = "", format?: string): string => format ?? tableFormatOf(file) ?? "txt";

async function textsOf(
  file: string | undefined,
  options: Options,
  around: Surroundings,
): Promise<readonly string[]> {
  const { text, textColumn, format, quiet } = options;
  if (text !== undefined) return text;
  const source: Source = file === undefined || file === "-" ? around.stdin : fileSource(file);
  if (source === around.stdin && around.stdin.isTTY)
    say(around, quiet, "Reading texts, one a line, to the end (Ctrl-D).");
  try {
    const { texts, notices } = await readTexts([source], { format, text: textColumn });
    for (const notice of notices) say(around, quiet, notice);
    return texts.map((each) => each.text);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    // The library speaks of --text for the column, as the other commands have it; here that is the text itself.
    throw new DataError({ ...error, remedy: error.remedy.replace(/--text\b/, "--text-column") });
  }
}
