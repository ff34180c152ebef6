/**
 * What the operating system refuses, in words: one row for each of the commonest reasons why a file cannot be opened, read
 * or written. For Node only.
 */
import { DataError } from "../errors.js";

/** What to say about a reason, by its code. */
const reasons: Readonly<Record<string, readonly [problem: string, remedy: string]>> = {
  ENOENT: ["there is no such file or folder", "Is the name right, and is it relative to this folder?"],
  EISDIR: ["it is a folder", "Give the name of a file."],
  ENOTDIR: ["a part of its path is a file, not a folder", "Is the path right?"],
  EACCES: ["it is not permitted", "Change the file's permissions, or use another place."],
  EPERM: ["it is not permitted", "Change the file's permissions, or use another place."],
  EROFS: ["the file system is read-only", "Use another place."],
  ENOSPC: ["the disk is full", "Make room, or use another place."],
  EDQUOT: ["there is no more room for this user", "Make room, or use another place."],
  EFBIG: ["files may not be that large here", "Raise the limit (ulimit -f), or use another place."],
  EIO: ["the disk or the terminal behind it fails", "Is it still connected?"],
  ENAMETOOLONG: ["its name is too long", "Choose a shorter one."],
};

/** The code of an error of the operating system; undefined for any other error. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error ? String(error.code) : undefined;

/** Turns an error of the operating system into one for people; anything else is returned as it is. */
export function fileError(path: string, done: "read" | "written" | "removed", error: unknown): unknown {
  const code = codeOf(error);
  if (code === undefined || error instanceof DataError) return error;
  const [problem, remedy] = reasons[code] ?? [(error as Error).message, "The operating system refused."];
  return new DataError({ file: path, problem: `cannot be ${done}: ${problem}`, remedy });
}
