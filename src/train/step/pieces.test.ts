/**
 * Recomputation over time: the gradients of a sequence in pieces are those of the whole sequence. What belongs to one step
 * has the same bits; sums over steps agree to rounding. And it takes the memory of a piece.
 */
import { describe, expect, it } from "vitest";
import { add, cell, gru, lstm, lstmNotes, mul, tanh } from "../../cell/index.js";
import type { Executor } from "../../exec/executor.js";
import { createReferenceExecutor } from "../../exec/reference/index.js";
import { createWasmExecutor } from "../../exec/wasm/index.js";
import {
  dropout,
  type Example,
  embedding,
  initialParameters,
  type Layer,
  linear,
  type Network,
  network,
  pool,
  recurrent,
  stack,
} from "../../nn/index.js";
import {
  adam,
  createTrainer,
  estimateMemory,
  sgd,
  type TrainerOptions,
  trainingPlan,
  fit as trainNetwork,
} from "../index.js";

const executors: Readonly<Record<string, () => Promise<Executor>>> = {
  reference: () => createReferenceExecutor(),
  "wasm, 1 thread": () => createWasmExecutor({ tier: "simd" }),
  "wasm, 3 threads": () => createWasmExecutor({ tier: "simd", threads: 3 }),
};
/** Sums over steps are made in another order: rounding of float64 and of float32. */
const rounding = (executor: Executor): number => (executor.name === "reference" ? 1e-12 : 2e-5);

/** Ids of a sequence none of which comes twice, so that each row of the embedding gets the gradient of one step. */
const distinct = (T: number, first = 0): number[] => Array.from({ length: T }, (_, t) => first + t);
const classes = (T: number): number[] => Array.from({ length: T }, (_, t) => (t * t) % 3);

/** Two layers with all that is random at a step. */
const noisyNet = network({
  input: { vocabulary: 60 },
  layers: [
    embedding({ width: 5 }),
    dropout({ rate: 0.2 }),
    recurrent({ cell: lstmNotes, units: 9, recurrentDropout: 0.2, zoneout: 0.1 }),
    recurrent({ cell: gru, units: 6 }),
    dropout({ rate: 0.3 }),
    linear({ units: 3 }),
  ],
  loss: "crossEntropy",
});
const ragged: Example[] = [
  { input: distinct(23), target: classes(23), id: 4 },
  { input: distinct(11, 23), target: classes(11), id: 9 },
  { input: [], target: [], id: 2 },
  { input: distinct(5, 34), target: classes(5), id: 7 },
  { input: distinct(15, 39), target: classes(15), id: 1 },
];

async function trained(
  net: Network,
  examples: readonly Example[],
  options: Partial<TrainerOptions>,
  create: () => Promise<Executor> = executors["wasm, 1 thread"]!,
  steps = 1,
) {
  const executor = await create();
  try {
    const trainer = createTrainer(net, initialParameters(net, 3), executor, {
      optimizer: sgd({ learningRate: 0.5 }),
      seed: 5,
      batches: [examples.map(({ input }) => Number(input.length) / ("vocabulary" in net.input ? 1 : 2))],
      ...options,
    });
    const reports = Array.from({ length: steps }, () => trainer.step(examples));
    const parameters = trainer.parameters();
    const bytes = trainer.bytes;
    return { parameters, report: reports.at(-1), tolerance: rounding(executor), bytes };
  } finally {
    executor.dispose();
  }
}

type Result = Awaited<ReturnType<typeof trained>>;

function expectSame(found: Result, wanted: Result): void {
  for (const [name, { data }] of wanted.parameters) {
    const other = found.parameters.get(name)?.data as ArrayLike<number>;
    const size = Math.max(...Array.from(data, Math.abs), 1);
    data.forEach((value, k) => {
      if (!(Math.abs(value - other[k]!) <= wanted.tolerance * size))
        throw new Error(`${name}[${k}] is ${other[k]} in pieces and ${value} as a whole`);
    });
  }
  expect(found.report?.updated).toBe(true);
  expect(Math.abs(found.report!.loss / wanted.report!.loss - 1)).toBeLessThan(wanted.tolerance);
  expect(Math.abs(found.report!.norm / wanted.report!.norm - 1)).toBeLessThan(wanted.tolerance);
  expect(found.report?.tokens).toBe(wanted.report?.tokens);
}

describe.each(Object.entries(executors))("steps computed again (%s)", (_, create) => {
  it.each([1, 4, 5, 23, 100])(
    "give the gradients of the whole sequences, %i steps at a time",
    async (recompute) => {
      const whole = await trained(noisyNet, ragged, {}, create);
      const pieces = await trained(noisyNet, ragged, { recompute }, create);
      expectSame(pieces, whole);
      // One step's gradient to a row: no sum whose order could differ.
      expect(whole.parameters.get("embedding1.w_e")).toBeDefined();
      expect(pieces.parameters.get("embedding1.w_e")).toEqual(whole.parameters.get("embedding1.w_e"));
    },
  );
});

