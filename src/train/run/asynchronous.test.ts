/**
 * An executor that reads asynchronously alone: predictions, training steps and whole runs give on it what they give on the
 * executor that it wraps, to the bit.
 */
import { describe, expect, it } from "vitest";
import { gru } from "../../cell/index.js";
import { createAsynchronousExecutor } from "../../exec/asynchronous.cases.js";
import { ExecutorError } from "../../exec/executor.js";
import { createReferenceExecutor } from "../../exec/reference/index.js";
import {
  createLongScorer,
  createPredictor,
  createStream,
  dropout,
  embedding,
  initialParameters,
  linear,
  network,
  type Prediction,
  recurrent,
} from "../../nn/index.js";
import { classifier } from "../../tasks/index.js";
import {
  adam,
  createTrainer,
  type FitOptions,
  newestCheckpoint,
  type TrainingSettings,
  fit as trainNetwork,
} from "../index.js";
import { paritySequences } from "../step/training.cases.js";
import { memoryStore } from "./store.cases.js";

const net = network({
  input: { vocabulary: 3 },
  layers: [
    embedding({ width: 4 }),
    dropout({ rate: 0.2 }),
    recurrent({ cell: gru, units: 5 }),
    linear({ units: 2 }),
  ],
  loss: "crossEntropy",
});
const parameters = initialParameters(net, 1);
const examples = paritySequences(11, 1);
const text = Int32Array.from({ length: 90 }, (_, i) => (i * i) % 3);
const options = { loss: true, scores: true, states: true, batchSize: 3, parameters };

describe("a predictor", () => {
  it("predicts what the executor below predicts, several at a time, and refuses to read at once", async () => {
    const wanted = createPredictor(net, await createReferenceExecutor(), options).predict(examples);
    const executor = await createAsynchronousExecutor();
    const predictor = createPredictor(net, executor, options);
    const [all, some] = await Promise.all([
      predictor.predictAsync(examples),
      predictor.predictAsync(examples.slice(4)),
    ]);
    expect(all).toEqual(wanted);
    expect(some).toEqual(wanted.slice(4));
    expect(() => predictor.predict(examples)).toThrow(ExecutorError);
    expect(() => createStream(net, executor, { parameters })).toThrow(/reads asynchronously alone/);
    predictor.dispose();
    expect(executor.bytes).toBe(0);
  });
  it("scores long texts, also in lanes", async () => {
    const tokens = network({
      input: { vocabulary: 3 },
      layers: [recurrent({ cell: gru, units: 5 }), linear({ units: 3 })],
      loss: "crossEntropy",
    });
    const how = { parameters: initialParameters(tokens, 1), steps: 20 };
    const wanted = createLongScorer(tokens, await createReferenceExecutor(), how);
    const executor = await createAsynchronousExecutor();
    const scorer = createLongScorer(tokens, executor, how);
    for (const lanes of [1, 4])
      expect(await scorer.scoreAsync(text, { lanes })).toEqual(wanted.score(text, { lanes }));
    expect(() => scorer.score(text)).toThrow(ExecutorError);
    scorer.dispose();
    expect(executor.bytes).toBe(0);
  });
});

