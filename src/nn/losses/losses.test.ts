/** Losses and predictions against their formulas as the notes and textbooks write them. */
import { describe, expect, it } from "vitest";
import { gru } from "../../cell/index.js";
import { createReferenceExecutor } from "../../exec/reference/index.js";
import { pinball } from "../../train/metrics/forecast.js";
import { networkData, networkFromData } from "../build/index.js";
import {
  createPredictor,
  initialParameters,
  type LossName,
  linear,
  NetworkError,
  network,
  recurrent,
} from "../index.js";

const quantiles = [0.1, 0.5, 0.8];
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Those that are sums over steps; the one over whole sequences has tests of its own (crf.test.ts). */
type StepwiseLoss = Exclude<LossName, "crf">;

/** L⟨t⟩ of one step, from predictions and targets. */
const formulas: Readonly<Record<StepwiseLoss, (yhat: readonly number[], y: readonly number[]) => number>> = {
  // The notes: −y⟨t⟩ log ŷ⟨t⟩ − (1 − y⟨t⟩) log(1 − ŷ⟨t⟩), summed over the outputs.
  binaryCrossEntropy: (yhat, y) =>
    sum(yhat.map((p, i) => -y[i]! * Math.log(p) - (1 - y[i]!) * Math.log(1 - p))),
  crossEntropy: (yhat, [k]) => -Math.log(yhat[k!]!),
  squaredError: (yhat, y) => sum(yhat.map((p, i) => (p - y[i]!) ** 2)),
  // What is missing adds nothing, and the mean is over all outputs all the same.
  meanSquaredError: (yhat, y) =>
    sum(yhat.map((p, i) => (Number.isNaN(y[i]) ? 0 : (p - y[i]!) ** 2))) / yhat.length,
  // Three outputs are three quantiles of one target.
  pinball: (yhat, [y]) =>
    Number.isNaN(y)
      ? 0
      : sum(yhat.map((p, i) => pinball({ truth: [y!], predicted: [p], quantile: quantiles[i]! }))) /
        yhat.length,
};
const targets: Readonly<Record<StepwiseLoss, number[]>> = {
  binaryCrossEntropy: [1, 0, 1, 0, 0, 1],
  crossEntropy: [2, 0],
  squaredError: [0.3, -1, 2, 0, 1, 0.5],
  meanSquaredError: [0.3, Number.NaN, 2, 0, 1, Number.NaN],
  pinball: [0.3, Number.NaN],
};

it.each(Object.keys(formulas) as StepwiseLoss[])(
  "%s is summed over the steps of a sequence as written",
  async (loss) => {
    const net = network({
      input: { width: 2 },
      layers: [recurrent({ cell: gru, units: 4 }), linear({ units: 3 })],
      loss,
      ...(loss === "pinball" ? { quantiles } : {}),
    });
    const predictor = createPredictor(net, await createReferenceExecutor(), {
      loss: true,
      parameters: initialParameters(net, 1),
    });
    const target = targets[loss];
    const [prediction] = predictor.predict([{ input: [1, -2, 0.5, 3], target }]);
    const rows = prediction!.rows;
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

describe("quantiles", () => {
  const make = (options: { loss: LossName; quantiles?: readonly number[]; units?: number }) =>
    network({
      input: { width: 2 },
      layers: [recurrent({ cell: gru, units: 4 }), linear({ units: options.units ?? 6 })],
      ...options,
    });
  it("stand side by side, each over all targets, and travel with the network", async () => {
    const net = networkFromData(
      JSON.parse(JSON.stringify(networkData(make({ loss: "pinball", quantiles })))),
    );
    expect(net.quantiles).toEqual(quantiles);
    const predictor = createPredictor(net, await createReferenceExecutor(), {
      loss: true,
      parameters: initialParameters(net, 1),
    });
    const truth = [0.3, -0.2];
    const [{ rows: [row = []] = [], loss } = { rows: [] }] = predictor.predict([
      { input: [1, 2], target: truth },
    ]);
    const wanted = quantiles.map((quantile, i) =>
      pinball({ truth, predicted: row.slice(2 * i, 2 * i + 2), quantile }),
    );
    expect(loss).toBeCloseTo(sum(wanted) / 3, 10);
  });
  it.each([
    [{ loss: "squaredError" as const, quantiles }, "quantiles are for the loss pinball"],
    [{ loss: "pinball" as const }, "needs quantiles between 0 and 1"],
    [{ loss: "pinball" as const, quantiles: [0.5, 0.1] }, "from small to large, and has [0.5,0.1]"],
    [{ loss: "pinball" as const, quantiles: [0.5, 1] }, "needs quantiles between 0 and 1"],
    [{ loss: "pinball" as const, quantiles, units: 4 }, "does not hold 3 quantiles of each target"],
  ])("that make no sense are refused: %j", (options, message) => {
    expect(() => make(options)).toThrow(NetworkError);
    expect(() => make(options)).toThrow(message);
  });
});
