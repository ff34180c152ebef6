/**
 * Diagnoses of networks whose numbers are known: memories that keep a set share of their state at every step, gates that a
 * bias holds open, units without weights; and the gradient of one step against differences of traces.
 */
import { describe, expect, it } from "vitest";
import { numbers } from "../cell/evaluate.cases.js";
import { add, type Cell, cell, lstm, mul, relu, sigmoid, tanh } from "../cell/index.js";
import { createReferenceExecutor } from "../exec/reference/index.js";
import { createWasmExecutor } from "../exec/wasm/index.js";
import { examplesFor } from "../nn/gradient.cases.js";
import {
  type Direction,
  decoder,
  embedding,
  type Layer,
  type LossName,
  linear,
  type Network,
  network,
  type Parameters,
  type Pooling,
  pool,
  recurrent,
} from "../nn/index.js";
import { byDistance, gradientNorms } from "./distance.js";
import { createTracer, type Diagnosis, diagnose } from "./index.js";
import { parametersFor } from "./trace.cases.js";

/** h⟨t⟩ = k h⟨t−1⟩ + w x⟨t⟩: with every step back the gradient is multiplied by k. */
const memory = (k: number): Cell =>
  cell("memory", { states: ["h"], output: "h" }, ({ h, x, linear: product }) => ({
    h: add(mul(k, h), product("h", x)),
  }));

const net = (options: {
  readonly cell: Cell;
  readonly direction?: Direction;
  readonly pooling?: Pooling;
  readonly loss?: LossName;
}): Network => {
  const { direction = "forward", pooling, loss = "squaredError" } = options;
  const layers: Layer[] = [recurrent({ cell: options.cell, units: 3, direction })];
  if (pooling) layers.push(pool({ by: pooling }));
  return network({ input: { width: 2 }, layers: [...layers, linear({ units: 2 })], loss });
};

const found = async (
  of: Network,
  lengths: readonly number[],
  parameters = parametersFor(of),
): Promise<Diagnosis> =>
  diagnose(of, await createReferenceExecutor(), { parameters, examples: examplesFor(of, lengths) });

describe("the gradient by distance", () => {
  it.each([
    { pooling: undefined, loss: "squaredError" },
    { pooling: undefined, loss: "crf" },
    { pooling: "last", loss: "squaredError" },
    { pooling: "max", loss: "crossEntropy" },
    { pooling: "meanMax", loss: "binaryCrossEntropy" },
    { pooling: "attention", loss: "crossEntropy" },
  ] as const)("is multiplied by what a memory keeps: pooling $pooling, $loss", async ({ pooling, loss }) => {
    const of = net({ cell: memory(0.5), direction: "both", loss, ...(pooling ? { pooling } : {}) });
    const { layers } = await found(of, [6, 4, 0, 5, 1]);
    expect(layers.map(({ name, reads }) => [name, reads])).toEqual([
      ["recurrent1.forward", "forward"],
      ["recurrent1.reverse", "reverse"],
    ]);
    for (const { gradient } of layers) {
      // Four examples have steps, so one of them is enough: as far as the longest reaches.
      expect(gradient?.count).toEqual([4, 3, 3, 3, 2, 1]);
      for (const list of [gradient?.mean, gradient?.low, gradient?.high]) {
        expect(list).toHaveLength(6);
        list!.forEach((value, d) => expect(value).toBeCloseTo(0.5 ** d, 12));
      }
      expect(gradient?.perStep).toBeCloseTo(0.5, 12);
      expect(gradient?.overall).toBeCloseTo(0.5 ** 5, 12);
    }
  });

  it("is that of the last step's loss, and of the first one's in reverse", async () => {
    // dL⟨T⟩ is the gradient of the whole sequence's loss less that of the sequence without its last step.
    for (const direction of ["forward", "reverse"] as const) {
      const of = net({ cell: lstm, direction });
      const parameters = parametersFor(of);
      const session = (await createReferenceExecutor()).session();
      const T = 5;
      const whole = { input: numbers(1, 2 * T), target: numbers(2, 2 * T) };
      const [from, to] = direction === "forward" ? [0, T - 1] : [1, T];
      const part = {
        input: whole.input.slice(2 * from, 2 * to),
        target: whole.target.slice(2 * from, 2 * to),
      };
      const tracer = createTracer(of, session, { parameters, trace: ["gradients"] });
      const [all, less] = tracer
        .trace([whole, part])
        .map(({ layers }) => layers["recurrent1"]?.gradients ?? {});
      const norm = (t: number): number => {
        let sum = 0;
        for (const state of ["da", "dc"]) {
          (all?.[state]?.[t] ?? []).forEach((v, f) => {
            sum += (v - (less?.[state]?.[t - from]?.[f] ?? 0)) ** 2;
          });
        }
        return Math.sqrt(sum);
      };
      const [norms] = gradientNorms(of, session, { examples: [whole] })["recurrent1"] ?? [];
      expect(norms).toHaveLength(T);
      norms?.forEach((value, d) =>
        expect(value).toBeCloseTo(norm(direction === "forward" ? T - 1 - d : d), 12),
      );
    }
  });

  it("is averaged geometrically, each example by its own norm at the loss, as far as a quarter reach", () => {
    const lists = [[2, 1, 0.5], [100, 1], [1, 4], [8, 8], [0, 0, 0, 0], []];
    const gradient = byDistance(lists);
    expect(gradient?.count).toEqual([4, 4, 1]);
    expect(gradient?.mean[1]).toBeCloseTo((0.5 * 0.01 * 4 * 1) ** 0.25, 12);
    expect(gradient?.mean[2]).toBeCloseTo(0.25, 12);
    expect(gradient?.atLoss).toBeCloseTo((2 * 100 * 1 * 8) ** 0.25, 12);
    expect(byDistance([[1], [0, 1]])).toBeUndefined();
    expect(byDistance([])).toBeUndefined();
  });

  it("of nothing at all is as small as numbers are, and no NaN", () => {
    const gradient = byDistance([[1, 0, 0]]);
    expect(gradient?.mean[0]).toBe(1);
    // A logarithm of some −87 and back: a hundred units in the last place.
    expect(gradient?.mean).toHaveLength(3);
    for (const value of gradient!.mean.slice(1)) expect(value * 2 ** 126).toBeCloseTo(1, 12);
    expect(gradient?.perStep).toBeGreaterThan(0);
  });
});

