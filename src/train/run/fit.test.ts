/**
 * Training as people run it: what is interrupted goes on to the bit, whatever the optimiser and the number of threads;
 * budgets, early stopping, pausing, memory.
 */
import { describe, expect, it } from "vitest";
import { gru } from "../../cell/index.js";
import type { Executor } from "../../exec/executor.js";
import { createReferenceExecutor } from "../../exec/reference/index.js";
import { createWasmExecutor } from "../../exec/wasm/index.js";
import { readModel } from "../../io/index.js";
import {
  dropout,
  embedding,
  initialParameters,
  linear,
  network,
  type Prediction,
  recurrent,
} from "../../nn/index.js";
import {
  adam,
  bestName,
  cosine,
  estimateMemory,
  type FitOptions,
  newestCheckpoint,
  type Optimizer,
  type Progress,
  plateau,
  sgd,
  type TrainedNetwork,
  type TrainingSettings,
  trainingControl,
  fit as trainNetwork,
  warmUp,
} from "../index.js";
import { paritySequences, trajectoryOptimizers } from "../step/training.cases.js";
import { memoryStore } from "./store.cases.js";

const net = network({
  input: { vocabulary: 3 },
  layers: [
    embedding({ width: 6 }),
    dropout({ rate: 0.1 }),
    recurrent({ cell: gru, units: 12 }),
    linear({ units: 2 }),
  ],
  loss: "crossEntropy",
});
const train = paritySequences(60, 1);
const valid = paritySequences(20, 2);

/** Share of right labels. */
function score(predictions: readonly Prediction[]): number {
  let [right, all] = [0, 0];
  predictions.forEach(({ rows }, i) => {
    rows.forEach(([even, odd], t) => {
      right += Number(Number(odd! > even!) === valid[i]?.target?.[t]);
      all++;
    });
  });
  return right / all;
}

const simd = (threads = 1): Promise<Executor> => createWasmExecutor({ tier: "simd", threads });

async function run(options: Partial<FitOptions> = {}, of = net): Promise<TrainedNetwork> {
  return trainNetwork(of, {
    parameters: initialParameters(of, 1),
    train,
    valid: { examples: valid, score },
    epochs: 4,
    batchSize: 8,
    optimizer: adam({ learningRate: 0.02 }),
    clip: 1,
    seed: 3,
    ...options,
    executor: options.executor ?? (await simd()),
  });
}

/** What may not depend on where a run was interrupted. */
const outcome = ({ parameters, training }: TrainedNetwork): unknown => {
  const { bestEpoch, score: best, epochs, steps, skipped } = training;
  return { parameters, bestEpoch, best, epochs, steps, skipped };
};

/** Runs until a step is done, stops, and goes on elsewhere from the checkpoint. */
async function interrupted(
  options: Partial<FitOptions>,
  { at, executors }: { at: number; executors: readonly [Executor, Executor] },
): Promise<TrainedNetwork> {
  const store = memoryStore();
  const control = new AbortController();
  const first = run({
    ...options,
    executor: executors[0],
    checkpoints: { store },
    signal: control.signal,
    onProgress: ({ step, valid: scored }) => {
      if (step === at && scored === undefined) control.abort(new Error("enough"));
    },
  });
  await expect(first).rejects.toThrow("enough");
  const newest = await newestCheckpoint(store);
  expect(newest?.name).toBe(`step-${String(at).padStart(9, "0")}.safetensors`);
  return run({ ...options, executor: executors[1], resume: newest!.bytes });
}

