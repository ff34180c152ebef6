/**
 * The surroundings of this process, for main.ts.
 */
import process from "node:process";
import { standardInput } from "../../data/node.js";
import { createExecutor } from "../../exec/registry/index.js";
import { Interrupted } from "./errors.js";
import type { Surroundings } from "./surroundings.js";

/** The surroundings of this process. */
export function processSurroundings(): Surroundings {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: { ...standardInput(), isTTY: process.stdin.isTTY },
    env: process.env,
    interruption() {
      const controller = new AbortController();
      // Once: who presses Ctrl-C a second time does not want to wait.
      process.once("SIGINT", () => controller.abort(new Interrupted()));
      return controller.signal;
    },
    // The process is our own, so its engine may be told to pair operations.
    createExecutor: (options) => createExecutor({ tier: "fastest", ...options }),
  };
}

/** Bytes that this process may still take: what training is held to before it starts, beside WebAssembly's own limit. */
export function availableMemory(): number {
  return process.availableMemory();
}
