/**
 * Where the process prints: what is done when that is not possible any more. A reader that has seen enough closes the pipe
 * (`unrolled predict … | head`), a disk gets full, a terminal goes away.
 *
 *   standard output   a closed pipe ends the command quietly, with status 0; a full disk with a sentence, and status 1
 *   standard error    is given up silently, whatever the reason: there is nobody to tell
 *
 * A command that has something to save goes on in both cases, and its status says at the end that its output was lost.
 */
import type { Writable } from "node:stream";
import { fileError } from "../../data/node.js";
import type { TextSink } from "./surroundings.js";

/** A stream of the process. */
export type ProcessStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** How a process ends when it cannot print. */
export interface Ending {
  /** Ends the process at once. @param error what is to be said; undefined: nothing */
  end(error?: unknown): void;
  /** True if the command goes on all the same. */
  readonly goesOn: boolean;
}

/** A sink, and what became of it. */
export interface ProcessSink extends TextSink {
  /** What is to be said at the end about output that was lost; undefined if there is nothing. */
  readonly lost: unknown;
}

/** Standard error: what cannot be printed is left out. */
export function errorSink(stream: ProcessStream): TextSink {
  let isOpen = true;
  const close = (): void => {
    isOpen = false;
  };
  stream.on("error", close);
  return sinkOf(stream, (text) => isOpen && attempt(() => stream.write(text), close));
}

/** Standard output. */
export function outputSink(stream: ProcessStream, ending: Ending): ProcessSink {
  let isOpen = true;
  let lost: unknown;
  const fail = (error: unknown): void => {
    if (!isOpen) return;
    isOpen = false;
    const isQuiet = Object(error).code === "EPIPE";
    lost = isQuiet ? undefined : fileError("standard output", "written", error);
    if (!ending.goesOn) ending.end(lost);
  };
  stream.on("error", fail);
  const sink = sinkOf(stream, (text) => isOpen && attempt(() => stream.write(text), fail));
  return Object.defineProperty(sink, "lost", { get: () => lost }) as ProcessSink;
}

/** A file refuses at once, a pipe later. */
function attempt(write: () => boolean, fail: (error: unknown) => void): boolean {
  try {
    return write();
  } catch (error) {
    fail(error);
    return false;
  }
}

const sinkOf = (stream: ProcessStream, write: (text: string) => boolean): TextSink =>
  Object.defineProperties(
    { write },
    { isTTY: { get: () => stream.isTTY === true }, columns: { get: () => stream.columns } },
  );
