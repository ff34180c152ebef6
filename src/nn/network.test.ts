/** Networks: shapes and names as in the notes, what is refused, initial parameters, and the way through JSON. */
import { describe, expect, it } from "vitest";
import { catalogue, cell, fromGraph, gru, lstm, rnn, sigmoid, tanh, toGraph } from "../cell/index.js";
import { createReferenceExecutor } from "../exec/reference/index.js";
import {
  networkData,
  networkDifference,
  networkFromData,
  predictionPlan,
  readParameters,
  writeParameters,
} from "./build/index.js";
import {
  createPredictor,
  dropout,
  embedding,
  features,
  initialParameters,
  type Layer,
  linear,
  NetworkError,
  network,
  parameterCount,
  pool,
  recurrent,
  stack,
} from "./index.js";

const shapes = (net: ReturnType<typeof network>): Record<string, string> =>
  Object.fromEntries(net.parameters.map((p) => [p.name, p.shape.join(" × ")]));

describe("a network", () => {
  it("has the notes' shapes: w_a (100, 10100) for 100 units and one-hot vectors of 10,000 words", () => {
    const net = network({
      input: { vocabulary: 10_000 },
      layers: [recurrent({ cell: rnn, units: 100 }), linear({ units: 10 })],
      loss: "crossEntropy",
    });
    expect(shapes(net)).toEqual({
      "recurrent1.w_a": "100 × 10100",
      "recurrent1.b_a": "100",
      "linear1.w_ya": "10 × 100",
      "linear1.b_y": "10",
    });
    expect(net.parameters[0]?.blocks.map((b) => b.buffer)).toEqual(["recurrent1.w_aa", "recurrent1.w_ax"]);
    expect(parameterCount(net)).toBe(100 * 10100 + 100 + 1000 + 10);
  });
  it("multiplies a one-hot input by a lookup: no product is as wide as the vocabulary, and its gradient is added by rows", () => {
    const net = network({
      input: { vocabulary: 10_000 },
      layers: [recurrent({ cell: gru, units: 8 }), linear({ units: 2 })],
      loss: "crossEntropy",
    });
    const plan = predictionPlan(net);
    const kinds = plan.steps.flatMap((s) => (s.kind === "loop" ? s.body : [s]));
    expect(kinds.filter((s) => s.kind === "gather")).toHaveLength(3);
    for (const s of kinds) if (s.kind === "gemm") expect(plan.buffers[s.a]?.width).toBe(8);
  });
  it("names the layers of a deep network by number, each with its own width", () => {
    const net = network({
      input: { width: 3 },
      layers: [stack({ cell: rnn, units: [5, 4] }), linear({ units: 1 })],
      loss: "squaredError",
    });
    expect(shapes(net)).toMatchObject({ "recurrent1.w_a": "5 × 8", "recurrent2.w_a": "4 × 9" });
  });

  const input = { vocabulary: 9 };
  it.each<[string, Parameters<typeof network>[0], RegExp]>([
    [
      "an embedding of vectors",
      { input: { width: 3 }, layers: [embedding({ width: 2 })], loss: "squaredError" },
      /embedding1 embeds token ids/,
    ],
    [
      "dropout of token ids",
      { input, layers: [dropout({ rate: 0.5 })], loss: "crossEntropy" },
      /dropout1 drops features/,
    ],
    [
      "a linear layer on token ids",
      { input, layers: [linear({ units: 2 })], loss: "crossEntropy" },
      /linear1 needs vectors/,
    ],
    [
      "pooling of token ids",
      { input, layers: [pool({ by: "max" })], loss: "crossEntropy" },
      /pool1 pools vectors/,
    ],
    [
      "a recurrent layer after pooling",
      {
        input,
        layers: [recurrent({ cell: gru, units: 2 }), pool({ by: "max" }), recurrent({ cell: gru, units: 2 })],
        loss: "crossEntropy",
      },
      /recurrent2 reads a vector per step/,
    ],
    [
      "a residual layer of another width",
      {
        input: { width: 3 },
        layers: [recurrent({ cell: gru, units: 2, residual: true })],
        loss: "squaredError",
      },
      /its input must be 2 wide.*is 3/,
    ],
    ["no layers", { input, layers: [], loss: "crossEntropy" }, /at least one layer/],
  ])("refuses %s", (_what, options, message) => {
    expect(() => network(options)).toThrow(message);
    expect(() => network(options)).toThrow(NetworkError);
  });
  it("refuses examples that do not fit", async () => {
    const net = network({
      input,
      layers: [recurrent({ cell: gru, units: 2, initialState: "given" }), linear({ units: 2 })],
      loss: "crossEntropy",
    });
    const predictor = createPredictor(net, await createReferenceExecutor(), {
      loss: true,
      parameters: initialParameters(net, 1),
    });
    expect(() =>
      predictor.predict([{ input: [9], target: [0], states: { "recurrent1.c": [0, 0] } }]),
    ).toThrow(/token id 9; ids run from 0 to 8/);
    expect(() =>
      predictor.predict([{ input: [1], target: [2], states: { "recurrent1.c": [0, 0] } }]),
    ).toThrow(/class 2; classes run from 0 to 1/);
    expect(() =>
      predictor.predict([{ input: [1, 2], target: [1], states: { "recurrent1.c": [0, 0] } }]),
    ).toThrow(/1 target numbers and needs 2/);
    expect(() => predictor.predict([{ input: [1], target: [1] }])).toThrow(
      /must bring the initial state recurrent1.c of 2 numbers/,
    );
  });
  it("refuses what an example brings that nothing would read", async () => {
    const layers = [recurrent({ cell: gru, units: 2 }), linear({ units: 2 })];
    const net = network({
      input: { inputs: { a: { width: 1 } } },
      layers: [features({ a: layers })],
      loss: "crossEntropy",
    });
    const several = createPredictor(net, await createReferenceExecutor(), {
      parameters: initialParameters(net, 1),
    });
    expect(() => several.predict([{ input: { a: [1], b: [2] } }])).toThrow(
      'an example brings the input "b", which the network does not have; its inputs are a',
    );
    expect(() => several.predict([{ input: [1] }])).toThrow("brings one input, and the network has a");
    const one = network({ input, layers, loss: "crossEntropy" });
    const predictor = createPredictor(one, await createReferenceExecutor(), {
      parameters: initialParameters(one, 1),
    });
    expect(() => predictor.predict([{ input: [1], states: { "recurrent1.c": [0, 0] } }])).toThrow(
      'example 0 brings the state "recurrent1.c", which no layer takes; give its layer the initialState "given"',
    );
    expect(() => predictor.predict([{ input: [1], states: { c: [0, 0] } }])).toThrow(
      "which no layer takes; there are none",
    );
    expect(() => predictor.predict([{ inputs: [1] } as never])).toThrow(
      "an example has no list of values as its input",
    );
  });
});

