/** A larger vocabulary: what was learned stays, to the bit, whichever layer reads the tokens. */
import { describe, expect, it } from "vitest";
import { gru, lstm } from "../cell/index.js";
import { createWasmExecutor } from "../exec/wasm/index.js";
import {
  createPredictor,
  embedding,
  extendVocabulary,
  initialParameters,
  type Layer,
  linear,
  network,
  type Prediction,
  recurrent,
} from "./index.js";

const readers: Readonly<Record<string, readonly Layer[]>> = {
  "an embedding": [embedding({ width: 3 }), recurrent({ cell: gru, units: 4 })],
  "a recurrent layer in both directions": [recurrent({ cell: lstm, units: 4, direction: "both" })],
};

describe("a vocabulary read by", () => {
  it.each(Object.keys(readers))(
    "%s grows without changing a prediction; new tokens are read as unknown ones",
    async (name) => {
      const layers = [...(readers[name] as Layer[]), linear({ units: 2 })];
      const net = network({ input: { vocabulary: 5 }, layers, loss: "crossEntropy" });
      const parameters = initialParameters(net, 1);
      const larger = extendVocabulary(net, parameters, 8);
      expect(larger.net.input).toEqual({ vocabulary: 8 });
      const predict = async (model: typeof larger, input: number[]): Promise<Prediction[]> =>
        createPredictor(model.net, await createWasmExecutor(), { parameters: model.parameters }).predict([
          { input },
        ]);
      const old = await predict({ net, parameters }, [1, 4, 0, 3, 0, 2]);
      expect(await predict(larger, [1, 4, 0, 3, 0, 2])).toEqual(old);
      expect(await predict(larger, [1, 4, 7, 3, 5, 2])).toEqual(old);
    },
  );
  it("nothing, or fewer tokens than there are, is refused", () => {
    const vectors = network({
      input: { width: 2 },
      layers: [recurrent({ cell: gru, units: 2 })],
      loss: "squaredError",
    });
    expect(() => extendVocabulary(vectors, initialParameters(vectors, 1), 5)).toThrow("reads vectors");
    const ids = network({
      input: { vocabulary: 5 },
      layers: [recurrent({ cell: gru, units: 2 })],
      loss: "squaredError",
    });
    expect(() => extendVocabulary(ids, initialParameters(ids, 1), 4)).toThrow(
      "has 5 tokens and cannot be extended to 4",
    );
  });
});
