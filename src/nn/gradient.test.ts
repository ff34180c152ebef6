/**
 * Gradients of whole networks in float64 against central differences: every cell, 1, 2 and 5 steps, ragged
 * lengths with empty sequences, all directions, stacks of 1 to 3, every kind of layer, start and loss.
 */
import { describe, expect, it } from "vitest";
import { catalogue, gru, lstm, rnn } from "../cell/index.js";
import { checkGradients, vectors } from "./gradient.cases.js";
import { dropout, embedding, features, linear, pool, poolings, recurrent } from "./index.js";

describe("gradients of networks agree with central differences", () => {
  describe.each(Object.entries(catalogue))("%s", (_name, cell) => {
    it.each([
      [[1], [1, 1]],
      [[2], [2, 1, 2]],
      [[5], [5, 3, 0, 1, 3]],
    ])("over %j steps, lengths %j, forward, reverse and both", async (_steps, lengths) => {
      for (const direction of ["forward", "reverse", "both"] as const) {
        expect(await checkGradients(vectors(cell, [3], { direction }), lengths)).toBeGreaterThan(0);
      }
    });
    it("in stacks of two and three, with a width per layer", async () => {
      expect(await checkGradients(vectors(cell, [3, 2]), [3, 1, 2])).toBeGreaterThan(0);
      expect(
        await checkGradients(vectors(cell, [2, 3, 2], { direction: "both" }), [3, 0, 2]),
      ).toBeGreaterThan(0);
    });
  });

  it.each(poolings)("through pooling by %s, with an empty sequence", async (by) => {
    const layers = [
      embedding({ width: 3 }),
      recurrent({ cell: gru, units: 3, direction: "both" }),
      pool({ by }),
      linear({ units: 3 }),
    ];
    expect(
      await checkGradients({ input: { vocabulary: 7 }, layers, loss: "crossEntropy" }, [4, 2, 0, 1]),
    ).toBeGreaterThan(0);
  });
  it("through a one-hot input straight into a cell", async () => {
    const layers = [recurrent({ cell: rnn, units: 4 }), linear({ units: 3 })];
    expect(
      await checkGradients({ input: { vocabulary: 6 }, layers, loss: "crossEntropy" }, [4, 2, 3]),
    ).toBeGreaterThan(0);
  });
  it("of the binary cross-entropy, summed over outputs and steps", async () => {
    const layers = [recurrent({ cell: lstm, units: 3 }), linear({ units: 4 })];
    expect(
      await checkGradients({ input: { width: 2 }, layers, loss: "binaryCrossEntropy" }, [4, 2]),
    ).toBeGreaterThan(0);
  });
  it.each([{ loss: "meanSquaredError" as const }, { loss: "pinball" as const, quantiles: [0.1, 0.5] }])(
    "of losses of numbers, missing ones too: %j",
    async (options) => {
      const layers = [recurrent({ cell: gru, units: 3 }), linear({ units: 4 })];
      const network = { input: { width: 2 }, layers, ...options };
      expect(await checkGradients(network, [4, 2])).toBeGreaterThan(0);
    },
  );
  it("through a state beside what is there once for each example", async () => {
    const layers = [
      features({
        steps: [recurrent({ cell: gru, units: 3 }), pool({ by: "last" }), dropout({ rate: 0.3 })],
        whole: [],
        more: [linear({ units: 2 })],
      }),
      linear({ units: 2 }),
    ];
    const inputs = {
      steps: { width: 2 },
      whole: { width: 4, once: true as const },
      more: { width: 3, once: true as const },
    };
    const network = { input: { inputs }, layers, loss: "meanSquaredError" as const };
    expect(await checkGradients(network, [4, 2, 0, 3], true)).toBeGreaterThan(0);
  });
  it.each(["learned", "given"] as const)("with %s initial states, residual", async (initialState) => {
    const layers = [
      recurrent({ cell: gru, units: 3, initialState, residual: true }),
      recurrent({ cell: gru, units: 3, direction: "reverse", initialState }),
      pool({ by: "last" }),
      linear({ units: 2 }),
    ];
    expect(
      await checkGradients({ input: { width: 3 }, layers, loss: "squaredError" }, [3, 0, 2]),
    ).toBeGreaterThan(0);
  });
  it("through dropout while training", async () => {
    const layers = [
      embedding({ width: 4 }),
      dropout({ rate: 0.4 }),
      recurrent({ cell: gru, units: 4 }),
      dropout({ rate: 0.3 }),
      pool({ by: "last" }),
      dropout({ rate: 0.5 }),
      linear({ units: 2 }),
    ];
    expect(
      await checkGradients({ input: { vocabulary: 5 }, layers, loss: "crossEntropy" }, [4, 3, 2], true),
    ).toBeGreaterThan(0);
  });
});
