/**
 * Models of the tasks as whoever runs them elsewhere has them: from the file of a trained classifier or tagger to ONNX, and there
 * from real texts, with the vocabulary, the labels and the chain of tags in the file's metadata, to the same answers.
 */
import { describe, expect, it } from "vitest";
import { mgu } from "../../src/cell/cells.cases.js";
import { encode, type Vocabulary, vocabularyFromJson, wordTokens } from "../../src/data/index.js";
import { readModel } from "../../src/io/index.js";
import { feedsFor, rowsOf } from "../../src/io/onnx/export/export.cases.js";
import { exportOnnx, type OnnxPart } from "../../src/io/onnx/index.js";
import { decodeModel } from "../../src/io/onnx/messages.js";
import { viterbi } from "../../src/nn/index.js";
import { classifier, tagger } from "../../src/tasks/index.js";
import { taggerInput, vocabulariesFromJson } from "../../src/tasks/tagger-input.js";
import { isMissing, type RunTensor, runtime, runtimeNames, suiteName } from "./runtimes.js";

/** Probabilities of float32 softmaxes after some twenty steps, ours in WebAssembly and theirs, each within some 1e-6. */
const TOLERANCE = 2e-5;

/** What stands under "unrolled" in a file's metadata. */
function about({ bytes }: OnnxPart): {
  readonly data: Readonly<Record<string, unknown>>;
  readonly chain: Readonly<Record<string, number[][] & number[]>>;
} {
  const entry = decodeModel(bytes).metadata.find(({ key }) => key === "unrolled");
  return JSON.parse(entry?.value as string) as ReturnType<typeof about>;
}

const texts = [
  ["a lovely film , not dull at all", "good"],
  ["dull and poor", "bad"],
  ["fine work and a lovely book", "good"],
  ["not fine , it is poor work", "bad"],
] as const;
const train = Array.from({ length: 24 }, (_, i) => {
  const [text, label] = texts[i % 4] as (typeof texts)[number];
  return { text, label };
});

for (const name of runtimeNames) {
  describe.skipIf(isMissing(name))(suiteName(name), () => {
    it("a classifier of texts, of a user's cell", async () => {
      const settings = { units: [6], embedding: 6, epochs: 4, minimumCount: 1, direction: "both" } as const;
      const model = await classifier.train({ train, ...settings, cell: mgu });
      const file = readModel(model.save());
      const [part] = exportOnnx(file) as [OnnxPart];
      const { data } = about(part);
      const vocabulary: Vocabulary = vocabularyFromJson(data["vocabulary"], "metadata");
      const asked = [
        "a fine film",
        "",
        "dull , dull , dull work and nothing that was ever heard of before",
        "poor",
      ];
      const examples = asked.map((text) => ({ input: encode(vocabulary, wordTokens(text)) }));
      const session = await (await runtime(name)).load(part.bytes);
      const { prediction } = await session.run(feedsFor(part, file.network, examples));
      const wanted = await model.predict(asked);
      model.dispose();
      wanted.forEach(({ label, probabilities }, i) => {
        const row = rowsOf(prediction as RunTensor, i, 1)[0] as number[];
        const labels = data["labels"] as readonly string[];
        expect(labels[row.indexOf(Math.max(...row))]).toBe(label);
        labels.forEach((of, k) => {
          expect(Math.abs((row[k] as number) - (probabilities[of] as number))).toBeLessThan(TOLERANCE);
        });
      });
    });

    it("a tagger, with words, characters and look, its tags from emissions and the chain", async () => {
      const sentences = [
        { tokens: ["Ada", "Lovelace", "lives", "in", "London"], tags: ["B-p", "I-p", "O", "O", "B-t"] },
        { tokens: ["in", "Berlin", "it", "rains"], tags: ["O", "B-t", "O", "O"] },
        { tokens: ["Emmy", "Noether"], tags: ["B-p", "I-p"] },
      ];
      const many = Array.from({ length: 24 }, (_, i) => sentences[i % 3] as (typeof sentences)[number]);
      const settings = { units: [6], embedding: 6, characters: 4, epochs: 6, batchSize: 8, minimumCount: 1 };
      const model = await tagger.train({ train: many, ...settings });
      const file = readModel(model.save());
      const [part] = exportOnnx(file) as [OnnxPart];
      const { data, chain } = about(part);
      const vocabularies = vocabulariesFromJson(data, "metadata");
      const asked = [
        ["Emmy", "rains", "in", "Lovelace"],
        ["Paris"],
        ["an", "incomprehensibilities-like", "Berlin"],
      ];
      const examples = asked.map((tokens) => ({ input: taggerInput(tokens, vocabularies) }));
      const session = await (await runtime(name)).load(part.bytes);
      const { scores } = await session.run(feedsFor(part, file.network, examples));
      const taggings = await model.predict(asked);
      model.dispose();
      taggings.forEach(({ tags }, i) => {
        const emissions = rowsOf(scores as RunTensor, i, (asked[i] as string[]).length);
        const transitions = (chain["crf.w_t"] as number[][]).flat();
        const [start, end] = ["crf.b_start", "crf.b_end"].map((of) => chain[of] as number[]);
        const best = viterbi(emissions, { transitions, start: start as number[], end: end as number[] });
        expect(best.map((k) => (data["tags"] as readonly string[])[k])).toEqual(tags);
      });
    });
  });
}
