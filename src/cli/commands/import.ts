/**
 * `unrolled import`: turns another tool's model into a model file. The file's own formulas and our network are compared
 * before anything is written; the comparison is printed as a certificate.
 */
import { basename } from "node:path";
import type { Command } from "commander";
import { DataError } from "../../data/index.js";
import { readFileBytes, writeFileAtomically } from "../../data/node.js";
import { type Certificate, certify, type Imported, writeModel } from "../../io/index.js";
import { parameterCount } from "../../nn/index.js";
import { certificateLines } from "../formats/certificate-report.js";
import { importers } from "../formats/importers.js";
import { addFormatOptions, chosenFor, formatsText } from "../formats/options.js";
import { choice, option } from "../terminal/options.js";
import { requireWritable } from "../terminal/out-file.js";
import type { Surroundings } from "../terminal/surroundings.js";
import { aligned, count, print } from "../terminal/talk.js";

interface Options {
  readonly from?: string;
  readonly out: string;
  readonly expected?: string;
  readonly force?: boolean;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** Adds `import` to the program. */
export function addImport(program: Command, around: Surroundings): void {
  const command = program
    .command("import")
    .description(
      "Turn a model that another tool saved into a model file, and certify that it gives the same results.",
    )
    .usage("FILE --from FORMAT --out MODEL [options]")
    .argument("<file>", "the other tool's file")
    .addOption(choice("Input:", "--from <format>", "its format (default: detected)", Object.keys(importers)))
    .addOption(
      option(
        "Input:",
        "--expected <file.jsonl>",
        'more outputs to compare with: {"input": […], "output": […]} on each line',
      ),
    )
    .addHelpText(
      "after",
      `\nFormats:\n${formatsText(importers)}\n\nExample:\n  unrolled import tagger.pt --from pytorch --out tagger.safetensors`,
    );
  addFormatOptions(command, importers);
  command
    .addOption(option("Output:", "--out <file>", "the model file to write").makeOptionMandatory())
    .addOption(option("Output:", "--force", "replace the model file if it exists"))
    .addOption(option("Output:", "--quiet", "print the certificate only"))
    .addOption(option("Output:", "--json", "print mapping and certificate as one JSON object"))
    .action(async (file: string, options: Options) => {
      const { out, ...reads } = options;
      await requireWritable(out, { ...options, reads: { file, ...reads } });
      const bytes = await readFileBytes(file);
      const format = options.from ?? formatOf(file, bytes);
      const chosen = chosenFor(command, importers, { format, flag: "--from" });
      const imported = await importers[format]!.read({ file, bytes, chosen });
      const expected = await expectedOutputs(imported, options);
      const certificate = await certify({ ...imported, ...expected }, executors(around));
      await writeFileAtomically(out, modelOf(imported, file));
      report({ imported, certificate, options, file }, around);
    });
}

/** The format that a file appears to have. @throws DataError if it looks like none of them */
function formatOf(file: string, bytes: Uint8Array): string {
  const found = Object.keys(importers).find((name) => importers[name]?.recognises(file, bytes));
  if (found !== undefined) return found;
  const remedy = `Choose it with --from: ${Object.keys(importers).join(", ")}.`;
  throw new DataError({ file, problem: "has no format that can be detected", remedy });
}

const executors = (around: Surroundings): Parameters<typeof certify>[1] => ({
  reference: async () => (await import("../../exec/reference/index.js")).createReferenceExecutor(),
  wasm: () => around.createExecutor(),
});

async function expectedOutputs(
  { network }: Imported,
  { expected: file }: Options,
): Promise<Pick<Imported, "expected">> {
  if (file === undefined) return {};
  const { readExpected } = await import("../tasks/network/data.js");
  return { expected: await readExpected(file, network) };
}

function modelOf({ network, parameters, format, reading }: Imported, file: string): Uint8Array {
  const data = { imported: { format, file: basename(file) }, ...(reading ? { reading } : {}) };
  return writeModel({ task: "network", network, parameters, data });
}

interface Done {
  readonly imported: Imported;
  readonly certificate: Certificate;
  readonly options: Options;
  readonly file: string;
}

function report({ imported, certificate, options, file }: Done, around: Surroundings): void {
  const { format, mapped, assumed, network } = imported;
  const { json, quiet, out } = options;
  if (json) {
    const parameters = parameterCount(network);
    print(around, JSON.stringify({ format, parameters, mapped, assumed, certificate, model: out }));
    return;
  }
  for (const line of certificateLines(certificate)) print(around, line);
  if (quiet) return;
  print(around, "");
  const rows = mapped.map(({ from, to, how }) => [from, to, how]);
  for (const line of aligned([["in the file", "in the model", ""], ...rows])) print(around, line);
  print(around, "");
  for (const sentence of assumed) print(around, sentence);
  const size = `${count(parameterCount(network))} parameters`;
  print(around, `${file} (${format}) is now ${out}, ${size}`);
}
