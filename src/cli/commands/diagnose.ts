/**
 * `unrolled diagnose`: how gradients flow back through time in a model and how its gates and units are used, on labelled
 * data; what may be wrong, and what to try. Also as a page with pictures, and one example's numbers as JSON or .npz.
 * For a cell instead of a model: how far back it remembers.
 */
import { type Command, InvalidArgumentError, type Option } from "commander";
import { fileSource, writeFileAtomically } from "../../data/node.js";
import { diagnosisPage, traceToNpz } from "../../insight/index.js";
import { anyColumns, type ChosenColumns, dataRequest, refuseIdleAspects } from "../tasks/columns.js";
import { withModelFile } from "../tasks/open.js";
import type { Looked } from "../tasks/row.js";
import { UsageError } from "../terminal/errors.js";
import { flagOf } from "../terminal/flags.js";
import { option, wholeNumber } from "../terminal/options.js";
import { requireDifferent, requireWritable } from "../terminal/out-file.js";
import type { Surroundings } from "../terminal/surroundings.js";
import { print, say } from "../terminal/talk.js";
import { type ChosenMemory, memoryOptions, printMemory } from "./diagnosis/memory.js";
import { diagnosisLines } from "./diagnosis/report.js";

interface Options extends ChosenColumns, ChosenMemory {
  readonly data?: readonly string[];
  readonly examples: number;
  readonly show: number;
  readonly html?: string;
  readonly trace?: string;
  readonly force?: boolean;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** Adds `diagnose` to the program. */
export function addDiagnose(program: Command, around: Surroundings): void {
  const command = program
    .command("diagnose")
    .description("Print how gradients, gates and units of a model behave on labelled data, and what to try.")
    .usage("MODEL --data FILE... [options], or --cell NAME|FILE.js [options]")
    .argument("[model]", "a model file")
    .addOption(option("Look:", "--data <file...>", "labelled examples"))
    .addOption(
      option("Look:", "--examples <n>", "how many of them to look at, evenly spread", wholeNumber(1)).default(
        100,
      ),
    )
    .addOption(
      option(
        "Look:",
        "--show <n>",
        "number of the example that --html and --trace show",
        wholeNumber(1),
      ).default(1),
    );
  for (const each of anyColumns) command.addOption(each);
  const ofCells = memoryOptions();
  for (const each of ofCells) command.addOption(each);
  command
    .addOption(option("Output:", "--html <file>", "write a page with pictures: gradients, gates, attention"))
    .addOption(
      option(
        "Output:",
        "--trace <file>",
        "write all gates, states and gradients of the example shown: .json, or .npz for NumPy",
        traceFile,
      ),
    )
    .addOption(option("Output:", "--force", "replace these files where they exist"))
    .addOption(option("Output:", "--quiet", "print the results only"))
    .addOption(option("Output:", "--json", "print one JSON object"))
    .addHelpText(
      "after",
      "\nExamples:\n  unrolled diagnose mood.safetensors --data test.tsv --html mood.html --show 3\n  unrolled diagnose --cell ./mine.js --beside",
    )
    .action(async (file: string | undefined, options: Options) => {
      const asked = askedOf(file, options);
      refuseOptionsOf(asked, command, ofCells);
      if ("cell" in asked) await printMemory({ ...options, ...asked }, around);
      else await printDiagnosis(asked, options, around);
    });
}

async function printDiagnosis(
  { file, data }: AskedModel,
  { quiet, json, ...options }: Options,
  around: Surroundings,
): Promise<void> {
  await requireFiles(options, { file, data });
  const request = { most: options.examples, show: options.show };
  const sources = data.map(fileSource);
  const asked = dataRequest(options);
  const looked = await withModelFile({ file }, around, async (opened) => {
    refuseIdleAspects(opened, asked);
    return opened.row.look(await opened.opened(), { ...asked, sources }, request);
  });
  const { diagnosis, count, remarks } = looked;
  for (const remark of remarks) say(around, quiet, remark);
  for (const written of await writeFiles(file, looked, options)) say(around, quiet, `wrote ${written}`);
  if (json) print(around, JSON.stringify({ count, ...diagnosis }));
  else for (const line of diagnosisLines(diagnosis, count)) print(around, line);
}

interface AskedModel {
  readonly file: string;
  readonly data: readonly string[];
}

/** A model with data, or a cell. @throws UsageError if neither or both are given */
function askedOf(
  file: string | undefined,
  { data, cell }: Pick<Options, "data" | "cell">,
): AskedModel | { readonly cell: string } {
  if (cell !== undefined) {
    if (file === undefined) return { cell };
    throw new UsageError(`--cell asks how far a cell remembers, and ${file} is a model; give one of them`);
  }
  if (file === undefined)
    throw new UsageError(
      "give a model file and --data FILE, or --cell NAME|FILE.js for the memory of a cell",
    );
  if (data === undefined) throw new UsageError("a model is looked at on labelled data: give --data FILE");
  return { file, data };
}

/** @throws UsageError if an option for models is given with a cell, or the other way round */
function refuseOptionsOf(
  asked: AskedModel | { readonly cell: string },
  command: Command,
  ofCells: readonly Option[],
): void {
  for (const each of command.options) {
    const name = each.attributeName();
    if (command.getOptionValueSource(name) !== "cli" || name === "json" || name === "quiet") continue;
    const isOfCells = ofCells.includes(each);
    if ("cell" in asked && !isOfCells)
      throw new UsageError(`${each.long} is about a model on data; --cell takes ${longNames(ofCells)}`);
    if (!("cell" in asked) && isOfCells)
      throw new UsageError(`${each.long} is about how far a cell remembers: give --cell instead of a model`);
  }
}

const longNames = (options: readonly Option[]): string =>
  options
    .slice(1)
    .map(({ long }) => long)
    .join(", ");

function traceFile(name: string): string {
  if (/\.(json|npz)$/.test(name)) return name;
  throw new InvalidArgumentError("Give a file that ends in .json or .npz.");
}

/** Checks that the files can be written, before any work is done. @throws DataError or UsageError if not */
async function requireFiles(
  { html, trace, force, show }: Omit<Options, "data">,
  reads: AskedModel,
): Promise<void> {
  if (force && html === undefined && trace === undefined)
    throw new UsageError("--force replaces the files of --html and --trace; give one of them");
  if (show !== 1 && html === undefined && trace === undefined)
    throw new UsageError("--show chooses what --html and --trace show; give one of them");
  await requireDifferent({ "--html": html, "--trace": trace });
  if (html !== undefined) await requireWritable(html, { force, option: "--html", reads });
  if (trace !== undefined) await requireWritable(trace, { force, option: "--trace", reads });
}

/** @returns the names of the files */
async function writeFiles(
  model: string,
  { diagnosis, shown }: Looked,
  { html, trace }: Pick<Options, "html" | "trace">,
): Promise<string[]> {
  const text = (contents: string): Uint8Array => new TextEncoder().encode(contents);
  if (html !== undefined)
    await writeFileAtomically(
      html,
      text(diagnosisPage({ title: `${model}: a diagnosis`, diagnosis, shown, spelling: flagOf })),
    );
  if (trace !== undefined)
    await writeFileAtomically(
      trace,
      trace.endsWith(".npz") ? traceToNpz(shown) : text(`${JSON.stringify(shown)}\n`),
    );
  return [html, trace].flatMap((name) => name ?? []);
}
