/**
 * Training in a worker: options are sent as data, progress and checkpoints come back as messages, and the model comes back
 * as a file. A page thus stays responsive however long a step takes. The worker's own side is worker.ts.
 */

import { DataError } from "../../data/errors.js";
import { OptionError, plain } from "../../options/index.js";
import { TrainingError } from "../../train/errors.js";
import type { CheckpointStore } from "../../train/run/checkpointing.js";
import type { FitReport } from "../../train/run/options.js";
import type { TaskTraining } from "../task.js";
import type { TrainingWorker, WorkerChoice } from "./choice.js";
import { type FromWorker, packOptions, type ToWorker } from "./messages.js";

/** True on a browser's page, where training would block the user. */
const onPage = (): boolean => !isNode() && "document" in globalThis && "Worker" in globalThis;

/** Whether a task is to be trained in a worker: by default on a page, if the caller gave no executor. */
export function wantsWorker({ worker, executor }: Pick<TaskTraining, "worker" | "executor">): boolean {
  if (executor !== undefined) return false;
  return worker === undefined ? onPage() : worker !== false;
}

/**
 * Trains a task in a worker of its own, which ends with the training.
 *
 * @returns the model's file, and what training did
 * @throws as the task's own `train` does
 */
export async function trainInWorker(
  task: string,
  options: TaskTraining & object,
): Promise<{ readonly bytes: Uint8Array; readonly training: FitReport }> {
  const { signal, control, onMemory, onWeights, onProgress, checkpoints } = options;
  signal?.throwIfAborted();
  const worker = await startWorker(options.worker);
  const send = (message: ToWorker): void => worker.postMessage(message);
  const abort = (): void => send({ kind: "abort" });
  // A pause is polled, since the switch itself stays on this side.
  let paused = false;
  const watch = (): void => {
    if (control === undefined || control.paused === paused) return;
    paused = control.paused;
    send({ kind: paused ? "pause" : "resume" });
  };
  const watching = control === undefined ? undefined : setInterval(watch, 10);
  try {
    return await new Promise((resolve, reject) => {
      const receive = (message: FromWorker): void => {
        switch (message.kind) {
          case "memory":
            return onMemory?.(message.estimate);
          case "weights":
            onWeights?.(message.share);
            return watch();
          case "progress":
            onProgress?.(message.progress);
            return watch();
          case "call":
            return void answer(checkpoints?.store, message, send);
          case "done":
            return resolve(message);
          case "failed":
            return reject(signal?.aborted ? signal.reason : errorOf(message));
          default:
            message satisfies never;
        }
      };
      listen(worker, receive, (reason) =>
        reject(new TrainingError(`the training worker has ended: ${reason}`)),
      );
      signal?.addEventListener("abort", abort);
      send({ kind: "start", task, options: packOptions(options) });
      // Between the asking for it and its start.
      if (signal?.aborted) abort();
    });
  } finally {
    signal?.removeEventListener("abort", abort);
    clearInterval(watching);
    await worker.terminate();
  }
}

async function answer(
  store: CheckpointStore | undefined,
  { call, method, args }: Extract<FromWorker, { kind: "call" }>,
  send: (message: ToWorker) => void,
): Promise<void> {
  try {
    const use = store?.[method] as ((...args: readonly unknown[]) => Promise<unknown>) | undefined;
    send({ kind: "reply", call, value: await use?.(...args) });
  } catch (error) {
    send({ kind: "reply", call, error: error instanceof Error ? error.message : String(error) });
  }
}

/** The worker's error, in its own class if it is one for people. */
function errorOf({ name, message, template, ...facts }: Extract<FromWorker, { kind: "failed" }>): Error {
  if (name === "OptionError") return new OptionError(template ?? plain(message));
  if (name === "TrainingError") return new TrainingError(message, { ...facts, template });
  const error = name === "DataError" ? Object.create(DataError.prototype) : new Error(message);
  const kept = template === undefined ? {} : { template: { value: template, enumerable: true } };
  return Object.defineProperties(error, { name: { value: name }, message: { value: message }, ...kept });
}

const isNode = (): boolean => typeof process !== "undefined" && process.versions?.node !== undefined;

async function startWorker(choice: WorkerChoice | undefined): Promise<TrainingWorker> {
  if (typeof choice === "function") return choice();
  if (isNode()) {
    const { Worker: NodeWorker } = process.getBuiltinModule("node:worker_threads");
    return new NodeWorker(new URL("../tasks/worker.js", import.meta.url));
  }
  // Written out literally, so that bundlers recognise a worker's module.
  return new Worker(new URL("../tasks/worker.js", import.meta.url), { type: "module" });
}

/** Listens to a worker of either kind. */
function listen(
  worker: TrainingWorker,
  receive: (message: FromWorker) => void,
  ended: (reason: string) => void,
): void {
  if ("on" in worker && typeof worker.on === "function") {
    worker.on("message", receive);
    worker.on("error", (error: Error) => ended(error.message));
    worker.on("exit", (code: number) => ended(`code ${code}`));
    return;
  }
  const web = worker as unknown as {
    onmessage: (event: { data: FromWorker }) => void;
    onerror: (event: { message?: string }) => void;
  };
  web.onmessage = ({ data }) => receive(data);
  const missing =
    "its module could not be loaded. If your bundler misses it, bundle unrolled/tasks/worker too and say where it is " +
    "(worker: () => new Worker(…)), or train on this thread (worker: false)";
  web.onerror = ({ message }) => ended(message || missing);
}
