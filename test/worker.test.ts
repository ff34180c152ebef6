/**
 * Training in a worker of Node, from the built package: the same bits as on this thread, which stays free; it is paused,
 * stopped and refused like any other, and its checkpoints lie where the caller keeps them.
 */

import { classifier, forecaster, generator, tagger, translator } from "unrolled";
import { add, cell, mul, sigmoid, tanh } from "unrolled/cell";
import { rollPiece, timeSeries } from "unrolled/data";
import { newestCheckpoint, type Progress, sgd, trainingControl } from "unrolled/train";
import { describe, expect, it } from "vitest";
import { memoryStore } from "../src/train/run/store.cases.js";

const own = cell("own", { states: ["c"], output: "c" }, ({ c, x, affine }) => {
  const u = sigmoid(affine("u", c, x));
  return { c: add(mul(u, c), tanh(affine("c", x))) };
});
const train = Array.from({ length: 120 }, (_, i) => ({
  text: `${i % 2 ? "a fine" : "no"} day ${"and so on ".repeat(i % 5)}`,
  label: i % 2 ? "good" : "bad",
}));
const settings = { train, cell: own, units: [16], embedding: 16, epochs: 6, batchSize: 16 };

describe("training in a worker", () => {
  it("gives the bits that it gives here, and tells how it goes", async () => {
    const here = await classifier.train(settings);
    const steps: number[] = [];
    let memory = 0;
    const there = await classifier.train({
      ...settings,
      worker: true,
      threads: 2,
      onMemory: ({ total }) => {
        memory = total;
      },
      onProgress: ({ step }) => steps.push(step),
    });
    expect(there.parameters).toEqual(here.parameters);
    expect(there.save()).toEqual(here.save());
    expect(there.training).toMatchObject({
      bestEpoch: here.training?.bestEpoch,
      score: here.training?.score,
    });
    expect(there.training?.tier).toContain("2 threads");
    expect(memory).toBeGreaterThan(0);
    expect(steps.at(-1)).toBe(here.training?.steps);
  });
  it("says why a step was not finite, with what the detective found there", async () => {
    const wild = { ...settings, optimizer: sgd({ learningRate: 1e25 }), worker: true };
    const error = await classifier.train(wild).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      name: "TrainingError",
      message: expect.stringContaining("likely cause: the learning rate is too high"),
      finding: { cause: "learningRate", example: expect.stringMatching(/^example \d+$/) },
    });
  });
  it("is there for every task", async () => {
    const sentences = train.map(({ text, label }) => ({
      tokens: text.split(" "),
      tags: text.split(" ").map((word) => (word === "day" ? label : "O")),
    }));
    const short = { ...settings, epochs: 1 };
    const tags = { ...short, train: sentences.slice(0, 30), characters: 4 };
    const pairs = train.slice(0, 30).map(({ text, label }) => ({ source: text, target: `so ${label}` }));
    const translations = { ...short, train: pairs, units: 8, vocabularySize: 30 };
    expect((await tagger.train({ ...tags, worker: true })).save()).toEqual((await tagger.train(tags)).save());
    expect((await translator.train({ ...translations, worker: true })).save()).toEqual(
      (await translator.train(translations)).save(),
    );
  });
  it("makes the generators that it makes here: of texts, of piano-rolls, of performances", async () => {
    const size = { units: [8], epochs: 2, batchSize: 4 };
    const text = train.map((example) => example.text).join("\n");
    // Of one long text also with steps that are computed again.
    const texts = { ...size, train: text, bptt: 40, recompute: 10 };
    const rolls = Array.from({ length: 12 }, (_, i) =>
      Array.from({ length: 16 }, (_, t) => ((i + t) % 4 === 3 ? [] : [60 + ((i + t) % 4), 67])),
    );
    const notes = { ...size, unit: "note", train: rolls } as const;
    const pieces = rolls.map((roll) => rollPiece(roll, { beatsPerMinute: 120 }));
    const events = { ...size, unit: "event", train: pieces, bptt: 16 } as const;
    expect((await generator.train({ ...texts, worker: true })).save()).toEqual(
      (await generator.train(texts)).save(),
    );
    expect((await generator.train({ ...notes, worker: true })).save()).toEqual(
      (await generator.train(notes)).save(),
    );
    expect((await generator.train({ ...events, worker: true })).save()).toEqual(
      (await generator.train(events)).save(),
    );
  });
  it("makes the forecaster that it makes here, with its baselines", async () => {
    const train = timeSeries({ columns: { v: Array.from({ length: 120 }, (_, i) => i % 7) } });
    const options = { train, horizon: 3, window: 14, season: 7, units: 4, epochs: 2 };
    const [here, there] = [
      await forecaster.train(options),
      await forecaster.train({ ...options, worker: true }),
    ];
    expect(there.save()).toEqual(here.save());
    expect(await there.evaluate(train)).toEqual(await here.evaluate(train));
    expect(Object.keys((await there.evaluate(train)).baselines)).toEqual([
      "naive",
      "seasonalNaive",
      "linear",
    ]);
  });
  it("is paused and goes on, stops, and goes on from a checkpoint that it sent", async () => {
    const store = memoryStore();
    const [stop, control] = [new AbortController(), trainingControl()];
    let last: Progress | undefined;
    const running = classifier.train({
      ...settings,
      epochs: 100_000,
      worker: true,
      control,
      signal: stop.signal,
      checkpoints: { store, everySteps: 5 },
      onProgress: (progress) => {
        last = progress;
      },
    });
    const until = async (condition: () => boolean): Promise<void> => {
      while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await until(() => (last?.step ?? 0) > 20);
    control.pause();
    await new Promise((resolve) => setTimeout(resolve, 200));
    const paused = last?.step;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(last?.step).toBe(paused);
    control.resume();
    await until(() => (last?.step ?? 0) > (paused ?? 0) + 20);
    stop.abort(new Error("enough"));
    await expect(running).rejects.toThrow("enough");
    const { bytes } = (await newestCheckpoint(store)) as { bytes: Uint8Array };
    const steps = (last?.step ?? 0) + 40;
    const { epochs: _, ...rest } = settings;
    const onward = await classifier.train({ ...rest, steps, resume: bytes, worker: true });
    const whole = await classifier.train({ ...rest, steps });
    expect(onward.parameters).toEqual(whole.parameters);
  });
  it("ends with its checkpoint when it is aborted while it is paused", async () => {
    const store = memoryStore();
    const [stop, control] = [new AbortController(), trainingControl()];
    let last = 0;
    const running = classifier.train({
      ...settings,
      epochs: 100_000,
      worker: true,
      control,
      signal: stop.signal,
      checkpoints: { store },
      onProgress: ({ step }) => {
        last = step;
        if (step === 20) control.pause();
        if (step === 20) setTimeout(() => stop.abort(new Error("enough")), 200);
      },
    });
    await expect(running).rejects.toThrow("enough");
    expect((await newestCheckpoint(store))?.step).toBe(last);
    expect(last).toBeGreaterThanOrEqual(20);
  });
  it("starts from a model, and refuses what it would refuse here, in the same words", async () => {
    const model = await classifier.train({ ...settings, epochs: 1 });
    const { cell: _, units: _1, embedding: _2, ...rest } = settings;
    const further = { ...rest, from: model, epochs: 1 };
    expect((await classifier.train({ ...further, worker: true })).parameters).toEqual(
      (await classifier.train(further)).parameters,
    );
    const refusal = (more: object): Promise<string> =>
      classifier.train({ ...settings, ...more }).then(
        () => "",
        (error: Error) => `${error.name}: ${error.message}`,
      );
    for (const wrong of [
      { train: train.filter(({ label }) => label === "good") },
      { accumulate: 0 },
      { steps: 3 },
    ]) {
      expect(await refusal({ ...wrong, worker: true })).toBe(await refusal(wrong));
    }
  });
});
