// Made the model files beside it, which every later version must read: one of each task and kind of input, in the formats of that
// time, and what the float64 reference answered. Run once per format (`node test/golden/model-files/make.mjs` after a build), on the
// version that introduced it: it writes over nothing, because what is there is what must be read for ever.
import { existsSync, writeFileSync } from "node:fs";
import { classifier, tagger, translator } from "unrolled";
import { createReferenceExecutor } from "unrolled/exec/reference";
import { readModel, writeModel } from "unrolled/io";

const training = { units: [3], embedding: 3, epochs: 1, seed: 3 };
/** @template T @param {readonly T[]} values @param {number} i @returns {T} */
const cycle = (values, i) => /** @type {T} */ (values[i % values.length]);
/** @template T @param {(i: number) => T} make */
const twenty = (make) => Array.from({ length: 20 }, (_, i) => make(i));
const label = (/** @type {number} */ i) => cycle(["good", "bad"], i);

const texts = twenty((i) => ({ text: `a ${cycle(["fine", "dreary"], i)} ${cycle(["day", "night"], i)}`, label: label(i) }));
const series = twenty((i) => ({ series: [[i, -i], [i / 3, cycle([4, 0], i)]], label: label(i) }));
const vectors = twenty((i) => ({ vector: [i % 7, cycle([4, 0], i)], label: label(i) }));
const sentences = twenty((i) => ({
  tokens: [cycle(["Anna", "Otto"], i), "went", "to", cycle(["Graz", "Rome"], i)],
  tags: ["B-person", "O", "O", "B-place"],
}));
const pairs = twenty((i) => ({ source: `${cycle(["ab", "ba", "aab"], i)} ${cycle(["b", "bb"], i)}`, target: cycle(["b", "a b"], i) }));

const numbers = { units: [3], epochs: 1, seed: 3 };
const sized = { ...training, units: 3, vocabularySize: 12 };
/** Task, model and what is asked, by the name of the file. */
const models = {
  "classifier-texts": [classifier, await classifier.train({ ...training, train: texts, minimumCount: 1, pooling: "attention" }), ["a fine day", "isn't it dreary?", ""]],
  "classifier-series": [classifier, await classifier.train({ ...numbers, train: series }), [[[0.5, 2], [0.25, -1]], [[5, 0.25]]]],
  "classifier-vectors": [classifier, await classifier.train({ ...numbers, train: vectors, features: ["x", "y"] }), [[0.5, -1], [3, 3]]],
  tagger: [tagger, await tagger.train({ ...training, train: sentences, characters: 2 }), [["in", "Graz"], ["Anna", "went"]]],
  translator: [translator, await translator.train({ ...sized, train: pairs }), ["ab b", "ba"]],
};
for (const [name, [task, model, asked]] of Object.entries(models)) {
  const float32 = model.save();
  const files = {
    "format-1": float32,
    "format-1-float16": writeModel(readModel(float32), { storage: "float16" }),
    "format-2-int8": writeModel(readModel(float32), { storage: "int8" }),
  };
  for (const [format, bytes] of Object.entries(files)) {
    const file = new URL(`${name}.${format}`, import.meta.url);
    if (existsSync(`${file.pathname}.safetensors`)) continue;
    const opened = await task.load(bytes, { executor: await createReferenceExecutor() });
    const answers = await opened.predict(/** @type {never} */ (asked));
    writeFileSync(`${file.pathname}.safetensors`, bytes);
    writeFileSync(`${file.pathname}.json`, `${JSON.stringify({ asked, answers })}\n`);
  }
}
