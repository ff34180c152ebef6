/** The classifier on a small self-made data set: what it learns, what travels in its file, and what it refuses. */
import { beforeAll, describe, expect, it } from "vitest";
import { add, cell, mul, relu, sigmoid, tanh } from "../../cell/index.js";
import type { TextExample } from "../../data/index.js";
import { readModel, writeModel } from "../../io/index.js";
import { sgd } from "../../train/index.js";
import { type Classifier, classifier } from "../index.js";

/**
 * Sentences with one good and one bad word each, of which the one after "not" does not count: the words are the same
 * for both labels, only their order differs.
 */
function moods(count: number, offset: number): TextExample[] {
  const good = ["fine", "lovely", "great", "bright"];
  const bad = ["dull", "awful", "poor", "weak"];
  return Array.from({ length: count }, (_, i) => {
    const k = i + offset;
    const [g, b] = [good[(k >> 1) % 4], bad[(k >> 3) % 4]];
    const text = k % 2 === 0 ? `it is ${g} and not ${b}` : `it is ${b} and not ${g}`;
    return {
      text: text + " they say".repeat((k >> 1) % 3),
      label: k % 2 === 0 ? "up" : "down",
      file: "moods",
      line: i + 1,
    };
  });
}

const settings = { units: [16], embedding: 16, dropout: 0.1, epochs: 12, minimumCount: 1, batchSize: 8 };
let model: Classifier;
beforeAll(async () => {
  model = await classifier.train({ train: moods(160, 0), ...settings });
});

