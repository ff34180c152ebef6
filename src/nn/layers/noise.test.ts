/**
 * Recurrent dropout and zoneout: gradients with the masks fixed, the masks' statistics, what prediction and streams
 * make of them, the same bits on every executor and in every batch, and model files; of these with dropout too.
 */
import { describe, expect, it } from "vitest";
import { type Cell, cell, gru, indRnn, lstm, lstmPeephole, mul, tanh } from "../../cell/index.js";
import type { Executor } from "../../exec/executor.js";
import { createReferenceExecutor } from "../../exec/reference/index.js";
import { createWasmExecutor } from "../../exec/wasm/index.js";
import { Builder, optimise, recurrence, verify } from "../../plan/index.js";
import { buildForward, networkData, networkFromData, predictionPlan } from "../build/index.js";
import {
  agreeWithReference,
  checkGradients,
  examplesFor,
  forwardWhileTraining,
  sameBitsInAnyBatch,
  streamsSameBits,
  vectors,
} from "../gradient.cases.js";
import {
  createPredictor,
  dropout,
  type Example,
  linear,
  NetworkError,
  type NetworkOptions,
  network,
  type Parameters,
  recurrent,
  stack,
} from "../index.js";

const ragged = [5, 3, 0, 1, 3];

/** A user's cell: a state inside a product, gated there, and carried on; and one that products do not read. */
const own = cell("own", { states: ["h", "sum"], output: "h" }, ({ h, sum, x, affine }) => {
  const gate = tanh(affine("g", h, x));
  const fresh = tanh(affine("h", mul(gate, h), x, mul(sum, 0.5)));
  return { gates: { gate }, h: mul(0.5, fresh), sum: mul(sum, gate) };
});

const mean = (values: readonly number[]): number => values.reduce((a, v) => a + v, 0) / values.length;

describe("gradients with noise agree with central differences", () => {
  const noises = {
    recurrentDropout: { recurrentDropout: 0.4 },
    zoneout: { zoneout: 0.3 },
    both: { recurrentDropout: 0.3, zoneout: 0.2 },
  };
  describe.each(Object.entries(noises))("%s", (_name, noise) => {
    it.each<Cell>([gru, lstmPeephole, own])("of $name", async (of) => {
      for (const direction of ["forward", "reverse", "both"] as const)
        expect(await checkGradients(vectors(of, [3], { direction, ...noise }), ragged, true)).toBeGreaterThan(
          0,
        );
      const stacked = vectors(of, [3, 2], { direction: "both", initialState: "learned", ...noise });
      expect(await checkGradients(stacked, [3, 0, 2], true)).toBeGreaterThan(0);
    });
  });
  it("zoneout by state, and what a plan that does not train makes of it", async () => {
    const options = vectors(lstm, [3], { direction: "both", zoneout: { c: 0.5, a: 0.05 } });
    expect(await checkGradients(options, ragged, true)).toBeGreaterThan(0);
    expect(await checkGradients(options, ragged, false)).toBeGreaterThan(0);
  });
});

/** Shows what a product reads of a state, and carries that state on. */
const shown = (output: "read" | "s"): Cell =>
  cell("shown", { states: ["s", "read"], output }, ({ s, linear }) => ({ s, read: linear("r", s) }));
/** A state that takes over the input. */
const copied = cell("copied", { states: ["h"], output: "h" }, ({ x, linear }) => ({ h: linear("x", x) }));

/** A weight that copies. */
function identity(name: string, units: number): Parameters {
  const data = Float32Array.from({ length: units * units }, (_, k) => Number(k % (units + 1) === 0));
  return new Map([[name, { shape: [units, units], data }]]);
}

