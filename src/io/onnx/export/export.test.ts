/**
 * Exports in ONNX Runtime, native and WebAssembly: every cell of the catalogue and cells of a user, in every direction, stacked,
 * from every kind of initial state, on ragged batches with a sequence without steps; whole networks with their heads; streams.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { isMissing, type Runtime, runtime, runtimeNames, suiteName } from "../../../../test/onnx/runtimes.js";
import { cells, mgu, twice } from "../../../cell/cells.cases.js";
import {
  add,
  type Cell,
  cell,
  gru,
  isFinite,
  lstm,
  lstmNotes,
  max,
  min,
  mul,
  rnn,
  select,
  sigmoid,
  sub,
  sumFeatures,
  tanh,
} from "../../../cell/index.js";
import { around, graphs } from "../../../nn/graph.cases.js";
import {
  activation,
  convolution,
  dropout,
  embedding,
  features,
  linear,
  type NetworkOptions,
  network,
  normalise,
  pool,
  poolings,
  recurrent,
  scale,
  stack,
} from "../../../nn/index.js";
import { activationNames } from "../../../nn/layers/activation.js";
import { decodeModel } from "../messages.js";
import { expectSame, expectSameStream, livelyParameters } from "./export.cases.js";
import { exportOnnx } from "./export.js";

/** What cells become; the others are Scans. */
const operators: Readonly<Record<string, string>> = {
  rnn: "RNN",
  rnnRelu: "RNN",
  gru: "GRU",
  gruResetAfter: "GRU",
  lstm: "LSTM",
  lstmPeephole: "LSTM",
  lstmCoupled: "LSTM",
};

/** A cell of a user with a learned number, two states, and ops that no cell of the catalogue has. */
const picky: Cell = cell(
  "picky",
  { states: ["slow", "fast"], output: "fast" },
  ({ slow, fast, x, affine, scalar }) => {
    const rate = sigmoid(scalar("rate", 0.3));
    const moved = add(mul(rate, slow), mul(sub(1, rate), fast));
    const z = max(min(affine("z", fast, x), 2), -2);
    return { slow: moved, fast: mul(isFinite(z), select(z, tanh(z), mul(0.1, moved))) };
  },
);

/** A cell that reads its input beside products, and what is made of it in one. */
const reader: Cell = cell("reader", { states: ["h"], output: "h" }, ({ h, x, linear }) => ({
  h: tanh(add(mul(sumFeatures(x), h), linear("s", mul(x, x), h, x))),
}));

/** The notes' GRU under other names, and another cell that calls itself lstm. */
const renamed: Cell = cell("mine", { states: ["m"], output: "m" }, ({ m, x, affine }) => {
  const q = sigmoid(affine("q", x, m));
  const p = sigmoid(affine("p", m, x));
  return { m: add(mul(m, sub(1, p)), mul(tanh(affine("n", x, mul(m, q))), p)) };
});
const impostor: Cell = cell("lstm", { states: ["h"], output: "h" }, ({ h, x, affine }) => ({
  h: mul(0.5, add(h, tanh(affine("a", h, x)))),
}));

