/** The classifier on series of any length, and with several labels per example: learned, judged, saved, refused. */
import { beforeAll, describe, expect, it } from "vitest";
import { type LabelledExample, type LabelledText, type SeriesExample, wordTokens } from "../../data/index.js";
import { readModel, writeModel } from "../../io/index.js";
import { type Classifier, type ClassifierOptions, classifier } from "../index.js";

/** Two channels; up: the first runs ahead of the second, down: it follows. The values of each are the same. */
function waves(count: number, offset: number): SeriesExample[] {
  return Array.from({ length: count }, (_, i) => {
    const k = i + offset;
    const shift = k % 2 === 0 ? 1 : -1;
    const series = Array.from({ length: 8 + (k % 13) }, (_, t) => [
      100 + 5 * Math.sin(t + k),
      Math.sin(t + k - shift) / 10,
    ]);
    return { series, label: k % 2 === 0 ? "up" : "down", file: "waves.ts", line: i + 1 };
  });
}

const quick = { units: [12], dropout: 0, epochs: 12, batchSize: 8 };

describe("a classifier of series", () => {
  let model: Classifier;
  beforeAll(async () => {
    model = await classifier.train({ train: waves(160, 0), ...quick });
  });
  it("learns from the order of the steps what their values do not tell, whatever the channels' scales", async () => {
    const test = waves(80, 1000);
    const { metrics, count, confusion } = await model.evaluate(test);
    expect(count).toBe(80);
    expect(metrics.accuracy).toBeGreaterThanOrEqual(0.95);
    expect(confusion?.flat().reduce((a, b) => a + b)).toBe(80);
    const { majority, nearestNeighbour, naiveBayes } = classifier.baselines(waves(160, 0), test);
    expect([majority, naiveBayes]).toEqual([0.5, undefined]);
    expect(nearestNeighbour).toBeLessThan(metrics.accuracy);
  });
  it("standardises by the training data, and the scaler travels in the file", async () => {
    expect(model.inputs).toBe("series");
    expect(model.vocabulary).toBeUndefined();
    expect(model.scaler?.mean[0]).toBeCloseTo(100, 0);
    const loaded = await classifier.load(model.save());
    const series = waves(20, 500).map((e) => e.series);
    expect(loaded.scaler).toEqual(model.scaler);
    expect(await loaded.predict(series)).toEqual(await model.predict(series));
    expect(loaded.save()).toEqual(model.save());
    loaded.dispose();
  });
  it("predicts the same to the bit alone and among others, no steps at all too", async () => {
    const series = [...waves(5, 300).map((e) => e.series), []];
    const together = await model.predict(series);
    for (const [i, one] of series.entries()) expect(await model.predict([one])).toEqual([together[i]]);
  });
  it("is trained further with the scaler that it has", async () => {
    const further = await classifier.train({ from: model, train: waves(40, 2000), epochs: 1 });
    expect(further.scaler).toEqual(model.scaler);
    expect(further.parameters).not.toEqual(model.parameters);
  });
  it("is that of the smallest loss among the epochs whose accuracy is equally good", async () => {
    const scores: number[] = [];
    const onProgress: ClassifierOptions["onProgress"] = ({ valid }) =>
      valid !== undefined && scores.push(valid);
    const { training } = await classifier.train({
      train: waves(80, 0),
      valid: waves(2, 1000),
      ...quick,
      onProgress,
    });
    const right = scores.flatMap((score, i) => (score > 0.999 ? [i + 1] : []));
    expect(right.length).toBeGreaterThan(2);
    // More training makes it surer of what it has right already.
    expect(training?.bestEpoch).toBeGreaterThan(right[0]!);
  });
  it("finds what its data has against itself", () => {
    const [first, second] = waves(2, 0) as [SeriesExample, SeriesExample];
    const train = [first, second, { ...first, label: "down", line: 3 }];
    const { conflicts, overlaps } = classifier.quality(train, { test: waves(3, 1) });
    expect(conflicts.map(({ labels }) => labels)).toEqual([["up", "down"]]);
    expect(overlaps["test"]?.map(({ example, trained }) => [example.line, trained.line])).toEqual([[1, 2]]);
  });
  it.each<[string, Partial<ClassifierOptions>, string]>([
    ["an option for texts", { wordDropout: 0.1 }, "wordDropout is for texts, not for series; leave it out"],
    [
      "texts among series",
      { train: [...waves(4, 0), { text: "a", label: "up", file: "b", line: 2 }] },
      "b:2: is a text",
    ],
    [
      "another channel",
      { train: [...waves(4, 0), { series: [[1]], label: "up", file: "b", line: 2 }] },
      "b:2: step 1 of the series is [1]. Each step needs 2 finite numbers",
    ],
    [
      "what is no number",
      { valid: [{ series: [[1, Number.NaN]], label: "up", file: "b", line: 2 }] },
      "b:2: step 1 of the series is [1, NaN]",
    ],
    ["series without any step", { train: waves(4, 0).map((e) => ({ ...e, series: [] })) }, "at least one"],
  ])("refuses %s", async (_, options, says) => {
    await expect(classifier.train({ train: waves(8, 0), ...quick, ...options })).rejects.toThrow(says);
  });
  it("refuses texts to predict on, and files whose scaler does not fit", async () => {
    await expect(model.predict(["a text"])).rejects.toThrow("is a text, where series belong");
    const file = readModel(model.save());
    const broken = writeModel({ ...file, data: { ...file.data, scaler: { mean: [1], deviation: [1] } } });
    await expect(classifier.load(broken)).rejects.toThrow("no mean and deviation for each of 2 channels");
  });
});

