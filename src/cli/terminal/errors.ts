/**
 * From errors to sentences and exit statuses. What can go wrong with data, files, cells and networks has an error class
 * in the library, whose message says what to do; here it only loses its stack. Anything else is a bug.
 */
import { CommanderError } from "commander";
import { type Keyed, libraryErrors, renamedKeys, spelled } from "../../options/index.js";
import { flagOf } from "./flags.js";
import type { Surroundings } from "./surroundings.js";
import { errorLabel } from "./talk.js";

/** How a command ends. */
export const exitStatus = {
  done: 0,
  /** The work failed. */
  failed: 1,
  /** The command itself was wrong: nothing was tried. */
  wrong: 2,
} as const;

/** The signals that ask a command to end, each with what people know it by, and its status: 128 and its number, as in shells. */
export const signals = {
  SIGINT: { name: "Ctrl-C", status: 130 },
  SIGTERM: { name: "SIGTERM", status: 143 },
  SIGHUP: { name: "the closing of its terminal (SIGHUP)", status: 129 },
} as const;

/** One of them. */
export type SignalName = keyof typeof signals;

/** A command that is wrong in itself: contradictory options, or a cell that does not exist. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The reason why work ended: somebody pressed Ctrl-C, or another signal asked for it. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  readonly signal: SignalName;

  /** @param what what is left of the work; default: nothing */
  constructor(what = "nothing was written", signal: SignalName = "SIGINT") {
    super(`stopped by ${signals[signal].name}; ${what}`);
    this.signal = signal;
  }
}

/** Error classes that say that the command was wrong: of the command line's own, and of the library's options. */
const ofUsage = new Set(["UsageError", "OptionError"]);

/** Error classes whose message is for people. */
const forPeople = new Set(["Interrupted", ...ofUsage, ...libraryErrors]);

/** Says what went wrong, and returns the exit status. */
export function reportError(error: unknown, { stderr, env }: Surroundings): number {
  // Commander has already printed it; its exit code is 1 for everything but help and version.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitStatus.done : exitStatus.wrong;
  const details = env["UNROLLED_DEBUG"] ? `${error instanceof Error ? error.stack : String(error)}\n` : "";
  stderr.write(details);
  stderr.draw(errorLabel(stderr, env));
  stderr.write(` ${sentence(error)}\n`);
  if (error instanceof Error && ofUsage.has(error.name)) return exitStatus.wrong;
  return error instanceof Interrupted ? signals[error.signal].status : exitStatus.failed;
}

function sentence(error: unknown): string {
  if (!(error instanceof Error)) return unexpected(String(error));
  if (forPeople.has(error.name)) return messageOf(error);
  // What the operating system refused, unless we have said it better.
  if ("syscall" in error) return "path" in error ? `${String(error.path)}: ${error.message}` : error.message;
  return unexpected(`${error.name}: ${error.message}`);
}

/** What an error says, with options as the command line has them. */
export const messageOf = (error: Error): string =>
  isKeyed(error) ? spelled(error.template, flagOf) : error.message;

/**
 * Does work, in whose errors options of the library are called as the command has them.
 *
 * @param names of options by their keys in the library, where they are others
 */
export async function withNames<T>(
  names: Readonly<Record<string, string>>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && isKeyed(error))
      Object.defineProperty(error, "template", { value: renamedKeys(error.template, names) });
    throw error;
  }
}

const isKeyed = (error: object): error is Keyed => "template" in error && typeof error.template === "string";

function unexpected(what: string): string {
  return `something unexpected went wrong (${what}). UNROLLED_DEBUG=1 prints the details; please report them.`;
}
