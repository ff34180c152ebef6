/**
 * A step in two halves: the bits of the step in one, for every setting that shapes it, on both executors, and with states
 * that either kind of trainer takes from the other.
 */
import { afterAll, describe, expect, it } from "vitest";
import { gru, lstm, lstmNotes } from "../../cell/index.js";
import type { Executor } from "../../exec/executor.js";
import { createReferenceExecutor } from "../../exec/reference/index.js";
import { type EagerTeam, eagerTeam, executorOf } from "../../exec/wasm/eager.cases.js";
import { createWasmExecutor } from "../../exec/wasm/index.js";
import { extentOf } from "../../nn/build/index.js";
import {
  dropout,
  type Example,
  embedding,
  initialParameters,
  linear,
  type Network,
  network,
  pool,
  recurrent,
  stack,
} from "../../nn/index.js";
import {
  adam,
  createSplitTrainer,
  createTrainer,
  type GradientBuffer,
  rmsProp,
  type SplitTrainer,
  sgd,
  type Trainer,
  type TrainerOptions,
  type TrainingSettings,
} from "../index.js";
import { warmUp } from "../schedules.js";
import { paritySequences, trajectoryOptimizers } from "./training.cases.js";

const deep = network({
  input: { vocabulary: 3 },
  layers: [
    embedding({ width: 5 }),
    dropout({ rate: 0.2 }),
    stack({ cell: lstmNotes, units: [6, 4], direction: "both" }),
    linear({ units: 2 }),
  ],
  loss: "crossEntropy",
});
const forward = network({
  input: { vocabulary: 3 },
  layers: [
    embedding({ width: 4 }),
    recurrent({ cell: gru, units: 5, recurrentDropout: 0.1 }),
    recurrent({ cell: lstm, units: 4 }),
    linear({ units: 3 }),
  ],
  loss: "crossEntropy",
});
const pooled = network({
  input: { vocabulary: 3 },
  layers: [recurrent({ cell: gru, units: 5 }), pool({ by: "last" }), linear({ units: 3 })],
  loss: "crossEntropy",
});
const chained = network({
  input: { vocabulary: 3 },
  layers: [
    embedding({ width: 4 }),
    recurrent({ cell: gru, units: 4, initialState: "learned" }),
    linear({ units: 3 }),
  ],
  loss: "crf",
});

const sequences = paritySequences(10, 3);
const whole = sequences.map(({ input, id }): Example => ({ input, target: [id! % 3], id: id! }));
const weighed = sequences.map((e, i): Example => ({ ...e, weight: i % 4 }));

interface Setting {
  readonly net: Network;
  readonly examples: readonly Example[];
  readonly settings: TrainingSettings;
}

const on = (
  settings: Partial<TrainingSettings>,
  net = forward,
  examples: readonly Example[] = sequences,
): Setting => ({ net, examples, settings: { optimizer: adam({ learningRate: 0.02 }), ...settings } });

const settings: Readonly<Record<string, Setting>> = {
  ...Object.fromEntries(
    Object.entries(trajectoryOptimizers).map(([name, optimizer]) => [
      `the stored trajectory of ${name}`,
      on({ optimizer, clip: 1 }, deep, paritySequences(8, 3)),
    ]),
  ),
  "clipping by value and by norm": on({ clip: 0.1, clipValue: 0.01 }),
  "a step in parts": on({ accumulate: 3, clip: 0.1, clipValue: 0.02 }),
  "averaged weights": on({ average: 0.9, optimizer: rmsProp({ momentum: 0.5 }) }),
  "groups, frozen and with rates of their own": on({
    groups: [
      { parameters: "embedding1", frozen: true },
      { parameters: "recurrent1.w_u", frozen: true },
      { parameters: "linear1", learningRate: 0.1, weightDecay: 0.1 },
    ],
    optimizer: sgd({ momentum: 0.9, weightDecay: 0.01 }),
  }),
  "weights of examples and classes, and smoothing": on(
    { sampleWeights: true, classWeights: [1, 2, 0.5], labelSmoothing: 0.1 },
    forward,
    weighed,
  ),
  "a schedule": on({ schedule: warmUp({ steps: 4 }) }),
  "pieces computed again": on({ recompute: 2, clip: 1 }),
  "pieces of sequences with one loss, in parts": on({ recompute: 2, accumulate: 2 }, pooled, whole),
  "carried states": on({ carry: true }),
  "carried states, pieces and parts": on({ carry: true, recompute: 3, accumulate: 2, average: 0.5 }),
  "a conditional random field from learned states": on({ clip: 1 }, chained),
};

