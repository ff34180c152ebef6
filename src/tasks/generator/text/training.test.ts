/** The generator on a self-made text and on self-made names: what it learns, writes and refuses, and what travels in its file. */
import { beforeAll, describe, expect, it } from "vitest";
import { lstm } from "../../../cell/index.js";
import { adam } from "../../../train/index.js";
import { type GeneratorState, generator, type TextGenerator } from "../../index.js";

/** Lines of counting, each of which says the next: "seven of nine", "eight of nine", … */
const digits = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
const counting = (from: number, count: number): string =>
  Array.from({ length: count }, (_, i) => `${digits[(from + i) % 9]} and then\n`).join("");

const names = (from: number, count: number): { text: string; label: string }[] =>
  Array.from({ length: count }, (_, i) => {
    const k = from + i;
    const stem = ["bal", "dor", "kem", "lun", "mir"][k % 5];
    const middle = ["a", "o", "i"][(k >> 2) % 3];
    return {
      text: `${stem}${middle}${k % 2 === 0 ? "saurus" : "don"}`,
      label: k % 2 === 0 ? "big" : "small",
    };
  });

let text: TextGenerator;
let lines: TextGenerator;
beforeAll(async () => {
  const optimizer = adam({ learningRate: 0.01 });
  text = await generator.train({
    train: counting(0, 400),
    valid: counting(3, 60),
    units: [32],
    dropout: 0,
    epochs: 25,
    batchSize: 8,
    bptt: 32,
    optimizer,
  });
  lines = await generator.train({
    train: names(0, 300),
    valid: names(1000, 30),
    units: [24],
    dropout: 0,
    epochs: 12,
    batchSize: 8,
    optimizer,
  });
});

describe("a generator of one long text", () => {
  it("learns the order of its lines, and says what a character costs it", async () => {
    const { metrics, count, unknown } = await text.evaluate(counting(5, 90));
    expect(count).toBe(counting(5, 90).length);
    expect(unknown).toBe(0);
    // Nothing is left to chance in this text but where it begins.
    expect(metrics.nllPerCharacter).toBeLessThan(0.1);
    expect(metrics.perplexity).toBeCloseTo(Math.exp(metrics.loss), 12);
    expect(metrics.loss).toBeCloseTo(metrics.nllPerCharacter, 12);
  });
  it("goes on from a prime", async () => {
    const [found] = await text.generate({ prime: "six and then\n", length: 29, temperature: 0.3 });
    expect(found?.text).toBe("seven and then\neight and then");
    expect(found).toMatchObject({ ended: "length" });
    expect(found?.tokens.join("")).toBe(found?.text);
    expect(found?.logProbability).toBeLessThan(0);
  });
  it("writes the same from the same seed, and something else from another", async () => {
    const options = { length: 40, temperature: 2, seed: 7, count: 3 };
    const first = await text.generate(options);
    expect(await text.generate(options)).toEqual(first);
    expect(await text.generate({ ...options, count: 1, sequence: 2 })).toEqual([first[2]]);
    const others = await text.generate({ ...options, seed: 8 });
    const texts = new Set([...first, ...others].map((each) => each.text));
    expect(texts.size).toBe(6);
  });
  it("takes the most probable token at top-k 1 and at temperature 0, whatever the seed", async () => {
    const greedy = await text.generate({ length: 60, temperature: 0 });
    for (const seed of [2, 3]) expect(await text.generate({ length: 60, topK: 1, seed })).toEqual(greedy);
  });
  it("ends before a stop, also one of several tokens, and streams nothing of it", async () => {
    const options = { prime: "two and then\n", topK: 1, stop: ["and then\nf", "zzz"] };
    const [found] = await text.generate(options);
    expect(found).toMatchObject({ text: "three ", ended: "stop" });
    const stream = text.stream(options);
    expect([...stream].map((step) => step.text).join("")).toBe("three ");
    expect(stream.ended).toBe("stop");
  });
  it("gives out what only looked like a stop", async () => {
    const options = { prime: "two and then\n", topK: 1, length: 12 };
    const [plain] = await text.generate(options);
    expect((await text.generate({ ...options, stop: ["and thaw", "threx"] }))[0]).toEqual(plain);
  });
});

describe("a stream", () => {
  const options = { length: 50, temperature: 1.5, seed: 4, repetitionPenalty: 1.2, stop: ["nine n"] };
  it("is saved as JSON, forked, and goes on to the bit, also in another generator", async () => {
    const whole = [...text.stream(options)];
    const stream = text.stream(options);
    const head = Array.from({ length: 17 }, () => stream.next().value);
    const saved = JSON.parse(JSON.stringify(stream.state())) as GeneratorState;
    const other = await generator.load(text.save());
    const [here, fork, there] = [[...stream], [...text.stream(saved)], [...other.stream(saved)]];
    expect([...head, ...here]).toEqual(whole);
    expect(fork).toEqual(here);
    expect(there).toEqual(here);
    expect([...text.stream({ ...saved, options: { ...saved.options, seed: 5 } })]).not.toEqual(here);
    other.dispose();
  });
  it("keeps its place while others are written beside it", () => {
    const alone = [...text.stream(options)];
    const [first, second] = [text.stream(options), text.stream({ ...options, seed: 9 })];
    const mixed = Array.from({ length: 30 }, () => {
      second.next();
      return first.next().value;
    });
    expect(mixed).toEqual(alone.slice(0, 30));
  });
  it("is over when it is over", () => {
    const stream = text.stream({ length: 2 });
    expect([...stream]).toHaveLength(2);
    expect([stream.ended, stream.next().done]).toEqual(["length", true]);
    expect([...text.stream(JSON.parse(JSON.stringify(stream.state())) as GeneratorState)]).toEqual([]);
  });
});

