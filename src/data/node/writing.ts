/**
 * Writing files, for Node only: the one way in which anything of this package is put on a disk. A file has its old contents
 * or the new ones, whatever happens meanwhile, and what was written is still there after the machine lost its power.
 */
import { randomBytes } from "node:crypto";
import { link, open, readdir, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DataError } from "../errors.js";
import { hasEnded, ownMark, type ProcessMark } from "./processes.js";
import { codeOf, fileError } from "./system-errors.js";
import { isNamedHere } from "./work.js";

/**
 * Writes a file so that a crash or a full disk leaves either the old contents or the new, never a part of them: into a
 * temporary file in the same folder, flushed to the disk, then renamed, and the folder flushed. The temporary file is removed
 * on failure. An existing file keeps its permissions; a symbolic link stays a link, and its target is replaced.
 *
 * @throws DataError if the file cannot be written, or is none: a folder, a device, a pipe; or if this work has read it as a
 * part of what another file describes
 */
export async function writeFileAtomically(path: string, bytes: Uint8Array): Promise<void> {
  try {
    const target = await realpath(path).catch(() => path);
    const mode = await permissionsOf(target, path);
    await withPart(dirname(target), bytes, mode, async (part) => {
      await rename(part, target);
      await flushFolder(dirname(target));
    });
  } catch (error) {
    throw fileError(path, "written", error);
  }
}

/**
 * Writes a file that must not exist yet: of several processes that try, one succeeds.
 *
 * @returns false if there already is such a file
 * @throws DataError if it cannot be written
 */
export async function writeNewFile(path: string, bytes: Uint8Array): Promise<boolean> {
  try {
    // A link appears with all of its contents; a file that is created is empty first.
    await withPart(dirname(path), bytes, undefined, async (part) => {
      await link(part, path);
      await rm(part);
    });
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code === "EEXIST") return false;
    if (!["EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EMLINK"].includes(code ?? ""))
      throw fileError(path, "written", error);
  }
  // A file system without links.
  try {
    const file = await open(path, "wx");
    await file.writeFile(bytes).finally(() => file.close());
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw fileError(path, "written", error);
  }
}

/** Removes a file; none is fine. @throws DataError if it cannot be removed */
export async function removeFile(path: string): Promise<void> {
  try {
    await rm(path, { force: true });
  } catch (error) {
    throw fileError(path, "removed", error);
  }
}

/** Adds to the end of a file, which is made if there is none. @throws DataError if it cannot be written */
export async function appendToFile(path: string, text: string): Promise<void> {
  try {
    const file = await open(path, "a");
    await file.appendFile(text).finally(() => file.close());
  } catch (error) {
    throw fileError(path, "written", error);
  }
}

/** Waits until what was added to a file is on the disk; without the file there is nothing to wait for. @throws DataError */
export async function flushFile(path: string): Promise<void> {
  try {
    const file = await open(path, "r+");
    await file.sync().finally(() => file.close());
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw fileError(path, "written", error);
  }
}

/** Makes sure that a file could be written, by making another one in its folder for a moment. @throws DataError if not */
export async function tryToWrite(path: string): Promise<void> {
  try {
    const target = await realpath(path).catch(() => path);
    await withPart(dirname(target), new Uint8Array(), undefined, async (part) => rm(part));
  } catch (error) {
    throw fileError(path, "written", error);
  }
}

/**
 * Removes what processes that were killed left in a folder while they wrote.
 *
 * @param ended whether the process of a mark has ended; default: if that is known
 * @returns how many files there were
 */
export async function removeLeftParts(
  folder: string,
  ended: (mark: ProcessMark) => boolean = (mark) => hasEnded(mark) === true,
): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const left = names.filter((name) => {
    const mark = markOfPart(name);
    return mark !== undefined && ended(mark);
  });
  // What cannot be removed harms nobody.
  for (const name of left) await rm(join(folder, name), { force: true }).catch(() => {});
  return left.length;
}

const PART = /^\.unrolled-(\d+)-(\d*)-([0-9a-f]{8})-[0-9a-f]{12}\.tmp$/;

/** A name for a temporary file, which says whose it is; short, whatever the name of the file that it is to become. */
export function partName(): string {
  const { pid, started, machine } = ownMark();
  return `.unrolled-${pid}-${started}-${machine}-${randomBytes(6).toString("hex")}.tmp`;
}

function markOfPart(name: string): ProcessMark | undefined {
  const [, pid, started, machine] = PART.exec(name) ?? [];
  return pid === undefined ? undefined : { pid: Number(pid), started: started!, machine: machine! };
}

/** Writes a temporary file, lets it be made what it is to be, and leaves nothing of it if that fails. */
async function withPart(
  folder: string,
  bytes: Uint8Array,
  mode: number | undefined,
  use: (part: string) => Promise<void>,
): Promise<void> {
  const part = join(folder, partName());
  let isLeft = false;
  try {
    // "wx" refuses to follow or overwrite anything that is already there.
    const file = await open(part, "wx", mode);
    isLeft = true;
    try {
      await file.writeFile(bytes);
      if (mode !== undefined) await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
    await use(part);
    isLeft = false;
  } finally {
    // Why it could not be written matters more than that it stays: it is removed later.
    if (isLeft) await rm(part, { force: true }).catch(() => {});
  }
}

/** Makes a new name in a folder outlast a loss of power; where a system has no such thing, there is nothing to do. */
async function flushFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r").catch(() => undefined);
  // Some file systems refuse, and the file itself is whole all the same.
  await folder?.sync().catch(() => {});
  await folder?.close();
}

/** The permissions of an existing file; `undefined` if there is none. @throws DataError if it is no file */
async function permissionsOf(target: string, path: string): Promise<number | undefined> {
  const status = await stat(target, { bigint: true }).catch(() => undefined);
  if (status === undefined || status.isDirectory()) return undefined;
  if (isNamedHere(status))
    throw new DataError({
      file: path,
      problem: "belongs to what is read here, and was kept",
      remedy: "Choose another name.",
    });
  if (status.isFile()) return Number(status.mode) & 0o777;
  throw new DataError({
    file: path,
    problem: "is a device or a pipe, and was kept",
    remedy: "Give the name of a file.",
  });
}