/** Everything that a trainer has become, in bits that can be compared. */
const outcome = (trainer: Trainer): unknown => ({
  state: trainer.state(),
  parameters: trainer.parameters(),
  averaged: trainer.averaged(),
});

type Make<T extends Trainer> = (...given: Parameters<typeof createTrainer>) => T;

async function trainer<T extends Trainer>(
  { net, examples, settings }: Setting,
  make: Make<T>,
  executor: Executor,
): Promise<T> {
  const batches = [examples.map((example) => extentOf(net, example))];
  const options: TrainerOptions = { ...settings, seed: 7, batches };
  return make(net, initialParameters(net, 7), executor, options);
}

/** A thread's share must be the same in both: rows of any size are shared, and few settings are enough to show it. */
let team: Promise<EagerTeam> | undefined;
const threads = async (): Promise<Executor> => {
  team ??= eagerTeam(2);
  return executorOf(await team);
};
afterAll(async () => {
  if (team) await (await team).team.stop();
});

const executors: Readonly<Record<string, readonly [() => Promise<Executor>, readonly string[]]>> = {
  reference: [() => createReferenceExecutor(), Object.keys(settings)],
  "wasm, 1 thread": [() => createWasmExecutor({ tier: "simd" }), Object.keys(settings)],
  "wasm, 2 threads": [threads, ["a step in parts", "carried states, pieces and parts"]],
};

describe.each(Object.entries(executors))("a step in two halves (%s)", (_, [create, names]) => {
  it.each(names)("has the bits of the step in one: %s", async (name) => {
    const setting = settings[name]!;
    const [one, two] = [
      await trainer(setting, createTrainer, await create()),
      await trainer(setting, createSplitTrainer, await create()),
    ];
    for (let step = 0; step < 4; step++) {
      const seen = new Map<string, Float64Array>();
      const look = (gradients: readonly GradientBuffer[]): void => {
        for (const gradient of gradients) seen.set(gradient.name, Float64Array.from(two.gradient(gradient)));
      };
      // Every other step is cut at layers, whose gradients are seen on the way.
      const cut = step % 2 === 1;
      const sums = two.gradients(setting.examples, undefined, cut ? look : undefined);
      expect(seen.size).toBe(cut ? two.gradientBuffers.length : 0);
      for (const [buffer, values] of seen) expect(two.session.read(buffer)).toEqual(values);
      const before = two.parameters();
      const report = two.update();
      expect(report).toEqual(one.step(setting.examples));
      expect(report.updated).toBe(true);
      expect(report.tokens).toBe(sums.tokens);
      expect(before).not.toEqual(two.parameters());
      if (step !== 2) continue;
      // Each goes on from what the other has become.
      const [a, b] = [one.state(), two.state()];
      one.restore(b);
      two.restore(a);
    }
    expect(outcome(two)).toEqual(outcome(one));
  });

  it("leaves weights and optimiser alone where a loss or a gradient is not finite, and goes on", async () => {
    const net = network({
      input: { width: 1 },
      layers: [recurrent({ cell: gru, units: 3 }), linear({ units: 1 })],
      loss: "squaredError",
    });
    const good: Example[] = [1, 2].map((v) => ({ input: [v, 0.5], target: [1, 0] }));
    const bad: Example[] = [{ input: [Number.NaN, 1], target: [1, 0] }, good[0]!];
    for (const accumulate of [1, 2]) {
      const setting = on({ accumulate, average: 0.9 }, net, good);
      const [one, two] = [
        await trainer(setting, createTrainer, await create()),
        await trainer(setting, createSplitTrainer, await create()),
      ];
      for (const batch of [good, bad, good, [...bad].reverse(), good])
        expect(two.step(batch)).toEqual(one.step(batch));
      // What a step in parts has added up may be no number, and the next one does not look at it.
      expect([...two.parameters()]).toEqual([...one.parameters()]);
      expect(two.averaged()).toEqual(one.averaged());
      expect(two.state().applied).toBe(3);
    }
  });
});

/** The layers whose gradients become final together, in their order. */
const layersAt = (trainer: SplitTrainer, examples: readonly Example[]): string[] => {
  const cuts: string[] = [];
  const layer = ({ weights }: GradientBuffer): string => weights.split(".", 1)[0]!;
  trainer.gradients(examples, undefined, (all) => cuts.push([...new Set(all.map(layer))].join(" ")));
  return cuts;
};

