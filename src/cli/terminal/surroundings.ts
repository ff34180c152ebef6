/**
 * What a command has around it: the streams, the environment, Ctrl-C, and where models run. The process has one set
 * of these (main.ts); tests hand in their own.
 */
import process from "node:process";
import type { Source } from "../../data/index.js";
import { standardInput } from "../../data/node.js";
import { createWasmExecutor, type WasmOptions } from "../../exec/wasm/index.js";
import { Interrupted } from "./errors.js";

/** Where text goes. */
export interface TextSink {
  write(text: string): unknown;
  /** True where a person watches: progress is drawn in place there. */
  readonly isTTY?: boolean;
  /** Width of the terminal in characters. */
  readonly columns?: number;
}

/** All that a command touches beside files. */
export interface Surroundings {
  /** Takes results. */
  readonly stdout: TextSink;
  /** Takes progress, remarks and errors. */
  readonly stderr: TextSink;
  readonly stdin: Source & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** From the call on, Ctrl-C aborts this signal with {@link Interrupted} and no longer ends the process at once. */
  interruption(): AbortSignal;
  /** What models run on, by default the fastest tier on one thread. Whoever calls it disposes of the executor. */
  createExecutor(options?: Pick<WasmOptions, "threads" | "tier">): ReturnType<typeof createWasmExecutor>;
}

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
    createExecutor: (options) => createWasmExecutor({ tier: "fastest", ...options }),
  };
}

/** Bytes that this process may still take: what training is held to before it starts, beside WebAssembly's own limit. */
export function availableMemory(): number {
  return Math.min(process.availableMemory(), 4 * 2 ** 30);
}