describe("a training step", () => {
  const settings: Readonly<Record<string, Omit<TrainingSettings, "optimizer">>> = {
    "as it is": {},
    "in parts": { accumulate: 3, clip: 0.1 },
    "piece by piece": { recompute: 2 },
    "with states carried on, and an average": { carry: true, average: 0.9 },
  };
  it.each(Object.keys(settings))("%s", async (name) => {
    const all = {
      ...settings[name],
      optimizer: adam(),
      seed: 3,
      batches: [examples.map((e) => e.input.length)],
    };
    const at = all as Parameters<typeof createTrainer>[3];
    const wanted = createTrainer(net, parameters, await createReferenceExecutor(), at);
    const executor = await createAsynchronousExecutor();
    const trainer = createTrainer(net, parameters, executor, at);
    for (let step = 0; step < 3; step++)
      expect(await trainer.stepAsync(examples)).toEqual(wanted.step(examples));
    const state = await trainer.stateAsync();
    expect(state).toEqual(wanted.state());
    expect(trainer.parameters(state)).toEqual(wanted.parameters());
    expect(trainer.averaged(state)).toEqual(wanted.averaged());
    expect(trainer.weightSizes(state)).toEqual(wanted.weightSizes());
    expect(() => trainer.step(examples)).toThrow(ExecutorError);
    trainer.dispose();
    expect(executor.bytes).toBe(0);
  });
  it("must end before the next begins", async () => {
    const trainer = createTrainer(net, parameters, await createAsynchronousExecutor(), {
      optimizer: adam(),
      batches: [examples.map((e) => e.input.length as number)],
    });
    const first = trainer.stepAsync(examples);
    await expect(trainer.stepAsync(examples)).rejects.toThrow("a step is still under way");
    await first;
    expect((await trainer.stepAsync(examples)).step).toBe(2);
  });
});

describe("a run of training", () => {
  const run: Omit<FitOptions, "executor"> = {
    parameters,
    train: paritySequences(40, 1),
    valid: {
      examples: paritySequences(10, 2),
      score: (all: readonly Prediction[]) => -all.reduce((sum, { loss }) => sum + loss!, 0),
    },
    optimizer: adam({ learningRate: 0.02 }),
    average: 0.9,
    batchSize: 8,
    epochs: 3,
    seed: 1,
  };
  it("validates, keeps checkpoints, and goes on from them", async () => {
    const wanted = await trainNetwork(net, { ...run, executor: await createReferenceExecutor() });
    const executor = await createAsynchronousExecutor();
    const store = memoryStore();
    const stop = new AbortController();
    const stopped = trainNetwork(net, {
      ...run,
      executor,
      checkpoints: { store },
      signal: stop.signal,
      onProgress: ({ step }) => void (step === 7 && stop.abort(new Error("enough"))),
    });
    await expect(stopped).rejects.toThrow("enough");
    expect(executor.bytes).toBe(0);
    const { bytes: resume } = (await newestCheckpoint(store))!;
    const found = await trainNetwork(net, { ...run, executor, resume });
    expect(found.parameters).toEqual(wanted.parameters);
    const facts = ({ training: { steps, bestEpoch, score } }: typeof found): unknown => ({
      steps,
      bestEpoch,
      score,
    });
    expect(facts(found)).toEqual(facts(wanted));
    for (const trained of [found, wanted]) trained.dispose();
    expect(executor.bytes).toBe(0);
  });
  it("finds out why a step is not finite", async () => {
    const broken = [...(run.train as ReturnType<typeof paritySequences>)];
    const weights = new Map([...parameters].map(([name, t]) => [name, { ...t, data: t.data.slice() }]));
    weights.get("linear1.b_y")!.data[0] = Number.NaN;
    const executor = await createAsynchronousExecutor();
    const failed = trainNetwork(net, { ...run, train: broken, parameters: weights, executor });
    await expect(failed).rejects.toThrow(/likely cause: weights that are not numbers/);
    expect(executor.bytes).toBe(0);
  });
});

describe("a task", () => {
  const moods = ["good", "bad"].flatMap((label) =>
    ["film", "book", "song", "play"].map((thing) => ({ label, text: `this ${thing} is ${label}` })),
  );
  it("trains, predicts and evaluates", async () => {
    const given = { train: moods, valid: moods, units: [4], embedding: 4, epochs: 2, minimumCount: 1 };
    const [reference, executor] = [await createReferenceExecutor(), await createAsynchronousExecutor()];
    const wanted = await classifier.train({ ...given, executor: reference });
    const model = await classifier.train({ ...given, executor });
    expect(model.parameters).toEqual(wanted.parameters);
    const texts = moods.map(({ text: each }) => each);
    expect(await model.predict(texts)).toEqual(await wanted.predict(texts));
    expect(await model.evaluate(moods)).toEqual(await wanted.evaluate(moods));
    model.dispose();
    expect(executor.bytes).toBe(0);
  });
});
