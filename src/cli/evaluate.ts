// `unrolled evaluate`: how a model does on labelled data.
import type { Command } from "commander";
import { tableFormats } from "../data/index.js";
import { fileSource } from "../data/node.js";
import { choice, option } from "./options.js";
import type { Surroundings } from "./surroundings.js";
import { print, say } from "./talk.js";
import { openModel } from "./tasks.js";

interface Options {
  readonly data: readonly string[];
  readonly format?: string;
  readonly text?: string;
  readonly label?: string;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** Adds `evaluate` to the program. */
export function addEvaluate(program: Command, around: Surroundings): void {
  program
    .command("evaluate")
    .description("Print how a model does on labelled data.")
    .usage("MODEL --data FILE... [options]")
    .argument("<model>", "a model file")
    .requiredOption("--data <file...>", "labelled examples")
    .addOption(
      choice(
        "Data:",
        "--format <name>",
        "format of the files (default: by extension)",
        Object.keys(tableFormats),
      ),
    )
    .addOption(option("Data:", "--text <column>", "column of the text, by name or number (default: found)"))
    .addOption(option("Data:", "--label <column>", "column of the label, by name or number (default: found)"))
    .addOption(option("Output:", "--quiet", "print the metrics only"))
    .addOption(option("Output:", "--json", "print one JSON object"))
    .addHelpText("after", "\nExample:\n  unrolled evaluate mood.safetensors --data test.tsv")
    .action(async (file: string, { data, quiet, json, ...table }: Options) => {
      const { task, ...opened } = await openModel(file);
      const { metrics, count, lines, remarks } = await task.evaluate(
        opened,
        { ...table, sources: data.map(fileSource) },
        around,
      );
      for (const remark of remarks) say(around, quiet, remark);
      if (json) print(around, JSON.stringify({ metrics, count }));
      else for (const line of lines) print(around, line);
    });
}