describe("a backward pass that is cut at layers", () => {
  it("tells the last layer first, all gradients of a layer together", async () => {
    const cuts = async (setting: Setting): Promise<string[]> =>
      layersAt(await trainer(setting, createSplitTrainer, await createReferenceExecutor()), setting.examples);
    expect(await cuts(on({}))).toEqual(["linear1", "recurrent2", "recurrent1", "embedding1"]);
    expect(await cuts(on({}, deep))).toEqual(["linear1", "recurrent2", "recurrent1", "embedding1"]);
    // The tags' transitions are summed over the whole sequence, beside the layers.
    expect((await cuts(on({}, chained))).sort()).toEqual(["crf", "embedding1", "linear1", "recurrent1"]);
    const frozen = [{ parameters: "recurrent1", frozen: true }];
    expect(await cuts(on({ groups: frozen }))).toEqual(["linear1", "recurrent2", "embedding1"]);
  });

  it("still computes the layers before when the last one's gradients are there", async () => {
    const executor = await createWasmExecutor({ tier: "simd" });
    const split = await trainer(on({}), createSplitTrainer, executor);
    const embedding = split.gradientBuffers.find(({ weights }) => weights === "embedding1.w_e")!;
    const first = split.gradientBuffers.filter(({ weights }) => weights.startsWith("recurrent1."));
    // What a step before left is still there until the pass comes to it.
    for (const gradient of [embedding, ...first]) split.gradient(gradient).fill(7);
    let told = 0;
    split.gradients(sequences, undefined, () => {
      const untouched = (gradient: GradientBuffer): boolean => split.gradient(gradient).every((v) => v === 7);
      if (told++ < 2) expect(first.every(untouched)).toBe(true);
      else expect(first.some(untouched)).toBe(false);
    });
    expect(told).toBe(4);
  });

  it("takes what an exchange changes on the way, and ends where it throws", async () => {
    const split = await trainer(on({}), createSplitTrainer, await createReferenceExecutor());
    const start = split.parameters();
    split.gradients(sequences, undefined, (all) => {
      for (const gradient of all) split.gradient(gradient).fill(0);
    });
    expect(split.update()).toMatchObject({ norm: 0, updated: true });
    expect(split.parameters()).toEqual(start);
    const fail = (): never => {
      throw new Error("a process is lost");
    };
    expect(() => split.gradients(sequences, undefined, fail)).toThrow("a process is lost");
    expect(() => split.update()).toThrow("call gradients(examples) before it");
    expect(split.step(sequences)).toMatchObject({ step: 2, updated: true });
  });
});

describe("between the halves", () => {
  const setting = on({ clip: 1 });
  const ready = async (create = createReferenceExecutor): Promise<SplitTrainer> =>
    trainer(setting, createSplitTrainer, await create());

  it("the gradients lie in buffers of the session, one for each block of weights that is trained", async () => {
    const split = await ready();
    const { session } = split;
    split.gradients(sequences);
    for (const { weights, name, rows, width } of split.gradientBuffers) {
      expect(session.read(weights)).toHaveLength(rows * width);
      expect(session.read(name)).toHaveLength(rows * width);
      expect(session.read(name).some((value) => value !== 0)).toBe(true);
    }
    const blocks = forward.parameters.flatMap((p) => p.blocks.map(({ buffer }) => buffer));
    expect(split.gradientBuffers.map(({ weights }) => weights).sort()).toEqual(blocks.sort());
  });

  it("an exchange changes the gradients in place, and the sums say whether all is finite", async () => {
    const split = await ready();
    const { session } = split;
    const start = split.parameters();
    const sums = split.gradients(sequences);
    for (const { name, rows, width } of split.gradientBuffers)
      session.write(name, new Float64Array(rows * width));
    const report = split.update();
    expect([report.norm, report.updated]).toEqual([0, true]);
    expect(split.parameters()).toEqual(start);
    split.gradients(sequences);
    const elsewhere = split.update({ ...sums, loss: Number.POSITIVE_INFINITY });
    expect(elsewhere.updated).toBe(false);
    expect(split.parameters()).toEqual(start);
  });

  it("an update without gradients is refused", async () => {
    const split = await ready();
    expect(() => split.update()).toThrow("an update takes the gradients of a step: call gradients(examples)");
    split.step(sequences);
    expect(() => split.update()).toThrow("call gradients(examples) before it");
  });
});
