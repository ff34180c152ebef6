/**
 * A generator of piano-rolls on a tiny set made here: three chords and a rest in a fixed order. What it
 * writes keeps to the data; its likelihood is that of the formula; its streams are saved, forked and go on to the bit.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { pianoKeys, type Roll } from "../../../data/index.js";
import { createWasmExecutor } from "../../../exec/wasm/index.js";
import { readModel } from "../../../io/index.js";
import { createPredictor } from "../../../nn/index.js";
import { adam } from "../../../train/step/optimizers.js";
import { generator } from "../generator.js";
import type { NoteGenerator } from "./model.js";
import { noteExample, noteExamples } from "./network.js";
import { musicDistance, musicStatistics } from "./statistics.js";
import { openNotes, trainNotes } from "./training.js";

/** C, F and G7 over a bass and a rest, two steps each. */
const chords = [[48, 64, 67, 72], [53, 65, 69, 72], [43, 65, 71, 74], []];
const tune = (start: number, bars: number): Roll =>
  Array.from({ length: bars }, (_, i) => chords[(start + i) % chords.length]!).flatMap((chord) => [
    chord,
    chord,
  ]);
const train = Array.from({ length: 20 }, (_, i) => tune(i, 10));
const valid = [tune(0, 12), tune(2, 9)];
let model: NoteGenerator;

beforeAll(async () => {
  const executor = await createWasmExecutor({ tier: "simd" });
  model = await trainNotes({
    unit: "note",
    train,
    valid,
    units: [32],
    epochs: 150,
    batchSize: 4,
    executor,
    dropout: 0,
    recurrentDropout: 0,
    inputDropout: 0,
    optimizer: adam({ learningRate: 0.01 }),
    stepsPerBeat: 2,
    beatsPerMinute: 90,
  });
});

describe("examples", () => {
  it("read silence, then each step; parts of long pieces read the step before them", () => {
    const on = (numbers: ArrayLike<number>): number[] =>
      Array.from(numbers).flatMap((v, i) => (v === 1 ? [i] : []));
    const { input, target } = noteExample("independent", [[21], [22, 108]]);
    expect(on(input as Float32Array)).toEqual([88]);
    expect(on(target as Float32Array)).toEqual([0, 88 + 1, 88 + 87]);
    const parts = noteExamples("independent", [[21], [22], [23], [24], [25]], 2);
    expect(parts.map(({ input }) => on(input as Float32Array))).toEqual([[88], [1], [2, 88 + 3]]);
    expect(parts.map(({ target = [] }) => on(target))).toEqual([[0, 88 + 1], [2], [3, 88 + 4]]);
  });

  it("refuse what a piano does not have", () => {
    expect(() => noteExample("independent", [[20]])).toThrow("a step holds the note 20");
  });
});

describe("a trained generator", () => {
  it("is judged by the notes' loss of all steps but the first", async () => {
    const { metrics, count, interval } = await model.evaluate(valid);
    expect(count).toBe(23 + 17);
    const executor = await createWasmExecutor({ tier: "simd" });
    const predictor = createPredictor(model.network, executor, { parameters: model.parameters });
    let nats = 0;
    for (const roll of valid) {
      const { rows } = predictor.predict([noteExample("independent", roll)])[0] as { rows: number[][] };
      roll.slice(1).forEach((step, t) =>
        rows[t + 1]?.forEach((p, key) => {
          nats -= Math.log(step.includes(key + pianoKeys.lowest) ? p : 1 - p);
        }),
      );
    }
    executor.dispose();
    // Probabilities near 1 are rounded to 2⁻²⁴: of 88 keys some 10⁻⁶ each.
    expect(metrics.nllPerStep).toBeCloseTo(nats / 40, 3);
    expect(metrics.nllPerStep).toBeLessThan(1.5);
    expect(interval.low).toBeLessThanOrEqual(metrics.nllPerStep);
  });

  it("writes music that keeps to the data", async () => {
    const written = await model.generate({ count: 20, length: 40 });
    const own = musicStatistics(train);
    const distance = musicDistance(musicStatistics(written.map(({ roll }) => roll)), own);
    // Of 800 steps in runs of two, shares vary by 0.05 (two standard deviations); some steps lack a note of their chord.
    expect(distance.sounding).toBeLessThan(0.1);
    expect(distance.chordSize).toBeLessThan(0.4);
    expect(distance.pitchClasses).toBeLessThan(0.1);
    expect(distance.held).toBeLessThan(0.15);
  });

  it("goes on from a prime in the data's order, and writes it with the prime as a piece", async () => {
    const prime = tune(1, 1);
    const [found] = await model.generate({ prime, length: 8, temperature: 0 });
    expect(found?.roll).toEqual(tune(2, 4));
    expect(found?.piece.tempos).toEqual([{ tick: 0, microsecondsPerBeat: Math.round(60e6 / 90) }]);
    // The first chord lasts for two steps of half a beat each, with the prime's C held over it.
    expect(found?.piece.notes[0]).toMatchObject({ pitch: 53, start: 0, end: 480 });
  });

  it("draws are functions of seed and sequence; temperature changes them", async () => {
    const rolls = async (options: object): Promise<Roll[]> =>
      (await model.generate({ length: 30, temperature: 1.5, ...options })).map(({ roll }) => roll);
    const three = await rolls({ count: 3, seed: 5 });
    expect(await rolls({ count: 2, seed: 5, sequence: 1 })).toEqual(three.slice(1));
    expect(await rolls({ seed: 6 })).not.toEqual(three.slice(0, 1));
    expect(three[0]).not.toEqual(three[1]);
  });

  it("a stream is saved as JSON, forked, and goes on with the same bits, in a loaded model too", async () => {
    const options = { length: 30, temperature: 1.5, prime: [[60]] };
    const whole = [...model.stream(options)];
    const stream = model.stream(options);
    const begun = Array.from({ length: 11 }, () => stream.next().value);
    const saved = JSON.stringify(stream.state());
    const rest = [...stream];
    expect([...begun, ...rest]).toEqual(whole);
    expect([...model.stream(JSON.parse(saved))]).toEqual(rest);
    const executor = await createWasmExecutor({ tier: "simd" });
    const loaded = await openNotes(readModel(model.save()), { name: "model", executor });
    expect([...loaded.stream(JSON.parse(saved))]).toEqual(rest);
    expect(loaded).toMatchObject({ unit: "note", stepsPerBeat: 2, beatsPerMinute: 90, most: 4 });
    loaded.dispose();
  });

  it("two streams that take turns are as if alone", () => {
    const [a, b] = [model.stream({ seed: 3 }), model.stream({ seed: 4, prime: [[62]] })];
    const turns = Array.from({ length: 12 }, () => [a.next().value, b.next().value]);
    expect(turns.map(([first]) => first)).toEqual([...model.stream({ seed: 3, length: 12 })]);
    expect(turns.map(([, second]) => second)).toEqual([
      ...model.stream({ seed: 4, prime: [[62]], length: 12 }),
    ]);
  });

  it("refuses what makes no sense", async () => {
    await expect(model.generate({ count: 0 })).rejects.toThrow("count is 0");
    expect(() => model.stream({ length: 0 })).toThrow("length is 0; it must be a whole number from 1");
    expect(() => model.stream({ prime: [[12]] })).toThrow("a step holds the note 12");
    await expect(model.evaluate([[[60]]])).rejects.toThrow("has no piece with two steps");
    const executor = await createWasmExecutor({ tier: "simd" });
    await expect(trainNotes({ unit: "note", train: [[]], executor })).rejects.toThrow(
      "has no piece with two",
    );
    executor.dispose();
  });
});

