/** Modules of tasks answer as their models do, and cut texts as the package does, sign for sign. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wordTokens } from "../data/index.js";
import { createReferenceExecutor } from "../exec/reference/index.js";
import { dequantised, quantised, readModel, writeModel } from "../io/index.js";
import { classifier, tagger } from "../tasks/index.js";
import { taggerInput, taggerVocabularies } from "../tasks/tagger/input.js";
import { evaluate, generate } from "./harness.cases.js";
import { standaloneModule } from "./index.js";

const training = { units: [4], epochs: 1, seed: 2, valid: [] };
const twenty = <T>(make: (i: number) => T): T[] => Array.from({ length: 20 }, (_, i) => make(i));
const cycle = <T>(values: readonly T[], i: number): T => values[i % values.length] as T;
const label = (i: number): string => cycle(["good", "bad"], i);
const texts = twenty((i) => ({
  text: `a ${cycle(["fine", "dreary"], i)} ${cycle(["day", "night", "hour"], i)}`,
  label: label(i),
}));
const asked = ["a fine day", "the dreariest 😀 of nights, isn't it?", "<unk> __proto__", ""];

/** A small model of every kind, and inputs to ask. */
type Made = readonly [Uint8Array, readonly unknown[]];
const models: Readonly<Record<string, () => Promise<Made>>> = {
  texts: async () => [
    (await classifier.train({ ...training, train: texts, minimumCount: 1, valid: texts })).save(),
    asked,
  ],
  "texts with any of several labels": async () => {
    const train = texts.map(({ text }, i) => ({ text, labels: i % 3 ? [label(i)] : ["good", "bad"] }));
    return [(await classifier.train({ ...training, train, minimumCount: 1, valid: train })).save(), asked];
  },
  series: async () => {
    const train = twenty((i) => ({
      series: [
        [i, -i],
        [i / 3, cycle([4, 0], i)],
      ],
      label: label(i),
    }));
    return [
      (await classifier.train({ ...training, train, valid: train })).save(),
      [
        [
          [0.1, 2],
          [0.3, -1],
        ],
        [[5, 0.25]],
        [],
      ],
    ];
  },
  vectors: async () => {
    const train = twenty((i) => ({ vector: [i % 7, cycle([4, 0], i)], label: label(i) }));
    return [
      (await classifier.train({ ...training, train, valid: train })).save(),
      [
        [0.5, -1],
        [Number.NaN, 3],
      ],
    ];
  },
};

/** Models that have been made, each once. */
const there = new Map<string, Made>();
async function made(kind: string): Promise<Made> {
  const found = there.get(kind) ?? (await models[kind]!());
  there.set(kind, found);
  return found;
}

describe("a classifier's module", () => {
  it.each(Object.keys(models))("of %s answers as the model does", async (kind) => {
    const [bytes, inputs] = await made(kind);
    const model = await classifier.load(bytes, { executor: await createReferenceExecutor() });
    const { predict, selfTest, data } = await generate(readModel(bytes));
    selfTest();
    expect(data["labels"]).toEqual(model.labels);
    const expected = await model.predict(inputs as never);
    inputs.forEach((input, i) => {
      const { probabilities, ...words } = predict(input) as { probabilities: Record<string, number> };
      const { probabilities: wanted, ...others } = expected[i]!;
      expect(words).toEqual(others);
      expect(Object.keys(probabilities)).toEqual(Object.keys(wanted));
      // The same numbers in float64, summed in another order.
      for (const [name, p] of Object.entries(wanted)) expect(probabilities[name]).toBeCloseTo(p, 10);
    });
  });

  it("in int8 computes with the weights of an int8 model file, and holds them in less", async () => {
    const [bytes] = await made("texts");
    const model = readModel(bytes);
    const [whole, small] = [
      await standaloneModule(model),
      await standaloneModule(model, { weights: "int8" }),
    ];
    const module = await evaluate(small);
    const stored = readModel(writeModel(model, { storage: "int8" }));
    const { predict } = await generate(stored);
    for (const text of asked) expect(module.predict(text)).toEqual(predict(text));
    const weights = (text: string): number => text.length - text.indexOf("\nconst stored");
    // Scales and biases of so small a model weigh something.
    expect(weights(small) / weights(whole)).toBeLessThan(0.7);
    const { shape, data } = model.parameters.get("embedding1.w_e") as {
      shape: readonly number[];
      data: Float32Array;
    };
    expect(stored.parameters.get("embedding1.w_e")?.data).toEqual(dequantised(quantised(shape, data)));
  });

  it("is the same text every time", async () => {
    const [bytes] = await made("vectors");
    expect(await standaloneModule(readModel(bytes))).toBe(await standaloneModule(readModel(bytes)));
  });

  it("lets no text of a model into its code", async () => {
    const bad = [
      '*/ throw new Error("in") /*',
      '"; throw new Error("in"); "',
      "</script><script>alert(1)",
      "<!--<script>\u2028",
    ];
    const train = twenty((i) => ({ text: `${cycle(bad, i)} ${i % 3}`, label: cycle(bad, i) }));
    const bytes = (await classifier.train({ ...training, train, valid: train, minimumCount: 1 })).save();
    const text = await standaloneModule(readModel(bytes));
    for (const tag of ["</script>", "<!--"]) expect(text.includes(tag)).toBe(false);
    const { data, selfTest } = await evaluate(text);
    selfTest();
    expect([...(data["labels"] as string[])].sort()).toEqual([...bad].sort());
  });

  it("whose file keeps what does not fit its network is refused, naming the file", async () => {
    const [bytes] = await made("vectors");
    const model = readModel(bytes);
    const damaged = { ...model, data: { ...model.data, labels: ["one"] } };
    await expect(standaloneModule(damaged, { name: "m.safetensors" })).rejects.toThrow(
      "m.safetensors, metadata: has no list of labels that fits its output",
    );
  });

  it("whose weights are not finite is refused, naming the weight", async () => {
    const [bytes] = await made("vectors");
    const model = readModel(bytes);
    model.parameters.get("linear1.b_y")!.data[1] = Number.NaN;
    await expect(standaloneModule(model)).rejects.toThrow(
      "linear1.b_y holds NaN at place 1; a module needs finite weights",
    );
  });
});

