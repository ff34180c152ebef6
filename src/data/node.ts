/**
 * Files, for Node only: reading gives sources (source.ts), and writing is all or nothing (node/writing.ts). Not part of
 * data/index.ts, which browsers load.
 */
import { createReadStream, fstatSync, type Stats } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { budgetOf } from "../io/limits.js";
import { DataError, type DataProblem } from "./errors.js";
import { fileError } from "./node/system-errors.js";
import { limitsHere } from "./node/work.js";
import type { Source } from "./source.js";

export { placeProblem, readNamed, readPart } from "./node/named.js";
export { fileError } from "./node/system-errors.js";
export { limitsHere, withLimits } from "./node/work.js";
export { removeLeftParts, tryToWrite, writeFileAtomically } from "./node/writing.js";

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
