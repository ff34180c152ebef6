/**
 * Files that another file names: a shard of a model, the table of a run. What comes from elsewhere does not decide what is
 * read of this machine, so a name leads to plain files beside the one that names them, and nowhere else.
 */
import { constants } from "node:fs";
import { open, realpath, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { type ReadLimits, sizeText, usualLimits } from "../../io/limits.js";
import { nameProblem } from "../../io/names.js";
import { keyed } from "../../options/error.js";
import { DataError, type DataProblem } from "../errors.js";
import { fileError } from "./system-errors.js";
import { limitsHere, noteNamed } from "./work.js";

/**
 * The bytes of a file that another file names: a shard of a model. The name must be relative, what it leads to must be a file,
 * not a device, a pipe or a folder, and lie in the folder of the file that names it or below, wherever links lead.
 *
 * @param from the file that names it
 * @param limits how large it may be; default: those of the work that this is called in
 * @throws DataError saying which name in which file is refused, and why
 */
export async function readNamed(
  from: string,
  name: string,
  limits: ReadLimits = limitsHere(),
): Promise<Uint8Array> {
  const fail = (problem: string, remedy: DataProblem["remedy"] = besideRemedy) =>
    new DataError({ file: from, problem: `names ${JSON.stringify(name)}, which ${problem}`, remedy });
  const odd = nameProblem(name);
  if (odd !== undefined) throw fail(odd);
  const path = join(dirname(from), name);
  const problem = await placeProblem(path, [dirname(from)]);
  if (problem !== undefined) throw fail(problem);
  const { mostBytes = usualLimits.mostBytes } = limits;
  try {
    // What is a file now may be a pipe in a moment: opening one waits for a writer unless it must not.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const status = await file.stat();
      if (!status.isFile()) throw fail("is no file");
      if (status.size > mostBytes)
        throw fail(
          `has ${sizeText(status.size)}, more than ${sizeText(mostBytes)}`,
          keyed("{mostBytes} raises the limit, for a file that you trust."),
        );
      const { buffer, byteOffset, byteLength } = await file.readFile();
      return new Uint8Array(buffer, byteOffset, byteLength);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileError(path, "read", error);
  }
}

/**
 * The bytes of a part of what a file describes, such as a shard of its weights: read as `readNamed` does, and nothing that this
 * work writes replaces it, though no option names it.
 *
 * @throws DataError as `readNamed`
 */
export async function readPart(from: string, name: string): Promise<Uint8Array> {
  const bytes = await readNamed(from, name);
  noteNamed(await stat(join(dirname(from), name), { bigint: true }));
  return bytes;
}

const besideRemedy = "A file from elsewhere must not decide what is read of this machine.";

/**
 * What is wrong with the place of a file or folder that another file names, in words that follow its name; undefined if it lies,
 * or would lie, in one of the folders, wherever links lead, and is a file or a folder.
 */
export async function placeProblem(path: string, folders: readonly string[]): Promise<string | undefined> {
  const real = await realPlace(path);
  const status = await stat(real).catch(() => undefined);
  if (status && !status.isFile() && !status.isDirectory()) return "is no file but a device or a pipe";
  for (const folder of folders) {
    const way = relative(await realPlace(folder), real);
    if (way !== ".." && !/^\.\.[/\\]/.test(way) && !isAbsolute(way)) return undefined;
  }
  return `lies outside ${folders.map((folder) => (folder === "." ? "this folder" : folder)).join(" and ")}`;
}

/** Where links lead; of what is not there, where it would be. */
async function realPlace(path: string): Promise<string> {
  const whole = resolve(path);
  const real = await realpath(whole).catch(() => undefined);
  if (real !== undefined || dirname(whole) === whole) return real ?? whole;
  return join(await realPlace(dirname(whole)), basename(whole));
}
