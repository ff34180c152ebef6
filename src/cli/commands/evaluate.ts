/**
 * `unrolled evaluate`: how a model does on labelled data.
 */
import type { Command } from "commander";
import { fileSource } from "../../data/node.js";
import {
  anyColumns,
  anyTagColumn,
  type ChosenColumns,
  dataRequest,
  refuseIdleAspects,
} from "../tasks/columns.js";
import { withModelFile } from "../tasks/open.js";
import { option } from "../terminal/options.js";
import type { Surroundings } from "../terminal/surroundings.js";
import { print, say } from "../terminal/talk.js";

interface Options extends ChosenColumns {
  readonly data: readonly string[];
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** Adds `evaluate` to the program. */
export function addEvaluate(program: Command, around: Surroundings): void {
  const command = program
    .command("evaluate")
    .description("Print how a model does on labelled data.")
    .usage("MODEL --data FILE... [options]")
    .argument("<model>", "a model file")
    .requiredOption("--data <file...>", "labelled examples");
  for (const each of anyColumns) command.addOption(each);
  for (const each of anyTagColumn) command.addOption(each);
  command
    .addOption(option("Output:", "--quiet", "print the metrics only"))
    .addOption(option("Output:", "--json", "print one JSON object"))
    .addHelpText("after", "\nExample:\n  unrolled evaluate mood.safetensors --data test.tsv")
    .action(async (file: string, { data, quiet, json, ...columns }: Options) => {
      const request = dataRequest(columns);
      const evaluation = await withModelFile({ file }, around, async (opened) => {
        refuseIdleAspects(opened, request);
        return opened.row.evaluate(await opened.opened(), { ...request, sources: data.map(fileSource) });
      });
      const { metrics, count, facts, lines, remarks } = evaluation;
      for (const remark of remarks) say(around, quiet, remark);
      if (json) print(around, JSON.stringify({ metrics, count, ...facts }));
      else for (const line of lines) print(around, line);
    });
}
