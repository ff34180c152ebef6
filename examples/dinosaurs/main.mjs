/**
 * One-to-many: names of dinosaurs that never lived, from a first letter and from a label, which says whether they are to
 * end in -saurus. 1,325 names of the npm package `dinosaurs`; characters; the notes' GRU.
 * Run: node examples/dinosaurs/main.mjs (under a minute; the package must be built: npm run build)
 */
import dinosaurs from "dinosaurs";
import { generator } from "unrolled";
import { adam } from "unrolled/train";

const lines = dinosaurs.map((text) => ({ text, label: text.endsWith("saurus") ? "saurus" : "other" }));
// Every tenth name is kept for validation: it chooses the epoch, and the figures below are of it.
const train = lines.filter((_, i) => i % 10 !== 9);
const valid = lines.filter((_, i) => i % 10 === 9);
const model = await generator.train({
  train,
  valid,
  units: [128],
  embedding: 48,
  dropout: 0.5,
  epochs: 40,
  batchSize: 16,
  optimizer: adam({ learningRate: 0.01 }),
});

const { metrics } = await model.evaluate(valid);
const { ngram } = generator.baselines(model, { train, test: valid });
console.log(
  `nats per character ${metrics.nllPerCharacter.toFixed(3)}, 6-grams ${ngram.metrics.nllPerCharacter.toFixed(3)}`,
);

const names = async (options) => (await model.generate(options)).map(({ text }) => text).join(", ");
for (const label of model.labels) {
  for (const prime of ["", "m", "tr"]) {
    const rest = await model.generate({ label, prime, count: 6, temperature: 0.8, seed: 2 });
    console.log(`${label} ${prime || "?"}: ${rest.map(({ text }) => prime + text).join(", ")}`);
  }
}
console.log(`the most probable: ${await names({ label: "saurus", topK: 1 })}`);

const some = await model.generate({ label: "other", count: 100 });
const { whole } = generator.copied(model, { train, written: some.map(({ text }) => text) });
console.log(`${(100 * whole).toFixed(0)} % of 100 names stand in the training data`);
model.dispose();
