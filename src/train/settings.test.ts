/** What shapes a step beside optimiser and network, each against plain arithmetic on the reference executor. */
import { describe, expect, it } from "vitest";
import { gru, lstmNotes } from "../cell/index.js";
import { createReferenceExecutor } from "../exec/reference/index.js";
import { createWasmExecutor } from "../exec/wasm/index.js";
import {
  createPredictor,
  type Example,
  embedding,
  initialParameters,
  type Layer,
  linear,
  type Network,
  network,
  type Parameters,
  pool,
  recurrent,
} from "../nn/index.js";
import { adam, adamW, createTrainer, rmsProp, sgd, type TrainingSettings } from "./index.js";
import { paritySequences } from "./step/training.cases.js";

const tagging = network({
  input: { vocabulary: 3 },
  layers: [embedding({ width: 4 }), recurrent({ cell: gru, units: 5 }), linear({ units: 3 })],
  loss: "crossEntropy",
});
const examples: readonly Example[] = paritySequences(10, 3);
const lengths = [examples.map((e) => Number(e.input.length))];

/** Parameters after some steps of plain gradient descent at rate 1, or of another optimiser. */
async function trained(
  settings: Partial<TrainingSettings>,
  {
    net = tagging,
    batch = examples,
    steps = 1,
  }: { net?: Network; batch?: readonly Example[]; steps?: number } = {},
): Promise<{ parameters: Parameters; loss: number; averaged: Parameters }> {
  const trainer = createTrainer(net, initialParameters(net, 1), await createReferenceExecutor(), {
    optimizer: sgd({ learningRate: 1 }),
    seed: 4,
    batches: lengths,
    ...settings,
  });
  let loss = 0;
  for (let s = 0; s < steps; s++) loss = trainer.step(batch).loss;
  return { parameters: trainer.parameters(), loss, averaged: trainer.averaged() };
}

/** What one step at rate 1 took off every parameter: the gradient. */
async function gradientOf(
  settings: Partial<TrainingSettings>,
  batch = examples,
  net = tagging,
): Promise<Map<string, number[]>> {
  const { parameters } = await trained(settings, { net, batch });
  const start = initialParameters(net, 1);
  return new Map(
    [...parameters].map(([name, { data }]) => [
      name,
      Array.from(data, (v, k) => start.get(name)!.data[k]! - v),
    ]),
  );
}

/** Parameters of up to 2 are handed out as float32, and some gradients are multiplied by 3: six roundings of 1.2e-7. */
function expectClose(found: Map<string, number[]>, wanted: Map<string, number[]>): void {
  for (const [name, values] of found)
    values.forEach((v, k) => expect(Math.abs(v - wanted.get(name)![k]!)).toBeLessThan(7.2e-7));
}

const scaled = (parts: readonly (readonly [number, Map<string, number[]>])[]): Map<string, number[]> =>
  new Map(
    [...(parts[0]?.[1] ?? [])].map(([name, values]) => [
      name,
      values.map((_, k) => parts.reduce((sum, [f, g]) => sum + f * g.get(name)![k]!, 0)),
    ]),
  );

describe("accumulation", () => {
  it.each([2, 3, 7])(
    "in %i parts gives the gradient, loss and norm of the whole batch",
    async (accumulate) => {
      expectClose(await gradientOf({ accumulate }), await gradientOf({}));
      expect((await trained({ accumulate })).loss).toBeCloseTo((await trained({})).loss, 12);
    },
  );
  it("takes less memory, and works where a batch has fewer examples than parts", async () => {
    const bytes = async (accumulate: number): Promise<number> =>
      createTrainer(tagging, initialParameters(tagging, 1), await createWasmExecutor(), {
        optimizer: sgd(),
        accumulate,
        batches: [new Array(64).fill(50)],
      }).bytes;
    expect(await bytes(8)).toBeLessThan((await bytes(1)) / 4);
    expectClose(
      await gradientOf({ accumulate: 5 }, examples.slice(0, 2)),
      await gradientOf({}, examples.slice(0, 2)),
    );
  });
  it("starts anew after a batch whose gradients were not finite", async () => {
    const net = network({
      input: { width: 1 },
      layers: [recurrent({ cell: gru, units: 3 }), linear({ units: 1 })],
      loss: "squaredError",
    });
    const good: Example[] = [1, 2].map((v) => ({ input: [v, 0.5], target: [1, 0] }));
    const run = async (spoilt: boolean): Promise<Parameters> => {
      const trainer = createTrainer(net, initialParameters(net, 1), await createWasmExecutor(), {
        optimizer: adam(),
        accumulate: 2,
        batches: [[2, 2]],
      });
      trainer.step(good);
      if (spoilt) {
        const bad = trainer.step([{ input: [Number.NaN, 1], target: [1, 0] }, good[0]!]);
        expect(bad.updated).toBe(false);
      }
      trainer.step(good);
      return trainer.parameters();
    };
    expect(await run(true)).toEqual(await run(false));
  });
});

