/**
 * The tasks of the memory ruler: what stands at the beginning of a sequence is asked for at its end. Their examples come from a
 * formula, each a function of (seed, distance, number of the example); one row per task.
 * Sources: Hochreiter and Schmidhuber 1997 (adding, and recall in its task 2); Arjovsky, Shah and Bengio 2016,
 * arXiv:1511.06464 (copy).
 */
import { type Example, type LossName, type NetworkInput, type Prediction, pool } from "../../nn/index.js";
import { purposes, type RandomPlace, randomWord, uniform, wordBelow } from "../../tensor/random.js";

/** The name of a task. */
export type MemoryTaskName = "adding" | "copy" | "recall";

/** The row of a task. */
export interface MemoryTask {
  /** What is asked, in a line. */
  readonly describes: string;
  readonly input: NetworkInput;
  /** Between the cell and the linear output. */
  readonly pooled: boolean;
  readonly outputs: number;
  readonly loss: LossName;
  /** An example whose memory must reach so many steps back. */
  readonly example: (distance: number, draw: Draw) => Omit<Example, "id">;
  /** What the score is, for people. */
  readonly scoreName: string;
  /** How well it is done: 1 is perfect, and what needs no memory gives about `chance`. */
  readonly score: (predictions: readonly Prediction[], examples: readonly Example[]) => number;
  readonly chance: number;
  /** A cell remembers if its score is at least this. */
  readonly threshold: number;
}

/** Random numbers of one example. */
export interface Draw {
  /** In [0, 1). */
  readonly uniform: (element: number) => number;
  /** A whole number below n. */
  readonly below: (n: number, element: number) => number;
}

const symbols = 4;
const copied = 3;
const [blank, ask] = [symbols, symbols + 1];
const keys = 8;
const noise = 8;

/** The place of the largest number. */
const largest = (row: ArrayLike<number>): number =>
  Array.from(row).reduce((best, value, i) => (value > row[best]! ? i : best), 0);

/** The rows. */
export const memoryTasks: Readonly<Record<MemoryTaskName, MemoryTask>> = {
  adding: {
    describes: "the sum of two marked numbers among many, of which one stands in either half of the steps",
    input: { width: 2 },
    pooled: true,
    outputs: 1,
    loss: "squaredError",
    example(distance, { uniform: at, below }) {
      const half = Math.floor(distance / 2);
      const marked = [below(half, 0), half + below(distance - half, 1)];
      const value = (t: number): number => at(2 + t);
      const input = Float32Array.from({ length: 2 * distance }, (_, i) =>
        i % 2 === 0 ? value(i / 2) : Number(marked.includes((i - 1) / 2)),
      );
      return { input, target: [marked.reduce((sum, t) => sum + value(t), 0)] };
    },
    scoreName: "variance explained",
    score(predictions, examples) {
      const errors = predictions.map(({ rows }, i) => {
        const [sum] = Array.from(examples[i]?.target ?? []);
        const off = rows[0]![0]! - sum!;
        return off * off;
      });
      // The sum of two numbers from [0, 1) has the variance 1/6: the error of always answering 1.
      return 1 - (6 * errors.reduce((a, b) => a + b, 0)) / errors.length;
    },
    chance: 0,
    threshold: 0.9,
  },
  copy: {
    describes: `${copied} symbols of ${symbols}, to be written in order when the blanks after them end`,
    input: { vocabulary: symbols + 2 },
    pooled: false,
    outputs: symbols + 1,
    loss: "crossEntropy",
    example(distance, { below }) {
      const list = Array.from({ length: copied }, (_, i) => below(symbols, i));
      // From a symbol to where it is asked for: `copied` steps of symbols and the blanks between.
      const blanks = Array<number>(Math.max(distance - copied, 0)).fill(blank);
      const before = [...list, ...blanks].map(() => blank);
      return { input: [...list, ...blanks, ...list.map(() => ask)], target: [...before, ...list] };
    },
    scoreName: "symbols right",
    score(predictions, examples) {
      const right = predictions.map(({ rows }, i) => {
        const target = examples[i]?.target as readonly number[];
        const end = rows.length - copied;
        return rows.slice(end).filter((row, k) => largest(row) === target[end + k]).length / copied;
      });
      return right.reduce((a, b) => a + b, 0) / right.length;
    },
    chance: 1 / symbols,
    threshold: 0.9,
  },
  recall: {
    describes: `which symbol of ${keys} came first, before others that mean nothing`,
    input: { vocabulary: keys + noise },
    pooled: true,
    outputs: keys,
    loss: "crossEntropy",
    example(distance, { below }) {
      const key = below(keys, 0);
      const others = Array.from({ length: distance }, (_, t) => keys + below(noise, t + 1));
      return { input: [key, ...others], target: [key] };
    },
    scoreName: "right",
    score(predictions, examples) {
      const right = predictions.filter(({ rows }, i) => largest(rows[0] ?? []) === examples[i]?.target?.[0]);
      return right.length / predictions.length;
    },
    chance: 1 / keys,
    threshold: 0.9,
  },
};

/** The names of the tasks, in order. */
export const memoryTaskNames: readonly MemoryTaskName[] = ["adding", "copy", "recall"];

/** Examples by their numbers. */
export function memoryExamples(
  task: MemoryTaskName,
  { distance, seed, from, count }: Readonly<Record<"distance" | "seed" | "from" | "count", number>>,
): Example[] {
  return Array.from({ length: count }, (_, i) => {
    const id = from + i;
    const place: RandomPlace = {
      seed,
      purpose: purposes.synthetic,
      sequence: id,
      step: distance,
      layer: memoryTaskNames.indexOf(task),
    };
    const draw: Draw = {
      uniform: (element) => uniform(place, element),
      below: (n, element) => wordBelow(randomWord(place, element), n),
    };
    return { id, ...memoryTasks[task].example(distance, draw) };
  });
}

/** The layer between the cell and the output, where there is one. */
export const poolingOf = ({ pooled }: MemoryTask) => (pooled ? [pool({ by: "last" })] : []);
