/**
 * `unrolled compress`: the same model in a smaller file, and, if there is data to measure it on, what that costs.
 */
import type { Command } from "commander";
import { fileSource, readFileBytes, writeFileAtomically } from "../../data/node.js";
import { type ModelFile, readModel, type WeightStorage, writeModel } from "../../io/index.js";
import { anyColumns, type ChosenColumns, dataRequest } from "../tasks/columns.js";
import { withModelFile } from "../tasks/open.js";
import type { Evaluation } from "../tasks/row.js";
import { UsageError } from "../terminal/errors.js";
import { choice, option } from "../terminal/options.js";
import { requireWritable } from "../terminal/out-file.js";
import type { Surroundings } from "../terminal/surroundings.js";
import { aligned, count, percent, print, say } from "../terminal/talk.js";

/** Ways to store that are smaller than what training writes. */
const smaller = ["int8", "float16"] as const satisfies readonly WeightStorage[];

interface Options extends ChosenColumns {
  readonly storage: (typeof smaller)[number];
  readonly out: string;
  readonly force?: boolean;
  readonly data?: readonly string[];
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** Adds `compress` to the program. */
export function addCompress(program: Command, around: Surroundings): void {
  const command = program
    .command("compress")
    .description("Write a model with its weights in fewer bits, and print what that costs.")
    .usage("MODEL --out FILE [options]")
    .argument("<model>", "a model file")
    .requiredOption("--out <file>", "the file to write")
    .addOption(choice("", "--storage <name>", "how matrices of weights are stored", smaller).default("int8"))
    .option("--force", "replace a file that exists")
    .option("--data <file...>", "labelled examples: print the metrics before and after");
  for (const each of anyColumns) command.addOption(each);
  command
    .addOption(option("Output:", "--quiet", "print the results only"))
    .addOption(option("Output:", "--json", "print one JSON object"))
    .addHelpText(
      "after",
      "\nExample:\n  unrolled compress mood.safetensors --storage int8 --out small.safetensors --data test.tsv",
    )
    .action(async (file: string, { storage, out, force, data, quiet, json, ...columns }: Options) => {
      const idle = Object.keys(columns)[0];
      if (data === undefined && idle !== undefined)
        throw new UsageError(`--${idle} says how data is read; give the data with --data, or leave it out`);
      await requireWritable(out, { force, reads: { file, data } });
      const whole = await readFileBytes(file);
      const model = readModel(whole, file);
      const bytes = writeModel(model, { storage });
      const size = { before: whole.length, after: bytes.length };
      const request = { ...dataRequest(columns), sources: (data ?? []).map(fileSource) };
      const judge = (file: string, model: ModelFile): Promise<Evaluation | undefined> =>
        withModelFile(
          { file, model },
          around,
          async ({ row, opened }) => data && row.evaluate(await opened(), request),
        );
      const judged = { before: await judge(file, model), after: await judge(out, readModel(bytes, out)) };
      await writeFileAtomically(out, bytes);
      for (const remark of judged.before?.remarks ?? []) say(around, quiet, remark);
      if (json) print(around, JSON.stringify(factsOf(storage, out, size, judged)));
      else for (const line of linesOf(size, judged)) print(around, line);
      say(around, quiet, `Wrote ${out}.`);
    });
}

interface Change<T> {
  readonly before: T;
  readonly after: T;
}

const factsOf = (
  storage: string,
  model: string,
  bytes: Change<number>,
  { before, after }: Change<Evaluation | undefined>,
): object => ({
  storage,
  bytes,
  ...(before && after
    ? { metrics: { before: before.metrics, after: after.metrics }, count: before.count }
    : {}),
  model,
});

/** A table: the file's size, and each metric of the data. */
function linesOf(size: Change<number>, { before, after }: Change<Evaluation | undefined>): string[] {
  const change = size.after / size.before - 1;
  const metrics = Object.entries(before?.metrics ?? {}).map(([name, value]) => {
    const now = after!.metrics[name]!;
    return [name, value.toFixed(4), now.toFixed(4), signed(now - value, (size) => size.toFixed(4))];
  });
  return aligned([
    ["", "before", "after", "change"],
    ["bytes", count(size.before), count(size.after), signed(change, percent)],
    ...metrics,
  ]);
}

const signed = (value: number, text: (size: number) => string): string =>
  `${value < 0 ? "−" : "+"}${text(Math.abs(value))}`;