describe("clipping by value", () => {
  it("holds every number of the gradient within its bounds", async () => {
    const [free, clipped] = [await gradientOf({}), await gradientOf({ clipValue: 0.01 })];
    const wanted = new Map(
      [...free].map(([name, v]) => [name, v.map((x) => Math.max(-0.01, Math.min(0.01, x)))]),
    );
    expectClose(clipped, wanted);
    expect([...free.values()].flat().some((x) => Math.abs(x) > 0.01)).toBe(true);
  });
});

describe("groups of parameters", () => {
  it("frozen ones stay to the bit, the others move as before", async () => {
    const groups = [
      { parameters: "embedding1", frozen: true },
      { parameters: "recurrent1.w_u", frozen: true },
    ];
    const found = await gradientOf({ groups });
    const wanted = await gradientOf({});
    for (const name of ["embedding1.w_e", "recurrent1.w_u"]) {
      expect(found.get(name)?.every((v) => v === 0)).toBe(true);
      wanted.set(name, found.get(name)!);
    }
    expectClose(found, wanted);
  });
  it("a rate of their own is theirs alone, for every optimiser", async () => {
    for (const optimizer of [
      sgd({ learningRate: 0.5 }),
      adam({ learningRate: 0.5 }),
      rmsProp({ learningRate: 0.5 }),
    ]) {
      const groups = [{ parameters: "linear1", learningRate: 0.05 }];
      const [one, grouped] = [await gradientOf({ optimizer }), await gradientOf({ optimizer, groups })];
      for (const name of one.keys()) {
        if (name.startsWith("linear1"))
          one.set(
            name,
            one.get(name)!.map((v) => v / 10),
          );
      }
      expectClose(grouped, one);
    }
  });
  it("weight decay of their own is theirs alone", async () => {
    const optimizer = adamW({ learningRate: 0.1, weightDecay: 0.5 });
    const groups = [{ parameters: "recurrent1", weightDecay: 0 }];
    const [all, none] = [
      await gradientOf({ optimizer }),
      await gradientOf({ optimizer: { ...optimizer, weightDecay: 0 } }),
    ];
    const grouped = await gradientOf({ optimizer, groups });
    for (const name of grouped.keys()) if (name.startsWith("recurrent1")) all.set(name, none.get(name)!);
    expectClose(grouped, all);
  });
  it("a name that no parameter has is refused, with those that there are", async () => {
    await expect(trained({ groups: [{ parameters: "recurrent2" }] })).rejects.toThrow(
      /"recurrent2"; there are embedding1\.w_e, recurrent1\.w_r/,
    );
  });
});

describe("weight decay", () => {
  it.each([sgd({ learningRate: 0.5, weightDecay: 0.1 }), rmsProp({ learningRate: 0.5, weightDecay: 0.1 })])(
    "of $kind takes off rate · decay · Θ beside the step",
    async (optimizer) => {
      const [decayed, plain] = [
        await gradientOf({ optimizer }),
        await gradientOf({ optimizer: { ...optimizer, weightDecay: 0 } }),
      ];
      const start = new Map([...initialParameters(tagging, 1)].map(([name, { data }]) => [name, [...data]]));
      expectClose(
        decayed,
        scaled([
          [1, plain],
          [0.05, start],
        ]),
      );
    },
  );
});

describe("weights of examples and classes, and smoothing", () => {
  it("an example of weight 2 counts as two of it, one of weight 0 as none", async () => {
    const [a, b, c] = examples as [Example, Example, Example];
    const weighed = await gradientOf({ sampleWeights: true }, [{ ...a, weight: 2 }, b, { ...c, weight: 0 }]);
    const repeated = await gradientOf({}, [a, { ...a }, b]);
    expectClose(weighed, repeated);
  });
  it("a class of weight w weighs the loss of its rows", async () => {
    const one = [examples[1]!];
    const parts = [0, 1].map((k) => [1 - k, k, 0]);
    const [zero, first] = [
      await gradientOf({ classWeights: parts[0]! }, one),
      await gradientOf({ classWeights: parts[1]! }, one),
    ];
    expectClose(
      await gradientOf({ classWeights: [3, 0.5, 9] }, one),
      scaled([
        [3, zero],
        [0.5, first],
      ]),
    );
  });
  it("smoothing by ε is (1 − ε) of the loss and ε of the mean over all classes", async () => {
    const one = examples.slice(0, 2);
    const as = (k: number): Example[] =>
      one.map((e) => ({ ...e, target: new Array<number>(Number(e.input.length)).fill(k) }));
    const each = await Promise.all([0, 1, 2].map((k) => gradientOf({}, as(k))));
    const wanted = scaled([[0.7, await gradientOf({}, one)], ...each.map((g) => [0.1, g] as const)]);
    expectClose(await gradientOf({ labelSmoothing: 0.3 }, one), wanted);
    const binary = network({
      input: { vocabulary: 3 },
      layers: [recurrent({ cell: gru, units: 4 }), linear({ units: 1 })],
      loss: "binaryCrossEntropy",
    });
    const to = (f: (y: number) => number): Example[] =>
      one.map((e) => ({ ...e, target: Array.from(e.target ?? [], f) }));
    expectClose(
      await gradientOf({ labelSmoothing: 0.2 }, one, binary),
      await gradientOf(
        {},
        to((y) => 0.8 * y + 0.1),
        binary,
      ),
    );
  });
  it("what fits neither loss nor classes is refused", async () => {
    const numbers = network({
      input: { width: 1 },
      layers: [recurrent({ cell: gru, units: 1 })],
      loss: "squaredError",
    });
    await expect(trained({ labelSmoothing: 0.1 }, { net: numbers })).rejects.toThrow(
      /labelSmoothing needs targets that are probabilities/,
    );
    await expect(trained({ classWeights: [1, 1] }, { net: numbers })).rejects.toThrow(
      /classWeights need a loss over classes/,
    );
    await expect(trained({ classWeights: [1, 1] })).rejects.toThrow(/2 classWeights for 3 classes/);
    await expect(trained({ classWeights: [1, -1, 1] })).rejects.toThrow(/class 1 is -1/);
    await expect(
      trained({ sampleWeights: true }, { batch: [{ ...examples[0], weight: -1 } as Example] }),
    ).rejects.toThrow(/example 0 has the weight -1/);
    await expect(trained({ clip: 0 })).rejects.toThrow(/clip is 0/);
    await expect(trained({ accumulate: 0 })).rejects.toThrow(/accumulate is 0/);
    await expect(trained({ average: 1 })).rejects.toThrow(/average is 1/);
  });
});