describe("findings", () => {
  it("name a gradient that vanishes, and what to try", async () => {
    const { findings } = await found(net({ cell: memory(0.5) }), [16, 16]);
    expect(findings).toEqual([
      {
        kind: "vanishing",
        layer: "recurrent1",
        text: "The gradient vanishes: with every step back it shrinks to 50 %, and it is 3.1e-5 of what it is at the loss over 15 steps. What stands so far back is not learned by this way.",
        advice: [
          "a cell with a gated memory: cell lstm or gru",
          "a cell whose units keep their memory each for itself (cell indRnn)",
        ],
        templates: [
          "a cell with a gated memory: {cell} lstm or gru",
          "a cell whose units keep their memory each for itself ({cell} indRnn)",
        ],
      },
    ]);
    const last = await found(net({ cell: memory(0.5), pooling: "last" }), [16, 16]);
    expect(last.findings[0]?.advice[0]).toBe("pooling that sees every step: pooling max or attention");
    const most = await found(net({ cell: memory(0.5), pooling: "max" }), [16, 16]);
    expect(most.findings[0]?.advice[0]).toContain("pooling by max hands the gradient to every step directly");
  });
  it("name one that explodes", async () => {
    const { findings, layers } = await found(net({ cell: memory(1.7) }), [16, 16]);
    expect(layers[0]?.gradient?.perStep).toBeCloseTo(1.7, 10);
    expect(findings).toMatchObject([
      { kind: "exploding", text: expect.stringMatching(/multiplied by 1\.7 .* 2,900 times/) },
    ]);
  });
  it("are none where a memory lasts", async () => {
    expect((await found(net({ cell: memory(0.95) }), [16, 16])).findings).toEqual([]);
  });

  /** g is held open or shut by its bias, w saturated, r silent; the last unit of h has no weights. */
  const held = cell("held", { states: ["h"], output: "h" }, ({ h, x, affine, linear: product, vector }) => {
    const g = sigmoid(affine("g", x));
    const w = tanh(affine("w", x));
    const r = relu(affine("r", x));
    return {
      gates: { g, w, r },
      h: add(add(mul(0.9, h), mul(g, w)), add(r, mul(vector("v"), product("h", x)))),
    };
  });
  const heldWith = (of: Network, biases: Readonly<Record<string, number>>): Parameters =>
    new Map(
      [...parametersFor(of)].map(([name, { shape, data }]) => {
        const bias = Object.entries(biases).find(([gate]) => name === `recurrent1.b_${gate}`)?.[1];
        return [name, bias === undefined ? { shape, data } : { shape, data: data.map(() => bias) }];
      }),
    );

  it("count the ends of gates, saturation, silence and stuck units", async () => {
    const of = net({ cell: held });
    const calm = await found(of, [5, 7], heldWith(of, { g: 0, w: 0, r: 9 }));
    expect(
      calm.layers[0]?.values.map(({ name, activation, low, high, stuck }) => ({
        name,
        activation,
        low,
        high,
        stuck,
      })),
    ).toEqual([
      { name: "g", activation: "sigmoid", low: 0, high: 0, stuck: 0 },
      { name: "w", activation: "tanh", low: 0, high: 0, stuck: 0 },
      { name: "r", activation: "relu", low: 0, high: 0, stuck: 0 },
    ]);
    const odd = await found(of, [5, 7], heldWith(of, { g: -9, w: 9, r: -9 }));
    expect(odd.layers[0]?.values).toMatchObject([
      { low: 1, high: 0, stuck: 3 },
      { low: 0, high: 1, stuck: 3 },
      { low: 1, high: 0, stuck: 3 },
    ]);
    expect(odd.findings.map(({ kind, text }) => [kind, text.split(":")[0]])).toEqual([
      ["stuck", "The gate g is shut at 100 % of its values"],
      ["saturated", "w is saturated"],
      ["silent", "r is 0 at 100 % of its values, where ReLU passes no gradient."],
    ]);
  });

  it("name units that hardly vary, and how many would be enough", async () => {
    const dying = cell("dying", { states: ["h"], output: "h" }, ({ x, affine, vector }) => ({
      h: mul(vector("v"), affine("h", x)),
    }));
    const of = net({ cell: dying });
    const parameters = new Map([
      ...parametersFor(of),
      ["recurrent1.v", { shape: [3], data: Float32Array.of(1, 0.001, -1) }],
    ]);
    const { findings, layers } = await found(of, [4, 4], parameters);
    expect(layers[0]?.dead).toEqual([1]);
    const dead = findings.find(({ kind }) => kind === "dead");
    expect(dead?.text).toBe("1 of 3 units hardly vary (unit 2): what follows sees a constant.");
    expect(dead?.advice[0]).toBe("fewer units (units 2)");
  });
});

