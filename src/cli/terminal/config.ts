/**
 * --config: options in a JSON file, under the same names and with the same checks. The command line takes precedence.
 */
import { dirname } from "node:path";
import { type Command, InvalidArgumentError, type Option } from "commander";
import { DataError } from "../../data/index.js";
import { placeProblem, readFileBytes } from "../../data/node.js";
import { parseJsonText } from "../../io/index.js";
import { isPlainObject } from "../../options/index.js";
import { isCellFile } from "./cell-file.js";
import { UsageError } from "./errors.js";
import { kebab } from "./flags.js";
import { isFileOption } from "./options.js";

/**
 * Reads a command's configuration file, if it has one, into its options.
 *
 * @throws UsageError when a name or a value in it is not one of the command's
 * @throws DataError when the file cannot be read or is not a JSON object
 */
export async function applyConfig(command: Command): Promise<void> {
  const { config: file } = command.opts<{ config?: string }>();
  if (file === undefined) return;
  const known = new Map<string, Option>();
  for (const option of command.options) {
    const name = nameOf(option);
    // --bidirectional and --no-bidirectional are one name, and the former stands first.
    if (name !== "config" && !known.has(name)) known.set(name, option);
  }
  for (const [name, value] of Object.entries(await readConfig(file))) {
    const option = known.get(name);
    if (option === undefined) {
      const meant = otherSpelling(name, known);
      if (meant) throw new UsageError(`${file}: there is no option "${name}"; write ${meant}`);
      const names = [...known.keys()].join(", ");
      throw new UsageError(`${file}: there is no option "${name}"; there are ${names}`);
    }
    const parsed = optionValue(file, option, value);
    const key = option.attributeName();
    if (command.getOptionValueSource(key) === "cli") continue;
    await refuseFollowing(file, name, parsed, isFileOption(option));
    command.setOptionValueWithSource(key, parsed, "config");
  }
}

/**
 * A configuration may come from elsewhere, so it decides neither which program runs nor which files of the machine are read
 * or written: a cell's file is named on the command line, and other files lie in this folder or in that of the configuration.
 *
 * @throws UsageError naming the option
 */
async function refuseFollowing(file: string, name: string, value: unknown, isFile: boolean): Promise<void> {
  if (name === "cell" && typeof value === "string" && isCellFile(value))
    throw new UsageError(
      `${file}: "cell" is ${value}, a program that would be run; only the command line names one: --cell ${value}`,
    );
  if (!isFile) return;
  for (const path of [value].flat()) {
    const problem = typeof path === "string" ? await placeProblem(path, [".", dirname(file)]) : undefined;
    if (problem !== undefined)
      throw new UsageError(
        `${file}: "${name}" is ${String(path)}, which ${problem}; name it on the command line: --${name} ${String(path)}`,
      );
  }
}

/**
 * How the option that a name may stand for is written: "no-tied" is `"tied": false`; run.json has the program's own
 * "learningRate".
 */
function otherSpelling(name: string, known: ReadonlyMap<string, Option>): string | undefined {
  const positive = name.replace(/^no-/, "");
  const refused = known.get(positive);
  if (refused?.isBoolean() || refused?.negate) return `"${positive}": false`;
  const dashed = kebab(name);
  return known.has(dashed) ? `"${dashed}"` : undefined;
}

/** An option switched by --tied, --no-tied or both is called "tied": true or false. */
const nameOf = (option: Option): string =>
  option.negate ? option.name().replace(/^no-/, "") : option.name();

async function readConfig(file: string): Promise<Readonly<Record<string, unknown>>> {
  const fail = (problem: string) =>
    new DataError({
      file,
      problem,
      remedy: 'A configuration is one JSON object: {"units": 64, "epochs": 5}.',
    });
  const result = parseJsonText(new TextDecoder().decode(await readFileBytes(file)));
  if ("problem" in result) throw fail(result.problem);
  if (!isPlainObject(result.value)) throw fail("is not a JSON object");
  return result.value;
}

/** A value as the command line would have given it. */
function optionValue(file: string, option: Option, value: unknown): unknown {
  const fail = (wanted: string) =>
    new UsageError(`${file}: "${nameOf(option)}" is ${JSON.stringify(value)}. ${wanted}`);
  if (option.isBoolean() || option.negate) {
    if (typeof value !== "boolean") throw fail("Give true or false.");
    return value;
  }
  const texts = (Array.isArray(value) ? value : [value]).map((item: unknown) => {
    if (typeof item !== "string" && typeof item !== "number") throw fail("Give a text or a number.");
    return String(item);
  });
  if (option.variadic) return texts;
  const text = texts.join(",");
  try {
    return option.parseArg === undefined ? text : option.parseArg(text, undefined);
  } catch (error) {
    if (error instanceof InvalidArgumentError) throw fail(error.message);
    throw error;
  }
}
