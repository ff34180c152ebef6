/** Losses and predictions against their formulas as the notes and textbooks write them. */
import { describe, expect, it } from "vitest";
import { gru } from "../../cell/index.js";
import { createReferenceExecutor } from "../../exec/reference/index.js";
import { agreesWithDifferences } from "../../plan/differences.cases.js";
import { Builder, type Value } from "../../plan/index.js";
import { packing } from "../../tensor/packing.js";
import { pinball } from "../../train/metrics/forecast.js";
import { losses, networkData, networkFromData } from "../build/index.js";
import { createPredictor, initialParameters, type LossName, linear, network, recurrent } from "../index.js";

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
  const make = ({
    units = 6,
    ...options
  }: {
    readonly loss: LossName;
    readonly quantiles?: readonly number[];
    readonly units?: number;
  }) =>
    network({
      input: { width: 2 },
      layers: [recurrent({ cell: gru, units: 4 }), linear({ units })],
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
    [{ loss: "pinball" as const, quantiles: [0.5, 0.1] }, "from small to large, and has [0.5,0.1]"],
    [
      { loss: "pinball" as const, quantiles: [0.5, 1] },
      "quantiles is [0.5,1]; it must be a list of numbers above 0",
    ],
    [{ loss: "pinball" as const, quantiles, units: 4 }, "does not hold 3 quantiles of each target"],
  ])("that make no sense are refused: %j", (options, message) => {
    expect(() => make(options)).toThrow(message);
  });
});

/** A loss alone, of three outputs z per step. */
function lossOf(b: Builder, name: StepwiseLoss, smoothing: number): Value {
  const z = b.watch(b.input("z", `tokens:${b.packing("p")}`, 3));
  const y =
    losses[name].target === "class" ? b.input("y", "tokens:p", 1, "index") : b.input("y", "tokens:p", 3);
  const none = (): never => {
    throw new Error("no loss of single steps asks for this");
  };
  const context = {
    packing: "p",
    parameter: none,
    previous: none,
    quantiles: () => b.input("q", "rows:1", 3),
  };
  return losses[name].loss(b, z, y, smoothing === 0 ? {} : { smoothing }, context);
}

const given = { q: quantiles, y: [1, 0, 0.25, 0, 1, Number.NaN] };

describe.each(Object.keys(formulas) as StepwiseLoss[])("%s", (name) => {
  it("has the gradient that central differences give, smoothed where targets are probabilities", async () => {
    const p = packing([2]);
    for (const smoothing of losses[name].smooth ? [0, 0.2] : [0]) {
      const y = losses[name].target === "class" ? [2, 0] : losses[name].smooth ? [1, 0, 1, 0, 0, 1] : given.y;
      const takesMissing = name === "meanSquaredError" || name === "pinball";
      const numbers = { q: given.q, y: takesMissing ? y : y.map((v) => (Number.isNaN(v) ? 0.5 : v)) };
      await agreesWithDifferences((b) => lossOf(b, name, smoothing), {
        of: ["z"],
        batch: { packings: { p } },
        given: numbers,
      });
    }
  });
  it("says what its equations and its targets are", () => {
    const { equation, target, smooth, quantiles: named } = losses[name];
    expect(equation).toMatch(/^ŷ⟨t⟩ = .+, L⟨t⟩ = ./);
    expect([target, smooth, named]).toEqual(
      {
        binaryCrossEntropy: ["numbers", true, undefined],
        crossEntropy: ["class", true, undefined],
        squaredError: ["numbers", false, undefined],
        meanSquaredError: ["numbers", false, undefined],
        pinball: ["numbers", false, true],
      }[name],
    );
  });
});

it("smoothing gives a part ε of a target to all classes alike, and moves 0 and 1 halfway to ½", async () => {
  const values = async (name: StepwiseLoss, smoothing: number, y: readonly number[]): Promise<number[]> => {
    const b = new Builder("smoothed");
    b.output("out", lossOf(b, name, smoothing));
    const executor = await createReferenceExecutor();
    const session = executor.session();
    const p = packing([2]);
    const program = session.prepare(b.finish(), { p });
    program.write("z", z.flat());
    program.write("y", y);
    program.run({ packings: { p } });
    const found = [...program.read("out")];
    executor.dispose();
    return found;
  };
  const z = [
    [1, -2, 0.5],
    [0, 3, -1],
  ];
  const epsilon = 0.3;
  const classes = [2, 0];
  const softmax = z.map((row) => row.map((v) => Math.exp(v) / sum(row.map(Math.exp))));
  const shared = await values("crossEntropy", epsilon, classes);
  softmax.forEach((row, t) => {
    // −Σ q_k log ŷ_k with q = (1 − ε) one-hot + ε / 3.
    const wanted = sum(
      row.map((p, k) => -((k === classes[t] ? 1 - epsilon : 0) + epsilon / 3) * Math.log(p)),
    );
    // A few operations of float64 on numbers of size one.
    expect(shared[t]).toBeCloseTo(wanted, 12);
  });
  const targets = [1, 0, 1, 0, 0, 1];
  const moved = await values("binaryCrossEntropy", epsilon, targets);
  z.forEach((row, t) => {
    const yhat = row.map((v) => 1 / (1 + Math.exp(-v)));
    const soft = targets.slice(3 * t, 3 * t + 3).map((y) => y + epsilon * (0.5 - y));
    expect(moved[t]).toBeCloseTo(formulas.binaryCrossEntropy(yhat, soft), 12);
  });
});

it("values have names by which a person finds them in a plan", () => {
  const names = (name: StepwiseLoss): string[] => {
    const b = new Builder("named");
    b.backward(lossOf(b, name, losses[name].smooth ? 0.1 : 0), b.input("one", "rows:1", 1));
    const { buffers } = b.finish();
    return Object.keys(buffers).filter(
      (buffer) => buffers[buffer]!.role === "temporary" && !buffer.startsWith("d."),
    );
  };
  expect(names("binaryCrossEntropy")).toEqual(expect.arrayContaining(["crossEntropy.value", "loss"]));
  expect(names("crossEntropy")).toEqual(
    expect.arrayContaining(["logSumExp", "score", "scores", "loss.value"]),
  );
  expect(names("squaredError")).toEqual(expect.arrayContaining(["square.value", "loss"]));
  expect(names("meanSquaredError")).toEqual(expect.arrayContaining(["square.value", "loss"]));
  expect(names("pinball")).toEqual(expect.arrayContaining(["pinball.value", "loss"]));
});

it("without smoothing nothing of it is computed, and predictions have their name", () => {
  const steps = (name: StepwiseLoss, smoothing: number): string[] => {
    const b = new Builder("steps");
    lossOf(b, name, smoothing);
    return Object.keys(b.finish().buffers);
  };
  for (const name of ["binaryCrossEntropy", "crossEntropy"] as const)
    expect(steps(name, 0).length).toBeLessThan(steps(name, 0.1).length);
  expect(steps("crossEntropy", 0)).not.toContain("scores");
  for (const name of ["binaryCrossEntropy", "crossEntropy"] as const) {
    const b = new Builder("predicted");
    const z = b.input("z", `tokens:${b.packing("p")}`, 3);
    expect(losses[name].predict(b, z, {} as never).buffer).toBe("yhat.value");
  }
  const b = new Builder("as it is");
  const z = b.input("z", `tokens:${b.packing("p")}`, 3);
  for (const name of ["squaredError", "meanSquaredError", "pinball"] as const)
    expect(losses[name].predict(b, z, {} as never)).toBe(z);
});