const own = { vocabulary: 9 };
const networks: Readonly<Record<string, NetworkOptions>> = {
  "a stack in both directions, one-hot": {
    input: own,
    layers: [stack({ cell: lstm, units: [3, 4], direction: "both" }), linear({ units: 5 })],
    loss: "crossEntropy",
  },
  "a stack of Scans in both directions, one-hot": {
    input: own,
    layers: [stack({ cell: mgu, units: [3, 4], direction: "both" }), linear({ units: 5 })],
    loss: "crossEntropy",
  },
  "embeddings, dropout, residual layers and zoneout": {
    input: own,
    layers: [
      embedding({ width: 4 }),
      dropout({ rate: 0.5 }),
      recurrent({ cell: gru, units: 4, residual: true }),
      recurrent({ cell: lstm, units: 4, zoneout: { c: 0.2 } }),
      linear({ units: 2 }),
    ],
    loss: "binaryCrossEntropy",
  },
  "tied weights": {
    input: own,
    layers: [
      embedding({ width: 4 }),
      recurrent({ cell: gru, units: 4 }),
      linear({ units: 9, tied: "embedding1.w_e" }),
    ],
    loss: "crossEntropy",
  },
  "emissions of a conditional random field": {
    input: own,
    layers: [
      embedding({ width: 4 }),
      recurrent({ cell: lstm, units: 3, direction: "both" }),
      linear({ units: 3 }),
    ],
    loss: "crf",
  },
  "steps, and what is known once, quantiles": {
    input: { inputs: { known: { width: 3, once: true }, past: { width: 2 } } },
    layers: [
      features({
        past: [recurrent({ cell: lstm, units: 3 }), pool({ by: "last" })],
        known: [linear({ units: 2 }), activation({ by: "tanh" })],
      }),
      linear({ units: 4 }),
    ],
    loss: "pinball",
    quantiles: [0.1, 0.9],
  },
  "words, their characters and their look": {
    input: {
      inputs: {
        characters: { vocabulary: 6, inside: true },
        word: own,
        shape: { width: 2 },
        marks: { width: 2, inside: true },
      },
    },
    layers: [
      features({
        word: [embedding({ width: 3 })],
        characters: [
          embedding({ width: 2 }),
          recurrent({ cell: lstm, units: 2, direction: "both" }),
          pool({ by: "last" }),
        ],
        shape: [],
        marks: [recurrent({ cell: mgu, units: 2, direction: "reverse" }), pool({ by: "mean" })],
      }),
      recurrent({ cell: gru, units: 3, direction: "both" }),
      linear({ units: 3 }),
    ],
    loss: "crf",
  },
};

for (const name of runtimeNames) {
  describe.skipIf(isMissing(name))(suiteName(name), () => {
    let ort: Runtime;
    beforeAll(async () => {
      ort = await runtime(name);
    });

    const all = [...cells, picky, reader];
    it.each(all.map((of) => [of.name, of] as const))("%s, in both directions", async (of, it) => {
      const layers = [recurrent({ cell: it, units: 3, direction: "both" })];
      const part = await expectSame(ort, network({ input: { width: 4 }, layers, loss: "squaredError" }));
      const operator = operators[of] ?? "Scan";
      expect(part.operators.map((row) => row.operator)).toEqual([operator, operator]);
    });

    it.each(all.map((of) => [of.name, of] as const))("%s, a stack in reverse", async (_, it) => {
      const layers = [stack({ cell: it, units: [3, 3], direction: "reverse" }), linear({ units: 2 })];
      const input = it === reader ? { width: 4 } : own;
      await expectSame(ort, network({ input, layers, loss: "crossEntropy" }));
    });

    it.each(all.map((of) => [of.name, of] as const))("%s, step by step", async (_, it) => {
      const layers = [stack({ cell: it, units: [3, 3] }), linear({ units: 2 })];
      await expectSameStream(ort, network({ input: { width: 4 }, layers, loss: "crossEntropy" }));
    });

    it.each(["learned", "given"] as const)("%s initial states", async (initialState) => {
      for (const of of [rnn, gru, lstm, lstmNotes, twice]) {
        const direction = initialState === "given" ? "forward" : "both";
        const layers = [recurrent({ cell: of, units: 3, initialState, direction })];
        await expectSame(ort, network({ input: own, layers, loss: "squaredError" }));
      }
    });

    it("a stream starts from a learned state", async () => {
      const layers = [recurrent({ cell: lstm, units: 3, initialState: "learned" }), linear({ units: 2 })];
      await expectSameStream(ort, network({ input: own, layers, loss: "binaryCrossEntropy" }));
    });

    it.each(Object.keys(networks))("%s", async (of) => {
      await expectSame(ort, network(networks[of]!));
    });

    it.each(graphs)("%s", async (_, options) => {
      await expectSame(ort, network(options));
    });
    it("a convolution of whole sequences, and none of a stream", async () => {
      const layers = [
        convolution({ units: 3, kernel: 3, dilation: 2, padding: "causal" }),
        linear({ units: 2 }),
      ];
      const net = network({ input: { width: 2 }, layers, loss: "squaredError" });
      await expectSame(ort, net);
      expect(() => exportOnnx({ network: net, parameters: livelyParameters(net) }, { stream: true })).toThrow(
        "the network cannot be exported as a stream: convolution1 keeps the last steps",
      );
    });
    it("a stream of a network with a way around a layer", async () => {
      await expectSameStream(ort, network(around()));
    });
    it("normalised and scaled vectors, before and after pooling", async () => {
      const layers = [
        linear({ units: 4 }),
        normalise(),
        scale(),
        pool({ by: "last" }),
        normalise({ epsilon: 0.1 }),
        scale(),
      ];
      await expectSame(ort, network({ input: { width: 2 }, layers, loss: "squaredError" }));
    });

    it.each(poolings)("pooling by %s", async (by) => {
      const layers = [
        recurrent({ cell: gru, units: 3, direction: "both" }),
        pool({ by }),
        linear({ units: 3 }),
      ];
      await expectSame(ort, network({ input: { width: 2 }, layers, loss: "crossEntropy" }));
    });

    it.each(activationNames)("%s between dense layers", async (by) => {
      const dense = [linear({ units: 4 }), activation({ by }), linear({ units: 3 })];
      const layers = [recurrent({ cell: gru, units: 3 }), activation({ by }), pool({ by: "last" }), ...dense];
      await expectSame(ort, network({ input: { width: 2 }, layers, loss: "crossEntropy" }));
    });

    it("a cell is what it computes, not what it is called", async () => {
      const of = (it: Cell) =>
        network({ input: own, layers: [recurrent({ cell: it, units: 3 })], loss: "squaredError" });
      expect((await expectSame(ort, of(renamed))).operators[0]?.operator).toBe("GRU");
      expect((await expectSame(ort, of(impostor))).operators[0]?.operator).toBe("Scan");
    });
  });
}

