/**
 * The conditional random field against what it means: the sum over all sequences of tags, one by one; its gradients
 * against central differences; the fast path against the reference; and that it learns what tags alone cannot.
 */
import { describe, expect, it } from "vitest";
import { gru, rnn } from "../../cell/index.js";
import type { Executor } from "../../exec/executor.js";
import { createReferenceExecutor } from "../../exec/reference/index.js";
import { createWasmExecutor } from "../../exec/wasm/index.js";
import { Builder, type Value } from "../../plan/index.js";
import { purposes, uniform } from "../../tensor/random.js";
import { adam, createTrainer } from "../../train/index.js";
import { buildForward, buildLoss, networkData, networkFromData } from "../build/index.js";
import { checkGradients } from "../gradient.cases.js";
import {
  type ChainScores,
  chainProbability,
  createPredictor,
  createStream,
  type Example,
  embedding,
  initialParameters,
  linear,
  type Network,
  network,
  type Parameters,
  pool,
  recurrent,
  viterbi,
} from "../index.js";
import { crf } from "./crf.js";

const Y = 3;
const net = network({
  input: { vocabulary: 5 },
  layers: [
    embedding({ width: 4 }),
    recurrent({ cell: gru, units: 6, direction: "both" }),
    linear({ units: Y }),
  ],
  loss: "crf",
});
const random = (layer: number, k: number): number =>
  3 * uniform({ seed: 8, purpose: purposes.synthetic, layer }, k) - 1.5;
/** Every parameter by formula: transitions start at zero, which would test nothing. */
const parameters: Parameters = new Map(
  [...initialParameters(net, 1)].map(([name, { shape, data }], n) => [
    name,
    { shape, data: Float32Array.from(data, (_, k) => random(n, k)) },
  ]),
);
const examples: Example[] = [4, 1, 3, 0, 2].map((length, i) => ({
  input: Array.from({ length }, (_, t) => (3 * i + 2 * t) % 5),
  target: Array.from({ length }, (_, t) => (i + t * t) % Y),
}));
const dataOf = (name: string): Float32Array => parameters.get(`crf.${name}`)!.data;
const scores: ChainScores = { transitions: dataOf("w_t"), start: dataOf("b_start"), end: dataOf("b_end") };

/** s(y) as it is written. */
function score(
  z: readonly ArrayLike<number>[],
  y: readonly number[],
  { transitions, start, end }: ChainScores,
): number {
  let sum = start[y[0]!]! + end[y[y.length - 1]!]!;
  y.forEach((tag, t) => {
    sum += z[t]![tag]!;
    if (t > 0) sum += transitions[tag * start.length + y[t - 1]!]!;
  });
  return sum;
}
/** All sequences of tags of a length. */
const sequences = (length: number): number[][] =>
  length === 0 ? [[]] : sequences(length - 1).flatMap((head) => [0, 1, 2].map((tag) => [...head, tag]));

const predict = (executor: Executor, which = examples, from: Network = net) =>
  createPredictor(from, executor, { loss: true, scores: true, parameters }).predict(which);

