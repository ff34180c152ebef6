/** Looking inside the models of every task: what their steps are called, and that a trace is the run it speaks of. */
import { beforeAll, describe, expect, it } from "vitest";
import { lstm } from "../../cell/index.js";
import { type Classifier, classifier, type Tagger, type Translator, tagger, translator } from "../index.js";
import { datePairs } from "../translator/dates.cases.js";

const small = { epochs: 1, batchSize: 4, seed: 2, cell: lstm };
const cycle = <T>(values: readonly T[], i: number): T => values[i % values.length] as T;
const twenty = <T>(make: (i: number) => T): T[] => Array.from({ length: 20 }, (_, i) => make(i));
const texts = twenty((i) => ({
  text: `A ${cycle(["fine", "dull"], i)} film${cycle(["", " indeed"], i >> 1)}.`,
  label: cycle(["up", "down"], i),
}));
const sentences = twenty((i) => ({
  tokens: ["in", cycle(["Graz", "Rome", "Bern"], i)],
  tags: ["O", "B-town"],
}));
const series = twenty((i) => ({
  series: Array.from({ length: 1 + (i % 3) }, (_, t) => [t, cycle([1, -1], i)]),
  label: cycle(["up", "down"], i),
}));

let models: { classifier: Classifier; ofSeries: Classifier; tagger: Tagger; translator: Translator };
beforeAll(async () => {
  const training = { ...small, units: [4] };
  models = {
    classifier: await classifier.train({ ...training, train: texts, embedding: 4, minimumCount: 1 }),
    ofSeries: await classifier.train({ ...training, train: series, direction: "forward" }),
    tagger: await tagger.train({ ...training, train: sentences, embedding: 4, characters: 3 }),
    translator: await translator.train({
      ...small,
      train: datePairs(20),
      units: 4,
      embedding: 4,
      vocabularySize: 40,
    }),
  };
});

describe("a trace", () => {
  it("of a text has a row for each of its words, and ŷ is what the model predicts", async () => {
    const model = models.classifier;
    const [trace] = await model.trace(["A fine, unheard film"]);
    expect(trace?.steps).toEqual(["a", "fine", ",", "unheard", "film"]);
    expect(Object.keys(trace?.layers ?? {})).toEqual(["recurrent1.forward", "recurrent1.reverse"]);
    expect(trace?.layers["recurrent1.forward"]?.gates?.["Γf"]?.map((row) => row.length)).toEqual([
      4, 4, 4, 4, 4,
    ]);
    const [{ probabilities } = { probabilities: {} }] = await model.predict(["A fine, unheard film"]);
    expect(trace?.rows).toEqual([Object.values(probabilities)]);
  });
  it("of a series has its steps by number", async () => {
    const [trace] = await models.ofSeries.trace([series[2]!], {
      trace: ["gradients"],
    });
    expect(trace?.steps).toEqual(["1", "2", "3"]);
    expect(trace?.layers["recurrent1"]?.gradients?.["dc"]).toHaveLength(3);
  });
  it("of a sentence has its tokens, and the characters' layers inside each", async () => {
    const example = { tokens: ["in", "Bern"], tags: ["O", "B-town"] };
    const [trace] = await models.tagger.trace([example], { trace: ["states", "gradients"] });
    expect(trace?.steps).toEqual(["in", "Bern"]);
    expect(trace?.inside?.map((step) => Object.values(step)[0]?.states?.["a"]?.length)).toEqual([2, 4]);
    expect(trace?.loss).toBeGreaterThan(0);
  });
  it("of a translation has what each step is to write, and attention to the source's tokens", async () => {
    const [pair] = datePairs(1) as [ReturnType<typeof datePairs>[number]];
    const [trace] = await models.translator.trace([pair]);
    expect(trace?.steps.at(-1)).toBe("‹end›");
    expect(trace?.steps.slice(0, -1).join("")).toContain(pair.target.slice(0, 3));
    const { attention = [] } = trace?.layers["decoder1"] ?? {};
    expect(attention).toHaveLength(trace!.steps.length);
    for (const weights of attention) {
      expect(weights).toHaveLength(trace!.source!.length);
      // float32 sums of a softmax.
      expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
    }
  });
  it("leaves the model as it was", async () => {
    const before = await models.tagger.predict(["in Graz"]);
    await models.tagger.trace(["in Rome"]);
    await models.tagger.diagnose(sentences);
    expect(await models.tagger.predict(["in Graz"])).toEqual(before);
  });
});

describe("a diagnosis", () => {
  it("tells of every loop of every task's network", async () => {
    const all = await Promise.all([
      models.classifier.diagnose(texts),
      models.ofSeries.diagnose(series),
      models.tagger.diagnose(sentences),
      models.translator.diagnose(datePairs(5)),
    ]);
    expect(
      all.map(({ layers }) => layers.map(({ name, gradient }) => `${name}${gradient ? " gradient" : ""}`)),
    ).toEqual([
      ["recurrent1.forward gradient", "recurrent1.reverse gradient"],
      ["recurrent1 gradient"],
      [
        "features1.characters.recurrent1.forward",
        "features1.characters.recurrent1.reverse",
        "recurrent1.forward gradient",
        "recurrent1.reverse gradient",
      ],
      ["decoder1.source.recurrent1.forward", "decoder1.source.recurrent1.reverse", "decoder1 gradient"],
    ]);
    for (const { layers } of all)
      for (const { values, deviations, units } of layers) {
        expect(values.length).toBeGreaterThanOrEqual(4);
        expect(deviations).toHaveLength(units);
      }
  });
});

describe("what is refused", () => {
  it("gradients without a label, labels and tags that are not known, and nothing at all", async () => {
    await expect(models.classifier.trace(["fine"], { trace: ["gradients"] })).rejects.toThrow(
      "input 1 has no label",
    );
    const half = [{ tokens: ["in"], tags: ["O"] }, "in Bern"];
    await expect(models.tagger.trace(half, { trace: ["gradients"] })).rejects.toThrow("input 2 has no label");
    await expect(models.classifier.trace([{ text: "fine", label: "sideways" }])).rejects.toThrow(
      'the label "sideways"',
    );
    await expect(models.tagger.trace([{ tokens: ["a"], tags: ["B-god"] }])).rejects.toThrow(
      'the tag "B-god"',
    );
    await expect(models.tagger.diagnose([{ tokens: ["a"], tags: [] }])).rejects.toThrow(
      "1 tokens with 0 tags",
    );
    await expect(models.translator.diagnose([])).rejects.toThrow("has no examples");
  });
});
