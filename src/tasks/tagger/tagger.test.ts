/** The tagger on small self-made sentences: what it learns, what travels in its file, and what it refuses. */
import { beforeAll, describe, expect, it } from "vitest";
import { lstm } from "../../cell/index.js";
import { createReferenceExecutor } from "../../exec/reference/index.js";
import { readModel, writeModel } from "../../io/index.js";
import { createPredictor, type Prediction } from "../../nn/index.js";
import { type TaggedExample, type Tagger, tagger } from "../index.js";
import { taggerInput } from "./input.js";
import { schemeOf } from "./tag-scheme.js";

const firsts = ["Ada", "Carl", "Emmy", "Blaise", "Sofia", "Alan", "Grace", "Kurt"];
const lasts = ["Lovel", "Gaus", "Noeth", "Pasc", "Kovalev", "Tur", "Hopp", "Goed"];
const ends = ["son", "berg", "ski", "ton"];

/**
 * Sentences about people and towns. Towns end in "burg" and people's names in other syllables, of which no test
 * sentence repeats a whole one: only the characters tell.
 */
function people(count: number, offset: number): TaggedExample[] {
  return Array.from({ length: count }, (_, i) => {
    const k = i + offset;
    const name = `${lasts[(k >> 3) % 8]}${k}${ends[k % 4]}`.replace(/\d/g, (d) => "abcdefghij"[Number(d)]!);
    const town = `${lasts[k % 8]}${7 * k + 13}burg`.replace(/\d/g, (d) => "klmnopqrst"[Number(d)]!);
    const tokens = [firsts[k % 8]!, name, "lives", "in", town, "with", firsts[(k + 3) % 8]!];
    const tags = ["B-person", "I-person", "O", "O", "B-town", "O", "B-person"];
    return k % 3 === 0
      ? { tokens: ["in", town, "it", "rains"], tags: ["O", "B-town", "O", "O"], file: "people", line: k }
      : { tokens, tags, file: "people", line: k };
  });
}

const settings = { units: [12], embedding: 12, characters: 8, epochs: 8, batchSize: 8, dropout: 0.2 };
let model: Tagger;
beforeAll(async () => {
  model = await tagger.train({ train: people(160, 0), ...settings });
});

