/** Streams: the bits of whole sequences, alone and together; states as values; what is refused; no allocation. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { add, type Cell, catalogue, gru, lstm, cell as makeCell, rnn, tanh } from "../../cell/index.js";
import type { Executor } from "../../exec/executor.js";
import { createReferenceExecutor } from "../../exec/reference/index.js";
import { createWasmExecutor } from "../../exec/wasm/index.js";
import { modelName, writeParameters } from "../build/index.js";
import {
  createPredictor,
  createStream,
  createStreams,
  dropout,
  embedding,
  initialParameters,
  linear,
  NetworkError,
  type NetworkOptions,
  network,
  pool,
  recurrent,
  type StateValues,
  stack,
} from "../index.js";

const executors: Readonly<Record<string, () => Promise<Executor>>> = {
  reference: createReferenceExecutor,
  wasm: () => createWasmExecutor({ tier: "simd" }),
  "wasm relaxed": () => createWasmExecutor({ tier: "relaxed" }),
};
// Node 20 knows the instructions of relaxed SIMD behind a flag.
if (process.version.startsWith("v20.")) setFlagsFromString("--experimental-wasm-relaxed-simd");

/** Tokens, or vectors of float32 numbers, by formula. */
const ids = (T: number, seed: number): number[] =>
  Array.from({ length: T }, (_, t) => (t * t + 3 * t + seed) % 9);
const vectors = (T: number, X: number, seed: number): number[] =>
  Array.from({ length: T * X }, (_, k) => Math.fround(Math.sin(1.3 * k + seed)));

/** Steps examples one after the other through one stream, then all at once, and compares both with a batch. */
async function sameBits(create: () => Promise<Executor>, options: NetworkOptions): Promise<void> {
  const net = network(options);
  const executor = await create();
  const parameters = initialParameters(net, 5);
  // Learned initial states begin as zeros, which would hide a stream that does not start from them.
  for (const [name, { data }] of parameters)
    if (name.includes(".initial_")) data.fill((name.charCodeAt(name.length - 1) - 96) / 8);
  const width = "width" in options.input ? options.input.width : 0;
  const [T, count] = [7, 3];
  const examples = Array.from({ length: count }, (_, i) => ({
    input: width ? vectors(T, width, i) : ids(T, i),
  }));
  const whole = createPredictor(net, executor, { parameters, states: true }).predict(examples);
  const at = (i: number, t: number): number | number[] => {
    const input = examples[i]!.input;
    return width ? input.slice(t * width, (t + 1) * width) : input[t]!;
  };
  const stream = createStream(net, executor, { parameters });
  examples.forEach((_, i) => {
    stream.reset();
    for (let t = 0; t < T; t++) expect([...stream.step(at(i, t))]).toEqual(whole[i]?.rows[t]);
    expect(stream.state().states).toEqual(whole[i]?.states);
  });
  const streams = createStreams(net, executor, { count, parameters });
  for (let t = 0; t < T; t++) {
    // In the middle every stream takes a step alone, in another order.
    const alone = t === 3;
    const order = [2, 0, 1];
    const rows = alone
      ? order.map((i) => [...streams.stream(i).step(at(i, t))])
      : streams.step(examples.flatMap((_, i) => at(i, t))).map((row) => [...row]);
    rows.forEach((row, k) => {
      expect(row).toEqual(whole[alone ? order[k]! : k]?.rows[t]);
    });
  }
  executor.dispose();
}