describe("a classifier", () => {
  it("learns what counting words cannot, to 95 % on sentences it has not seen", async () => {
    const { metrics, count } = await model.evaluate(moods(80, 1000));
    expect(count).toBe(80);
    expect(metrics.accuracy).toBeGreaterThanOrEqual(0.95);
    expect(metrics.macroF1).toBeGreaterThanOrEqual(0.95);
  });
  it("keeps the weights of its best epoch", () => {
    expect(model.training?.score).toBeGreaterThanOrEqual(0.9);
    expect(model.training?.bestEpoch).toBeLessThanOrEqual(12);
    expect(model.training?.skipped).toBe(0);
  });
  it("predicts the same to the bit alone and among others, with probabilities that sum to one", async () => {
    const texts = ["it is lovely", "", "poor", "an entirely unknown sentence"];
    const together = await model.predict(texts);
    for (const [i, text] of texts.entries()) expect(await model.predict([text])).toEqual([together[i]]);
    for (const { probabilities } of together) {
      expect(Object.keys(probabilities)).toEqual(["down", "up"]);
      // Two float32 exponentials of float32 differences.
      expect(Object.values(probabilities).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
    }
  });
  it("predicts the same to the bit after it was saved and loaded", async () => {
    const loaded = await classifier.load(model.save());
    const texts = moods(20, 500).map((e) => e.text);
    expect(await loaded.predict(texts)).toEqual(await model.predict(texts));
    expect(loaded.save()).toEqual(model.save());
    loaded.dispose();
  });
  it("gives the same weights for the same seed and others for another", async () => {
    const short = { ...settings, epochs: 1, train: moods(40, 0) };
    const [a, b, c] = await Promise.all([1, 1, 2].map((seed) => classifier.train({ ...short, seed })));
    expect(a?.parameters).toEqual(b?.parameters);
    expect(a?.parameters).not.toEqual(c?.parameters);
  });
  it("trains a user's cell by the same path and loads it without its source", async () => {
    const own = cell("own", { states: ["a", "c"], output: "a", bias: { f: 1 } }, ({ a, c, x, affine }) => {
      const [u, f, o] = [sigmoid(affine("u", a, x)), sigmoid(affine("f", a, x)), sigmoid(affine("o", a, x))];
      const memory = add(mul(u, tanh(affine("c", a, x))), mul(f, c));
      return { c: memory, a: mul(o, relu(memory)) };
    });
    const mine = await classifier.train({ train: moods(160, 0), ...settings, cell: own });
    expect((await mine.evaluate(moods(80, 1000))).metrics.accuracy).toBeGreaterThanOrEqual(0.9);
    const loaded = await classifier.load(mine.save());
    expect(await loaded.predict(["it is lovely"])).toEqual(await mine.predict(["it is lovely"]));
  });
});

describe("a classifier is trained further", () => {
  const fresh = moods(80, 3000).map((e) => ({ ...e, text: e.text.replace("fine", "splendid") }));
  const about = ["it is splendid and not dull", "it is dull and not splendid"];
  it("on new data with its own words, or with the new ones added, and both start where it was", async () => {
    const kept = await classifier.train({ from: model, train: fresh, epochs: 2, seed: 2 });
    expect(kept.vocabulary).toEqual(model.vocabulary);
    expect(kept.parameters).not.toEqual(model.parameters);
    const still = { train: fresh, steps: 1, optimizer: sgd({ learningRate: 1e-30 }), minimumCount: 1 };
    const extended = await classifier.train({ from: model, ...still, extendVocabulary: true });
    expect(extended.vocabulary?.tokens.slice(0, model.vocabulary?.tokens.length)).toEqual(
      model.vocabulary?.tokens,
    );
    expect(extended.vocabulary?.tokens).toContain("splendid");
    expect(await extended.predict(about)).toEqual(await model.predict(about));
    const learned = await classifier.train({
      from: model,
      train: fresh,
      epochs: 8,
      minimumCount: 1,
      extendVocabulary: true,
    });
    expect((await learned.predict(about)).map(({ label }) => label)).toEqual(["up", "down"]);
    const loaded = await classifier.load(learned.save());
    expect(await loaded.predict(about)).toEqual(await learned.predict(about));
  });
  it("with layers that stay as they are", async () => {
    const groups = [{ parameters: "embedding1", frozen: true }];
    const adapted = await classifier.train({ from: model, train: fresh, epochs: 1, groups });
    expect(adapted.parameters.get("embedding1.w_e")).toEqual(model.parameters.get("embedding1.w_e"));
    expect(adapted.parameters.get("linear1.w_ya")).not.toEqual(model.parameters.get("linear1.w_ya"));
  });
  it("but not with a label or a network that it does not have", async () => {
    const strange = [...fresh, { text: "x", label: "sideways", file: "new.tsv", line: 3 }];
    await expect(classifier.train({ from: model, train: strange })).rejects.toThrow(/new\.tsv.*"sideways"/s);
    await expect(classifier.train({ from: model, train: fresh, units: [3] })).rejects.toThrow(
      /units and from contradict each other/,
    );
    await expect(classifier.train({ train: fresh, labelWeights: { left: 2 } })).rejects.toThrow(
      /"left"; labels are down, up/,
    );
  });
});

describe("a classifier refuses", () => {
  it("data with one label", async () => {
    await expect(classifier.train({ train: moods(10, 0).filter((e) => e.label === "up") })).rejects.toThrow(
      /moods.*up/s,
    );
  });
  it("a label that it does not know, naming file and line", async () => {
    const strange = [...moods(2, 0), { text: "x", label: "sideways", file: "test.tsv", line: 3 }];
    await expect(model.evaluate(strange)).rejects.toThrow(
      /test\.tsv.*3.*"sideways".*Known labels are down, up/s,
    );
  });
  it("an evaluation of nothing", async () => {
    await expect(model.evaluate([])).rejects.toThrow(/no examples/);
  });
  it("models of other tasks and with other labels than outputs", async () => {
    const file = readModel(model.save());
    await expect(classifier.load(writeModel({ ...file, task: "tagger" }), { name: "m" })).rejects.toThrow(
      /m.*is of a tagger/,
    );
    await expect(
      classifier.load(writeModel({ ...file, data: { ...file.data, labels: ["a"] } })),
    ).rejects.toThrow(/no list of labels that fits/);
    await expect(
      classifier.load(writeModel({ ...file, data: { ...file.data, vocabulary: ["<unk>"] } })),
    ).rejects.toThrow(/vocabulary that does not fit/);
  });
  it("to go on when it is told to stop, and says why", async () => {
    const control = new AbortController();
    const training = classifier.train({
      train: moods(160, 0),
      ...settings,
      epochs: 500,
      signal: control.signal,
      onProgress: ({ step }) => step === 5 && control.abort(new Error("enough")),
    });
    await expect(training).rejects.toThrow("enough");
  });
});

it("the baselines are counted: neither the commoner label nor naive Bayes tells these moods apart", () => {
  const { majority, naiveBayes } = classifier.baselines(moods(160, 0), moods(80, 1000));
  expect(majority).toBe(0.5);
  expect(naiveBayes).toBe(0.5);
});
