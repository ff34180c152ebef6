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

/** A stream of the process. */
export type ProcessStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** How a process ends when it cannot print. */
export interface Ending {
  /** Ends the process at once. @param error what is to be said; undefined: nothing */
  end(error?: unknown): void;
  /** True if the command goes on all the same. */
  readonly goesOn: boolean;
}

/** A stream that fails nobody: as much of it as printing needs. */
export interface GuardedStream {
  write(text: string): boolean;
  readonly isTTY: boolean;
  readonly columns?: number;
  /** Whether its reader has not yet taken what was written; false where there is none any more. */
  readonly writableNeedDrain: boolean;
  on(event: string, listener: (error?: Error) => void): unknown;
  off(event: string, listener: (error?: Error) => void): unknown;
}

/** Standard output, and what became of it. */
export interface GuardedOutput extends GuardedStream {
  /** What is to be said at the end about output that was lost; undefined if there is nothing. */
  readonly lost: unknown;
}

/** Standard error: what cannot be printed is left out. */
export function errorSink(stream: ProcessStream): GuardedStream {
  return guarded(stream, () => {});
}

/** Standard output. */
export function outputSink(stream: ProcessStream, ending: Ending): GuardedOutput {
  let lost: unknown;
  const sink = guarded(stream, (error) => {
    const isQuiet = Object(error).code === "EPIPE";
    lost = isQuiet ? undefined : fileError("standard output", "written", error);
    if (!ending.goesOn) ending.end(lost);
  });
  return Object.defineProperty(sink, "lost", { get: () => lost }) as GuardedOutput;
}

/** A stream that is given up when it first fails: a file refuses at once, a pipe later. */
function guarded(stream: ProcessStream, failed: (error: unknown) => void): GuardedStream {
  let isOpen = true;
  const fail = (error: unknown): void => {
    if (!isOpen) return;
    isOpen = false;
    failed(error);
  };
  stream.on("error", fail);
  const sink: GuardedStream = {
    write(text) {
      try {
        return isOpen && stream.write(text);
      } catch (error) {
        fail(error);
        return false;
      }
    },
    get isTTY() {
      return stream.isTTY === true;
    },
    get writableNeedDrain() {
      return isOpen && stream.writableNeedDrain;
    },
    on: (event, listener) => stream.on(event, listener),
    off: (event, listener) => stream.off(event, listener),
  };
  return Object.defineProperty(sink, "columns", { get: () => stream.columns });
}
