/**
 * Where a task is trained, as its options say it.
 */

/** What a worker can do, in a browser and in Node: named here, since projects may know the types of only one of them. */
export interface TrainingWorker {
  postMessage(message: unknown): void;
  terminate(): unknown;
}

/** Whether training runs in a worker, or what makes the worker that it runs in: one whose module imports `unrolled/tasks/worker`. */
export type WorkerChoice = boolean | (() => TrainingWorker);
