/** Losses and predictions against their formulas as the notes and textbooks write them. */
import { expect, it } from "vitest";
import { gru } from "../cell/index.js";
import { createReferenceExecutor } from "../exec/reference/index.js";
import { createPredictor, initialParameters, type LossName, linear, network, recurrent } from "./index.js";

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Those that are sums over steps; the one over whole sequences has tests of its own (crf.test.ts). */
type StepwiseLoss = Exclude<LossName, "crf">;

/** L⟨t⟩ of one step, from predictions and targets. */
const formulas: Readonly<Record<StepwiseLoss, (yhat: readonly number[], y: readonly number[]) => number>> = {
  // The notes: −y⟨t⟩ log ŷ⟨t⟩ − (1 − y⟨t⟩) log(1 − ŷ⟨t⟩), summed over the outputs.
  binaryCrossEntropy: (yhat, y) =>
    sum(yhat.map((p, i) => -(y[i] as number) * Math.log(p) - (1 - (y[i] as number)) * Math.log(1 - p))),
  crossEntropy: (yhat, [k]) => -Math.log(yhat[k as number] as number),
  squaredError: (yhat, y) => sum(yhat.map((p, i) => (p - (y[i] as number)) ** 2)),
};
const targets: Readonly<Record<StepwiseLoss, number[]>> = {
  binaryCrossEntropy: [1, 0, 1, 0, 0, 1],
  crossEntropy: [2, 0],
  squaredError: [0.3, -1, 2, 0, 1, 0.5],
};

it.each(Object.keys(formulas) as StepwiseLoss[])(
  "%s is summed over the steps of a sequence as written",
  async (loss) => {
    const net = network({
      input: { width: 2 },
      layers: [recurrent({ cell: gru, units: 4 }), linear({ units: 3 })],
      loss,
    });
    const predictor = createPredictor(net, await createReferenceExecutor(), {
      loss: true,
      parameters: initialParameters(net, 1),
    });
    const target = targets[loss];
    const [prediction] = predictor.predict([{ input: [1, -2, 0.5, 3], target }]);
    const rows = prediction?.rows as readonly (readonly number[])[];
    const perStep = target.length / rows.length;
    const wanted = sum(
      rows.map((row, t) => formulas[loss](row, target.slice(t * perStep, (t + 1) * perStep))),
    );
    expect(prediction?.loss).toBeCloseTo(wanted, 10);
    if (loss === "crossEntropy") for (const row of rows) expect(sum([...row])).toBeCloseTo(1, 12);
  },
);

it("the binary cross-entropy stays finite where the logarithm of the prediction would not", async () => {
  const net = network({
    input: { width: 1 },
    layers: [recurrent({ cell: gru, units: 1 }), linear({ units: 1 })],
    loss: "binaryCrossEntropy",
  });
  const parameters = new Map(
    [...initialParameters(net, 1)].map(([name, t]) => [
      name,
      name === "linear1.b_y" ? { ...t, data: Float32Array.of(200) } : t,
    ]),
  );
  const predictor = createPredictor(net, await createReferenceExecutor(), { loss: true, parameters });
  const [prediction] = predictor.predict([{ input: [0], target: [0] }]);
  expect(prediction?.rows[0]?.[0]).toBe(1);
  expect(prediction?.loss).toBeCloseTo(200, 0);
});
