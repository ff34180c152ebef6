/**
 * Files, for Node only: the only place in this folder that opens them. Reading gives sources (source.ts), and writing
 * is all or nothing. Not part of data/index.ts, which browsers load.
 */
import { randomUUID } from "node:crypto";
import { createReadStream, fstatSync } from "node:fs";
import { open, readdir, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { DataError } from "./errors.js";
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

/** A file as a source. It is opened when it is read, so errors come from reading. */
export function fileSource(path: string): Source {
  return {
    name: path,
    async *stream() {
      try {
        yield* createReadStream(path) as AsyncIterable<Uint8Array>;
      } catch (error) {
        throw fileError(path, "read", error);
      }
    },
  };
}

/**
 * The process's standard input as a source. It can be read once; `close` ends that, so that a process need not wait for
 * whoever might still write.
 */
export function standardInput(): Source & { close(): void } {
  const name = "standard input";
  let opened: typeof process.stdin | undefined;
  return {
    name,
    async *stream() {
      try {
        // A folder would be taken for an empty file.
        if (fstatSync(0).isDirectory()) throw Object.assign(new Error("it is a folder"), { code: "EISDIR" });
        // Opened only now: a command that does not read must not wait for it.
        opened = process.stdin;
        yield* opened as AsyncIterable<Uint8Array>;
      } catch (error) {
        throw fileError(name, "read", error);
      }
    },
    close: () => void opened?.destroy(),
  };
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

/** All bytes of a file. @throws DataError if it cannot be read */
export async function readFileBytes(path: string): Promise<Uint8Array> {
  try {
    const { buffer, byteOffset, byteLength } = await readFile(path);
    return new Uint8Array(buffer, byteOffset, byteLength);
  } catch (error) {
    throw fileError(path, "read", error);
  }
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
