/**
 * `unrolled train TASK`: hands over to the task's own command, because every task has options of its own.
 */
import type { Command } from "commander";
import { tasks } from "../tasks/table.js";
import type { Surroundings } from "../terminal/surroundings.js";

/** Adds `train` to the program. */
export function addTrain(program: Command, around: Surroundings): void {
  const train = program
    .command("train")
    .description("Train a model on your data.")
    .usage("TASK --train FILE... [options]")
    .addHelpText("after", "\nExample:\n  unrolled train classifier --train train.tsv --out mood.safetensors");
  for (const task of Object.values(tasks)) task.addTrain?.(train, around);
}
