/**
 * Files, for Node only: the only place in this folder that opens them. Reading gives sources (source.ts), and writing
 * is all or nothing. Not part of data/index.ts, which browsers load.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import { constants, createReadStream, type Stats } from "node:fs";
import { open, readdir, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { budgetOf, type ReadLimits, sizeText, usualLimits } from "../io/limits.js";
import { nameProblem } from "../io/names.js";
import { keyed } from "../options/error.js";
import { DataError, type DataProblem } from "./errors.js";
import type { Source } from "./source.js";

/** What to say about the commonest reasons why a file cannot be opened, read or written. */
const reasons: Readonly<Record<string, readonly [problem: string, remedy: string]>> = {
  ENOENT: ["there is no such file or folder", "Is the name right, and is it relative to this folder?"],
  EISDIR: ["it is a folder", "Give the name of a file."],
  ENOTDIR: ["a part of its path is a file, not a folder", "Is the path right?"],
  EACCES: ["it is not permitted", "Change the file's permissions, or use another place."],
  EPERM: ["it is not permitted", "Change the file's permissions, or use another place."],
  EROFS: ["the file system is read-only", "Use another place."],
  ENOSPC: ["the disk is full", "Make room, or use another place."],
};

const scope = new AsyncLocalStorage<ReadLimits>();

/** Does work in which files are read with these limits, whoever opens them. Default everywhere else: the usual ones. */
export function withLimits<T>(limits: ReadLimits, work: () => Promise<T>): Promise<T> {
  return scope.run(limits, work);
}

/** The limits of the work that this is called in. */
export const limitsHere = (): ReadLimits => scope.getStore() ?? usualLimits;

/** A file as a source. It is opened when it is read, so errors come from reading. */
export function fileSource(path: string): Source {
  return {
    name: path,
    limits: limitsHere(),
    async *stream() {
      try {
        refuseDevice(path, await stat(path));
        yield* createReadStream(path) as AsyncIterable<Uint8Array>;
      } catch (error) {
        throw fileError(path, "read", error);
      }
    },
  };
}

/** The process's standard input as a source. It can be read once. */
export function standardInput(): Source {
  return { name: "standard input", stream: () => process.stdin as AsyncIterable<Uint8Array> };
}

/** Devices never end, apart from those that stand for what the process was given. */
function refuseDevice(path: string, status: Stats): void {
  const isDevice = status.isCharacterDevice() || status.isBlockDevice();
  if (!isDevice || /^\/dev\/(stdin|null|tty|fd\/\d+)$/.test(path)) return;
  throw new DataError({ file: path, problem: "is a device", remedy: "Give the name of a file." });
}

/**
 * The files that a path stands for: for a folder all files below it, sorted by name, without hidden ones; otherwise the
 * path itself, whether or not it exists.
 *
 * @throws DataError if a folder cannot be read
 */
export async function filesBelow(path: string): Promise<string[]> {
  const status = await stat(path).catch(() => undefined);
  if (!status?.isDirectory()) return [path];
  try {
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  } catch (error) {
    throw fileError(path, "read", error);
  }
}

/** All bytes of a file. Of a pipe no more is read than the limits allow. @throws DataError if it cannot be read */
export async function readFileBytes(path: string): Promise<Uint8Array> {
  try {
    const status = await stat(path);
    refuseDevice(path, status);
    if (!status.isFile() && !status.isDirectory()) return await readPipe(path);
    return plainBytes(await readFile(path));
  } catch (error) {
    throw fileError(path, "read", error);
  }
}

/** Node reads into buffers, of which one may be a part of another. */
const plainBytes = ({ buffer, byteOffset, byteLength }: Buffer): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

async function readPipe(path: string): Promise<Uint8Array> {
  const fail = (_: string, problem: string, remedy: DataProblem["remedy"]) =>
    new DataError({ file: path, problem, remedy });
  const budget = budgetOf(limitsHere(), fail);
  const pieces: Buffer[] = [];
  for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
    budget.take(piece.length, "", "is a pipe that does not end");
    pieces.push(piece);
  }
  return plainBytes(Buffer.concat(pieces));
}

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
      return plainBytes(await file.readFile());
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileError(path, "read", error);
  }
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

/**
 * Writes a file so that a crash or a full disk leaves either the old contents or the new, never a part of them: into a
 * temporary file in the same folder, flushed to the disk, then renamed. The temporary file is removed on failure. An
 * existing file keeps its permissions; a symbolic link stays a link, and its target is replaced.
 *
 * @throws DataError if the file cannot be written
 */
export async function writeFileAtomically(path: string, bytes: Uint8Array): Promise<void> {
  let temporary: string | undefined;
  try {
    const target = await realpath(path).catch(() => path);
    const mode = await permissionsOf(target);
    const part = join(dirname(target), `.${basename(target)}.${process.pid}.${randomUUID()}.tmp`);
    // "wx" refuses to follow or overwrite anything that is already there.
    const file = await open(part, "wx", mode);
    temporary = part;
    try {
      await file.writeFile(bytes);
      if (mode !== undefined) await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, target);
    temporary = undefined;
  } catch (error) {
    throw fileError(path, "written", error);
  } finally {
    if (temporary !== undefined) await rm(temporary, { force: true });
  }
}

/** The permissions of an existing file; `undefined` if there is none. */
async function permissionsOf(path: string): Promise<number | undefined> {
  const status = await stat(path).catch(() => undefined);
  return status?.isFile() ? status.mode & 0o777 : undefined;
}

/** Turns an error of the operating system into one for people; anything else is returned as it is. */
function fileError(path: string, done: "read" | "written", error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error)) return error;
  const [problem, remedy] = reasons[String(error.code)] ?? [error.message, "The operating system refused."];
  return new DataError({ file: path, problem: `cannot be ${done}: ${problem}`, remedy });
}