describe.each(Object.entries(executors))(
  "streams on %s give the bits of the whole sequence",
  (_name, create) => {
    it.each(Object.entries(catalogue))("%s", async (_cell, cell: Cell) => {
      await sameBits(create, {
        input: { width: 5 },
        layers: [recurrent({ cell, units: 19 })],
        loss: "squaredError",
      });
    });
    it("a cell whose states change places", async () => {
      const swap = makeCell("swap", { states: ["a", "b"], output: "a" }, ({ a, b, x, affine }) => ({
        a: b,
        b: add(a, affine("z", x)),
      }));
      const exchange = makeCell(
        "exchange",
        { states: ["a", "b", "c"], output: "c" },
        ({ a, b, c, x, affine }) => ({
          a: b,
          b: a,
          c: tanh(affine("z", add(a, c), b, x)),
        }),
      );
      for (const cell of [swap, exchange]) {
        const layers = [recurrent({ cell, units: 7, initialState: "learned" }), linear({ units: 2 })];
        await sameBits(create, { input: { width: 3 }, layers, loss: "squaredError" });
      }
    });
    const head = linear({ units: 4 });
    it.each<[string, NetworkOptions]>([
      [
        "a stack over an embedding, with dropout at rest",
        {
          input: { vocabulary: 9 },
          layers: [
            embedding({ width: 6 }),
            stack({ cell: lstm, units: [17, 16, 5] }),
            dropout({ rate: 0.5 }),
            head,
          ],
          loss: "crossEntropy",
        },
      ],
      [
        "one-hot ids, and a residual layer",
        {
          input: { vocabulary: 9 },
          layers: [
            recurrent({ cell: gru, units: 33 }),
            recurrent({ cell: rnn, units: 33, residual: true }),
            head,
          ],
          loss: "binaryCrossEntropy",
        },
      ],
      [
        "learned initial states, one number in and one out",
        {
          input: { width: 1 },
          layers: [recurrent({ cell: lstm, units: 6, initialState: "learned" }), linear({ units: 1 })],
          loss: "squaredError",
        },
      ],
    ])("%s", async (_what, options) => sameBits(create, options));
  },
);