describe("a run that is interrupted goes on to the bit", () => {
  const optimizers: Readonly<Record<string, Optimizer>> = {
    ...trajectoryOptimizers,
    plainSgd: sgd({ learningRate: 0.1 }),
  };
  it.each(Object.keys(optimizers))("with %s, after any step, in an epoch and at its end", async (name) => {
    const options = { optimizer: optimizers[name]! };
    const whole = outcome(await run(options));
    for (const at of [1, 8, 11, 31]) {
      const parts = await interrupted(options, { at, executors: [await simd(), await simd()] });
      expect(outcome(parts)).toEqual(whole);
    }
  });
  it("with one, two and three threads on either side", async () => {
    const whole = outcome(await run());
    for (const [before, after] of [
      [1, 2],
      [3, 1],
      [2, 3],
    ] as const) {
      const executors = [await simd(before), await simd(after)] as const;
      expect(outcome(await interrupted({}, { at: 13, executors }))).toEqual(whole);
    }
  });
  it("with everything that a run remembers: schedules, averages, parts, groups, patience", async () => {
    const options: Partial<FitOptions> = {
      schedule: warmUp({ steps: 5, next: plateau({ patience: 1, factor: 0.5 }) }),
      average: 0.9,
      accumulate: 3,
      patience: 5,
      labelSmoothing: 0.1,
      classWeights: [1, 2],
      groups: [
        { parameters: "embedding1", frozen: true },
        { parameters: "linear1", learningRate: 0.005 },
      ],
    };
    const whole = outcome(await run(options));
    for (const at of [3, 8, 19]) {
      expect(outcome(await interrupted(options, { at, executors: [await simd(), await simd(2)] }))).toEqual(
        whole,
      );
    }
  });
  it("on the float64 reference, whose weights float32 would round", async () => {
    const options = { epochs: 2 };
    const whole = outcome(await run({ ...options, executor: await createReferenceExecutor() }));
    const executors = [await createReferenceExecutor(), await createReferenceExecutor()] as const;
    expect(outcome(await interrupted(options, { at: 5, executors }))).toEqual(whole);
  });
  it("on one long text in lanes, whose states are carried", async () => {
    const text = Array.from({ length: 500 }, (_, t) => (t * t + (t >> 3)) % 3);
    const language = network({
      input: { vocabulary: 3 },
      layers: [recurrent({ cell: gru, units: 8 }), linear({ units: 3 })],
      loss: "crossEntropy",
    });
    const given = {
      parameters: initialParameters(language, 1),
      train: { text },
      bptt: { lanes: 4, steps: 16 },
      optimizer: adam(),
      schedule: cosine(),
      epochs: 3,
      seed: 1,
    };
    const parts = async (more: Partial<FitOptions>): Promise<TrainedNetwork> =>
      trainNetwork(language, { executor: await simd(), ...given, ...more });
    const whole = outcome(await parts({}));
    const store = memoryStore();
    const control = new AbortController();
    const stop = ({ step }: Progress): void => {
      if (step === 11) control.abort();
    };
    await expect(
      parts({ checkpoints: { store }, signal: control.signal, onProgress: stop }),
    ).rejects.toThrow();
    const { bytes } = (await newestCheckpoint(store)) as { bytes: Uint8Array };
    expect(outcome(await parts({ resume: bytes }))).toEqual(whole);
  });
});