describe("averaging of weights", () => {
  it("is β · average + (1 − β) · Θ over the steps, corrected for its start", async () => {
    const β = 0.9;
    const path: Parameters[] = [];
    for (const steps of [1, 2, 3]) path.push((await trained({ average: β }, { steps })).parameters);
    const { averaged } = await trained({ average: β }, { steps: 3 });
    for (const [name, { data }] of averaged) {
      data.forEach((found, k) => {
        const [a, b, c] = path.map((p) => p.get(name)!.data[k]!) as [number, number, number];
        const sum = (1 - β) * (β * β * a + β * b + c);
        // Values of about 1 in float32.
        expect(found).toBeCloseTo(sum / (1 - β ** 3), 6);
      });
    }
  });
});

describe("carried states", () => {
  const net = network({
    input: { vocabulary: 3 },
    layers: [
      recurrent({ cell: lstmNotes, units: 6 }),
      recurrent({ cell: gru, units: 4 }),
      linear({ units: 2 }),
    ],
    loss: "crossEntropy",
  });
  const ids = Array.from({ length: 60 }, (_, t) => (t * t + 1) % 3);
  const target = ids.map((id) => id % 2);
  /** Losses of one sequence in pieces of the lengths; the rate is so small that float32 weights stay. */
  const pieces = async (cuts: readonly number[], carry: boolean): Promise<number> => {
    const trainer = createTrainer(
      net,
      initialParameters(net, 1),
      await createWasmExecutor({ tier: "simd" }),
      {
        optimizer: sgd({ learningRate: 1e-30 }),
        carry,
        batches: [[60]],
      },
    );
    let [sum, from] = [0, 0];
    for (const cut of cuts) {
      const piece = { input: ids.slice(from, from + cut), target: target.slice(from, from + cut), id: 7 };
      sum += trainer.step([piece]).loss * cut;
      from += cut;
    }
    return sum / ids.length;
  };
  it("a sequence in pieces has the loss of the whole one", async () => {
    const whole = await pieces([60], false);
    // Sums of 60 float32 losses in another order.
    expect(await pieces([13, 1, 30, 16], true)).toBeCloseTo(whole, 6);
    expect(Math.abs((await pieces([13, 1, 30, 16], false)) - whole)).toBeGreaterThan(1e-4);
  });
  it("are refused where they make no sense", async () => {
    const refusal = async (layers: readonly Layer[]): Promise<string> => {
      const other = network({
        input: { vocabulary: 3 },
        layers: [...layers, linear({ units: 2 })],
        loss: "crossEntropy",
      });
      return trained({ carry: true }, { net: other }).then(
        () => "",
        (error: Error) => error.message,
      );
    };
    expect(await refusal([recurrent({ cell: gru, units: 2, direction: "both" })])).toMatch(
      /recurrent1 reads from the sequence's end/,
    );
    expect(await refusal([recurrent({ cell: gru, units: 2, initialState: "learned" })])).toMatch(
      /recurrent1 starts from a learned state/,
    );
    expect(await refusal([recurrent({ cell: gru, units: 2 }), pool({ by: "max" })])).toMatch(/pool1 pools/);
  });
});

it("a second trainer in a session starts with an optimiser of its own", async () => {
  const session = (await createWasmExecutor({ tier: "simd" })).session();
  const run = (): readonly number[] => {
    const trainer = createTrainer(tagging, initialParameters(tagging, 1), session, {
      optimizer: adam(),
      batches: lengths,
    });
    const losses = [1, 2, 3].map(() => trainer.step(examples).loss);
    trainer.dispose();
    return losses;
  };
  expect(run()).toEqual(run());
  expect(createPredictor(tagging, session).predict(examples)).toHaveLength(examples.length);
});
