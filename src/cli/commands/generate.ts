/**
 * `unrolled generate`: new text or music from a model. What is generated, and how it is written out, is up to the task.
 */

import type { Command } from "commander";
import { DataError } from "../../data/index.js";
import { OptionError } from "../../options/index.js";
import type { ChosenGenerate } from "../tasks/generate.js";
import { withModelFile } from "../tasks/open.js";
import { UsageError } from "../terminal/errors.js";
import { collect, numberFromZero, option, positiveNumber, share, wholeNumber } from "../terminal/options.js";
import type { Surroundings } from "../terminal/surroundings.js";

const [text, choice] = ["What:", "Choice of tokens:"] as const;

const options = [
  option(
    text,
    "--prime <text>",
    "what to continue; for music, notes by name with bars between steps, or a MIDI file (default: start from nothing)",
  ),
  option(text, "--label <label>", "what to write, for a model that was trained with labels"),
  option(
    text,
    "--length <n>",
    "most tokens in each (default: 500 characters, 100 words or subwords, 64 steps of a piano-roll, 1000 events)",
    wholeNumber(1),
  ),
  option(text, "--stop <text>", "stop before this text; may be given several times").argParser(collect),
  option(text, "--count <n>", "how many (default: 1)", wholeNumber(1)),
  option(text, "--seed <n>", "seed of the random draws (default: 1)", wholeNumber(0, 2 ** 32 - 1)),
  option(
    choice,
    "--temperature <t>",
    "below 1 is safer, above 1 bolder; 0 always takes the most probable token (default: 1)",
    numberFromZero,
  ),
  option(choice, "--top-k <k>", "only the k most probable tokens (default: all)", wholeNumber(1)),
  option(
    choice,
    "--top-p <p>",
    "only the most probable tokens that together make up p (default: 1, all)",
    share,
  ),
  option(
    choice,
    "--typical <p>",
    "only the tokens nearest to the mean information that make up p (default: 1, all)",
    share,
  ),
  option(
    choice,
    "--repetition-penalty <r>",
    "raise the probability of recently written tokens to the power of r (default: 1, no penalty)",
    positiveNumber,
  ),
  option(choice, "--repetition-window <n>", "how many tokens count as recent (default: 64)", wholeNumber(1)),
  option(
    choice,
    "--most <n>",
    "for piano-rolls: most notes in a step (default: as in training)",
    wholeNumber(1),
  ),
  option("Output:", "--out <file.mid>", "for music: a MIDI file; with --count, one for each piece, numbered"),
  option(
    "Output:",
    "--tempo <n>",
    "for piano-rolls: quarter notes per minute (default: as in training)",
    wholeNumber(4, 1000),
  ),
  option("Output:", "--repeat", "for piano-rolls: strike notes anew in each step (default: hold them)"),
  option("Output:", "--picture <file.svg|file.txt>", "for music: a picture of the piece as a piano-roll"),
  option("Output:", "--force", "replace these files if they exist"),
  option("Output:", "--json", "print one JSON object for each"),
];

/** Adds `generate` to the program. */
export function addGenerate(program: Command, around: Surroundings): void {
  const command = program
    .command("generate")
    .description("Generate text or music of the kind that a model has learned.")
    .usage("MODEL [options]")
    .argument("<model>", "a model file of a generator");
  for (const each of options) command.addOption(each);
  command
    .addHelpText(
      "after",
      `
Examples:
  unrolled generate plays.safetensors --prime "ROMEO:" --length 400 --temperature 0.8
  unrolled generate names.safetensors --prime M --count 10 --seed 3
  unrolled generate chorales.safetensors --prime "C4 E4 G4 | C4 F4 A4" --length 64 --out tune.mid --picture tune.svg`,
    )
    .action(async (file: string, chosen: ChosenGenerate) => {
      await withModelFile({ file }, around, async (opened) => {
        const { model, row } = opened;
        if (row.generate === undefined)
          throw new UsageError(
            `${file} is of a ${model.task}, which does not generate; use unrolled predict`,
          );
        await row.generate(opened, chosen, around);
      }).catch((error: unknown) => {
        throw asUsage(error);
      });
    });
}

/** What the library refuses here came from the command: a prime, or a number that makes no sense. Options are named as they are. */
const asUsage = (error: unknown): unknown =>
  error instanceof RangeError && !(error instanceof OptionError)
    ? new UsageError(error.message)
    : error instanceof DataError && error.file.startsWith("note ")
      ? new UsageError(`--prime: ${error.message}`)
      : error;