describe("initial parameters", () => {
  const net = network({
    input: { width: 6 },
    layers: [recurrent({ cell: lstm, units: 8 }), linear({ units: 3 })],
    loss: "squaredError",
  });
  const start = initialParameters(net, 3);
  const dataOf = (name: string): Float32Array => start.get(name)!.data;
  it("are orthogonal where they are recurrent", () => {
    const w = dataOf("recurrent1.w_u");
    const row = (i: number): Float32Array => w.subarray(i * 14, i * 14 + 8);
    for (let i = 0; i < 8; i++) {
      for (let j = 0; j <= i; j++) {
        const dot = row(i).reduce((sum, v, k) => sum + v * row(j)[k]!, 0);
        // Stored as float32: eight products of numbers below one.
        expect(dot).toBeCloseTo(i === j ? 1 : 0, 5);
      }
    }
  });
  it("are Glorot uniform towards inputs, spread over the whole range", () => {
    const limit = Math.sqrt(6 / (8 + 6));
    const values = [..."cufo"].flatMap((gate) =>
      Array.from({ length: 8 }, (_, r) => [
        ...dataOf(`recurrent1.w_${gate}`).subarray(r * 14 + 8, r * 14 + 14),
      ]).flat(),
    );
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(limit);
    expect(Math.max(...values)).toBeGreaterThan(0.8 * limit);
    expect(Math.min(...values)).toBeLessThan(-0.8 * limit);
  });
  it("open the forget gate and leave other biases at zero", () => {
    expect([...dataOf("recurrent1.b_f")]).toEqual(new Array(8).fill(1));
    expect([...dataOf("recurrent1.b_u")]).toEqual(new Array(8).fill(0));
  });
  it("depend on the seed and on nothing else", () => {
    expect(initialParameters(net, 3)).toEqual(start);
    expect(initialParameters(net, 4)).not.toEqual(start);
  });
  it("go to an executor and come back unchanged, one-hot blocks included", async () => {
    const ids = network({
      input: { vocabulary: 5 },
      layers: [
        recurrent({ cell: gru, units: 3, direction: "both", initialState: "learned" }),
        pool({ by: "last" }),
        linear({ units: 2 }),
      ],
      loss: "crossEntropy",
    });
    const executor = await createReferenceExecutor();
    const session = executor.session();
    session.prepare(predictionPlan(ids), { batch: { B: 1, T: 1, N: 1 } });
    const parameters = initialParameters(ids, 1);
    writeParameters(ids, parameters, session);
    expect(readParameters(ids, session)).toEqual(parameters);
    const without = new Map([...parameters].slice(1));
    expect(() => writeParameters(ids, without, session)).toThrow(
      /parameter recurrent1.forward.w_r of shape \(3, 8\) is missing/,
    );
  });
});

