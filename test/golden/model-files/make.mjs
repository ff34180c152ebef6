// Made the model files beside it, which every later version must read: one of each task and kind of input, in the formats of that
// time, and what the float64 reference answered. Run once per format (`node test/golden/model-files/make.mjs` after a build), on the
// version that introduced it: it writes over nothing, because what is there is what must be read for ever.
import { existsSync, writeFileSync } from "node:fs";
import { classifier, forecaster, generator, tagger, translator } from "unrolled";
import { rollPiece, timeSeries } from "unrolled/data";
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

const rolls = twenty((i) => twenty((t) => cycle([[48, 64], [53, 65, 69], [], [43]], i + t)));
const hours = (/** @type {number} */ count) => ({
  file: "hours.csv",
  columns: {
    load: Array.from({ length: count }, (_, t) => 10 + cycle([3, 1, 4, 1, 5, 9], t) + (t % 7) / 7),
    sun: Array.from({ length: count }, (_, t) => cycle([0, 1, 2], t)),
  },
});

const numbers = { units: [3], epochs: 1, seed: 3 };
const sized = { ...training, units: 3, vocabularySize: 12 };
/** What a model says: a generator writes, a forecaster is given series as their parts. */
const answer = (/** @type {any} */ model, /** @type {any} */ asked) =>
  model.generate?.(asked) ?? model.predict("targets" in (model.settings ?? {}) ? asked.map(timeSeries) : asked);
/** Task, model and what is asked, by the name of the file. */
const models = {
  "classifier-texts": [classifier, await classifier.train({ ...training, train: texts, minimumCount: 1, pooling: "attention" }), ["a fine day", "isn't it dreary?", ""]],
  "classifier-series": [classifier, await classifier.train({ ...numbers, train: series }), [[[0.5, 2], [0.25, -1]], [[5, 0.25]]]],
  "classifier-vectors": [classifier, await classifier.train({ ...numbers, train: vectors, features: ["x", "y"] }), [[0.5, -1], [3, 3]]],
  tagger: [tagger, await tagger.train({ ...training, train: sentences, characters: 2 }), [["in", "Graz"], ["Anna", "went"]]],
  translator: [translator, await translator.train({ ...sized, train: pairs }), ["ab b", "ba"]],
  "generator-lines": [generator, await generator.train({ ...training, train: texts, unit: "character" }), { label: "good", count: 2, length: 9 }],
  "generator-text": [generator, await generator.train({ ...training, train: texts.map(({ text }) => text).join("\n"), unit: "word", bptt: 8 }), { prime: "a fine", length: 5 }],
  "generator-notes": [generator, await generator.train({ ...numbers, train: rolls, unit: "note" }), { length: 6, prime: [[60]] }],
  "generator-events": [generator, await generator.train({ ...training, train: rolls.map((roll) => rollPiece(roll, { beatsPerMinute: 120 })), unit: "event", bptt: 16 }), { length: 12 }],
  forecaster: [forecaster, await forecaster.train({ ...numbers, units: 3, train: timeSeries(hours(120)), targets: ["load"], past: ["sun"], horizon: 3, window: 12, segment: 3 }), [hours(50)]],
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
    const unit = /** @type {any} */ (readModel(bytes).data["unit"]);
    const opened = await task.load(bytes, { executor: await createReferenceExecutor(), unit });
    const answers = await answer(opened, asked);
    writeFileSync(`${file.pathname}.safetensors`, bytes);
    writeFileSync(`${file.pathname}.json`, `${JSON.stringify({ asked, answers })}\n`);
  }
}