describe("the state of a stream", () => {
  const net = network({
    input: { vocabulary: 9 },
    layers: [recurrent({ cell: lstm, units: 6 })],
    loss: "squaredError",
  });
  const parameters = initialParameters(net, 2);
  const run = (stream: { step(x: number): ArrayLike<number> }, tokens: number[]): number[][] =>
    tokens.map((x) => Array.from(stream.step(x)));

  it("is a copy that JSON keeps, and another stream goes on from it with the same bits", async () => {
    const executor = await createWasmExecutor();
    const stream = createStream(net, executor, { parameters });
    run(stream, ids(4, 1));
    const saved = stream.state();
    const text = JSON.stringify(saved);
    expect(Object.keys(saved)).toEqual(Object.keys(JSON.parse(text)));
    const rest = run(stream, ids(5, 2));
    expect(JSON.stringify(saved)).toBe(text);
    expect(Object.isFrozen(saved)).toBe(true);
    stream.restore(saved);
    expect(run(stream, ids(5, 2))).toEqual(rest);
    const other = createStreams(net, executor, { count: 3, parameters }).stream(1);
    other.restore(JSON.parse(text));
    expect(run(other, ids(5, 2))).toEqual(rest);
  });
  it("names its model, and is refused by another one unless that is meant", async () => {
    const executor = await createWasmExecutor();
    const stream = createStream(net, executor, { parameters });
    run(stream, ids(4, 1));
    const saved = stream.state();
    expect(saved.model).toBe(modelName(net, parameters));
    // Another place to run, and a copy of the weights: the same model.
    const copy = new Map([...parameters].map(([name, t]) => [name, { ...t, data: t.data.slice() }]));
    const same = createStream(net, await createReferenceExecutor(), { parameters: copy });
    same.restore(saved);
    expect(same.state()).toEqual(saved);
    const other = createStream(net, executor, { parameters: initialParameters(net, 3) });
    expect(() => other.restore(saved)).toThrow(/is of the model [0-9a-f]{16}, and this is [0-9a-f]{16}/);
    expect(() => other.restore(saved.states)).toThrow(/does not say of which model it is/);
    for (const meant of [saved, saved.states]) {
      other.restore(meant, { anyModel: true });
      expect(other.state()).toEqual({ model: other.model, states: saved.states });
    }
    executor.dispose();
  });
  it("has another name when the weights of a shared session have changed", async () => {
    const session = (await createWasmExecutor()).session();
    const stream = createStream(net, session, { parameters });
    const { model } = stream;
    const weights = initialParameters(net, 3);
    writeParameters(net, weights, session);
    expect(stream.model).toBe(modelName(net, weights));
    writeParameters(net, parameters, session);
    expect(stream.model).toBe(model);
    session.executor.dispose();
  });
  it("is every stream's own, over weights that are shared and may change", async () => {
    const session = (await createWasmExecutor()).session();
    const [a, b] = [createStream(net, session, { parameters }), createStream(net, session)];
    const first = run(a, ids(3, 1));
    expect(run(b, ids(3, 1))).toEqual(first);
    // A program that needs much memory moves nothing under the streams' feet.
    createPredictor(net, session).predict([{ input: ids(20_000, 0) }]);
    const next = run(a, ids(3, 4));
    expect(run(b, ids(3, 4))).toEqual(next);
    createStream(net, session, { parameters: initialParameters(net, 3) }).dispose();
    a.reset();
    expect(run(a, ids(3, 1))).not.toEqual(first);
  });
  it("starts where options.states say, or must be restored first where the network wants it given", async () => {
    const given = network({
      input: { width: 2 },
      layers: [recurrent({ cell: gru, units: 3, initialState: "given" })],
      loss: "squaredError",
    });
    const executor = await createWasmExecutor();
    const weights = initialParameters(given, 1);
    const states = { "recurrent1.c": [0.5, -0.25, 0.125] };
    const x = [0.3, -0.7];
    const [expected] = createPredictor(given, executor, { parameters: weights }).predict([
      { input: x, states },
    ]);
    const stream = createStream(given, executor, { parameters: weights, states });
    expect([...stream.step(x)]).toEqual(expected?.rows[0]);
    stream.reset();
    expect([...stream.step(x)]).toEqual(expected?.rows[0]);
    const streams = createStreams(given, executor, { count: 2, parameters: weights });
    expect(() => streams.stream(1).step(x)).toThrow(/stream 1 must be given.*recurrent1\.c/);
    streams.stream(1).restore(states, { anyModel: true });
    expect([...streams.stream(1).step(x)]).toEqual(expected?.rows[0]);
    expect(() => streams.step([...x, ...x])).toThrow(/stream 0 must be given/);
    expect(() => streams.stream(0).state()).toThrow(/stream 0 must be given/);
    streams.reset();
    expect(() => streams.stream(1).step(x)).toThrow(NetworkError);
  });
});

