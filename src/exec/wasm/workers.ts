/**
 * Workers: `worker_threads` in Node, `Worker` elsewhere, behind one function. A worker is a few lines of text that
 * need nothing but the module and the memory it is sent, so there is no file for a bundler or a test runner to find.
 * Once it is ready a worker sits inside WebAssembly (assembly/index.ts, serve) and hears no events: runs, barriers
 * and failures go through the team's memory.
 */
import { TEAM_MESSAGE, TEAM_SIZE } from "../lowering/table.js";

/** What a worker is sent. */
export interface Task {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Address of the team. */
  readonly team: number;
  /** From 1 on: 0 is the thread that calls `run`. */
  readonly thread: number;
}

/** A running worker. */
export interface RunningWorker {
  /** Ends it, whatever it does; resolves when it is gone. */
  stop(): Promise<void>;
}

/** Serves until another thread fails, and says so in the team's memory if this one does. `ready` tells the starter. */
const serve = `(task, ready) => {
  const { memory } = task;
  const kernels = new WebAssembly.Instance(task.module, { env: { memory } }).exports;
  ready();
  try {
    kernels.serve(task.team, task.thread);
  } catch (error) {
    const bytes = new TextEncoder().encode(String(error)).subarray(0, ${4 * (TEAM_SIZE - TEAM_MESSAGE)});
    new Uint8Array(memory.buffer).set(bytes, task.team + ${4 * TEAM_MESSAGE});
    kernels.fail(task.team, bytes.length);
  }
}`;

const nodeSource = `const { parentPort, workerData } = require("node:worker_threads");
(${serve})(workerData, () => parentPort.postMessage("ready"));`;

const webSource = `onmessage = ({ data }) => (${serve})(data, () => postMessage("ready"));`;

/** Starts a worker; resolves when it is ready for runs. @throws what it failed with */
export function startWorker(task: Task): Promise<RunningWorker> {
  return isNode() ? startNodeWorker(task) : startWebWorker(task);
}

const isNode = (): boolean => typeof process !== "undefined" && process.versions?.node !== undefined;

async function startNodeWorker(task: Task): Promise<RunningWorker> {
  const { Worker } = process.getBuiltinModule("node:worker_threads");
  // No flags of the process: they may load things (a test runner's hooks) that the worker has no use for.
  const worker = new Worker(nodeSource, { eval: true, workerData: task, execArgv: [] });
  await new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", (code) =>
      reject(new Error(`the worker ended with code ${code} before it was ready`)),
    );
  });
  worker.unref();
  return {
    stop: async () => {
      await worker.terminate();
    },
  };
}

async function startWebWorker(task: Task): Promise<RunningWorker> {
  const url = URL.createObjectURL(new Blob([webSource], { type: "text/javascript" }));
  const worker = new Worker(url);
  try {
    await new Promise((resolve, reject) => {
      worker.onmessage = resolve;
      worker.onerror = ({ message }) => reject(new Error(message || `a worker from ${url} did not start`));
      worker.postMessage(task);
    });
  } finally {
    URL.revokeObjectURL(url);
  }
  return { stop: async () => worker.terminate() };
}