describe("recurrent dropout", () => {
  const [units, T, B, rate] = [16, 7, 40, 0.25];
  const layer = recurrent({ cell: shown("read"), units, initialState: "given", recurrentDropout: rate });
  const options: NetworkOptions = { input: { width: 1 }, layers: [layer], loss: "squaredError" };
  const examples = Array.from({ length: B }, (_, id): Example => {
    const states = { "recurrent1.s": new Array(units).fill(1), "recurrent1.read": new Array(units).fill(0) };
    return { input: new Array(T).fill(0), id, states };
  });
  const parameters = identity("recurrent1.w_r", units);

  it("has one mask per sequence, the same at every step, and keeps the mean", async () => {
    const rows = await forwardWhileTraining(options, examples, parameters);
    for (const v of new Set(rows.flat(2))) expect([0, 1 / (1 - rate)]).toContain(v);
    for (const steps of rows) for (const row of steps) expect(row).toEqual(steps[0]);
    expect(new Set(rows.map(([row]) => String(row))).size).toBeGreaterThan(0.9 * B);
    // 640 independent draws of standard deviation sqrt(1/3): four standard errors are 0.09.
    expect(Math.abs(mean(rows.flatMap(([row]) => row!)) - 1)).toBeLessThan(0.1);
    expect(await forwardWhileTraining(options, examples, parameters, 2)).not.toEqual(rows);
  });
  it("leaves the carry alone: what is not multiplied by weights reads the state as it is", async () => {
    const layers = [recurrent({ cell: shown("s"), units, initialState: "given", recurrentDropout: rate })];
    const rows = await forwardWhileTraining({ ...options, layers }, examples, parameters);
    expect(new Set(rows.flat(2))).toEqual(new Set([1]));
  });
  it("is another mask in each direction, state and layer", async () => {
    const two = cell("two", { states: ["s", "r", "y"], output: "y" }, ({ s, r, linear }) => ({
      s,
      r,
      y: linear("y", s, r),
    }));
    const net = network({
      input: { width: 1 },
      layers: stack({ cell: two, units: [8, 8], direction: "both", recurrentDropout: 0.5 }),
      loss: "squaredError",
    });
    const b = new Builder("streams");
    buildForward(b, net, { training: true });
    const steps = b.finish().steps.filter((s) => s.kind === "random");
    expect(steps).toHaveLength(8);
    expect(new Set(steps.map((s) => `${s.purpose} ${s.layer}`)).size).toBe(8);
  });
  it("reaches every gate by one node, so that their products stay one", async () => {
    const net = network(vectors(lstm, [4], { recurrentDropout: 0.5 }));
    const b = new Builder("lstm");
    buildForward(b, net, { training: true });
    const loops = optimise(b.finish(), verify).steps.flatMap((s) => (s.kind === "loop" ? [s] : []));
    const products = loops.flatMap((l) =>
      l.body.flatMap((s) => (s.kind === "gemm" ? [s.outputs.length] : [])),
    );
    expect(products).toEqual([4]);
  });
  it("does nothing to a plan that predicts", () => {
    const plan = (noise: object) =>
      predictionPlan(network(vectors(gru, [4], { direction: "both", ...noise })));
    expect(plan({ recurrentDropout: 0.5 })).toEqual(plan({}));
  });
});

