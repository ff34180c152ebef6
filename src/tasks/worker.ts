/**
 * `unrolled/tasks/worker`: the module of a training worker. It only waits for a page, or a program, to send it a task's
 * options (worker/in-worker.ts); loaded anywhere else, it does nothing.
 */

import { Held, type Resource } from "../exec/resource.js";
import type { TrainingErrorFacts } from "../train/errors.js";
import type { CheckpointStore } from "../train/run/checkpointing.js";
import { trainingControl } from "../train/run/control.js";
import type { TaskTraining } from "./task.js";
import { type FromWorker, type StoreMethod, type ToWorker, unpackOptions } from "./worker/messages.js";

/** What a worker needs of a task. */
interface TrainedTask {
  readonly train: (options: never) => Promise<TrainedModel>;
  readonly load: (bytes: Uint8Array) => Promise<Resource>;
}
interface TrainedModel extends Resource {
  readonly training?: unknown;
  save(): Uint8Array;
}

/** The tasks by name; each is loaded on demand, and its other verbs are left out of the worker's bundle. */
const tasks: Readonly<Record<string, () => Promise<TrainedTask>>> = {
  classifier: async () => {
    const { train, load } = await import("./classifier/classifier.js");
    return { train, load };
  },
  forecaster: async () => {
    const { train, load } = await import("./forecaster/forecaster.js");
    return { train, load };
  },
  tagger: async () => {
    const { train, load } = await import("./tagger/tagger.js");
    return { train, load };
  },
  generator: async () => {
    const { train, load } = await import("./generator/generator.js");
    return { train, load };
  },
  translator: async () => {
    const { train, load } = await import("./translator/translator.js");
    return { train, load };
  },
};

/** The sending and the receiving end of a worker's thread. */
interface Port {
  send(message: FromWorker): void;
  hear(receive: (message: ToWorker) => void): void;
}

function port(): Port | undefined {
  const node = typeof process !== "undefined" && process.versions?.node !== undefined;
  if (node) {
    const { parentPort, isMainThread } = process.getBuiltinModule("node:worker_threads");
    if (isMainThread || !parentPort) return undefined;
    return {
      send: (message) => parentPort.postMessage(message),
      hear: (receive) => void parentPort.on("message", receive),
    };
  }
  if ("document" in globalThis) return undefined;
  const scope = globalThis as unknown as {
    postMessage(message: FromWorker): void;
    addEventListener(kind: "message", listener: (event: { data: ToWorker }) => void): void;
  };
  return {
    send: (message) => scope.postMessage(message),
    hear: (receive) => scope.addEventListener("message", ({ data }) => receive(data)),
  };
}

function serve({ send, hear }: Port): void {
  const abort = new AbortController();
  const control = trainingControl();
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  let calls = 0;
  const call =
    (method: StoreMethod) =>
    (...args: readonly unknown[]): Promise<never> =>
      new Promise((resolve, reject) => {
        waiting.set(++calls, { resolve, reject });
        send({ kind: "call", call: calls, method, args });
      });
  const store: CheckpointStore = {
    save: call("save"),
    list: call("list"),
    load: call("load"),
    remove: call("remove"),
  };
  const train = async (task: string, packed: Readonly<Record<string, unknown>>): Promise<void> => {
    const held = new Held();
    try {
      const row = await tasks[task]!();
      const options = unpackOptions(packed);
      const { checkpoints, from } = options as { checkpoints?: object; from?: unknown };
      const model = await row.train({
        ...options,
        ...(checkpoints ? { checkpoints: { ...checkpoints, store } } : {}),
        ...(from instanceof Uint8Array ? { from: held.keep(await row.load(from)) } : {}),
        worker: false,
        control,
        signal: abort.signal,
        onMemory: (estimate) => send({ kind: "memory", estimate }),
        onWeights: (share) => send({ kind: "weights", share }),
        onProgress: (progress) => send({ kind: "progress", progress }),
      } satisfies TaskTraining & Record<string, unknown> as never);
      held.keep(model);
      send({ kind: "done", bytes: model.save(), training: model.training as never });
    } catch (error) {
      const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
      const { finding, changed, template } = Object(error) as TrainingErrorFacts;
      send({ kind: "failed", name, message, template, finding, changed });
    } finally {
      held.dispose();
    }
  };
  hear((message) => {
    switch (message.kind) {
      case "start":
        return void train(message.task, message.options);
      case "pause":
        return control.pause();
      case "resume":
        return control.resume();
      case "abort":
        control.resume();
        return abort.abort();
      case "reply": {
        const asked = waiting.get(message.call);
        waiting.delete(message.call);
        if (message.error === undefined) asked?.resolve(message.value as never);
        else asked?.reject(new Error(message.error));
        return undefined;
      }
      default:
        message satisfies never;
        return undefined;
    }
  });
}

const found = port();
if (found) serve(found);