/** Sentences with any of three topics, one word for each. */
function topics(count: number, offset: number): LabelledText[] {
  return Array.from({ length: count }, (_, i) => {
    const k = i + offset;
    const labels = ["art", "sport", "trade"].filter((_, bit) => (k >> bit) % 2 === 1);
    const words = { art: ["paint", "music"], sport: ["ball", "race"], trade: ["price", "market"] };
    const text = labels
      .map((label) => `the ${words[label as keyof typeof words][(k >> 3) % 2]}`)
      .join(" and ");
    return { text: `${text} today`, labels, file: "topics.jsonl", line: i + 1 };
  });
}

describe("a classifier of several labels", () => {
  let model: Classifier;
  const settings = { ...quick, epochs: 20, minimumCount: 1, embedding: 12, pooling: "attention" } as const;
  beforeAll(async () => {
    model = await classifier.train({ train: topics(160, 0), ...settings });
  });
  it("gives each input the set of labels whose probability is ½ or more", async () => {
    expect([model.answers, model.labels]).toEqual(["several", ["art", "sport", "trade"]]);
    const [both, none] = await model.predict(["the race and the price today", "today"]);
    expect(both?.labels).toEqual(["sport", "trade"]);
    expect(none?.labels).toEqual([]);
    for (const answer of [both, none])
      for (const label of model.labels)
        expect(answer?.labels?.includes(label)).toBe(answer!.probabilities[label]! >= 0.5);
    const loaded = await classifier.load(model.save());
    expect(await loaded.predict(["the race"])).toEqual(await model.predict(["the race"]));
    loaded.dispose();
  });
  it("is judged by micro and macro F1 and by whole sets, with intervals and counts by label", async () => {
    const judged = await model.evaluate(topics(80, 1000));
    const { metrics, microF1Interval, labelCounts, predicted } = judged;
    expect(metrics.microF1).toBeGreaterThanOrEqual(0.95);
    expect(metrics.exactMatch).toBe(metrics.accuracy);
    expect(microF1Interval?.high).toBeGreaterThanOrEqual(metrics.microF1!);
    expect(labelCounts).toHaveLength(3);
    expect(judged).not.toHaveProperty("confusion");
    expect(predicted).toContain("art + sport");
    const { majority, naiveBayes } = classifier.baselines(topics(160, 0), topics(80, 1000));
    expect(majority).toBeLessThan(naiveBayes!);
  });
  it("says where it was wrong while it was surest", async () => {
    const wrong: LabelledText = { text: "the ball today", labels: ["art"], file: "t.jsonl", line: 7 };
    const { mistakes } = await model.evaluate([...topics(8, 0), wrong]);
    expect(mistakes[0]).toMatchObject({
      example: 8,
      truth: "art",
      predicted: "sport",
      file: "t.jsonl",
      line: 7,
    });
    expect(mistakes[0]?.probability).toBeCloseTo(Math.exp(-mistakes[0]!.loss), 12);
  });
  it.each<[string, readonly LabelledExample[], string]>([
    [
      "one label among lists",
      [...topics(4, 0), { text: "a", label: "art", file: "b", line: 2 }],
      "b:2: has one label",
    ],
    [
      "lists that are all empty",
      [
        { text: "a", labels: [] },
        { text: "b", labels: [] },
      ],
      "lists of labels are empty",
    ],
  ])("refuses %s", async (_, train, says) => {
    await expect(classifier.train({ train, ...settings })).rejects.toThrow(says);
  });
  it("refuses weights by label, and examples of one label", async () => {
    await expect(
      classifier.train({ train: topics(16, 1), ...settings, labelWeights: { art: 2 } }),
    ).rejects.toThrow("labelWeights is for one label each, not for several labels");
    await expect(model.evaluate([{ text: "a", label: "art", file: "b", line: 2 }])).rejects.toThrow(
      "b:2: has one label. The classifier gives a list of labels",
    );
    await expect(model.evaluate([{ text: "a", labels: ["war"], file: "b", line: 3 }])).rejects.toThrow(
      'b:3: has the label "war"',
    );
  });
});

it("texts are the same where their tokens are: what overlaps is found after the tokeniser", () => {
  const train = [{ text: "It’s fine", label: "up" }];
  expect(wordTokens("it's  FINE")).toEqual(wordTokens("It’s fine"));
  const { overlaps } = classifier.quality(train, { test: [{ text: "it's  FINE", label: "up" }] });
  expect(overlaps["test"]).toHaveLength(1);
});