describe("a joint output", () => {
  let joint: NoteGenerator;
  beforeAll(async () => {
    const executor = await createWasmExecutor({ tier: "simd" });
    joint = await trainNotes({
      unit: "note",
      output: "joint",
      train,
      valid,
      units: [32],
      dropout: 0,
      recurrentDropout: 0,
      epochs: 60,
      batchSize: 4,
      executor,
      optimizer: adam({ learningRate: 0.01 }),
    });
  });

  it("reads a step's notes upwards, each in its order, and its end", () => {
    expect(noteExample("joint", [[23, 21], [], [22]])).toEqual({
      input: [88, 0, 2, 88, 88, 1],
      target: [0, 2, 88, 88, 1, 88],
    });
  });

  it("is judged by the probability of all of a step's notes and its end", async () => {
    const roll = tune(0, 3);
    const { metrics } = await joint.evaluate([roll]);
    const executor = await createWasmExecutor({ tier: "simd" });
    const predictor = createPredictor(joint.network, executor, { parameters: joint.parameters });
    const { input, target = [] } = noteExample("joint", roll);
    const { rows } = predictor.predict([{ input }])[0] as { rows: number[][] };
    executor.dispose();
    const first = (roll[0]?.length ?? 0) + 1;
    const nats = Array.from(target).reduce(
      (sum, token, i) => (i < first ? sum : sum - Math.log(rows[i]![token]!)),
      0,
    );
    // Sums of float32 losses of some 30 tokens.
    expect(metrics.nllPerStep).toBeCloseTo(nats / 5, 4);
  });

  it("writes whole chords of the data, where independent notes mix them", async () => {
    const known = new Set(chords.map((chord) => chord.join()));
    const unknown = async (of: NoteGenerator): Promise<number> => {
      const written = await of.generate({ count: 10, length: 40 });
      return written.flatMap(({ roll }) => roll).filter((step) => !known.has(step.join())).length;
    };
    const [one, other] = [await unknown(joint), await unknown(model)];
    expect(one).toBeLessThan(8);
    expect(one).toBeLessThan(other);
  });

  it("steps are upwards, within the most; its streams go on with the same bits, in a loaded model too", async () => {
    const options = { length: 30, temperature: 3, prime: [[60], []], most: 3, topK: 20 };
    const stream = joint.stream(options);
    const begun = Array.from({ length: 11 }, () => stream.next().value);
    const saved = JSON.stringify(stream.state());
    const rest = [...stream];
    expect([...begun, ...rest]).toEqual([...joint.stream(options)]);
    for (const step of rest) {
      expect(step.length).toBeLessThanOrEqual(3);
      expect([...new Set(step)].sort((a, b) => a - b)).toEqual(step);
    }
    const executor = await createWasmExecutor({ tier: "simd" });
    const loaded = await openNotes(readModel(joint.save()), { name: "model", executor });
    expect([...loaded.stream(JSON.parse(saved))]).toEqual(rest);
    loaded.dispose();
  });

  it("what chooses among tokens is refused where there are none, and dropped keys where there is one", async () => {
    expect(() => model.stream({ topP: 0.9 })).toThrow(
      "topP is for joint outputs, not for independent outputs; leave it out",
    );
    expect(() => joint.stream({ topK: 0 })).toThrow("topK is 0");
    await expect(
      generator.train({ unit: "note", output: "joint", train, inputDropout: 0.1 }),
    ).rejects.toThrow("inputDropout is for output independent, not for joint");
  });
});