describe("a generator of lines with labels", () => {
  it("writes lines of the label, and ends them", async () => {
    const options = { count: 20, temperature: 0.5 };
    const [big, small] = await Promise.all([
      lines.generate({ ...options, label: "big" }),
      lines.generate({ ...options, label: "small" }),
    ]);
    expect(big?.filter((each) => each.text.endsWith("saurus")).length).toBeGreaterThanOrEqual(18);
    expect(small?.filter((each) => each.text.endsWith("don")).length).toBeGreaterThanOrEqual(18);
    expect(big?.[0]?.ended).toBe("end");
    const [found] = await lines.generate({ label: "small", prime: "k", topK: 1 });
    expect(found?.text).toMatch(/^em[aoi]don$/);
  });
  it("counts the end of a line as a token and as a character", async () => {
    const some = names(2000, 10);
    const { count, metrics } = await lines.evaluate(some);
    expect(count).toBe(some.reduce((sum, each) => sum + each.text.length + 1, 0));
    expect(metrics.loss).toBe(metrics.nllPerCharacter);
    expect(metrics.loss).toBeLessThan(1);
  });
  it("evaluates and writes the same to the bit after it was saved and loaded", async () => {
    const loaded = await generator.load(lines.save());
    expect(await loaded.evaluate(names(2000, 10))).toEqual(await lines.evaluate(names(2000, 10)));
    const options = { label: "big", count: 5 };
    expect(await loaded.generate(options)).toEqual(await lines.generate(options));
    expect(loaded.save()).toEqual(lines.save());
    loaded.dispose();
  });
});

describe("other generators", () => {
  it.each([
    { unit: "word" as const, minimumCount: 1 },
    { unit: "subword" as const, vocabularySize: 40, cell: lstm, units: [12, 16], embedding: 8 },
    { unit: "character" as const, embedding: 6, tied: false },
  ])("learn and load again: %j", async (options) => {
    const other = await generator.train({ train: counting(0, 60), units: [16], epochs: 1, ...options });
    expect(other.training?.skipped).toBe(0);
    const written = await other.generate({ length: 30, seed: 3 });
    const loaded = await generator.load(other.save());
    expect(await loaded.generate({ length: 30, seed: 3 })).toEqual(written);
    const { metrics, unknown } = await other.evaluate(counting(2, 5));
    expect([Number.isFinite(metrics.loss), unknown]).toEqual([true, 0]);
    loaded.dispose();
    other.dispose();
  });
});

describe("what a generator refuses", () => {
  it("options that make no sense, and what it does not know", async () => {
    await expect(text.generate({ prime: "Ω" })).rejects.toThrow('prime has "Ω", which does not occur');
    await expect(text.generate({ length: 0 })).rejects.toThrow("length is 0");
    await expect(text.generate({ count: 0 })).rejects.toThrow("count is 0");
    await expect(text.generate({ stop: [""] })).rejects.toThrow("stop has an empty text");
    await expect(text.generate({ label: "big" })).rejects.toThrow("trained without labels");
    await expect(lines.generate({})).rejects.toThrow("the generator needs label; it can be big or small");
    await expect(lines.generate({ label: "huge" })).rejects.toThrow(
      'label is "huge"; it can be big or small',
    );
    await expect(lines.evaluate([{ text: "x", label: "huge", file: "a.tsv", line: 3 }])).rejects.toThrow(
      'a.tsv:3: label is "huge"',
    );
  });
  it("data of another kind, and none", async () => {
    await expect(generator.train({ train: "" })).rejects.toThrow("has no text");
    await expect(generator.train({ train: [] })).rejects.toThrow("has no text");
    await expect(text.evaluate(["a"])).rejects.toThrow("learned one long text");
    await expect(lines.evaluate("a")).rejects.toThrow("learned lines");
    const mixed = [{ text: "a", label: "x" }, { text: "b" }];
    await expect(generator.train({ train: mixed, valid: mixed })).rejects.toThrow("has no label");
    const other = [...mixed].reverse();
    await expect(generator.train({ train: other, valid: other })).rejects.toThrow("the first has none");
    await expect(generator.train({ train: "abc", tied: true })).rejects.toThrow(
      "tied is for tokens with an embedding, not for one-hot tokens",
    );
    const { tagger } = await import("../../index.js");
    await expect(tagger.load(text.save())).rejects.toThrow("is of a generator");
  });
});
