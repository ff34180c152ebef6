/** Validation while a network trains: on one long text it says what reading that text once says, and the best epoch wins. */
import { describe, expect, it } from "vitest";
import { gru } from "../../cell/index.js";
import { createWasmExecutor } from "../../exec/wasm/index.js";
import {
  createPredictor,
  initialParameters,
  type LongScore,
  linear,
  network,
  recurrent,
} from "../../nn/index.js";
import { adam, type Progress, fit as trainNetwork } from "../index.js";

const net = network({
  input: { vocabulary: 5 },
  layers: [recurrent({ cell: gru, units: 8 }), linear({ units: 5 })],
  loss: "crossEntropy",
});
const ids = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => ((from + i) * (from + i)) % 5);
const options = {
  parameters: initialParameters(net, 1),
  train: { text: ids(0, 400) },
  bptt: { lanes: 4, steps: 10 },
  optimizer: adam({ learningRate: 0.02 }),
  seed: 1,
  epochs: 3,
};
const text = ids(7, 91);
const score = ({ loss, steps }: LongScore): number => -loss / steps;

describe("validation on one long text", () => {
  it("is the loss of the whole sequence, with the weights of the epoch, of which the best are returned", async () => {
    const session = (await createWasmExecutor()).session();
    const scores: number[] = [];
    const onProgress = ({ valid }: Progress): void => {
      if (valid !== undefined) scores.push(valid);
    };
    const result = await trainNetwork(net, {
      ...options,
      executor: session,
      valid: { text, score },
      onProgress,
    });
    expect(scores).toHaveLength(3);
    expect(result.training.score).toBe(Math.max(...scores));
    const predictor = createPredictor(net, session, { loss: true, rows: false });
    const [whole] = predictor.predict([{ input: text.slice(0, 90), target: text.slice(1) }]);
    // The same float32 losses, added up in pieces.
    expect(-(whole?.loss ?? 0) / 90).toBeCloseTo(result.training.score!, 10);
    session.executor.dispose();
  });
  it("in lanes starts each anew, and changes nothing in training", async () => {
    const run = async (lanes: number) => {
      const executor = await createWasmExecutor();
      const result = await trainNetwork(net, {
        ...options,
        epochs: 1,
        executor,
        valid: { text, score, lanes },
      });
      executor.dispose();
      return result;
    };
    const [whole, lanes] = [await run(1), await run(6)];
    expect(lanes.parameters).toEqual(whole.parameters);
    expect(lanes.training.score).not.toBe(whole.training.score);
  });
});
