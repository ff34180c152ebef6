/** The translator on self-made dates: what it learns, what travels in its file, and what it refuses. */
import { beforeAll, describe, expect, it } from "vitest";
import { lstm } from "../../cell/index.js";
import { adam } from "../../train/index.js";
import { type Translator, translator } from "../index.js";
import { datePairs } from "./dates.cases.js";

const small = {
  units: 32,
  embedding: 32,
  vocabularySize: 60,
  dropout: 0.1,
  labelSmoothing: 0,
  batchSize: 32,
};
let model: Translator;
beforeAll(async () => {
  const train = datePairs(2000);
  const optimizer = adam({ learningRate: 0.005 });
  model = await translator.train({ train, valid: datePairs(100, 5000), ...small, optimizer, epochs: 6 });
});

describe("a translator", () => {
  it("learns to write dates as ISO 8601, to an exact match of 0.9 on dates it has not seen", async () => {
    const pairs = datePairs(200, 9000);
    const { metrics, count, predicted, interval } = await model.evaluate(pairs);
    expect(count).toBe(200);
    expect(metrics.exactMatch).toBeGreaterThanOrEqual(0.9);
    expect(metrics.perplexity).toBeLessThan(1.5);
    expect(predicted.filter((text, i) => text === pairs[i]?.target).length / 200).toBe(metrics.exactMatch);
    expect(interval.low).toBeLessThanOrEqual(metrics.bleu);
    expect(translator.baselines(pairs).copy.metrics.exactMatch).toBe(0);
  });
  it("says which tokens of the source it looked at, and what else it might have written", async () => {
    const [translation] = await model.predict(["3 May 2021"], { width: 4, count: 3 });
    expect(translation?.text).toBe("2021-05-03");
    expect(translation?.best).toHaveLength(3);
    expect(translation?.best[0]?.text).toBe(translation?.text);
    expect(translation?.attention).toHaveLength(translation!.tokens.length);
    for (const weights of translation?.attention ?? []) {
      expect(weights).toHaveLength(translation!.source.length);
      expect(weights.reduce((a, b) => a + b)).toBeCloseTo(1, 4);
    }
    const scores = translation!.best.map(({ score }) => score);
    expect([...scores].sort((a, b) => b - a)).toEqual(scores);
  });
  it("translates the same to the bit alone, and after it was saved and loaded", async () => {
    const texts = datePairs(20, 7000).map(({ source }) => source);
    const together = await model.predict(texts);
    expect(await model.predict([texts[3]!])).toEqual([together[3]]);
    const loaded = await translator.load(model.save());
    expect(await loaded.predict(texts)).toEqual(together);
    expect(loaded.save()).toEqual(model.save());
    loaded.dispose();
  });
  it("takes texts of nothing, and characters that it does not know", async () => {
    const found = await model.predict(["", "日 3 May 2021 日"]);
    expect(found).toHaveLength(2);
    expect(found[0]?.source).toEqual([]);
  });
  it.each([
    { attention: "none" as const, unit: "word" as const, tied: false },
    { attention: "general" as const, inputFeeding: false, cell: lstm, layers: 2, embedding: 16 },
  ])("trains otherwise too, and loads again: %j", async (options) => {
    const train = datePairs(64);
    const other = await translator.train({ train, ...small, epochs: 1, ...options });
    expect(other.training?.skipped).toBe(0);
    const texts = ["3 May 2021"];
    const loaded = await translator.load(other.save());
    expect(await loaded.predict(texts)).toEqual(await other.predict(texts));
  });
});

describe("what a translator refuses", () => {
  it("no pairs, a search that makes no sense, and files of another task", async () => {
    await expect(translator.train({ train: [] })).rejects.toThrow("has no pairs of texts");
    await expect(model.evaluate([])).rejects.toThrow("has no pairs of texts");
    await expect(model.predict(["x"], { width: 2, count: 5 })).rejects.toThrow(
      "count is 5, and a beam of width 2",
    );
    const { tagger } = await import("../index.js");
    await expect(tagger.load(model.save())).rejects.toThrow("is of a translator");
  });
});