it("a decoder is measured over its target, its encoder's gates are counted, and wasm agrees", async () => {
  const of = network({
    input: { inputs: { source: { vocabulary: 7, beside: true }, target: { vocabulary: 6 } } },
    layers: [
      decoder({
        source: [embedding({ width: 3 }), recurrent({ cell: lstm, units: 2, direction: "both" })],
        target: [embedding({ width: 3 })],
        cell: lstm,
        units: [4, 3],
        attention: "general",
      }),
      linear({ units: 6 }),
    ],
    loss: "crossEntropy",
  });
  const parameters = parametersFor(of);
  const examples = examplesFor(of, [4, 2, 0, 3]);
  const all = await Promise.all(
    [createReferenceExecutor, createWasmExecutor].map(async (create) =>
      diagnose(of, await create(), { parameters, examples, batchSize: 2 }),
    ),
  );
  for (const { layers, lengths, steps } of all) {
    expect(layers.map(({ name, of: steps, gradient }) => [name, steps, gradient?.mean.length])).toEqual([
      ["decoder1.source.recurrent1.forward", "source", undefined],
      ["decoder1.source.recurrent1.reverse", "source", undefined],
      ["decoder1", "sequence", 4],
    ]);
    expect(layers[2]?.values.map(({ name }) => name)).toEqual([
      "1.c̃",
      "1.Γu",
      "1.Γf",
      "1.Γo",
      "2.c̃",
      "2.Γu",
      "2.Γf",
      "2.Γo",
      "h̃",
    ]);
    expect([steps, lengths]).toEqual([9, { shortest: 0, median: 2.5, longest: 4 }]);
  }
  // float32 beside float64, in logarithms of numbers of the order of one.
  const [exact, fast] = all.map(({ layers }) => layers[2]?.gradient?.mean ?? []);
  expect(fast).toHaveLength(exact!.length);
  fast!.forEach((value, d) => expect(Math.log(value)).toBeCloseTo(Math.log(exact![d]!), 4));
});

it("examples of one step have no time, and no examples are refused", async () => {
  const { layers, findings } = await found(net({ cell: lstm, pooling: "last" }), [1, 1]);
  expect(layers[0]).not.toHaveProperty("gradient");
  expect(findings).toEqual([]);
  await expect(found(net({ cell: lstm }), [])).rejects.toThrow(
    "a diagnosis needs examples, and there are none",
  );
});