describe("a tagger", () => {
  it("finds names that it has never seen, to an F1 of 0.95, and far better than each word's most frequent tag", async () => {
    const test = people(60, 1000);
    const { metrics, byType, interval, count } = await model.evaluate(test);
    expect(count).toBe(60);
    expect(metrics["f1"]).toBeGreaterThanOrEqual(0.95);
    expect(Object.keys(byType)).toEqual(["person", "town"]);
    expect(interval.low).toBeLessThanOrEqual(metrics["f1"]!);
    const { mostFrequentTag, majority } = tagger.baselines(people(160, 0), test);
    expect(mostFrequentTag.metrics["f1"]).toBeLessThan(0.8);
    expect(majority.metrics["f1"]).toBe(0);
  });
  it("knows its scheme and never leaves it, however little it has learned", async () => {
    expect(model.scheme).toBe("IOB2");
    const young = await tagger.train({ train: people(40, 0), ...settings, epochs: 1, seed: 5 });
    const taggings = await young.predict(people(60, 500).map((s) => s.tokens));
    for (const { tags } of taggings) {
      tags.forEach((tag, t) => {
        if (tag.startsWith("I-")) expect([tag, `B${tag.slice(1)}`]).toContain(tags[t - 1] ?? "start");
      });
    }
  });
  it("takes sentences with tags that training did not hold, and counts them as missed", async () => {
    const valid = [{ tokens: ["Ada"], tags: ["B-ship"] }, ...people(9, 900)];
    const { metrics } = await model.evaluate(valid);
    expect(metrics["recall"]).toBeLessThan(1);
    await expect(
      tagger.train({ train: people(20, 0), valid, ...settings, epochs: 1 }),
    ).resolves.toBeDefined();
  });
  it("says what it found in a text, with probabilities", async () => {
    const [tagging, none] = await model.predict(["Emmy Gausxson lives in Turzburg with Ada", ""]);
    expect(tagging?.spans.map(({ type, text }) => [type, text])).toEqual([
      ["person", "Emmy Gausxson"],
      ["town", "Turzburg"],
      ["person", "Ada"],
    ]);
    for (const { probability } of tagging?.spans ?? []) {
      expect(probability).toBeGreaterThan(0.3);
      expect(probability).toBeLessThanOrEqual(1.00001);
    }
    expect(none).toEqual({ tokens: [], tags: [], probabilities: [], spans: [] });
  });
  it.each(["crf", "softmax"] as const)(
    "says how probable a span is: all ways to tag the sentence that have it, with the output %s",
    async (output) => {
      const of =
        output === "crf" ? model : await tagger.train({ train: people(160, 0), ...settings, output });
      const tokens = ["Emmy", "Gausxson", "lives", "in", "Turzburg", "Ada"];
      const [tagging] = await of.predict([tokens]);
      expect(tagging!.spans.length).toBeGreaterThan(1);
      const executor = await createReferenceExecutor();
      const predictor = createPredictor(of.network, executor, { parameters: of.parameters, scores: true });
      const [{ scores: z, rows }] = predictor.predict([
        { input: taggerInput(tokens, of.vocabularies, of.network) },
      ]) as [Required<Prediction>];
      executor.dispose();
      const crf = (name: string): Float32Array => of.parameters.get(`crf.${name}`)!.data;
      const weight = (y: readonly number[]): number => {
        if (output === "softmax") return y.reduce((product, k, t) => product * rows[t]![k]!, 1);
        const moves = y.slice(1).map((to, t) => crf("w_t")[to * of.tags.length + y[t]!]!);
        const ends = crf("b_start")[y[0]!]! + crf("b_end")[y.at(-1)!]!;
        return Math.exp(moves.reduce((a, b) => a + b, ends) + y.reduce((sum, k, t) => sum + z[t]![k]!, 0));
      };
      const ways = tokens
        .reduce<number[][]>((all) => all.flatMap((y) => of.tags.map((_, k) => [...y, k])), [[]])
        .map((y) => ({ tags: y.map((k) => of.tags[k]!), weight: weight(y) }));
      const total = (list: typeof ways): number => list.reduce((sum, way) => sum + way.weight, 0);
      for (const { start, end, type, probability } of tagging!.spans) {
        // A span ends where no tag goes on with it, whatever else the sentence holds.
        const having = ways.filter(
          ({ tags }) =>
            tags.slice(start, end).join() === tagging!.tags.slice(start, end).join() &&
            tags[end] !== `I-${type}`,
        );
        // Scores are of float32 in the tagger and of float64 here: sums of some hundred products, and six steps of them.
        expect(probability).toBeCloseTo(total(having) / total(ways), 4);
      }
    },
  );
  it("never leaves its scheme where everything but the scheme speaks for it", async () => {
    const file = readModel(model.save(), "model");
    const bias = file.parameters.get("linear1.b_y")!;
    const inside = model.tags.indexOf("I-person");
    const data = bias.data.map((v, k) => (k === inside ? v + 50 : v));
    const eager = new Map([...file.parameters, ["linear1.b_y", { ...bias, data }] as const]);
    const other = await tagger.load(writeModel({ ...file, parameters: eager }));
    const taggings = await other.predict(people(20, 500).map((s) => s.tokens));
    for (const { tags } of taggings) expect(schemeOf([tags])).toBe("IOB2");
    expect(taggings.some(({ tags }) => tags.includes("I-person"))).toBe(true);
    other.dispose();
  });
  it("predicts the same to the bit alone, and after it was saved and loaded", async () => {
    const sentences = people(20, 300).map((s) => s.tokens);
    const together = await model.predict(sentences);
    expect(await model.predict([sentences[7] as string[]])).toEqual([together[7]]);
    const loaded = await tagger.load(model.save());
    expect(await loaded.predict(sentences)).toEqual(together);
    expect(loaded.save()).toEqual(model.save());
    expect(loaded.scheme).toBe("IOB2");
    loaded.dispose();
  });
  it("trains with any cell, without characters, with a softmax, and on tags that mark no spans", async () => {
    const speech = people(120, 0).map(({ tokens, tags }) => ({
      tokens,
      tags: tags.map((tag) => (tag === "O" ? "WORD" : "NAME")),
    }));
    const other = await tagger.train({
      train: speech,
      ...settings,
      cell: lstm,
      characters: 0,
      output: "softmax",
      labelSmoothing: 0.1,
    });
    expect(other.scheme).toBeUndefined();
    const { metrics, byType } = await other.evaluate(speech.slice(0, 20));
    expect(metrics["accuracy"]).toBeGreaterThan(0.9);
    expect(metrics["f1"]).toBeUndefined();
    expect(byType).toEqual({});
    expect((await other.predict([["in"]]))[0]?.spans).toEqual([]);
  });
});

describe("what a tagger refuses", () => {
  const one = { tokens: ["a", "b"], tags: ["O"], file: "x.conll", line: 7 };
  it("sentences whose tags are not as many as their tokens, naming the line", async () => {
    await expect(tagger.train({ train: [one] })).rejects.toThrow(
      "x.conll:7: has a sentence of 2 tokens with 1 tags. Give one tag for each token.",
    );
    await expect(model.evaluate([])).rejects.toThrow("has no sentences");
  });
  it("files of another task", async () => {
    const { classifier } = await import("../index.js");
    await expect(classifier.load(model.save())).rejects.toThrow("is of a tagger");
  });
});
