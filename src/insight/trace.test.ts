/**
 * Traces against an evaluation of the cells' equations step by step: values to the last bits of float64, gradients by
 * moving every gate and state of every step. On both executors, in the caller's order, attention and inner sequences too.
 */
import { describe, expect, it } from "vitest";
import { cells } from "../cell/cells.cases.js";
import { numbers } from "../cell/evaluate.cases.js";
import { catalogue, gru, lstm } from "../cell/index.js";
import type { Executor } from "../exec/executor.js";
import { createReferenceExecutor } from "../exec/reference/index.js";
import { createWasmExecutor } from "../exec/wasm/index.js";
import { examplesFor } from "../nn/gradient.cases.js";
import {
  createPredictor,
  decoder,
  type Example,
  embedding,
  features,
  initialParameters,
  linear,
  type Network,
  network,
  pool,
  recurrent,
} from "../nn/index.js";
import { createTracer, type ExampleTrace, traceKinds, traceToNpz } from "./index.js";
import { bothWays, type Nudge, parametersFor, sizes, walk } from "./trace.cases.js";

const lengths = [3, 1, 0, 4];
const examples = lengths.map((T, i) => ({
  // Inputs travel as float32.
  input: numbers(10 + i, T * sizes.X).map(Math.fround),
  target: numbers(20 + i, T * sizes.Y),
}));
const traced = async (
  net: Network,
  list: readonly Example[],
  {
    create = createReferenceExecutor,
    ...options
  }: { create?: () => Promise<Executor>; batchSize?: number } = {},
): Promise<ExampleTrace[]> => {
  const executor = await create();
  const parameters = parametersFor(net);
  return createTracer(net, executor, { parameters, trace: traceKinds, ...options }).trace(list);
};

describe.each(cells.map((cell) => [cell.name, cell] as const))("of the cell %s", (_, cell) => {
  const net = bothWays(cell);
  const parameters = parametersFor(net);

  it("values are those of its equations, step by step", async () => {
    const traces = await traced(net, examples);
    traces.forEach(({ layers, loss }, i) => {
      const { values, loss: wanted } = walk(cell, parameters, examples[i]!);
      for (const [layer, byName] of Object.entries(values)) {
        const found = { ...layers[layer]?.gates, ...layers[layer]?.states };
        if (lengths[i] === 0) expect(Object.values(found).flat()).toEqual([]);
        for (const [name, rows] of Object.entries(byName))
          close(found[name], rows, 1e-12, `${layer} ${name}`);
      }
      // Sums of a few terms, in another order.
      expect(loss).toBeCloseTo(wanted, 10);
    });
  });

  it("gradients are those of central differences", async () => {
    const [example] = examples as [(typeof examples)[number]];
    const [trace] = await traced(net, [example]);
    const names = [...cell.states, ...Object.keys(cell.equations().gates)];
    for (const pass of ["forward", "reverse"] as const) {
      const { gates, states, gradients } = trace?.layers[`recurrent1.${pass}`] ?? {};
      for (const name of names) {
        const rows = ({ ...gates, ...states }[name] ?? []).map((row, step) =>
          row.map((_, feature) => {
            // The error of the difference is of the order of the step's square, 1e-10, and of rounding over the step, 1e-11.
            const at = (by: number): Nudge => ({ pass, name, step, feature, by });
            const loss = (by: number): number => walk(cell, parameters, example, at(by)).loss;
            return (loss(1e-5) - loss(-1e-5)) / 2e-5;
          }),
        );
        close(gradients?.[`d${name}`], rows, 1e-7, `${pass} d${name}`);
      }
    }
  });
});