describe("a checkpoint", () => {
  it("is a model that can be opened, beside that of the best epoch; of the others the newest are kept", async () => {
    const store = memoryStore();
    const model = { task: "parity", data: { labels: ["even", "odd"] } };
    const { parameters } = await run({ checkpoints: { store, everySteps: 5, keep: 3, model } });
    expect([...store.files.keys()].sort()).toEqual([
      bestName,
      ...[25, 30, 32].map((step) => `step-${String(step).padStart(9, "0")}.safetensors`),
    ]);
    const best = readModel(store.files.get(bestName)!);
    expect(best).toMatchObject(model);
    expect(best.parameters).toEqual(parameters);
    for (const [name, bytes] of store.files)
      expect(readModel(bytes, name).network.parameters).toEqual(net.parameters);
  });
  it("goes on for more epochs than the run had", async () => {
    const store = memoryStore();
    await run({ epochs: 2, checkpoints: { store } });
    const { bytes } = (await newestCheckpoint(store)) as { bytes: Uint8Array };
    expect(outcome(await run({ epochs: 4, resume: bytes }))).toEqual(outcome(await run({ epochs: 4 })));
  });
  it("is refused by a run with other settings, data, or rounding, which says what differs", async () => {
    const store = memoryStore();
    await run({ epochs: 1, checkpoints: { store } });
    const { bytes: resume } = (await newestCheckpoint(store)) as { bytes: Uint8Array };
    const refusal = (options: Partial<FitOptions>, of = net): Promise<string> =>
      run({ resume, ...options }, of).then(
        () => "",
        (error: Error) => `${error.name}: ${error.message}`,
      );
    expect(await refusal({ seed: 4 })).toMatch(/TrainingError: .*seed was 3 and is 4/);
    expect(await refusal({ optimizer: sgd() })).toMatch(/optimizer was .*"adam".* and is .*"sgd"/);
    expect(await refusal({ batchSize: 9 })).toMatch(/batchSize was 8 and is 9/);
    expect(await refusal({ train: train.slice(1) })).toMatch(/the training data is not what it was/);
    const other = (layers: Parameters<typeof network>[0]["layers"]) =>
      network({ input: net.input, layers: [...layers, linear({ units: 2 })], loss: net.loss });
    const refusedNetwork = (changed: typeof net): Promise<string> => refusal({}, changed);
    const [words, noise] = [embedding({ width: 6 }), dropout({ rate: 0.1 })];
    expect(await refusedNetwork(other([words, noise, recurrent({ cell: gru, units: 9 })]))).toMatch(
      /its network is another: recurrent1\.units was 12 and is 9/,
    );
    // The same parameters, and another network all the same.
    const louder = dropout({ rate: 0.3 });
    expect(await refusedNetwork(other([words, louder, recurrent({ cell: gru, units: 12 })]))).toMatch(
      /TrainingError: .*dropout1\.rate was 0\.1 and is 0\.3/,
    );
    const reference = await createReferenceExecutor();
    expect(await refusal({ executor: reference })).toMatch(
      /was on "wasm simd" .* other rounding on "reference float64"/,
    );
    await expect(run({ resume, executor: reference, anyTier: true, epochs: 2 })).resolves.toBeDefined();
    expect(await refusal({ resume: new Uint8Array(3) })).toMatch(/FileFormatError/);
    const model = store.files.get(bestName)!;
    expect(await refusal({ resume: model })).toMatch(/is of a model, not of a run that could go on/);
  });
});

describe("the end of a run", () => {
  it("comes early when validation gets no better, and gives the best weights", async () => {
    const scores = [0.5, 0.7, 0.6, 0.7, 0.65, 0.9];
    const store = memoryStore();
    let calls = 0;
    const given = { examples: valid, score: () => scores[calls++]! };
    const stopped = await run({ epochs: 20, patience: 3, valid: given, checkpoints: { store } });
    expect(stopped.training).toMatchObject({ bestEpoch: 2, score: 0.7, epochs: 5, stoppedEarly: true });
    const two = await run({ epochs: 2, valid: { examples: valid, score: () => 1 - 1 / (1 + calls++) } });
    expect(stopped.parameters).toEqual(two.parameters);
  });
  it("is where a budget of minutes puts it: the steps are measured, fixed, recorded, and replayed to the bit", async () => {
    const seen: Progress[] = [];
    const options = { schedule: cosine(), optimizer: adam({ learningRate: 0.01 }) };
    const timed = { ...options, epochs: undefined, minutes: 0.01 };
    const { epochs: _, ...budget } = timed;
    const trained = await runWithout("epochs", { ...budget, onProgress: (p) => seen.push(p) });
    const { training: result } = trained;
    expect(result.fixedAt).toBeGreaterThanOrEqual(2);
    expect(result.steps).toBeGreaterThan(result.fixedAt);
    expect(seen.find(({ step }) => step === 1)?.steps).toBeUndefined();
    expect(seen.at(-1)?.steps).toBe(result.steps);
    expect(result.seconds).toBeLessThan(5);
    const replayed = await runWithout("epochs", { ...options, steps: result.steps, fixedAt: result.fixedAt });
    expect(outcome(replayed)).toEqual(outcome(trained));
  });
  it("contradictions between settings are refused", async () => {
    await expect(run({ steps: 3 })).rejects.toThrow("epochs and steps contradict each other");
    await expect(run({ epochs: 0 })).rejects.toThrow("epochs is 0");
    await expect(run({ bptt: { lanes: 2, steps: 2 } })).rejects.toThrow(
      "bptt is for one long text, not for examples; leave it out",
    );
    await expect(run({ train: [] })).rejects.toThrow("no examples to train with");
    const { valid: _, ...rest } = { valid, patience: 2 };
    await expect(runWithout("valid", rest)).rejects.toThrow("look at validation scores");
    const text = { text: [1, 2] };
    await expect(run({ train: text, bptt: { lanes: 2, steps: 2 } })).rejects.toThrow(
      "batchSize is for examples, not for one long text; leave it out",
    );
    await expect(runWithout("batchSize", { train: text })).rejects.toThrow("give bptt");
    await expect(runWithout("batchSize", { train: text, bptt: { lanes: 5, steps: 2 } })).rejects.toThrow(
      "2 tokens do not fill 5 lanes",
    );
  });
});

