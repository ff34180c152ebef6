/**
 * The surroundings of this process, for main.ts.
 */
import process from "node:process";
import { standardInput } from "../../data/node.js";
import { createExecutor } from "../../exec/registry/index.js";
import { Interrupted } from "./errors.js";
import type { Surroundings } from "./surroundings.js";
import { shownSink } from "./visible.js";

/** The surroundings of this process. */
export function processSurroundings(): Surroundings {
  return {
    stdout: shownSink(process.stdout),
    stderr: shownSink(process.stderr),
    stdin: { ...standardInput(), isTTY: process.stdin.isTTY },
    env: process.env,
    interruption() {
      const controller = new AbortController();
      // Once only: pressing Ctrl-C a second time means not wanting to wait.
      process.once("SIGINT", () => controller.abort(new Interrupted()));
      return controller.signal;
    },
    // The process is ours, so its engine may be told to pair operations.
    createExecutor: (options) => createExecutor({ tier: "fastest", ...options }),
  };
}

/**
 * Bytes that this process may still allocate: the limit that training is checked against before it starts, in
 * addition to WebAssembly's own.
 */
export function availableMemory(): number {
  return process.availableMemory();
}