describe("on wasm", () => {
  it.each(Object.entries(catalogue))("%s is traced as on reference", async (_, cell) => {
    const net = bothWays(cell);
    const [found, wanted] = [
      await traced(net, examples, { create: createWasmExecutor }),
      await traced(net, examples),
    ];
    found.forEach(({ layers }, i) => {
      // float32 through at most four steps, of values and gradients of the order of 1 to 10.
      for (const [layer, trace] of Object.entries(layers))
        for (const kind of ["gates", "states", "gradients"] as const)
          for (const [name, rows] of Object.entries(trace[kind] ?? {}))
            close(rows, wanted[i]?.layers[layer]?.[kind]?.[name] ?? [], 1e-4, `${layer} ${name}`);
    });
  });

  it("gives the predictions of a run that nobody looks into, to the bit, and leaves it as it was", async () => {
    const net = bothWays(lstm);
    const parameters = parametersFor(net);
    const executor = await createWasmExecutor();
    const predictor = createPredictor(net, executor, { parameters });
    const before = predictor.predict(examples).map(({ rows }) => rows);
    const tracer = createTracer(net, executor, { parameters, trace: traceKinds });
    expect(tracer.trace(examples).map(({ rows }) => rows)).toEqual(before);
    tracer.dispose();
    expect(predictor.predict(examples).map(({ rows }) => rows)).toEqual(before);
    executor.dispose();
  });

  it("does not depend on what is traced together, and keeps the caller's order", async () => {
    const net = bothWays(gru);
    const all = await traced(net, examples, { create: createWasmExecutor });
    expect(await traced(net, examples, { create: createWasmExecutor, batchSize: 1 })).toEqual(all);
    const reversed = await traced(net, [...examples].reverse(), { create: createWasmExecutor });
    expect(reversed.reverse()).toEqual(all);
  });
});

describe.each([
  ["reference", createReferenceExecutor],
  ["wasm", createWasmExecutor],
] as const)("attention, on %s", (_, create) => {
  // Exact in float64; float32 sums of a dozen products on wasm.
  const tolerance = create === createWasmExecutor ? 1e-5 : 1e-12;

  it("of a decoder is a row for each step of the target, over the source's own steps", async () => {
    const layers = [
      decoder({
        source: [embedding({ width: 3 }), recurrent({ cell: gru, units: 2, direction: "both" })],
        target: [embedding({ width: 3 })],
        cell: lstm,
        units: [4],
        attention: "additive",
        attentionWidth: 5,
      }),
      linear({ units: 6 }),
    ];
    const net = network({
      input: { inputs: { source: { vocabulary: 7, beside: true }, target: { vocabulary: 6 } } },
      layers,
      loss: "crossEntropy",
    });
    const parameters = parametersFor(net);
    const list = examplesFor(net, [3, 1, 2, 0]);
    const traces = await traced(net, list, { create, batchSize: 2 });
    const matrix = (name: string): number[][] => {
      const { shape, data } = parameters.get(name) as { shape: readonly number[]; data: Float32Array };
      const width = shape[1]!;
      return Array.from({ length: shape[0]! }, (_, r) => [...data.subarray(r * width, (r + 1) * width)]);
    };
    const apply = (m: number[][], v: readonly number[]): number[] =>
      m.map((row) => row.reduce((sum, w, i) => sum + w * v[i]!, 0));
    const v = parameters.get("decoder1.v_e")?.data ?? [];
    traces.forEach(({ layers }, i) => {
      const states = (layer: string, state: string) => layers[layer]?.states?.[state] as number[][];
      const [ahead, back] = ["forward", "reverse"].map((way) =>
        states(`decoder1.source.recurrent1.${way}`, "c"),
      );
      const keys = ahead!.map((row, j) => apply(matrix("decoder1.u_e"), row.concat(back?.[j] ?? [])));
      const wanted = states("decoder1", "1.a").map((s) => {
        const query = apply(matrix("decoder1.w_e"), s);
        const e = keys.map((key) =>
          Math.exp(key.reduce((sum, k, n) => sum + v[n]! * Math.tanh(k + query[n]!), 0)),
        );
        const total = e.reduce((a, b) => a + b, 0);
        return e.map((value) => value / total);
      });
      const { input, target } = list[i] as unknown as { input: { source: number[] }; target: number[] };
      expect(layers["decoder1"]?.attention?.map((row) => row.length)).toEqual(
        target.map(() => input.source.length),
      );
      close(layers["decoder1"]?.attention, wanted, tolerance, `example ${i}`);
      expect(Object.keys(layers["decoder1"]?.gates ?? {})).toEqual([
        "1.c̃",
        "1.Γu",
        "1.Γf",
        "1.Γo",
        "context",
      ]);
      expect(Object.keys(layers["decoder1"]?.gradients ?? {})).toContain("dh̃");
    });
  });

  it("of pooling is one row, and sums to one", async () => {
    const layers = [recurrent({ cell: gru, units: 3 }), pool({ by: "attention" }), linear({ units: 2 })];
    const net = network({ input: { width: 2 }, layers, loss: "crossEntropy" });
    const parameters = parametersFor(net);
    const traces = await traced(net, examplesFor(net, [3, 0, 1]), { create });
    const data = (name: string): Float32Array => parameters.get(`pool1.${name}`)!.data;
    traces.forEach(({ layers }, i) => {
      const e = (layers["recurrent1"]?.states?.["c"] ?? []).map((h) => {
        const score = h.map((_, r) =>
          h.reduce((sum, x, k) => sum + data("w_a")[r * 3 + k]! * x, data("b_a")[r]!),
        );
        return Math.exp(score.reduce((sum, z, r) => sum + data("v_a")[r]! * Math.tanh(z as number), 0));
      });
      const total = e.reduce((a, b) => a + b, 0);
      close(layers["pool1"]?.attention, [e.map((value) => value / total)], tolerance, `example ${i}`);
    });
  });
});