describe("networks as data", () => {
  const own = cell("own", { states: ["h"], output: "h" }, ({ h, x, affine }) => ({
    h: tanh(affine("h", h, x)),
  }));
  const layers: Layer[] = [
    embedding({ width: 4 }),
    dropout({ rate: 0.1 }),
    recurrent({ cell: gru, units: 3, direction: "both" }),
    recurrent({ cell: own, units: 3 }),
    recurrent({ cell: gru, units: 2, residual: false, initialState: "learned" }),
    pool({ by: "mean" }),
    linear({ units: 2 }),
  ];
  const net = network({ input: { vocabulary: 7 }, layers, loss: "crossEntropy" });
  it("come back equal, a user's cell included, each cell stored once", () => {
    const data = networkData(net);
    expect(data.cells.map((c) => c.name)).toEqual(["gru", "own"]);
    const back = networkFromData(JSON.parse(JSON.stringify(data)));
    expect(networkData(back)).toEqual(data);
    expect(back.parameters).toEqual(net.parameters);
    expect(predictionPlan(back)).toEqual(predictionPlan(net));
    expect(toGraph(fromGraph(toGraph(own.equations())))).toEqual(toGraph(own.equations()));
  });
  it("tell in what two networks differ: what was read from a file is what was written, with any cell of the catalogue", () => {
    const copy = (of: typeof net): typeof net => networkFromData(JSON.parse(JSON.stringify(networkData(of))));
    for (const each of Object.values(catalogue)) {
      const one = network({
        input: { width: 2 },
        layers: [recurrent({ cell: each, units: 2 }), linear({ units: 2 })],
        loss: "crossEntropy",
      });
      expect(networkDifference(copy(one), one)).toBeUndefined();
    }
    const other = (changed: readonly Layer[]) =>
      networkDifference(
        copy(net),
        network({ input: { vocabulary: 7 }, layers: changed, loss: "crossEntropy" }),
      );
    const replaced = (at: number, layer: Layer): Layer[] => layers.map((l, i) => (i === at ? layer : l));
    expect(other(layers)).toBeUndefined();
    expect(other(replaced(2, recurrent({ cell: gru, units: 4, direction: "both" })))).toBe(
      "recurrent1.units was 3 and is 4",
    );
    expect(other(replaced(3, recurrent({ cell: rnn, units: 3 })))).toBe(
      'recurrent2.cell was "own" and is "rnn"',
    );
    const renamed = cell("own", { states: ["h"], output: "h" }, ({ h, x, affine }) => ({
      h: sigmoid(affine("h", h, x)),
    }));
    expect(other(replaced(3, recurrent({ cell: renamed, units: 3 })))).toBe(
      'recurrent2.cell "own" has other equations than it had',
    );
    expect(other(replaced(3, recurrent({ cell: own, units: 3, zoneout: { h: 0.1 } })))).toBe(
      'recurrent2.zoneout was not given and is {"h":0.1}',
    );
    expect(other(layers.filter((_, i) => i !== 1))).toMatch(
      /^layers were embedding1, dropout1, recurrent1, .* and are embedding1, recurrent1, /,
    );
    const inside = (units: number): typeof net =>
      network({
        input: { inputs: { a: { width: 1 }, b: { width: 2 } } },
        layers: [features({ a: [], b: [linear({ units })] }), linear({ units: 2 })],
        loss: "crossEntropy",
      });
    expect(networkDifference(inside(3), inside(4))).toBe("features1.of.b.0.units was 3 and is 4");
  });
  const broken = (change: (data: Record<string, unknown>) => void): unknown => {
    const data = JSON.parse(JSON.stringify(networkData(net)));
    change(data);
    return data;
  };
  it.each<[string, unknown, RegExp]>([
    ["no object", 5, /should be an object/],
    [
      "no list of layers",
      broken((d) => {
        d["layers"] = 1;
      }),
      /layers of the model should be a list/,
    ],
    [
      "a layer of unknown kind",
      broken((d) => {
        (d["layers"] as Record<string, unknown>[])[0]!["kind"] = "magic";
      }),
      /layer 0 of the model has kind "magic"; it can be/,
    ],
    [
      "a layer without its number",
      broken((d) => {
        delete (d["layers"] as Record<string, unknown>[])[0]!["width"];
      }),
      /layer 0 of the model has no number "width"/,
    ],
    [
      "a cell that is not there",
      broken((d) => {
        (d["layers"] as Record<string, unknown>[])[2]!["cell"] = 9;
      }),
      /layer 2 of the model uses cell 9, and the file has 2/,
    ],
    [
      "an unknown loss",
      broken((d) => {
        d["loss"] = "hinge";
      }),
      /loss "hinge", which this version does not know/,
    ],
    [
      "no input",
      broken((d) => {
        d["input"] = {};
      }),
      /does not say what its input is/,
    ],
  ])("refuse %s", (_what, data, message) => expect(() => networkFromData(data)).toThrow(message));
});