/** A run without one of the usual options. */
async function runWithout(
  key: "epochs" | "valid" | "batchSize",
  options: Partial<FitOptions>,
): Promise<TrainedNetwork> {
  const all = {
    parameters: initialParameters(net, 1),
    train,
    valid: { examples: valid, score },
    epochs: 4,
    batchSize: 8,
    optimizer: adam(),
    clip: 1,
    seed: 3,
  };
  const { [key]: _, ...rest } = all;
  return trainNetwork(net, { executor: await simd(), ...rest, ...options } as FitOptions);
}

describe("a run gives way", () => {
  it("timers go off while it trains, and it waits while it is paused", async () => {
    const control = trainingControl();
    let [ticks, step] = [0, 0];
    const timer = setInterval(() => ticks++, 10);
    const running = run({
      epochs: 200,
      valid: { examples: valid.slice(0, 1), score: () => 0 },
      control,
      onProgress: (p) => {
        step = p.step;
        if (p.step === 500) control.pause();
      },
    });
    const until = async (condition: () => boolean): Promise<void> => {
      while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await until(() => step >= 500);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const [paused, ticked] = [step, ticks];
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([paused, step]).toEqual([500, 500]);
    expect(ticks).toBeGreaterThan(ticked);
    expect(control.paused).toBe(true);
    control.resume();
    expect((await running).training.steps).toBe(1600);
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(10);
  });
});

describe("a run that is paused", () => {
  it.each([
    ["before its first step", 0],
    ["on its way", 11],
  ])("and then aborted %s saves a checkpoint and ends, from which it goes on to the bit", async (_, at) => {
    const control = trainingControl();
    const store = memoryStore();
    const stop = new AbortController();
    const pause = (): void => {
      control.pause();
      setTimeout(() => stop.abort(new Error("enough")), 50);
    };
    if (at === 0) pause();
    const listeners = new Set<unknown>();
    const { addEventListener, removeEventListener } = stop.signal;
    stop.signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listeners.add(args[1]);
      addEventListener.apply(stop.signal, args);
    };
    stop.signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listeners.delete(args[1]);
      removeEventListener.apply(stop.signal, args);
    };
    const running = run({
      control,
      signal: stop.signal,
      checkpoints: { store },
      onProgress: ({ step }) => {
        if (step === at) pause();
      },
    });
    await expect(running).rejects.toThrow("enough");
    expect(listeners.size).toBe(0);
    expect(control.paused).toBe(true);
    const newest = await newestCheckpoint(store);
    expect(newest?.step).toBe(at);
    expect(outcome(await run({ resume: newest!.bytes }))).toEqual(outcome(await run()));
  });
});

