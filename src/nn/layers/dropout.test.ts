/**
 * Dropout with each of its masks: gradients with the mask fixed, what is dropped together, the share that is dropped
 * and the mean that stays, and what is refused.
 */
import { describe, expect, it } from "vitest";
import { cell, gru, rnn } from "../../cell/index.js";
import { checkGradients, forwardWhileTraining } from "../gradient.cases.js";
import {
  type DropoutMask,
  dropout,
  type Example,
  embedding,
  linear,
  NetworkError,
  type NetworkOptions,
  network,
  pool,
  recurrent,
} from "../index.js";

const masks = ["value", "sequence", "token"] as const;
/** A state that stays what it was. */
const still = cell("still", { states: ["s"], output: "s" }, ({ s }) => ({ s }));

const mean = (values: readonly number[]): number => values.reduce((a, v) => a + v, 0) / values.length;

describe("gradients through dropout agree with central differences", () => {
  it.each(masks)("dropout with a mask per %s, of inputs, between layers and of outputs", async (mask) => {
    const layers = [
      dropout({ rate: 0.3, mask }),
      recurrent({ cell: gru, units: 4, direction: "both" }),
      dropout({ rate: 0.4, mask }),
      recurrent({ cell: rnn, units: 3 }),
      dropout({ rate: 0.2, mask }),
      linear({ units: 2 }),
      dropout({ rate: 0.2, mask }),
    ];
    const options: NetworkOptions = { input: { width: 3 }, layers, loss: "squaredError" };
    expect(await checkGradients(options, [5, 3, 0, 1, 3], true)).toBeGreaterThan(0);
  });
  it.each(masks)("dropout with a mask per %s, of words and of last states", async (mask) => {
    const layers = [
      embedding({ width: 4 }),
      dropout({ rate: 0.4, mask }),
      recurrent({ cell: gru, units: 4 }),
      dropout({ rate: 0.3, mask }),
      pool({ by: "last" }),
      linear({ units: 2 }),
    ];
    const options: NetworkOptions = { input: { vocabulary: 5 }, layers, loss: "crossEntropy" };
    expect(await checkGradients(options, [4, 3, 0, 2], true)).toBeGreaterThan(0);
  });
});

describe("a mask of dropout", () => {
  const [width, T, B, rate] = [16, 12, 40, 0.25];
  const examples: Example[] = Array.from({ length: B }, () => ({ input: new Array(T * width).fill(1) }));
  /** What is left of ones, by sequence, step and feature. */
  const ones = (mask?: DropoutMask, step = 1): Promise<number[][][]> => {
    const layer = dropout(mask ? { rate, mask } : { rate });
    return forwardWhileTraining(
      { input: { width }, layers: [layer], loss: "squaredError" },
      examples,
      undefined,
      step,
    );
  };
  const distinct = (values: readonly unknown[]): number => new Set(values.map((v) => JSON.stringify(v))).size;

  it.each(masks)(
    "per %s drops the share it was told, and scales the others to keep the mean",
    async (mask) => {
      const values = (await ones(mask)).flat(2);
      for (const v of new Set(values)) expect([0, 1 / (1 - rate)]).toContain(v);
      // 480 to 7,680 independent draws of standard deviation sqrt(1/3): four standard errors are at most 0.11.
      expect(Math.abs(mean(values) - 1)).toBeLessThan(0.11);
    },
  );
  it("per value differs from feature to feature and step to step", async () => {
    const rows = await ones("value");
    expect(distinct(rows.flat())).toBeGreaterThan(0.9 * B * T);
    expect(await ones()).toEqual(rows);
  });
  it("per sequence is the same at all steps, and another for every sequence and training step", async () => {
    const rows = await ones("sequence");
    for (const steps of rows) expect(distinct(steps)).toBe(1);
    expect(distinct(rows.map((steps) => steps[0]))).toBeGreaterThan(0.9 * B);
    expect(await ones("sequence", 2)).not.toEqual(rows);
  });
  it("per token drops whole vectors", async () => {
    const rows = (await ones("token")).flat();
    for (const features of rows) expect(distinct(features)).toBe(1);
    expect(distinct(rows)).toBe(2);
  });
  it("per sequence is one mask for the steps and the last state alike", async () => {
    const layers = [
      recurrent({ cell: still, units: 8, initialState: "given" }),
      dropout({ rate: 0.5, mask: "sequence" }),
    ];
    const options: NetworkOptions = { input: { width: 1 }, layers, loss: "squaredError" };
    const examples = Array.from({ length: 6 }, (_, id) => {
      return { input: [0, 0, 0], id, states: { "recurrent1.s": new Array(8).fill(1) } };
    });
    const steps = await forwardWhileTraining(options, examples);
    const last = await forwardWhileTraining(
      { ...options, layers: [...layers, pool({ by: "last" })] },
      examples,
    );
    expect(last.map(([row]) => row)).toEqual(steps.map((rows) => rows[2]));
  });
});

describe("dropout is refused", () => {
  it.each<[string, () => unknown, RegExp]>([
    [
      "of tokens after pooling",
      () =>
        network({
          input: { width: 2 },
          layers: [pool({ by: "mean" }), dropout({ rate: 0.5, mask: "token" })],
          loss: "squaredError",
        }),
      /dropout1 drops whole tokens, but .* one vector per sequence; put it before the pooling/,
    ],
  ])("%s", (_what, make, message) => {
    expect(make).toThrow(message);
    expect(make).toThrow(NetworkError);
  });
});
