/**
 * Making folders, for Node only.
 */
import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { DataError } from "../../data/index.js";

/**
 * Makes a folder, and those above it, where they are not there.
 *
 * @returns those that were made, the outermost first
 * @throws DataError if that cannot be
 */
export async function makeFolder(path: string): Promise<readonly string[]> {
  const made: string[] = [];
  try {
    await makeWithParents(path, made);
    return made;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataError({
      file: path,
      problem: `the folder cannot be made: ${reason}`,
      remedy: "Choose another place for the run.",
    });
  }
}

/** Not by mkdir's own `recursive`, which never returns where a file system (/proc) says that what exists does not. */
async function makeWithParents(path: string, made: string[]): Promise<void> {
  const isFolder = async (place: string): Promise<boolean> =>
    (await stat(place).catch(() => undefined))?.isDirectory() ?? false;
  if (await isFolder(path)) return;
  const parent = dirname(path);
  if (parent !== path && !(await isFolder(parent))) await makeWithParents(parent, made);
  try {
    await mkdir(path);
    made.push(path);
  } catch (error) {
    // Somebody else may have made it meanwhile.
    if (!(await isFolder(path))) throw error;
  }
}
