/**
 * The command line as a function: arguments in, exit status out. It parses and dispatches; the commands do the work.
 */
import { Command, Option } from "commander";
import { withLimits } from "../data/node.js";
import { sizeText, usualLimits } from "../io/index.js";
import { commands } from "./commands/table.js";
import { reportError } from "./terminal/errors.js";
import { byteSize } from "./terminal/options.js";
import type { Surroundings } from "./terminal/surroundings.js";
import { errorLabel } from "./terminal/talk.js";
import { version } from "./terminal/version.js";

/**
 * Runs a command line.
 *
 * @param args the arguments after the program's name
 * @returns 0 done, 1 the work failed, 2 the command was wrong, 130 stopped by Ctrl-C
 */
export async function run(args: readonly string[], around: Surroundings): Promise<number> {
  // What reading a file may take holds for all that the command opens; it is known once the options are.
  const limits: { mostBytes?: number } = {};
  const here = { ...around, stdin: { ...around.stdin, limits } };
  return withLimits(limits, async () => {
    try {
      const program = programOf(here);
      program.hook("preAction", () => void Object.assign(limits, program.opts<typeof limits>()));
      await program.parseAsync(args, { from: "user" });
      return 0;
    } catch (error) {
      return reportError(error, around);
    }
  });
}

function programOf(around: Surroundings): Command {
  const { stdout, stderr, env } = around;
  const program = new Command("unrolled")
    .description("Trains, runs and shows recurrent sequence models.")
    .version(version(), "--version", "print the version")
    .addOption(
      new Option(
        "--most-bytes <size>",
        `what reading one file may take beside it, as in 2GiB (default: ${sizeText(usualLimits.mostBytes).replace(" ", "")})`,
      ).argParser(byteSize),
    )
    .helpOption("-h, --help", "print help")
    .addHelpText(
      "after",
      `
Each command has help of its own, with an example: unrolled train classifier --help
Exit status: 0 done, 1 the work failed, 2 the command was wrong.`,
    )
    .configureHelp({ showGlobalOptions: false })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError(text, write) {
        const isError = text.startsWith("error:");
        if (isError) stderr.draw(errorLabel(stderr, env));
        write(isError ? text.slice("error:".length) : text);
      },
      getOutHelpWidth: () => stdout.columns ?? 100,
      getErrHelpWidth: () => stderr.columns ?? 100,
    })
    .showHelpAfterError("(--help after the command prints its options and an example)");
  for (const add of commands) add(program, around);
  return program;
}