describe("steps computed again", () => {
  it("move the embedding at all: the comparison of bits is not one of zeros", async () => {
    const { parameters } = await trained(noisyNet, ragged, { recompute: 4 });
    expect(parameters.get("embedding1.w_e")).not.toEqual(
      initialParameters(noisyNet, 3).get("embedding1.w_e"),
    );
  });

  it("hold for several steps of Adam, in parts, with clipping, groups and averages", async () => {
    const options: Partial<TrainerOptions> = {
      optimizer: adam({ learningRate: 0.01 }),
      accumulate: 2,
      clip: 0.5,
      average: 0.9,
      groups: [{ parameters: "embedding1", frozen: true }],
    };
    const whole = await trained(noisyNet, ragged, options, undefined, 4);
    const pieces = await trained(noisyNet, ragged, { ...options, recompute: 6 }, undefined, 4);
    // Adam divides by the root of tiny squares, which makes more of rounding.
    expectSame(pieces, { ...whole, tolerance: 1e-3 });
  });

  it.each([
    ["many to one", [recurrent({ cell: lstm, units: 7 }), pool({ by: "last" }), linear({ units: 2 })]],
    [
      "a deep network, many to one",
      [stack({ cell: gru, units: [7, 5] }), pool({ by: "last" }), linear({ units: 2 })],
    ],
  ] as [string, Layer[]][])("count the loss at the end of each sequence alone: %s", async (_, layers) => {
    const net = network({ input: { width: 2 }, layers, loss: "squaredError" });
    const examples = [17, 6, 0, 12].map((T, id): Example => {
      const input = Array.from({ length: 2 * T }, (_, k) => Math.sin(k + id));
      return { input, target: [id, 1 - id], id, weight: 1 + id };
    });
    for (const sampleWeights of [false, true]) {
      const rest = sampleWeights ? examples : examples.map(({ weight: _, ...example }) => example);
      const whole = await trained(net, rest, { sampleWeights, optimizer: sgd({ learningRate: 0.01 }) });
      const pieces = await trained(net, rest, {
        sampleWeights,
        optimizer: sgd({ learningRate: 0.01 }),
        recompute: 5,
      });
      expectSame(pieces, whole);
    }
  });

  it("hold for a cell of one's own and for states that examples bring along", async () => {
    const own = cell("leaky", { states: ["s"], output: "s" }, ({ s, x, affine }) => ({
      s: add(mul(0.9, s), mul(0.1, tanh(affine("s", s, x)))),
    }));
    const net = network({
      input: { width: 2 },
      layers: [recurrent({ cell: own, units: 4, initialState: "given" }), linear({ units: 1 })],
      loss: "squaredError",
    });
    const examples = [9, 4].map((T, id): Example => {
      const target = Array.from({ length: T }, (_, t) => Math.cos(t));
      const states = { "recurrent1.s": [0.5, -1, id, 2] };
      return { input: target.flatMap((v) => [v, 1 - v]), target, states, id };
    });
    expectSame(await trained(net, examples, { recompute: 2 }), await trained(net, examples, {}));
  });

  it("ask for the states that examples must bring, as without them", async () => {
    const net = network({
      input: { width: 2 },
      layers: [recurrent({ cell: gru, units: 4, initialState: "given" }), linear({ units: 1 })],
      loss: "squaredError",
    });
    const example = { input: new Float64Array(10), target: new Float64Array(5) };
    for (const recompute of [2, 9])
      await expect(trained(net, [example], { recompute })).rejects.toThrow(
        "example 0 must bring the initial state recurrent1.c of 4 numbers",
      );
  });

  it("go back through no layer that nothing is trained in or before", () => {
    const layers = [embedding({ width: 3 }), ...stack({ cell: gru, units: [4, 4] }), linear({ units: 2 })];
    const net = network({ input: { vocabulary: 5 }, layers, loss: "crossEntropy" });
    const loops = (frozen: readonly string[]): number => {
      const groups = frozen.map((parameters) => ({ parameters, frozen: true }));
      const { steps } = trainingPlan(net, { optimizer: sgd(), recompute: 2, groups });
      return steps.filter(({ kind }) => kind === "loop").length;
    };
    expect(loops([])).toBe(4);
    expect(loops(["embedding1", "recurrent1"])).toBe(3);
    expect(loops(["embedding1", "recurrent1", "recurrent2"])).toBe(2);
    expect(() => loops(["embedding1", "recurrent1", "recurrent2", "linear1"])).toThrow(
      "does not depend on any trained parameter",
    );
  });

  it("go together with states that are carried from batch to batch", async () => {
    const net = network({
      input: { vocabulary: 4 },
      layers: [embedding({ width: 3 }), recurrent({ cell: lstm, units: 6 }), linear({ units: 4 })],
      loss: "crossEntropy",
    });
    const text = Array.from({ length: 200 }, (_, t) => (t * t + 3 * t) % 4);
    const run = async (recompute?: number) => {
      const executor = await createReferenceExecutor();
      const options = {
        parameters: initialParameters(net, 1),
        executor,
        train: { text },
        seed: 1,
        epochs: 2,
      };
      const settings = { bptt: { lanes: 3, steps: 20 }, optimizer: adam({ learningRate: 0.01 }) };
      return trainNetwork(net, {
        ...options,
        ...settings,
        ...(recompute === undefined ? {} : { recompute }),
      });
    };
    const [whole, pieces] = [await run(), await run(6)];
    expect(pieces.training.steps).toBe(whole.training.steps);
    for (const [name, { data }] of whole.parameters)
      data.forEach((value, k) => expect(pieces.parameters.get(name)?.data[k]).toBeCloseTo(value, 9));
  });

  it("train 10,000 steps at H = 256 in under 1 GiB, and the estimate says what is taken", async () => {
    const net = network({
      input: { width: 64 },
      layers: [recurrent({ cell: lstm, units: 256 }), linear({ units: 64 })],
      loss: "squaredError",
    });
    const settings = { optimizer: adam() };
    const batch = new Array<number>(16).fill(10_000);
    const executor = await createWasmExecutor({ tier: "simd" });
    expect(estimateMemory(net, executor, { settings, batch }).total).toBeGreaterThan(2 ** 30);
    const estimate = estimateMemory(net, executor, { settings: { ...settings, recompute: 100 }, batch });
    expect(estimate.total).toBeLessThan(2 ** 30 / 16);
    createTrainer(net, initialParameters(net, 1), executor, {
      ...settings,
      recompute: 100,
      batches: [batch],
    });
    expect(Math.abs(estimate.total / executor.bytes - 1)).toBeLessThan(0.1);
    executor.dispose();
  });

  it("leave weights alone where a piece is not finite, whichever it is", async () => {
    const net = network({
      input: { width: 2 },
      layers: [recurrent({ cell: gru, units: 3 }), linear({ units: 1 })],
      loss: "squaredError",
    });
    for (const at of [0, 7, 19]) {
      const input = new Float64Array(20).fill(0.5);
      input[at] = Number.NaN;
      const example = { input, target: new Float64Array(10), id: 0 };
      const { parameters, report } = await trained(net, [example], { recompute: 3 });
      expect(report?.updated).toBe(false);
      expect(parameters).toEqual(initialParameters(net, 3));
    }
  });

  it("are refused by name where a layer or a loss needs the whole sequence", () => {
    const plan = (layers: readonly Layer[], recompute = 4, loss: "crf" | "crossEntropy" = "crossEntropy") =>
      trainingPlan(network({ input: { width: 2 }, layers, loss }), { optimizer: sgd(), recompute });
    const both = recurrent({ cell: gru, units: 3, direction: "both" });
    const one = recurrent({ cell: gru, units: 3 });
    expect(() => plan([both, linear({ units: 2 })])).toThrow(
      /recompute\): recurrent1 reads from the sequence's end/,
    );
    expect(() => plan([one, pool({ by: "mean" }), linear({ units: 2 })])).toThrow(
      /pool1 pools over all steps/,
    );
    expect(() =>
      plan([recurrent({ cell: gru, units: 3, initialState: "learned" }), linear({ units: 2 })]),
    ).toThrow(/recurrent1 starts from a learned state/);
    expect(() => plan([one, linear({ units: 2 })], 4, "crf")).toThrow(/crf scores whole sequences/);
    expect(() => plan([one, linear({ units: 2 })], 0)).toThrow(/recompute is 0; it must be a whole number/);
  });

  it("name the example and the step of bad data as the batch has them", async () => {
    const bad = (example: Example) =>
      trained(noisyNet, [ragged[1]!, example], { recompute: 4, batches: [[20, 20]] });
    await expect(bad({ input: distinct(9), target: [1, 2] })).rejects.toThrow(
      /example 1 has 2 target numbers and needs 9/,
    );
    await expect(bad({ input: [...distinct(9), 77], target: classes(10) })).rejects.toThrow(
      /step 9 holds the token id 77/,
    );
  });
});