describe("memory", () => {
  it("is estimated before a run to within a tenth of what it takes", async () => {
    const executor = await simd();
    let [bytes, told] = [0, 0];
    await run({
      executor,
      epochs: 1,
      batchSize: 60,
      valid: { examples: valid.slice(0, 1), score: () => 0 },
      onMemory: ({ total }) => {
        told = total;
      },
      onProgress: () => {
        bytes = executor.bytes;
      },
    });
    const lengths = train.map((e) => Number(e.input.length));
    const { total, weights, optimizer, activations } = estimateMemory(net, executor, {
      settings: { optimizer: adam(), clip: 1 },
      batch: lengths,
    });
    expect(told).toBe(total);
    expect(total).toBe(weights + optimizer + activations);
    // Memory comes in pages of 64 KiB, the first of which hold the kernels' constants and tables.
    expect(Math.abs(bytes - total)).toBeLessThan(0.1 * total + 4 * 65_536);
    const batch = new Array(64).fill(1000);
    const of = (settings: TrainingSettings) => estimateMemory(net, executor, { settings, batch });
    const [large, parts] = [of({ optimizer: adam() }), of({ optimizer: adam(), accumulate: 8 })];
    expect(parts.activations).toBeLessThan(large.activations / 7);
  });
  it("that does not suffice is refused before any of it is taken, saying what needs how much", async () => {
    const executor = await simd();
    const before = executor.bytes;
    await expect(run({ executor, memoryLimit: 50_000 })).rejects.toThrow(
      /training needs about \d+ MiB and may take 1 MiB: weights .* optimiser .* a batch of 8 sequences of up to 6 steps; take smaller batches/,
    );
    expect(executor.bytes).toBe(before);
  });
});

describe("first weights", () => {
  // So many that they take longer than a page may stand still.
  const wide = network({
    input: { width: 1 },
    layers: [recurrent({ cell: gru, units: 800 }), linear({ units: 1 })],
    loss: "meanSquaredError",
  });
  const one = [{ input: [[1]], target: [[1]] }];
  const said: string[] = [];
  const begin = async (options: Partial<FitOptions>): Promise<TrainedNetwork> => {
    said.length = 0;
    return run(
      {
        parameters: (first) => first,
        train: one,
        valid: { examples: one, score: () => 0 },
        epochs: 1,
        batchSize: 1,
        onMemory: () => said.push("memory"),
        onWeights: (share) => said.push(String(share)),
        onProgress: () => said.push("step"),
        ...options,
      },
      wide,
    );
  };
  it("are told of while they are made: after the memory, before the first step, with a share that grows", async () => {
    await begin({});
    expect([said[0], said.at(-1)]).toEqual(["memory", "step"]);
    const shares = said.filter((each) => /\d/.test(each)).map(Number);
    expect(shares.length).toBeGreaterThan(0);
    expect(said.slice(1, 1 + shares.length)).toEqual(shares.map(String));
    expect(shares.every((share, i) => share > (shares[i - 1] ?? 0) && share <= 1)).toBe(true);
  });
  it("are not begun where memory does not suffice, nor by a run that goes on, and can be stopped", async () => {
    await expect(begin({ memoryLimit: 50_000 })).rejects.toThrow(/training needs about/);
    expect(said).toEqual([]);
    const stop = new AbortController();
    const onWeights = (): void => stop.abort(new Error("enough"));
    await expect(begin({ onWeights, signal: stop.signal })).rejects.toThrow("enough");
    expect(said).toEqual(["memory"]);
    const store = memoryStore();
    await begin({ checkpoints: { store } });
    const newest = await newestCheckpoint(store);
    await begin({ epochs: 2, resume: newest!.bytes });
    expect([...new Set(said)]).toEqual(["memory", "step"]);
  });
});
