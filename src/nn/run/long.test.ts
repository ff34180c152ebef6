/** A long sequence in pieces against the same sequence at once: the same bits, however it is cut. */
import { describe, expect, it } from "vitest";
import { gru, lstm } from "../../cell/index.js";
import { createWasmExecutor } from "../../exec/wasm/index.js";
import {
  createLongScorer,
  createPredictor,
  embedding,
  initialParameters,
  linear,
  type Network,
  network,
  pool,
  recurrent,
} from "../index.js";

const layers = [
  embedding({ width: 5 }),
  recurrent({ cell: gru, units: 7 }),
  recurrent({ cell: lstm, units: 6 }),
  linear({ units: 11 }),
];
const net = network({ input: { vocabulary: 11 }, layers, loss: "crossEntropy" });
const ids = Int32Array.from({ length: 101 }, (_, i) => (i * i + 3 * i) % 11);
const parameters = initialParameters(net, 5);

async function whole(sequences: readonly ArrayLike<number>[]): Promise<number> {
  const executor = await createWasmExecutor();
  const predictor = createPredictor(net, executor, { loss: true, rows: false, parameters });
  const examples = sequences.map((s) => ({
    input: Int32Array.from(s).subarray(0, s.length - 1),
    target: Int32Array.from(s).subarray(1),
  }));
  const sum = predictor.predict(examples).reduce((all, { loss = 0 }) => all + loss, 0);
  executor.dispose();
  return sum;
}

describe("a long sequence", () => {
  it("has the loss of the whole at once, whatever the pieces", async () => {
    const executor = await createWasmExecutor();
    const at = [7, 33, 1000].map((steps) =>
      createLongScorer(net, executor, { parameters, steps }).score(ids),
    );
    // Losses of pieces are added up in another order than those of the whole: the last places of a float64 sum.
    for (const { loss, steps } of at) {
      expect(steps).toBe(100);
      expect(loss).toBeCloseTo(await whole([ids]), 10);
    }
    executor.dispose();
  });
  it("in lanes has that of so many sequences, of which the last are shorter", async () => {
    const executor = await createWasmExecutor();
    const score = createLongScorer(net, executor, { parameters, steps: 40 }).score(ids, { lanes: 8 });
    const lanes = Array.from({ length: 8 }, (_, b) => ids.subarray(13 * b, 13 * (b + 1) + 1));
    expect(score.loss).toBeCloseTo(await whole(lanes), 10);
    expect(
      createLongScorer(net, executor, { parameters }).score(ids.subarray(0, 4), { lanes: 64 }).steps,
    ).toBe(3);
    executor.dispose();
  });
  it("is refused where there is nothing to predict, or the network looks at the whole of it", async () => {
    const executor = await createWasmExecutor();
    expect(() => createLongScorer(net, executor, { parameters }).score([3])).toThrow(
      "a sequence of 1 tokens predicts none",
    );
    const refused = (other: Network): unknown => createLongScorer(other, executor);
    const both = [recurrent({ cell: gru, units: 4, direction: "both" }), linear({ units: 11 })];
    const pooled = [recurrent({ cell: gru, units: 4 }), pool({ by: "last" }), linear({ units: 11 })];
    for (const some of [both, pooled])
      expect(() =>
        refused(network({ input: { vocabulary: 11 }, layers: some, loss: "crossEntropy" })),
      ).toThrow("cannot be read in pieces");
    executor.dispose();
  });
});
