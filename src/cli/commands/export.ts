/**
 * `unrolled export`: writes a model file in another tool's format, with the lines of code that load it there.
 */
import type { Command } from "commander";
import { readFileBytes, writeFileAtomically } from "../../data/node.js";
import { readingIn, readingText, readModel } from "../../io/index.js";
import { exporters } from "../formats/exporters.js";
import { addFormatOptions, chosenFor, formatsText } from "../formats/options.js";
import { choice, option } from "../terminal/options.js";
import { requireWritable } from "../terminal/out-file.js";
import type { Surroundings } from "../terminal/surroundings.js";
import { aligned, print, say } from "../terminal/talk.js";

interface Options {
  readonly to: string;
  readonly out: string;
  readonly force?: boolean;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** Adds `export` to the program. */
export function addExport(program: Command, around: Surroundings): void {
  const command = program
    .command("export")
    .description("Write a model for another tool.")
    .usage("MODEL --to FORMAT --out FILE [options]")
    .argument("<model>", "a model file")
    .addOption(
      choice("Output:", "--to <format>", "the format to write", Object.keys(exporters)).makeOptionMandatory(),
    )
    .addHelpText(
      "after",
      `\nFormats:\n${formatsText(exporters)}\n\nExample:\n  unrolled export mood.safetensors --to pytorch --out mood-pytorch.safetensors`,
    );
  addFormatOptions(command, exporters);
  command
    .addOption(option("Output:", "--out <file>", "the file to write").makeOptionMandatory())
    .addOption(option("Output:", "--force", "replace the file if it exists"))
    .addOption(option("Output:", "--quiet", "print nothing but how to load it"))
    .addOption(option("Output:", "--json", "print the mapping as one JSON object"))
    .action(async (file: string, options: Options) => {
      const { to, out, quiet, json } = options;
      const chosen = chosenFor(command, exporters, { format: to, flag: "--to" });
      const reads = { file, ...chosen };
      await requireWritable(out, { ...options, reads });
      const model = readModel(await readFileBytes(file), file);
      const written = await exporters[to]!.write({ model, file, out, chosen });
      const { files, mapped, loading } = written;
      const reading = readingIn((model.data as Readonly<Record<string, unknown>>)["reading"]);
      const notes = [
        ...written.notes,
        ...(reading ? [`What is done with sequences here is not in it: ${readingText(reading)}.`] : []),
      ];
      for (const { path } of files) if (path !== out) await requireWritable(path, { ...options, reads });
      for (const { path, bytes } of files) await writeFileAtomically(path, bytes);
      if (json)
        return print(
          around,
          JSON.stringify({ format: to, mapped, notes, loading, files: files.map(({ path }) => path) }),
        );
      const rows = mapped.map((each) => [each.from, each.to, each.how]);
      if (!quiet)
        for (const line of aligned([["in the model", "in the file", ""], ...rows])) print(around, line);
      for (const note of notes) say(around, quiet, note);
      if (!quiet && loading.length > 0) print(around, "");
      for (const line of loading) print(around, line);
    });
}