describe("zoneout", () => {
  const [units, T, B, rate] = [8, 9, 60, 0.3];
  const options: NetworkOptions = {
    input: { width: units },
    layers: [recurrent({ cell: copied, units, zoneout: rate })],
    loss: "squaredError",
  };
  const parameters = identity("recurrent1.w_x", units);
  const value = (t: number, f: number): number => 1 + t + f / 16;
  const examples: Example[] = Array.from({ length: B }, (_, id) => ({
    input: Array.from({ length: T * units }, (_, k) => value(Math.floor(k / units), k % units)),
    id,
  }));

  it("keeps the old value of the share it was told, by step and feature, and else takes the new one", async () => {
    const rows = await forwardWhileTraining(options, examples, parameters);
    const kept: number[] = [];
    for (const steps of rows) {
      steps.forEach((row, t) => {
        row.forEach((v, f) => {
          const old = t === 0 ? 0 : steps[t - 1]![f];
          if (v !== value(t, f)) expect(v).toBe(old);
          kept.push(Number(v !== value(t, f)));
        });
      });
    }
    // 4,320 draws of standard deviation 0.46: four standard errors are 0.028.
    expect(Math.abs(mean(kept) - rate)).toBeLessThan(0.028);
    expect(new Set(rows.map(String)).size).toBe(B);
  });
  it("is its expectation at prediction", async () => {
    const executor = await createReferenceExecutor();
    const predictor = createPredictor(network(options), executor, { parameters });
    const [{ rows }] = predictor.predict(examples.slice(0, 1)) as [{ rows: number[][] }];
    const wanted = new Array<number>(units).fill(0);
    rows.forEach((row, t) => {
      row.forEach((v, f) => {
        wanted[f] = rate * wanted[f]! + (1 - rate) * value(t, f);
        // The same sums in float64.
        expect(v).toBeCloseTo(wanted[f] as number, 12);
      });
    });
    const training = await forwardWhileTraining(options, examples, parameters);
    const average = mean(training.map((steps) => mean(steps[T - 1]!)));
    // The last value lies 0.43 below the newest on average with a deviation of 0.79, over 480 draws.
    expect(Math.abs(average - mean(wanted))).toBeLessThan(0.15);
  });
  it("acts on the states it names alone, and lets the step itself read the new state", async () => {
    const layers = [recurrent({ cell: afterwards, units, zoneout: { h: 0.5 } })];
    const rows = await forwardWhileTraining({ ...options, layers }, examples, parameters);
    expect(rows[0]).toHaveLength(T);
    rows[0]!.forEach((row, t) => expect(row).toEqual(row.map((_, f) => 2 * value(t, f))));
  });
});

/** y reads the new h of the same step. */
const afterwards = cell("afterwards", { states: ["h", "y"], output: "y" }, ({ x, linear }) => {
  const h = linear("x", x);
  return { h, y: mul(2, h) };
});

/** A network with every kind of noise, and ragged examples for it. */
const everything: NetworkOptions = {
  input: { width: 3 },
  layers: [
    dropout({ rate: 0.2, mask: "token" }),
    recurrent({ cell: gru, units: 19, direction: "both", recurrentDropout: 0.3, zoneout: 0.1 }),
    dropout({ rate: 0.2, mask: "sequence" }),
    recurrent({ cell: lstm, units: 5, recurrentDropout: 0.2, zoneout: { c: 0.5, a: 0.05 } }),
    dropout({ rate: 0.2 }),
    linear({ units: 4 }),
  ],
  loss: "squaredError",
};
type Create = () => Promise<Executor>;
const executors: Readonly<Record<string, Create>> = {
  reference: createReferenceExecutor,
  wasm: () => createWasmExecutor({ tier: "simd" }),
};

describe("noise on every executor", () => {
  const net = network(everything);
  const examples = examplesFor(net, [7, 3, 0, 12, 1, 5]);
  it("gives the loss and the gradients of the reference, both directions, stacked, ragged", () =>
    // Sums of up to a few hundred float32 products of numbers around 1.
    agreeWithReference(executors["wasm"]!, net, examples, 1e-4));
  it.each(Object.entries(executors))("trains with the same bits in any batch, on %s", (_name, create) =>
    sameBitsInAnyBatch(create, net, examples),
  );
  it.each(Object.entries(executors))("streams the bits of the whole sequence, on %s", (_name, create) => {
    const layers = [
      recurrent({ cell: lstm, units: 19, recurrentDropout: 0.4, zoneout: { c: 0.5, a: 0.05 } }),
      recurrent({ cell: own, units: 7, zoneout: 0.2 }),
      linear({ units: 3 }),
    ];
    return streamsSameBits(create, network({ input: { width: 3 }, layers, loss: "squaredError" }));
  });
});

