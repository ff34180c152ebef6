/**
 * The memory ruler: examples are what the tasks say, scores are what they are called, and a cell without memory fails where one
 * with memory does not.
 */
import { expect, test } from "vitest";
import { cell, gru, rnn, tanh } from "../../cell/index.js";
import { createReferenceExecutor } from "../../exec/reference/index.js";
import { createWasmExecutor } from "../../exec/wasm/index.js";
import { type MemoryProgress, measureMemory } from "./ruler.js";
import { memoryExamples, memoryTaskNames, memoryTasks } from "./tasks.js";

const distances = [8, 16, 37];

test("adding: two marks, one in either half, and their numbers' sum", () => {
  for (const distance of distances) {
    for (const { input, target } of memoryExamples("adding", { distance, seed: 1, from: 0, count: 50 })) {
      const numbers = Array.from(input as Float32Array);
      expect(numbers).toHaveLength(2 * distance);
      const marked = Array.from({ length: distance }, (_, t) => t).filter((t) => numbers[2 * t + 1] === 1);
      expect(marked).toHaveLength(2);
      expect(marked.map((t) => t >= Math.floor(distance / 2))).toEqual([false, true]);
      // Multiples of 2⁻²⁴: exact in float32.
      expect(target).toEqual([numbers[2 * marked[0]!]! + numbers[2 * marked[1]!]!]);
      expect(numbers.every((v) => v >= 0 && v <= 1)).toBe(true);
    }
  }
});

test("copy: each symbol is asked for as many steps later as the distance says", () => {
  for (const distance of distances) {
    for (const { input, target } of memoryExamples("copy", { distance, seed: 1, from: 0, count: 50 })) {
      const ids = Array.from(input as readonly number[]);
      expect(ids).toHaveLength(distance + 3);
      for (const at of [0, 1, 2]) expect(target?.[at + distance]).toBe(ids[at]);
      expect(ids.slice(3, distance).every((id) => id === 4)).toBe(true);
      expect(ids.slice(distance)).toEqual([5, 5, 5]);
    }
  }
});

test("recall: the first symbol, and then as many others as the distance says", () => {
  const examples = memoryExamples("recall", { distance: 16, seed: 1, from: 0, count: 400 });
  for (const { input, target } of examples) {
    const [key, ...others] = Array.from(input as readonly number[]);
    expect(target).toEqual([key]);
    expect(others).toHaveLength(16);
    expect(others.every((id) => id >= 8 && id < 16)).toBe(true);
  }
  expect(new Set(examples.map(({ target }) => target?.[0])).size).toBe(8);
});

test("examples are a function of seed, distance and number, whatever stands beside them", () => {
  const at = (seed: number, from: number) => memoryExamples("recall", { distance: 8, seed, from, count: 4 });
  expect(at(1, 2).slice(0, 2)).toEqual(at(1, 0).slice(2));
  expect(at(2, 0)).not.toEqual(at(1, 0));
});

test("scores: 1 for what is right, about the chance for what needs no memory", () => {
  for (const name of memoryTaskNames) {
    const { score, chance, outputs, pooled, loss } = memoryTasks[name];
    const examples = memoryExamples(name, { distance: 8, seed: 3, from: 0, count: 2000 });
    const oneHot = (k: number) => Array.from({ length: outputs }, (_, i) => Number(i === k));
    const rowsOf = (of: (target: number) => number[]) =>
      examples.map(({ target }) => ({ rows: Array.from(target ?? [], of) }));
    const right = rowsOf((target) => (loss === "squaredError" ? [target] : oneHot(target)));
    expect(score(right, examples)).toBe(1);
    expect(right[0]?.rows.length).toBe(pooled ? 1 : 11);
    const blind = rowsOf(() => (loss === "squaredError" ? [1] : oneHot(0)));
    // Of 2,000 examples the standard error is below 0.03.
    expect(Math.abs(score(blind, examples) - chance)).toBeLessThan(0.1);
  }
});

test("a gru remembers what a cell that sees one step back forgets, and training stops when it does", async () => {
  const forgetful = cell("forgetful", { states: ["h"], output: "h" }, ({ x, affine }) => ({
    h: tanh(affine("h", x)),
  }));
  const seen: MemoryProgress[] = [];
  const options = {
    tasks: ["recall"],
    units: 12,
    steps: 150,
    batchSize: 16,
    longest: 8,
    learningRate: 0.02,
  } as const;
  const remembers = await measureMemory(gru, createWasmExecutor, {
    ...options,
    onProgress: (p) => seen.push(p),
  });
  expect(remembers).toMatchObject({
    cell: "gru",
    units: 12,
    tasks: [{ task: "recall", reach: 8, isOpen: true }],
  });
  expect(seen.at(-1)).toMatchObject({ cell: "gru", distance: 8, isDone: true });
  expect(remembers.tasks[0]?.distances[0]?.steps).toBe(seen.at(-1)?.step);
  const forgets = await measureMemory(forgetful, createWasmExecutor, options);
  expect(forgets.tasks).toMatchObject([
    { reach: 0, isOpen: false, distances: [{ distance: 8, steps: 150 }] },
  ]);
  // One of eight, at best.
  expect(forgets.tasks[0]?.distances[0]?.score).toBeLessThan(0.3);
});

test("options that make no sense are refused, and a signal stops it", async () => {
  const measure = (options: object) => measureMemory(rnn, createReferenceExecutor, options);
  await expect(measure({ units: 0 })).rejects.toThrow("units is 0; it must be a whole number from 1");
  await expect(measure({ from: 2 })).rejects.toThrow("from is 2; a distance is at least 4 steps");
  await expect(measure({ longest: 4 })).rejects.toThrow(
    "longest is 4; it must be at least the first distance, 8",
  );
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(measure({ steps: 60, units: 2, signal })).rejects.toThrow("enough");
});
