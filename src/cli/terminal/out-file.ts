/**
 * The file that a command will write: whether it may and can be written is checked before any work.
 */
import { randomUUID } from "node:crypto";
import { rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { DataError } from "../../data/index.js";
import { writeFileAtomically } from "../../data/node.js";

/**
 * Makes sure that a file can be written, by briefly writing another one next to it.
 *
 * @param force whether a file that exists may be replaced
 * @param option that names the file, for messages
 * @throws DataError if it exists and may not be replaced, is a folder, or lies in a folder that cannot be written to
 */
export async function requireWritable(
  file: string,
  { force = false, option = "--out" }: { readonly force?: boolean | undefined; readonly option?: string },
): Promise<void> {
  const status = await stat(file).catch(() => undefined);
  const fail = (problem: string, remedy: string) => new DataError({ file, problem, remedy });
  if (status?.isDirectory()) throw fail("is a folder", "Give the name of a file.");
  if (status !== undefined && !force) {
    throw fail(
      "already exists, and was kept",
      `Choose another name with ${option}, or replace it with --force.`,
    );
  }
  const folder = await stat(dirname(file)).catch(() => undefined);
  if (!folder?.isDirectory())
    throw fail(`there is no folder ${dirname(file)}`, "Make it, or choose another one.");
  const trial = join(dirname(file), `.${basename(file)}.${randomUUID()}.trial`);
  try {
    await writeFileAtomically(trial, new Uint8Array());
  } catch (error) {
    // Nobody knows of the trial file: the error should name the real one.
    throw error instanceof DataError ? fail(error.problem, error.remedy) : error;
  } finally {
    await rm(trial, { force: true });
  }
}
