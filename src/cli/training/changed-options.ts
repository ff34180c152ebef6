/**
 * Why a run cannot go on, in the words of the command line: the library says which setting or layer is another, and run.json
 * which options the run had. Options that a run may change on its way are no reason.
 */
import { join } from "node:path";
import { readFileBytes } from "../../data/node.js";
import { parseJsonText } from "../../io/index.js";
import { isPlainObject } from "../../options/index.js";
import { TrainingError } from "../../train/index.js";
import { kebab } from "../terminal/flags.js";

/** A command that goes on with a run. */
export interface GoingOn {
  /** The run's folder. */
  readonly path: string;
  /** Options as they were chosen. */
  readonly configuration: Readonly<Record<string, unknown>>;
  /** What the files of data are, by what they are for. */
  readonly data: Readonly<Record<string, readonly FileFacts[]>>;
}

interface FileFacts {
  readonly file: string;
  readonly sha256: string;
}

type Json = Readonly<Record<string, unknown>>;

/** Options that are another matter than what is trained: where it lies, what is printed, when it ends. */
const free = new Set([
  "out",
  "run",
  "resume",
  "resumeAt",
  "checkpointEvery",
  "force",
  "quiet",
  "json",
  "config",
  "threads",
  "tier",
  "anyTier",
  "epochs",
  "minutes",
  "patience",
  "mostSkipped",
]);
/** Options that say where data lies: a file may have moved. */
const files = new Set(["train", "valid", "test"]);

/**
 * An error of a run that does not go on, with the options in it that are not as they were; the error itself where it is
 * another one, or where run.json tells nothing.
 */
export async function withChangedOptions(error: unknown, command: GoingOn): Promise<unknown> {
  if (!(error instanceof TrainingError)) return error;
  const { changed } = error;
  if (changed === undefined || changed === "tier") return error;
  const { path, configuration, data } = command;
  const run = await readFacts(join(path, "run.json"));
  // Against nothing every option would be another one.
  if (run["configuration"] === undefined) return error;
  const options = changedOptions(asJson(run["configuration"]), configuration).filter(
    ({ name }) => changed === "data" || !files.has(name),
  );
  const contents = changed === "data" ? changedContents(asJson(run["data"]), data) : [];
  const why = [...options.map(({ how }) => how), ...contents];
  if (why.length === 0) return error;
  return new TrainingError(
    `${path}: the run cannot go on: ${why.join("; ")}. Give what it had, or begin anew with --force.`,
    { changed },
  );
}

/** Options that are not as they were, each with what it was and what it is. */
function changedOptions(was: Json, is: Json): { readonly name: string; readonly how: string }[] {
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap((name) => {
    const [before, now] = [was[name], is[name]];
    if (free.has(name) || JSON.stringify(before) === JSON.stringify(now)) return [];
    // --no-tied is `tied` with the value false, and true where it is not given.
    const negated = before === false || now === false;
    const [a, b] = [before, now].map((value) => text(negated ? value === false : value));
    return [{ name, how: `--${negated ? "no-" : ""}${kebab(name)} was ${a} and is ${b}` }];
  });
}

function text(value: unknown): string {
  if (value === undefined || value === false) return "not given";
  if (value === true) return "given";
  return Array.isArray(value) ? value.join(",") : String(value);
}

/** Files that have the name that they had, and not the contents. */
function changedContents(was: Json, is: GoingOn["data"]): string[] {
  const listed = Object.values(was).flat().filter(isPlainObject) as unknown as FileFacts[];
  const before = new Map(listed.map((facts) => [facts.file, facts]));
  const changed = Object.values(is)
    .flat()
    .filter(({ file, sha256 }) => before.has(file) && before.get(file)?.sha256 !== sha256);
  return [...new Set(changed.map(({ file }) => `${file} has other contents than it had`))];
}

/** What run.json says; nothing where there is none to be read. */
async function readFacts(file: string): Promise<Json> {
  try {
    const result = parseJsonText(new TextDecoder().decode(await readFileBytes(file)));
    return asJson("value" in result ? result.value : undefined);
  } catch {
    // It is an explanation: without it the error says what it can.
    return {};
  }
}

const asJson = (value: unknown): Json =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