describe("the conditional random field", () => {
  it("has the loss, the marginals and the best sequence that counting all sequences gives", async () => {
    const predictions = predict(await createReferenceExecutor());
    expect(predictions.map(({ rows }) => rows.length)).toEqual(examples.map(({ input }) => input.length));
    predictions.forEach(({ rows, loss, scores: z = [] }, i) => {
      const { target = [] } = examples[i]!;
      if (z.length === 0) return expect([rows, loss]).toEqual([[], 0]);
      const all = sequences(z.length).map((y) => ({ y, weight: Math.exp(score(z, y, scores)) }));
      const total = all.reduce((sum, { weight }) => sum + weight, 0);
      // Float64 sums in another order.
      expect(loss).toBeCloseTo(Math.log(total) - score(z, Array.from(target), scores), 9);
      rows.forEach((row, t) => {
        row.forEach((p, k) => {
          const share =
            all.filter(({ y }) => y[t] === k).reduce((sum, { weight }) => sum + weight, 0) / total;
          expect(p).toBeCloseTo(share, 9);
        });
      });
      // Tag 1 at the first step and none but 0 and 2 at the second: a span that ends.
      const allowed = (t: number, k: number): boolean => (t === 0 ? k === 1 : t !== 1 || k !== 1);
      const some = all.filter(({ y }) => y.every((k, t) => allowed(t, k)));
      const share = some.reduce((sum, { weight }) => sum + weight, 0) / total;
      expect(chainProbability(z, scores, allowed)).toBeCloseTo(share, 9);
      const best = all.reduce((a, b) => (b.weight > a.weight ? b : a)).y;
      return expect(viterbi(z, scores)).toEqual(best);
    });
  });
  it("has the gradients that central differences give, over ragged batches with empty sequences", async () => {
    const layers = [recurrent({ cell: rnn, units: 3 }), linear({ units: Y })];
    for (const lengths of [[1], [2, 1], [5, 0, 3, 1, 3]])
      expect(await checkGradients({ input: { width: 2 }, layers, loss: "crf" }, lengths)).toBeGreaterThan(0);
  });
  it("is the same on WebAssembly, and the same bits alone, in a batch and in any order", async () => {
    const executor = await createWasmExecutor();
    const [fast, slow] = [predict(executor), predict(await createReferenceExecutor())];
    fast.forEach(({ rows, loss }, i) => {
      // Float32: a dozen roundings of sums of a dozen.
      expect(Math.abs(loss! - slow[i]!.loss!)).toBeLessThan(2e-5);
      rows.forEach((row, t) => {
        row.forEach((p, k) => expect(Math.abs(p - slow[i]!.rows[t]![k]!)).toBeLessThan(2e-6));
      });
      expect(predict(executor, [examples[i]!])).toEqual([fast[i]]);
    });
    expect(predict(executor, [...examples].reverse()).reverse()).toEqual(fast);
  });
  it("never takes a transition of −10,000, also where all else speaks for it, and stays finite", async () => {
    const forbidden = new Map(parameters);
    const transitions = Float32Array.from(dataOf("w_t"));
    // From tag 0 only to tag 0; nothing starts with 1.
    for (const to of [1, 2]) transitions[to * Y] = -1e4;
    const start = Float32Array.of(20, -1e4, 0);
    forbidden.set("crf.w_t", { shape: [Y, Y], data: transitions });
    forbidden.set("crf.b_start", { shape: [Y], data: start });
    const executor = await createWasmExecutor();
    const predictor = createPredictor(net, executor, { loss: true, scores: true, parameters: forbidden });
    const input = [0, 1, 2, 3, 4, 0];
    const [found] = predictor.predict([{ input, target: input.map(() => 0) }]);
    expect(found?.rows).toHaveLength(input.length);
    for (const row of found!.rows) {
      expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 4);
      expect(row[1]! + row[2]!).toBeLessThan(1e-6);
    }
    expect(Number.isFinite(found?.loss)).toBe(true);
    expect(viterbi(found?.scores ?? [], { ...scores, transitions, start })).toEqual(input.map(() => 0));
  });
  it("learns that tags alternate where the words do not tell, which a loss by step cannot", async () => {
    const accuracy = async (loss: "crf" | "crossEntropy"): Promise<number> => {
      const tagger = network({
        input: { vocabulary: 2 },
        layers: [embedding({ width: 2 }), linear({ units: 2 })],
        loss,
      });
      // Only the first word tells its tag; the others are the same word, and their tags alternate.
      const data: Example[] = [0, 1].map((first) => ({
        input: [first, 1, 1, 1, 1, 1],
        target: Array.from({ length: 6 }, (_, t) => (first + t) % 2),
      }));
      const executor = await createWasmExecutor();
      const trainer = createTrainer(tagger, initialParameters(tagger, 1), executor, {
        optimizer: adam({ learningRate: 0.1 }),
        batches: [[6, 6]],
      });
      for (let step = 0; step < 200; step++) trainer.step(data);
      const learned = trainer.parameters();
      const chain = (name: string): Float32Array => learned.get(`crf.${name}`)!.data;
      const right = createPredictor(tagger, trainer.session, { scores: true })
        .predict(data)
        .flatMap(({ rows, scores: z = [] }, i) => {
          const tags =
            loss === "crf"
              ? viterbi(z, { transitions: chain("w_t"), start: chain("b_start"), end: chain("b_end") })
              : rows.map(([a, b]) => Number(b! > a!));
          return tags.map((tag, t) => Number(tag === data[i]?.target?.[t]));
        });
      return right.reduce((a, b) => a + b, 0) / right.length;
    };
    expect(await accuracy("crf")).toBe(1);
    expect(await accuracy("crossEntropy")).toBeLessThan(0.8);
  });
  it("says what it is: its equation, its parameters, and names by which a person finds its values in a plan", () => {
    expect(crf.equation).toMatch(/^s\(y\) = .+, L = log Σ exp s\(y′\) − s\(y\)$/);
    // Transitions are stored exactly, since a forbidden one would make all others coarse.
    expect(crf.parameters!(Y).map(({ name, shape, exact }) => [name, shape, exact ?? false])).toEqual([
      ["crf.w_t", [Y, Y], true],
      ["crf.b_start", [Y], false],
      ["crf.b_end", [Y], false],
    ]);
    const b = new Builder("named");
    const { z } = buildForward(b, net, {});
    buildLoss(b, net, z);
    const parameter = (name: string): Value => b.parameter(name, name.endsWith("w_t") ? Y : 1, Y);
    crf.predict(b, z, { packing: "p", parameter } as never);
    const names = Object.values(b.finish().buffers).flatMap(({ name, role }) =>
      role === "temporary" && name.startsWith("crf.") ? [name] : [],
    );
    const steps = ["logSumExp", "q.value", "transitions.value", "starts.value", "forward.p", "forward.z_t"];
    const sums = ["scale", "atEnd.value", "ends", "logSum.value"];
    const scored = [
      "emission",
      "into",
      "transition",
      "vector0.value",
      "picked0",
      "vector1.value",
      "picked1",
      "score.value",
    ];
    expect(names).toEqual(
      expect.arrayContaining([...steps, ...sums, ...scored, "one"].map((name) => `crf.${name}`)),
    );
    expect(Object.keys(b.finish().buffers)).toContain("loss.value");
  });
  it("travels in a model, and is refused where it makes no sense", async () => {
    const again = networkFromData(JSON.parse(JSON.stringify(networkData(net))));
    expect(again.parameters).toEqual(net.parameters);
    const executor = await createReferenceExecutor();
    const layers = [recurrent({ cell: gru, units: 2 }), linear({ units: 2 })];
    const forward = network({ input: { width: 1 }, layers, loss: "crf" });
    expect(() => createStream(forward, executor)).toThrow(/step by step: crf scores whole sequences/);
    expect(() =>
      network({ input: { width: 1 }, layers: [...layers, pool({ by: "max" })], loss: "crf" }),
    ).toThrow(/crf scores whole sequences of tags, so it needs an output at every step/);
    const options = { optimizer: adam(), batches: [[1]], classWeights: [1, 1] };
    expect(() => createTrainer(forward, initialParameters(forward, 1), executor, options)).toThrow(
      /classWeights weigh rows one by one, and crf scores whole sequences/,
    );
  });
  it("viterbi of nothing is nothing, and of equals the lower tags win", () => {
    const flat = { transitions: new Float32Array(4), start: [0, 0], end: [0, 0] };
    expect(viterbi([], flat)).toEqual([]);
    expect(
      viterbi(
        [
          [1, 1],
          [0, 0],
        ],
        flat,
      ),
    ).toEqual([0, 0]);
  });
});