describe("streams refuse", () => {
  const input = { vocabulary: 9 };
  it.each<[string, NetworkOptions["layers"], RegExp]>([
    [
      "pooling",
      [recurrent({ cell: gru, units: 2 }), pool({ by: "last" })],
      /step by step: pool1 pools over all/,
    ],
    [
      "reading in reverse",
      [recurrent({ cell: gru, units: 2, direction: "reverse" })],
      /recurrent1 reads in reverse/,
    ],
    ["both directions", [recurrent({ cell: gru, units: 2, direction: "both" })], /recurrent1 reads in both/],
  ])("%s", async (_what, layers, message) => {
    const net = network({ input, layers, loss: "crossEntropy" });
    const executor = await createReferenceExecutor();
    expect(() => createStream(net, executor)).toThrow(message);
    expect(() => createStream(net, executor)).toThrow(NetworkError);
  });

  const words = network({ input, layers: [recurrent({ cell: gru, units: 2 })], loss: "squaredError" });
  const numbers = network({
    input: { width: 3 },
    layers: [recurrent({ cell: gru, units: 2 })],
    loss: "squaredError",
  });
  it.each([-1, 9, 1.5, Number.NaN, 2 ** 32])("the token id %s", async (id) => {
    const executor = await createWasmExecutor();
    const parameters = initialParameters(words, 1);
    const streams = createStreams(words, executor, { count: 2, parameters });
    const before = streams.stream(0).state();
    expect(() => streams.stream(0).step(id)).toThrow(/token id .*ids run from 0 to 8/);
    expect(() => streams.step([1, id])).toThrow(NetworkError);
    expect(streams.stream(0).state()).toEqual(before);
  });
  it.each(Object.entries(executors))("everything once they are disposed of, on %s", async (_name, create) => {
    const stream = createStream(words, await create(), { parameters: initialParameters(words, 1) });
    const state = stream.state();
    stream.dispose();
    for (const use of [() => stream.step(1), () => stream.state(), () => stream.restore(state), stream.reset])
      expect(use).toThrow(/disposed of/);
  });
  it("inputs and states of another size, and streams that there are not", async () => {
    const executor = await createWasmExecutor();
    const streams = createStreams(numbers, executor, { count: 2, parameters: initialParameters(numbers, 1) });
    expect(() => streams.stream(2)).toThrow(/no stream 2; there are 2/);
    expect(() => createStreams(numbers, executor, { count: 0 })).toThrow(
      /count is 0; it must be a whole number/,
    );
    expect(() => streams.step([1, 2, 3])).toThrow(/need 6 numbers.*given 3/);
    const stream = streams.stream(0);
    expect(() => stream.step([1, 2])).toThrow(/3 numbers, not 2/);
    expect(() => stream.step(1)).toThrow(/3 numbers, not one/);
    const other = createStream(words, executor, { parameters: initialParameters(words, 1) });
    expect(() => other.step([1])).toThrow(/a token id, not a list/);
    const restore = (states: StateValues) => () => stream.restore(states, { anyModel: true });
    expect(restore({})).toThrow(/recurrent1\.c holds 2 numbers and was given none/);
    expect(restore({ "recurrent1.c": [1] })).toThrow(/given 1/);
    expect(restore({ "recurrent1.c": [1, 2], c: [1] })).toThrow(/no state c; it has recurrent1\.c/);
  });
});

describe("a step allocates nothing", () => {
  const STEPS = 300_000;
  // The smallest object takes 16 bytes. The engine's compiler leaves up to half a megabyte at moments of its choice.
  const MOST_BYTES = 5 * STEPS;

  /** Heap growth over all steps, garbage included: so little that no collection falls in between. */
  const growth = (step: (i: number) => void): number => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    for (let i = 0; i < STEPS / 3; i++) step(i);
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < STEPS; i++) step(i);
    return process.memoryUsage().heapUsed - before;
  };
  const net = network({
    input: { vocabulary: 9 },
    layers: [embedding({ width: 4 }), recurrent({ cell: gru, units: 4 }), linear({ units: 2 })],
    loss: "crossEntropy",
  });
  const set = async (count: number) =>
    createStreams(net, await createWasmExecutor(), { count, parameters: initialParameters(net, 1) });

  it("of one stream, of streams in turn, of streams together", async () => {
    const streams = await set(2);
    const [a, b] = [streams.stream(0), streams.stream(1)];
    const inputs = Int32Array.of(1, 2);
    expect(growth((i) => a.step(i % 9))).toBeLessThan(MOST_BYTES);
    expect(growth((i) => (i % 2 ? a : b).step(i % 9))).toBeLessThan(MOST_BYTES);
    expect(growth(() => streams.step(inputs))).toBeLessThan(MOST_BYTES);
  });
});

it("streams whose session has ended write into nobody's memory", async () => {
  const net = network({
    input: { width: 1 },
    layers: [recurrent({ cell: gru, units: 2 })],
    loss: "squaredError",
  });
  const parameters = initialParameters(net, 1);
  const executor = await createWasmExecutor();
  const session = executor.session();
  const stream = createStream(net, session, { parameters });
  stream.step(1);
  session.dispose();
  // Takes the memory that the stream had.
  const after = createStream(net, executor, { parameters });
  const first = Array.from(after.step(0.25));
  after.reset();
  expect(() => stream.step(100)).toThrow(/disposed of/);
  expect(Array.from(after.step(0.25))).toEqual(first);
  executor.dispose();
});