describe("a tagger's module", () => {
  const train = twenty((i) => ({
    tokens: [cycle(["Anna", "Otto"], i), "went", "to", cycle(["Graz", "Zürich", "Rome"], i)],
    tags: ["B-person", "O", "O", "B-place"],
  }));
  it.each([
    ["with a conditional random field", { output: "crf", characters: 4 }],
    ["without one, and without characters", { output: "softmax", characters: 0 }],
  ] as const)("%s tags as the model does", async (_, options) => {
    const bytes = (await tagger.train({ ...training, ...options, train, valid: train, embedding: 4 })).save();
    const model = await tagger.load(bytes, { executor: await createReferenceExecutor() });
    const { predict, selfTest } = await generate(readModel(bytes));
    selfTest();
    const sentences = [
      "Anna naïvely went to Zürich 😀.",
      ["in", "Graz", "an unusually-long-token-of-many-characters"],
      "",
    ];
    const expected = await model.predict(sentences);
    sentences.forEach((sentence, i) => {
      const { probabilities, ...words } = predict(sentence) as { probabilities: number[] };
      const { probabilities: wanted, tokens, tags } = expected[i]!;
      expect(words).toEqual({ tokens, tags });
      // The field's floor of 1e-30 and its scaling round a little more than the rest.
      wanted.forEach((p, t) => expect(probabilities[t]).toBeCloseTo(p, 9));
    });
  });
});

describe("texts", () => {
  it("are cut as the training data was", async () => {
    const train = twenty((i) => ({
      tokens: ["RE-13025", "…", cycle(["a.b@c.com", "Mr.", "don't"], i), "."],
      tags: ["B-id", "O", "O", "O"],
    }));
    const bytes = (await tagger.train({ ...training, train, valid: train, embedding: 4 })).save();
    const model = await tagger.load(bytes, { executor: await createReferenceExecutor() });
    const { predict, selfTest } = await generate(readModel(bytes));
    selfTest();
    const sentences = ["RE-7, z@y.org: Mr. X don't…", "well-known 3.5-7", ""];
    const wanted = (await model.predict(sentences)).map(({ tokens }) => tokens);
    expect(wanted[0]).toEqual(["RE-7", ",", "z@y.org", ":", "Mr.", "X", "don't", "…"]);
    expect(sentences.map((text) => (predict(text) as { tokens: string[] }).tokens)).toEqual(wanted);
  });
  it("are cut and looked at as the package does", async () => {
    const bytes = (
      await tagger.train({
        ...training,
        train: [{ tokens: ["a", "a"], tags: ["O", "B"] }],
        valid: [{ tokens: ["a"], tags: ["O"] }],
      })
    ).save();
    const file = readModel(bytes);
    const text = await standaloneModule(file);
    const module = (await evaluate(`${text}\nexport { words, inputOf };`)) as unknown as {
      words: (text: string, lowercase: boolean) => string[];
      inputOf: (tokens: readonly string[]) => { word: number[]; shape: number[][]; characters: number[][] };
    };
    const vocabularies = taggerVocabularies([["a"]], 2);
    const pieces = fc.constantFrom(
      "don't",
      "shouldn't've",
      "o'clock",
      "'s",
      "’ll",
      "ʼ",
      "3.50",
      "10,000",
      "e\u0301",
      "\u00ad",
      "😀",
      "👍🏽",
      "ไทย",
      "東京",
      " ",
      "-",
      "#tag",
      "@you",
      "https://x.y",
      "ÄÖ",
      "5’s",
    );
    const any = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: "grapheme" }),
      fc.array(pieces).map((list) => list.join("")),
    );
    fc.assert(
      fc.property(any, fc.boolean(), (sample, lowercase) => {
        const tokens = wordTokens(sample, { lowercase });
        expect(module.words(sample, lowercase)).toEqual(tokens);
        const { word, shape, characters } = taggerInput(tokens, vocabularies, file.network);
        const found = module.inputOf(tokens);
        expect(found.word).toEqual(Array.from(word as ArrayLike<number>));
        expect(found.shape.flat()).toEqual(shape);
        expect(found.characters.map((list) => list.length)).toEqual(
          (characters as ArrayLike<number>[]).map((list) => list.length),
        );
      }),
      { numRuns: 200 },
    );
  });
});
