/**
 * A generator of performances on a tiny set made here: a scale up and down at three speeds. What it writes decodes to music
 * of these notes; its loss is the sum over all tokens; its streams are saved and go on to the bit.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { decodePerformance, encodePerformance, type Piece, rollPiece } from "../../../data/index.js";
import { createWasmExecutor } from "../../../exec/wasm/index.js";
import { createPredictor } from "../../../nn/index.js";
import { adam } from "../../../train/step/optimizers.js";
import { generator } from "../generator.js";
import { type EventGenerator, eventIds } from "./model.js";
import { boundary } from "./stream.js";

const scale = [60, 62, 64, 65, 67, 69, 71, 72, 71, 69, 67, 65, 64, 62];
const run = (start: number, beatsPerMinute: number): Piece =>
  rollPiece(
    Array.from({ length: 28 }, (_, i) => [scale[(start + i) % scale.length]!]),
    { beatsPerMinute },
  );
const train = Array.from({ length: 12 }, (_, i) => run(i, [120, 150, 200][i % 3]!));
const valid = [run(3, 150)];
let model: EventGenerator;

beforeAll(async () => {
  const executor = await createWasmExecutor({ tier: "simd" });
  model = await generator.train({
    unit: "event",
    train,
    valid,
    units: [48],
    dropout: 0,
    epochs: 60,
    batchSize: 4,
    bptt: 32,
    optimizer: adam({ learningRate: 0.01 }),
    executor,
  });
});

describe("a trained generator of performances", () => {
  it("reads pieces one after the other, with a boundary around each", () => {
    const ids = eventIds([run(0, 120), { ...run(0, 120), notes: [] }, run(1, 120)]);
    const lists = [run(0, 120), run(1, 120)].map((piece) => [...encodePerformance(piece).tokens]);
    expect([...ids]).toEqual([boundary, ...(lists[0] ?? []), boundary, ...(lists[1] ?? []), boundary]);
  });

  it("is judged by the loss of every token", async () => {
    const { count, metrics } = await model.evaluate(valid);
    const ids = eventIds(valid);
    const executor = await createWasmExecutor({ tier: "simd" });
    const predictor = createPredictor(model.network, executor, { parameters: model.parameters, loss: true });
    const [whole] = predictor.predict([{ input: ids.slice(0, -1), target: ids.slice(1) }]);
    executor.dispose();
    expect(count).toBe(ids.length - 1);
    // Losses are float32 sums over 400 tokens on one side.
    expect(metrics.loss).toBeCloseTo(whole!.loss! / count, 5);
    expect(metrics.perplexity).toBeLessThan(2);
  });

  it("writes notes of the scale, in steps of it", async () => {
    const [found] = await model.generate({ length: 120, temperature: 0.5 });
    const pitches = found?.piece.notes.map(({ pitch }) => pitch) ?? [];
    expect(pitches.length).toBeGreaterThan(20);
    const steps = pitches.slice(1).map((pitch, i) => Math.abs(pitch - pitches[i]!));
    // One odd note makes two odd steps.
    expect(steps.filter((step) => step > 2).length).toBeLessThanOrEqual(2);
    expect(pitches.every((pitch) => scale.includes(pitch))).toBe(true);
  });

  it("goes on from a prime, and gives prime and tokens as a piece", async () => {
    const prime = rollPiece([[60], [62], [64]], { beatsPerMinute: 120 });
    const [found] = await model.generate({ prime, length: 40, temperature: 0 });
    const before = [...encodePerformance(prime).tokens];
    expect(found?.piece).toEqual(decodePerformance([...before, ...(found?.tokens ?? [])]));
    expect(found?.piece.notes.slice(0, 6).map(({ pitch }) => pitch)).toEqual([60, 62, 64, 65, 67, 69]);
  });

  it("a stream is saved as JSON, forked, and goes on with the same bits, in a loaded model too", async () => {
    const options = { length: 90, temperature: 0.7, repetitionPenalty: 1.02, repetitionWindow: 3 };
    const stream = model.stream(options);
    const begun = Array.from({ length: 31 }, () => stream.next().value);
    const saved = JSON.stringify(stream.state());
    const rest = [...stream];
    expect(rest.length).toBeGreaterThan(20);
    expect([...begun, ...rest]).toEqual([...model.stream(options)]);
    expect([...model.stream(JSON.parse(saved))]).toEqual(rest);
    const executor = await createWasmExecutor({ tier: "simd" });
    const loaded = await generator.load(model.save(), { unit: "event", executor });
    expect([...loaded.stream(JSON.parse(saved))]).toEqual(rest);
    loaded.dispose();
  });

  it("has a note at least, and ends no earlier", async () => {
    const found = await model.generate({ count: 4, length: 100, temperature: 0.3 });
    for (const { piece } of found) expect(piece.notes.length).toBeGreaterThan(0);
  });

  it("comes to an end where the model says so", async () => {
    const found = await model.generate({ count: 6, length: 2000 });
    const ended = found.find(({ ended: why }) => why === "end");
    expect(ended?.tokens.length).toBeGreaterThan(0);
    expect(ended?.tokens).not.toContain(boundary);
  });

  it("refuses what makes no sense, and models of another unit", async () => {
    expect(() => model.stream({ length: 0 })).toThrow("length is 0; it must be a whole number from 1");
    expect(() => model.stream({ topK: 0 })).toThrow("topK is 0");
    await expect(model.evaluate([{ ...run(0, 120), notes: [] }])).rejects.toThrow("roll: has no note");
    await expect(generator.load(model.save())).rejects.toThrow('the unit event. Open it with unit: "event"');
    await expect(generator.load(model.save(), { unit: "note" })).rejects.toThrow(
      "is of a generator with the unit event",
    );
  });
});
