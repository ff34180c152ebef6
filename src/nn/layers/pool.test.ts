/** Pooling: each way against its definition over ragged lengths, the engine against the reference, and the file. */
import { describe, expect, it } from "vitest";
import { gru } from "../../cell/index.js";
import { createReferenceExecutor } from "../../exec/reference/index.js";
import { createWasmExecutor } from "../../exec/wasm/index.js";
import { networkData, networkFromData } from "../build/index.js";
import { agreeWithReference, checkGradients, examplesFor, sameBitsInAnyBatch } from "../gradient.cases.js";
import {
  createPredictor,
  initialParameters,
  linear,
  type Network,
  network,
  type Parameters,
  type Pooling,
  pool,
  poolings,
  recurrent,
} from "../index.js";

const lengths = [4, 1, 0, 6, 2];
const H = 3;

/** Pools the input itself, so that the prediction is what pooling gives. */
const pooled = (by: Pooling): Network =>
  network({ input: { width: H }, layers: [pool({ by })], loss: "squaredError" });

const numbersOf = (net: Network): number[][] =>
  examplesFor(net, lengths).map(({ input }) => Array.from(input as ArrayLike<number>));

async function run(net: Network, parameters: Parameters, scale = 1): Promise<number[][]> {
  const examples = numbersOf(net).map((input) => ({ input: input.map((x) => scale * x) }));
  const predictor = createPredictor(net, await createReferenceExecutor(), { parameters });
  return predictor.predict(examples).map((p) => p.rows[0] as number[]);
}

/** The steps of each example, as vectors. */
const stepsOf = (net: Network): number[][][] =>
  numbersOf(net).map((input) =>
    Array.from({ length: input.length / H }, (_, t) => input.slice(H * t, H * t + H)),
  );

/** Attention as its definition reads: all scores, then the softmax, then the sum. */
function direct(steps: readonly (readonly number[])[], parameters: Parameters): number[] {
  const data = (name: string): number[] => Array.from(parameters.get(`pool1.${name}`)!.data);
  const [w, b, v] = [data("w_a"), data("b_a"), data("v_a")];
  const scores = steps.map((h) =>
    v.reduce((sum, vi, i) => sum + vi * Math.tanh(h.reduce((z, x, k) => z + w[i * H + k]! * x, b[i]!)), 0),
  );
  const total = scores.reduce((sum, e) => sum + Math.exp(e), 0);
  return Array.from({ length: H }, (_, k) =>
    steps.reduce((sum, h, t) => sum + (Math.exp(scores[t]!) / total) * h[k]!, 0),
  );
}

describe("pooling by attention", () => {
  const net = pooled("attention");
  const parameters: Parameters = new Map(
    [...initialParameters(net, 3)].map(([name, { shape, data }]) => [
      name,
      { shape, data: data.map((x, i) => x + 0.1 * i) },
    ]),
  );
  it("has the parameters of the paper, by name", () => {
    expect(net.parameters.map(({ name, shape }) => [name, shape])).toEqual([
      ["pool1.w_a", [H, H]],
      ["pool1.b_a", [H]],
      ["pool1.v_a", [H]],
    ]);
  });
  it("is the direct softmax, and zeros where there are no steps", async () => {
    const found = await run(net, parameters);
    stepsOf(net).forEach((steps, i) => {
      const wanted = direct(steps, parameters);
      // Float64 on both sides; the online sums are merely in another order.
      wanted.forEach((value, k) => expect(found[i]?.[k]).toBeCloseTo(value, 12));
    });
    expect(found[2]).toEqual([0, 0, 0]);
  });
  it("does not overflow where scores are in the thousands", async () => {
    const steep = new Map(
      [...parameters].map(([name, { shape, data }]) => [
        name,
        { shape, data: name.endsWith("v_a") ? data.map((x) => 1e4 * x) : data },
      ]),
    );
    const found = await run(net, steep);
    expect(found.flat().every(Number.isFinite)).toBe(true);
    // So steep, it picks one step: the result is one of the sequence's own vectors.
    const steps = stepsOf(net)[0]!;
    const nearest = Math.min(...steps.map((h) => Math.hypot(...h.map((x, k) => x - found[0]![k]!))));
    expect(nearest).toBeLessThan(1e-6);
  });
  it("has gradients as central differences give, where the steps before are states", async () => {
    const layers = [recurrent({ cell: gru, units: 3 }), pool({ by: "attention" }), linear({ units: 2 })];
    const options = { input: { width: 2 }, layers, loss: "crossEntropy" } as const;
    for (const ragged of [[1], [5, 3, 0, 1, 3]])
      expect(await checkGradients(options, ragged)).toBeGreaterThan(0);
  });
});

describe.each(poolings)("pooling by %s", (by) => {
  const layers = [recurrent({ cell: gru, units: 5, direction: "both" }), pool({ by }), linear({ units: 2 })];
  const net = network({ input: { width: 3 }, layers, loss: "crossEntropy" });
  it("trains in WebAssembly as in the reference", async () => {
    // Float32 sums against float64 over a dozen steps.
    await agreeWithReference(createWasmExecutor, net, examplesFor(net, lengths), 1e-4);
  });
  it("gives the same bits in any batch", async () => {
    await sameBitsInAnyBatch(createWasmExecutor, net, examplesFor(net, lengths));
  });
  it("travels in a file", () => {
    expect(networkData(networkFromData(networkData(net)))).toEqual(networkData(net));
  });
});

it("mean and maximum side by side are the two", async () => {
  const [mean, largest, both] = await Promise.all(
    (["mean", "max", "meanMax"] as const).map((by) => run(pooled(by), new Map())),
  );
  expect(both).toEqual(mean?.map((row, i) => row.concat(largest?.[i] ?? [])));
});

it("another way to pool is refused", () => {
  expect(() => pool({ by: "median" as Pooling })).toThrow('by is "median"; it must be last, ends, mean, max');
});