describe("noise in model files", () => {
  it("comes back", () => {
    const net = network(everything);
    const data = JSON.parse(JSON.stringify(networkData(net)));
    const back = networkFromData(data);
    expect(networkData(back)).toEqual(data);
    expect(back.layers.map(({ layer }) => JSON.stringify(layer))).toEqual(
      net.layers.map(({ layer }) => JSON.stringify(layer)),
    );
    expect(predictionPlan(back)).toEqual(predictionPlan(net));
  });
  it("is absent in files from before it, and then means none", () => {
    const layers = [dropout({ rate: 0.1 }), recurrent({ cell: gru, units: 2 })];
    const data = networkData(network({ input: { width: 2 }, layers, loss: "squaredError" }));
    expect(data.layers).toEqual([
      { kind: "dropout", rate: 0.1 },
      { kind: "recurrent", cell: 0, units: 2, direction: "forward", initialState: "zero", residual: false },
    ]);
    expect(networkFromData(data).layers.map(({ layer }) => layer)).toMatchObject([
      { mask: "value" },
      { recurrentDropout: 0, zoneout: {} },
    ]);
  });
  const broken = (layer: number, field: string, value: unknown): unknown => {
    const data = JSON.parse(JSON.stringify(networkData(network(everything))));
    data.layers[layer][field] = value;
    return data;
  };
  it.each<[string, unknown, RegExp]>([
    [
      "an unknown mask",
      broken(0, "mask", "word"),
      /layer 0 of the model has mask "word"; it can be value, seq/,
    ],
    ["a rate that is text", broken(1, "recurrentDropout", "much"), /layer 1 .* no number "recurrentDropout"/],
    [
      "zoneout that is a list",
      broken(3, "zoneout", [0.5]),
      /"zoneout" of layer 3 of the model should be an obj/,
    ],
    [
      "zoneout of text",
      broken(3, "zoneout", { c: "x" }),
      /layer 3 of the model has no number "c" in "zoneout"/,
    ],
    ["zoneout of an unknown state", broken(3, "zoneout", { z: 0.5 }), /"z", which is not a state of lstm/],
  ])("refuses %s", (_what, data, message) => {
    expect(() => networkFromData(data)).toThrow(message);
    expect(() => networkFromData(data)).toThrow(NetworkError);
  });
});

describe("noise is refused", () => {
  const many = Array.from({ length: 65 }, (_, i) => `s${i}`);
  it.each<[string, () => unknown, RegExp]>([
    [
      "recurrent dropout where nothing is dropped",
      () => recurrent({ cell: indRnn, units: 2, recurrentDropout: 0.2 }),
      /no effect on the cell indRnn.*use zoneout/,
    ],
    [
      "zoneout of a state below zero",
      () => recurrent({ cell: lstm, units: 2, zoneout: { c: -0.1 } }),
      /a rate of zoneout is at least 0 and below 1, not -0.1/,
    ],
    [
      "zoneout of a state that is not there",
      () => recurrent({ cell: lstm, units: 2, zoneout: { h: 0.1 } }),
      /"h", which is not a state of lstm \(a, c\)/,
    ],
    [
      "more states than there are streams of random numbers",
      () => {
        const options = { states: many, output: "s0" } as const;
        const wide = cell("wide", options, (scope) => Object.fromEntries(many.map((s) => [s, scope[s]!])));
        const net = network({
          input: { width: 1 },
          layers: [recurrent({ cell: wide, units: 1, zoneout: 0.1 })],
          loss: "squaredError",
        });
        buildForward(new Builder("wide"), net, { training: true });
      },
      /recurrent1 has more than 64 states and directions; zoneout needs fewer/,
    ],
  ])("%s", (_what, make, message) => {
    expect(make).toThrow(message);
    expect(make).toThrow(NetworkError);
  });
});

it("a value per sequence is an input of a recurrence only where nothing asks for its gradient", () => {
  const b = new Builder("per sequence");
  const input = { op: "input", args: [], width: "H", name: "v" } as const;
  const { next } = cell("plain", { states: ["h"], output: "h" }, ({ h }) => ({
    h: mul(h, input),
  })).equations();
  const v = b.watch(b.input("v", `sequences:${b.packing("p")}`, 2));
  const of = { name: "r", body: { states: ["h"], next }, packing: "p", inputs: { v }, parameters: {} };
  expect(() => recurrence(b, { ...of, initial: {}, widths: { H: 2 } })).toThrow(
    /r: the input "v" is one value per sequence and cannot be trained; give it one per token/,
  );
});
