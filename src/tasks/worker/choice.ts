/**
 * Where a task is trained, as its options say.
 */

/** What a worker can do, in a browser and in Node; declared here, since a project may have the types of only one of them. */
export interface TrainingWorker {
  postMessage(message: unknown): void;
  terminate(): unknown;
}

/** Whether training runs in a worker, or a function that makes the worker, whose module must import `unrolled/tasks/worker`. */
export type WorkerChoice = boolean | (() => TrainingWorker);