it.each([
  ["squaredError", undefined],
  ["crossEntropy", undefined],
  ["crf", undefined],
  ["binaryCrossEntropy", "last"],
  ["crossEntropy", "attention"],
] as const)(
  "dz of %s, pooling %s, summed over the rows is the gradient of the output's bias",
  async (loss, by) => {
    const layers = [recurrent({ cell: gru, units: 3 }), ...(by ? [pool({ by })] : []), linear({ units: 4 })];
    const net = network({ input: { width: 2 }, layers, loss });
    const parameters = parametersFor(net);
    const [example] = examplesFor(net, [4]) as [Example];
    const bias = parameters.get("linear1.b_y") as { shape: readonly number[]; data: Float32Array };
    const traceWith = async (data: Float32Array): Promise<ExampleTrace> => {
      const changed = new Map([...parameters, ["linear1.b_y", { shape: bias.shape, data }]]);
      const tracer = createTracer(net, await createReferenceExecutor(), {
        parameters: changed,
        trace: ["gradients"],
      });
      return tracer.trace([example])[0]!;
    };
    const { dz = [] } = await traceWith(bias.data);
    for (const k of [0, 1, 2, 3]) {
      // Parameters are float32: what was really added is seen after rounding. Steps of 2⁻¹⁰ err by their square, 1e-6.
      const moved = [2 ** -10, -(2 ** -10)].map((by) => bias.data.map((v, f) => (f === k ? v + by : v)));
      const [up, down] = await Promise.all(moved.map(traceWith));
      const width = moved[0]![k]! - moved[1]![k]!;
      const slope = (up!.loss! - down!.loss!) / width;
      expect(dz.reduce((sum, row) => sum + row[k]!, 0)).toBeCloseTo(slope, 5);
    }
  },
);

it("zoneout is its expectation, and learned states are where a layer starts from", async () => {
  const layers = [
    recurrent({ cell: lstm, units: 3, zoneout: { c: 0.4, a: 0.1 }, initialState: "learned" }),
    recurrent({ cell: gru, units: 3, direction: "reverse", residual: true }),
    linear({ units: 2 }),
  ];
  const net = network({ input: { width: 2 }, layers, loss: "squaredError" });
  const parameters = parametersFor(net);
  const executor = await createReferenceExecutor();
  const list = examplesFor(net, [3, 1]);
  const [all, finals] = [
    await traced(net, list),
    createPredictor(net, executor, { parameters, states: true }).predict(list),
  ];
  all.forEach(({ layers, rows }, i) => {
    const { states = {}, rows: predicted } = finals[i]!;
    expect(rows).toEqual(predicted);
    const last = { ...layers["recurrent1"]?.states };
    expect([last["a"]?.at(-1), last["c"]?.at(-1)]).toEqual([states["recurrent1.a"], states["recurrent1.c"]]);
    // In reverse the last state is that of the first step.
    expect(layers["recurrent2"]?.states?.["c"]?.[0]).toEqual(states["recurrent2.c"]);
    expect(Object.keys(layers["recurrent1"]?.gates ?? {})).toEqual(["c̃", "Γu", "Γf", "Γo"]);
  });
});

