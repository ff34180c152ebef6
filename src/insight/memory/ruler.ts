/**
 * The memory ruler: how far back a cell remembers after a stated budget of training. For each task a small network of the cell
 * is trained from scratch at growing distances, each twice as far, until it fails.
 */
import type { Cell } from "../../cell/cell.js";
import type { Executor } from "../../exec/executor.js";
import { extentOf } from "../../nn/build/index.js";
import {
  createPredictor,
  type Example,
  initialParameters,
  linear,
  type Network,
  network,
  recurrent,
} from "../../nn/index.js";
import { adam } from "../../train/step/optimizers.js";
import { createTrainer } from "../../train/step/trainer.js";
import {
  type MemoryTask,
  type MemoryTaskName,
  memoryExamples,
  memoryTaskNames,
  memoryTasks,
  poolingOf,
} from "./tasks.js";

/** The budget and the tasks. */
export interface MemoryOptions {
  /** Default: all of them, adding, copy and recall. */
  readonly tasks?: readonly MemoryTaskName[];
  /** Hidden width; default 32. */
  readonly units?: number;
  /** Training steps at each distance; default 1000. A distance that is learned before that is left at once. */
  readonly steps?: number;
  /** Sequences of a training step, none of which comes twice; default 32. */
  readonly batchSize?: number;
  /** Of Adam; default 0.005. Gradients are clipped to the norm 1. */
  readonly learningRate?: number;
  /** The first distance, in steps; default 8. */
  readonly from?: number;
  /** The longest distance that is tried; default 256. */
  readonly longest?: number;
  /** Of the weights and the examples; default 0. */
  readonly seed?: number;
  /** Told after every fiftieth training step, and at the last one at a distance. */
  readonly onProgress?: (progress: MemoryProgress) => void;
  /** Stops it; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Where the ruler is. */
export interface MemoryProgress {
  readonly cell: string;
  readonly task: MemoryTaskName;
  readonly distance: number;
  /** Training steps at this distance so far. */
  readonly step: number;
  /** Of the last look, on examples that were not trained on. */
  readonly score: number;
  /** True if this was the last look at the distance. */
  readonly isDone: boolean;
}

/** What was reached at a distance. */
export interface DistanceScore {
  readonly distance: number;
  /** On 200 examples that were not trained on; 1 is perfect. */
  readonly score: number;
  readonly remembers: boolean;
  /** Training steps that were taken. */
  readonly steps: number;
}

/** How far a cell remembers in a task. */
export interface TaskReach {
  readonly task: MemoryTaskName;
  /** The longest distance up to which it remembered at every one; 0 if not even at the first. */
  readonly reach: number;
  /** True if it remembered at every distance, so that it may reach further. */
  readonly isOpen: boolean;
  /** From the first distance to the one it failed at. */
  readonly distances: readonly DistanceScore[];
}

/** How far a cell remembers. */
export interface CellMemory {
  readonly cell: string;
  readonly units: number;
  /** In the order of the options. */
  readonly tasks: readonly TaskReach[];
  readonly seconds: number;
}

const [lookEvery, looked] = [50, 200];

/**
 * Measures how far back a cell remembers.
 *
 * @example
 * const memory = await measureMemory(gru, createWasmExecutor, { tasks: ["recall"], longest: 64 });
 * memory.tasks[0]?.reach; // 64: the symbol is known after 64 others
 * @param createExecutor makes what each network is trained on; it is disposed of afterwards
 * @throws RangeError if an option makes no sense
 */
export async function measureMemory(
  cell: Cell,
  createExecutor: () => Promise<Executor> | Executor,
  options: MemoryOptions = {},
): Promise<CellMemory> {
  const { tasks = memoryTaskNames, units = 32, from = 8, longest = 256 } = options;
  checkOptions(options);
  const began = performance.now();
  const reaches: TaskReach[] = [];
  for (const task of tasks) {
    const distances: DistanceScore[] = [];
    for (let distance = from; distance <= longest; distance *= 2) {
      distances.push(await learn(cell, createExecutor, { ...options, task, distance }));
      if (!distances.at(-1)?.remembers) break;
    }
    const reached = distances.filter(({ remembers }) => remembers);
    const isOpen = reached.length === distances.length;
    reaches.push({ task, reach: reached.at(-1)?.distance ?? 0, isOpen, distances });
  }
  return { cell: cell.name, units, tasks: reaches, seconds: (performance.now() - began) / 1000 };
}

function checkOptions({ from = 8, longest = 256, ...others }: MemoryOptions): void {
  const { units = 1, steps = 1, batchSize = 1 } = others;
  for (const [name, value] of Object.entries({ units, steps, batchSize, from, longest })) {
    if (!(Number.isInteger(value) && value >= 1))
      throw new RangeError(`${name} is ${value}; it must be a whole number from 1`);
  }
  // A sum of two numbers needs two steps, and three symbols three.
  if (from < 4) throw new RangeError(`from is ${from}; a distance is at least 4 steps`);
  if (longest < from)
    throw new RangeError(`longest is ${longest}; it must be at least the first distance, ${from}`);
}

/** Trains on one distance, until it is learned or the budget is spent. */
async function learn(
  cell: Cell,
  createExecutor: () => Promise<Executor> | Executor,
  options: MemoryOptions & { readonly task: MemoryTaskName; readonly distance: number },
): Promise<DistanceScore> {
  const { task, distance, steps = 1000, batchSize = 32, seed = 0, signal, onProgress } = options;
  const row = memoryTasks[task];
  const net = networkOf(cell, row, options.units ?? 32);
  const examples = (first: number, count: number): Example[] =>
    memoryExamples(task, { distance, seed, from: first, count });
  const batches = [examples(0, batchSize).map((example) => extentOf(net, example))];
  const optimizer = adam({ learningRate: options.learningRate ?? 0.005 });
  const executor = await createExecutor();
  const trainer = createTrainer(net, initialParameters(net, seed), executor, {
    optimizer,
    clip: 1,
    batches,
    seed,
  });
  const predictor = createPredictor(net, trainer.session);
  // Examples that are looked at come after all that are trained on.
  const look = (step: number): number => {
    const fresh = examples(steps * batchSize + step * looked, looked);
    const score = row.score(predictor.predict(fresh), fresh);
    // Weights that went astray predict no numbers.
    return Number.isFinite(score) ? score : row.chance;
  };
  try {
    let score = row.chance;
    for (let step = 1; step <= steps; step++) {
      trainer.step(examples((step - 1) * batchSize, batchSize));
      if (step % lookEvery !== 0 && step !== steps) continue;
      score = look(step);
      const remembers = score >= row.threshold;
      const isDone = remembers || step === steps;
      onProgress?.({ cell: cell.name, task, distance, step, score, isDone });
      if (remembers) return { distance, score, remembers: true, steps: step };
      // So that the caller stays responsive, and can stop it.
      await new Promise((resolve) => setTimeout(resolve));
      signal?.throwIfAborted();
    }
    return { distance, score, remembers: false, steps };
  } finally {
    trainer.dispose();
    executor.dispose();
  }
}

function networkOf(cell: Cell, task: MemoryTask, units: number): Network {
  const layers = [recurrent({ cell, units }), ...poolingOf(task), linear({ units: task.outputs })];
  return network({ input: task.input, layers, loss: task.loss });
}
