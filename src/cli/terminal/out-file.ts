/**
 * The files that a command will write: whether they may and can be written is checked before any work. An output is a file of
 * its own: it is nothing that the command reads, nothing that a run keeps for itself, no folder, device or pipe, and no other
 * output.
 */
import { readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { DataError } from "../../data/index.js";
import { filesBelow, removeLeftParts, tryToWrite } from "../../data/node.js";
import { isRunFile, runFacts } from "../../train/node.js";

/** How a file is to be written. */
export interface OutFile {
  /** Whether a file that exists may be replaced; default false. */
  readonly force?: boolean | undefined;
  /** The option that names the file, for messages; default --out. */
  readonly option?: string;
  /**
   * What the command was given beside it: arguments and values of options. Whatever text among them is the path of a file
   * counts as read, so that an option that is added later is covered too.
   */
  readonly reads?: unknown;
  /** Folders of which all files are read. */
  readonly folders?: readonly string[];
  /** The folder of the command's run; it will be made. */
  readonly run?: string;
}

/**
 * Makes sure that a file can be written, by briefly writing another one next to it.
 *
 * @throws DataError if it exists and may not be replaced, is none of the command's to replace, or lies in a folder that cannot
 * be written to
 */
export async function requireWritable(file: string, out: OutFile): Promise<void> {
  const { force = false, option = "--out", run } = out;
  const status = await stat(file).catch(() => undefined);
  const fail = (problem: string, remedy: string) => new DataError({ file, problem, remedy });
  const another = `Choose another name with ${option}.`;
  if (status?.isDirectory()) throw fail("is a folder", "Give the name of a file.");
  if (status !== undefined && !status.isFile())
    throw fail("is a device or a pipe, and was kept", "Give the name of a file.");
  if (status !== undefined && (await isRead(file, out)))
    throw fail("is read by this command, which cannot also write it", another);
  const folder = dirname(file);
  if (run !== undefined && (await placeOf(file)) === (await placeOf(run)))
    throw fail("is to be the folder of the run", another);
  if (isRunFile(basename(file)) && (await isOfRun(folder, run)))
    throw fail("is a name that the run in this folder keeps for itself", another);
  if (status !== undefined && !force)
    throw fail(
      "already exists, and was kept",
      `Choose another name with ${option}, or replace it with --force.`,
    );
  if (run !== undefined && resolve(folder) === resolve(run)) return;
  if (!(await stat(folder).catch(() => undefined))?.isDirectory())
    throw fail(`there is no folder ${folder}`, "Make it, or choose another one.");
  await removeLeftParts(folder);
  await tryToWrite(file);
}

/** @throws DataError if the command reads a file that its run would replace */
export async function requireUnread(run: string, what: Pick<OutFile, "reads" | "folders">): Promise<void> {
  for (const name of (await readdir(run).catch(() => [])).filter(isRunFile)) {
    if (await isRead(join(run, name), what))
      throw new DataError({
        file: join(run, name),
        problem: "is read by this command, and its run would replace it",
        remedy: "Choose another folder with --run.",
      });
  }
}

/** @throws DataError if two options name the same file */
export async function requireDifferent(files: Readonly<Record<string, string | undefined>>): Promise<void> {
  const seen = new Map<string, string>();
  for (const [option, file] of Object.entries(files)) {
    if (file === undefined) continue;
    const place = await placeOf(file);
    const other = seen.get(place);
    if (other !== undefined)
      throw new DataError({
        file,
        problem: `is the file of ${other} and of ${option}`,
        remedy: "Give each a name of its own.",
      });
    seen.set(place, option);
  }
}

/** Whether a file that exists is among what the command reads. */
async function isRead(file: string, { reads, folders = [] }: OutFile): Promise<boolean> {
  const below = (await Promise.all(folders.map(filesBelow))).flat();
  for (const text of [...textsIn(reads), ...below]) if (await isSameFile(text, file)) return true;
  return false;
}

/** All texts in a value. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** Whether two paths lead to one file, whatever links are on the way. */
async function isSameFile(a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all(
    [a, b].map((path) => stat(path, { bigint: true }).catch(() => undefined)),
  );
  return one !== undefined && other !== undefined && one.dev === other.dev && one.ino === other.ino;
}

/** Where a file is or will be, links resolved as far as there is anything. */
async function placeOf(file: string): Promise<string> {
  const folder = await realpath(dirname(file)).catch(() => resolve(dirname(file)));
  return realpath(file).catch(() => join(folder, basename(file)));
}

/** Whether a folder is that of a run: of this command's, or of one that is there. */
async function isOfRun(folder: string, run: string | undefined): Promise<boolean> {
  if (run !== undefined && (await placeOf(folder)) === (await placeOf(run))) return true;
  return (await runFacts(folder)) !== undefined;
}
