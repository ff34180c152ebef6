/**
 * `unrolled generate`: what a model makes up. What that is, and how it is written, is the task's.
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
    "what to go on from; of music notes by name, steps parted by bars, or a MIDI file (default: a beginning)",
  ),
  option(text, "--label <label>", "what to write, of a model that was trained with labels"),
  option(
    text,
    "--length <n>",
    "most tokens of each (default: 500 characters, 100 words or subwords, 64 steps of piano-rolls, 1000 events)",
    wholeNumber(1),
  ),
  option(text, "--stop <text>", "end before this text; may be given several times").argParser(collect),
  option(text, "--count <n>", "how many (default: 1)", wholeNumber(1)),
  option(text, "--seed <n>", "of the draws (default: 1)", wholeNumber(0, 2 ** 32 - 1)),
  option(
    choice,
    "--temperature <t>",
    "below 1 safer, above 1 bolder; 0 takes the most probable token (default: 1)",
    numberFromZero,
  ),
  option(choice, "--top-k <k>", "only the k most probable tokens (default: all)", wholeNumber(1)),
  option(
    choice,
    "--top-p <p>",
    "only the most probable ones that together make up p (default: 1, all)",
    share,
  ),
  option(
    choice,
    "--typical <p>",
    "only the ones nearest to the mean information that make up p (default: 1, all)",
    share,
  ),
  option(
    choice,
    "--repetition-penalty <r>",
    "p to the power of r for tokens among the last ones (default: 1, none)",
    positiveNumber,
  ),
  option(choice, "--repetition-window <n>", "how many those are (default: 64)", wholeNumber(1)),
  option(
    choice,
    "--most <n>",
    "of piano-rolls: most notes of a step (default: as in training)",
    wholeNumber(1),
  ),
  option("Output:", "--out <file.mid>", "of music: a MIDI file; with --count, one for each, numbered"),
  option(
    "Output:",
    "--tempo <n>",
    "of piano-rolls: quarter notes a minute (default: as in training)",
    wholeNumber(4, 1000),
  ),
  option("Output:", "--repeat", "of piano-rolls: notes are struck in each step (default: held)"),
  option("Output:", "--picture <file.svg|file.txt>", "of music: what was written, drawn as a piano-roll"),
  option("Output:", "--force", "replace these files if they exist"),
  option("Output:", "--json", "print one JSON object for each"),
];

/** Adds `generate` to the program. */
export function addGenerate(program: Command, around: Surroundings): void {
  const command = program
    .command("generate")
    .description("Write what a model makes up: text or music of the kind that it learned.")
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
            `${file} is of a ${model.task}, which makes nothing up; unrolled predict asks it`,
          );
        await row.generate(opened, chosen, around);
      }).catch((error: unknown) => {
        throw asUsage(error);
      });
    });
}

/** What the library refuses is the command's: a prime, a number that makes no sense. Options are named as they are. */
const asUsage = (error: unknown): unknown =>
  error instanceof RangeError && !(error instanceof OptionError)
    ? new UsageError(error.message)
    : error instanceof DataError && error.file.startsWith("note ")
      ? new UsageError(`--prime has the ${error.message}`)
      : error;