describe("what is refused, and what is not", () => {
  const layers = [
    recurrent({ cell: gru, units: 3, direction: "both" }),
    pool({ by: "max" }),
    linear({ units: 2 }),
  ];
  const net = network({ input: { width: 2 }, layers, loss: "crossEntropy" });
  const parameters = livelyParameters(net);

  it("a stream of what reads to the sequence's end, by the layer's name", () => {
    expect(() => exportOnnx({ network: net, parameters }, { stream: true })).toThrow(
      "the network cannot be exported as a stream: recurrent1 reads in both directions",
    );
  });

  it("parameters that do not fit", () => {
    const without = new Map([...parameters].slice(1));
    expect(() => exportOnnx({ network: net, parameters: without })).toThrow(
      "the parameter recurrent1.forward.w_r is missing; the network needs (3, 5)",
    );
    const other = new Map([...parameters, ["linear1.b_y", { shape: [3], data: new Float32Array(3) }]]);
    expect(() => exportOnnx({ network: net, parameters: other })).toThrow(
      "the parameter linear1.b_y has shape (3); the network needs (2)",
    );
  });

  it("token ids of a cell that reads its input beside products", () => {
    const of = network({ input: own, layers: [recurrent({ cell: reader, units: 3 })], loss: "squaredError" });
    expect(() => exportOnnx({ network: of, parameters: livelyParameters(of) })).toThrow(
      "recurrent1: the input is token ids, and the cell reads it beside products with weights",
    );
  });

  it("a model is the same bytes every time, and says what it is", () => {
    const model = { network: net, parameters, task: "classifier", data: { labels: ["a", "b"] } };
    const [part, again] = [exportOnnx(model)[0], exportOnnx(model)[0]];
    expect(part?.bytes.length).toBeGreaterThan(0);
    expect(part?.bytes).toEqual(again?.bytes);
    const { metadata, producer, opsets } = decodeModel(part!.bytes);
    expect([producer, opsets]).toEqual(["unrolled", [{ domain: "", version: 17 }]]);
    expect(JSON.parse(metadata[0]!.value!)).toMatchObject({
      format: 1,
      part: "model",
      task: "classifier",
      loss: "crossEntropy",
      data: { labels: ["a", "b"] },
      states: [{ name: "recurrent1.forward.c", width: 3, start: 0 }, { name: "recurrent1.reverse.c" }],
    });
  });
});