it("layers that read sequences inside the steps stand under each step", async () => {
  const characters = [embedding({ width: 3 }), recurrent({ cell: gru, units: 2 }), pool({ by: "last" })];
  const net = network({
    input: { inputs: { word: { vocabulary: 9 }, characters: { vocabulary: 5, inside: true } } },
    layers: [
      features({ word: [embedding({ width: 2 })], characters }),
      recurrent({ cell: lstm, units: 3 }),
      linear({ units: 4 }),
    ],
    loss: "crf",
  });
  const alone = network({
    input: { vocabulary: 5 },
    layers: [...characters, linear({ units: 1 })],
    loss: "squaredError",
  });
  const parameters = parametersFor(net);
  const list = examplesFor(net, [3, 0, 2]);
  const traces = await traced(net, list);
  const own = new Map(
    alone.parameters.map(({ name, shape }) => [
      name,
      parameters.get(`features1.characters.${name}`) ?? {
        shape,
        data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
      },
    ]),
  );
  const tracer = createTracer(alone, await createReferenceExecutor(), { parameters: own });
  traces.forEach(({ inside, layers }, i) => {
    expect(Object.keys(layers)).toEqual(["recurrent1"]);
    const { characters: words } = list[i]!.input as unknown as { characters: number[][] };
    const wanted = tracer
      .trace(words.map((input) => ({ input })))
      .map((trace) => trace.layers["recurrent1"]?.states);
    expect(inside?.map((step) => step["features1.characters.recurrent1"]?.states)).toEqual(wanted);
    expect(inside).toHaveLength(words.length);
    inside?.forEach((step, t) => {
      const { gradients } = step["features1.characters.recurrent1"] ?? {};
      expect(gradients?.["dc"]).toHaveLength(words[t]!.length);
    });
  });
});

it("tells what was asked for and nothing else, and refuses what there is not", async () => {
  const net = bothWays(lstm);
  const executor = await createReferenceExecutor();
  const parameters = initialParameters(net, 1);
  const inputs = examples.map(({ input }) => ({ input }));
  const [states] = createTracer(net, executor, { parameters, trace: ["states"] }).trace(inputs);
  expect(Object.keys(states ?? {})).toEqual(["layers", "rows"]);
  expect(Object.keys(states?.layers["recurrent1.reverse"] ?? {})).toEqual(["states"]);
  const [outputs] = createTracer(net, executor, { parameters, trace: ["outputs"] }).trace(inputs);
  expect(outputs).toMatchObject({ layers: {}, z: outputs?.rows });
  expect(() => createTracer(net, executor, { trace: ["gate" as "gates"] })).toThrow(
    'a trace cannot tell of "gate"; it can of gates, states, outputs, gradients',
  );
  expect(() => createTracer(net, executor, { parameters, trace: ["gradients"] }).trace(inputs)).toThrow(
    "no target numbers",
  );
});

describe("as a file", () => {
  const net = bothWays(gru);
  /** The files of a zip file, by its local headers. */
  const names = (bytes: Uint8Array): string[] => {
    const view = new DataView(bytes.buffer);
    const found: string[] = [];
    for (let at = 0; view.getUint32(at, true) === 0x04034b50; ) {
      const length = view.getUint16(at + 26, true);
      found.push(new TextDecoder().decode(bytes.subarray(at + 30, at + 30 + length)).replace(/\.npy$/, ""));
      at += 30 + length + view.getUint32(at + 18, true);
    }
    return found;
  };

  it("is JSON as it stands, and .npz by the same names", async () => {
    const traces = await traced(net, examples.slice(0, 2));
    expect(JSON.parse(JSON.stringify(traces))[0].layers["recurrent1.reverse"].gradients["dΓu"]).toEqual(
      traces[0]?.layers["recurrent1.reverse"]?.gradients?.["dΓu"],
    );
    const [first] = traces as [ExampleTrace];
    const found = names(traceToNpz(first));
    const both = ["forward", "reverse"].flatMap((way) =>
      [
        "gates/Γr",
        "gates/Γu",
        "gates/c̃",
        "states/c",
        "gradients/dΓr",
        "gradients/dΓu",
        "gradients/dc̃",
        "gradients/dc",
      ].map((name) => `recurrent1.${way}/${name}`),
    );
    expect(found).toEqual([...both, "rows", "z", "dz", "loss"]);
    expect(names(traceToNpz(traces)).slice(found.length)).toEqual(found.map((name) => `example1/${name}`));
  });
});

function close(
  found: readonly (readonly number[])[] | undefined,
  wanted: readonly (readonly number[])[],
  tolerance: number,
  what: string,
): void {
  expect(
    found?.map((row) => row.length),
    what,
  ).toEqual(wanted.map((row) => row.length));
  found?.forEach((row, t) => {
    row.forEach((v, f) => {
      const w = wanted[t]![f]!;
      if (!(Math.abs(v - w) <= tolerance * Math.max(1, Math.abs(w))))
        throw new Error(`${what}: step ${t}, feature ${f} is ${v}, not ${w}`);
    });
  });
}
