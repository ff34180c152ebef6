/**
 * The surroundings of this process, for main.ts.
 */
import process from "node:process";
import { standardInput } from "../../data/node.js";
import { createExecutor } from "../../exec/registry/index.js";
import { exitStatus, Interrupted, reportError, type SignalName, signals } from "./errors.js";
import { errorSink, outputSink } from "./sinks.js";
import type { Surroundings } from "./surroundings.js";
import { shownSink } from "./visible.js";

/** The surroundings of this process, and how it ends. */
export interface ProcessSurroundings extends Surroundings {
  /** The status of the process, given that of its command: what was lost on the way to standard output counts. */
  statusAfter(status: number): number;
}

/** The surroundings of this process. */
export function processSurroundings(): ProcessSurroundings {
  let goesOn = false;
  const stderr = errorSink(process.stderr);
  const stdout = outputSink(process.stdout, {
    get goesOn() {
      return goesOn;
    },
    end: (error) => process.exit(error === undefined ? exitStatus.done : reportError(error, around)),
  });
  const around: ProcessSurroundings = {
    stdout: shownSink(stdout),
    stderr: shownSink(stderr),
    stdin: { ...standardInput(), isTTY: process.stdin.isTTY },
    env: process.env,
    interruption,
    outliveReaders() {
      goesOn = true;
    },
    // The process is ours, so its engine may be told to pair operations.
    createExecutor: (options) => createExecutor({ tier: "fastest", ...options }),
    statusAfter: (status) =>
      status === exitStatus.done && stdout.lost !== undefined ? reportError(stdout.lost, around) : status,
  };
  return around;
}

/** Signals that come within so many milliseconds of each other are one: npx and a closing terminal send them twice. */
const TOGETHER = 100;

/** The first signal asks for the end; after it the system ends the process at the next one, as it does without us. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  const names = Object.keys(signals) as SignalName[];
  const stop = (name: SignalName): void => {
    if (controller.signal.aborted) return;
    setTimeout(() => {
      for (const each of names) process.removeListener(each, stop);
    }, TOGETHER).unref();
    controller.abort(new Interrupted(undefined, name));
  };
  for (const name of names) process.on(name, stop);
  return controller.signal;
}

/**
 * Bytes that this process may still allocate: the limit that training is checked against before it starts, in
 * addition to WebAssembly's own.
 */
export function availableMemory(): number {
  return process.availableMemory();
}
