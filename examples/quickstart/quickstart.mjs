/**
 * The quickstart: the notes' GRU learns to tell good reviews from bad ones (many-to-one).
 *
 * Data: 3,000 review sentences of Amazon, IMDb and Yelp (Kotzias et al. 2015), which the development dependency
 * `sentiment` carries in its fixtures; three entries without a label are left out. Split: different texts are
 * shuffled with seed 1 and cut 70 % / 10 % / 20 % into training, validation and test; equal texts stay together.
 * Run it with `npm run quickstart`; `npm run quickstart -- --seed 2` trains with another seed on the same split.
 */
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { classifier } from "unrolled";
import { gru } from "unrolled/cell";
import { splitBySeed } from "unrolled/data";

const { values } = parseArgs({ options: { seed: { type: "string", default: "1" } } });
const seed = Number(values.seed);

const fixtures = new URL("../../node_modules/sentiment/test/fixtures/", import.meta.url);
const entries = [];
for (const file of ["amazon.json", "imdb.json", "yelp.json"]) {
  entries.push(...JSON.parse(await readFile(new URL(file, fixtures), "utf8")));
}
const names = ["negative", "positive"];
const examples = entries
  .filter((entry) => names[entry.class] !== undefined)
  .map((entry) => ({ text: entry.text, label: names[entry.class] }));
const texts = [...new Set(examples.map((e) => e.text))];
const [train, valid, test] = splitBySeed(texts.length, [0.7, 0.1, 0.2], 1).map((part) => {
  const chosen = new Set(Array.from(part, (i) => texts[i]));
  return examples.filter((e) => chosen.has(e.text));
});
console.log(
  `${examples.length} sentences: ${train.length} to train, ${valid.length} to validate, ${test.length} to test`,
);

const model = await classifier.train({
  train,
  valid,
  cell: gru,
  seed,
  onProgress({ epoch, epochs, loss, tokensPerSecond, valid: accuracy }) {
    if (accuracy === undefined) return;
    const percent = (100 * accuracy).toFixed(1);
    console.log(
      `epoch ${epoch} of ${epochs}: loss ${loss.toFixed(3)}, validation ${percent} %, ${Math.round(tokensPerSecond)} tokens/s`,
    );
  },
});
const { seconds } = model.training;
const { metrics, accuracyInterval } = await model.evaluate(test);
const baselines = classifier.baselines(train, test);
const percent = (fraction) => `${(100 * fraction).toFixed(1)} %`;

console.log(
  `\ntest accuracy ${percent(metrics.accuracy)}  the notes' GRU (95 % interval ${percent(accuracyInterval.low)} to ${percent(accuracyInterval.high)})`,
);
console.log(`              ${percent(baselines.majority)}  baseline: the commoner label`);
console.log(`              ${percent(baselines.naiveBayes)}  baseline: naive Bayes on words`);
console.log(`trained ${model.parameterCount} weights in ${seconds.toFixed(1)} s`);

const path = join(tmpdir(), "unrolled-quickstart.safetensors");
await writeFile(path, model.save());
const loaded = await classifier.load(await readFile(path), { name: path });
console.log(`\nsaved to ${path} and loaded again; it says:`);
const own = [
  "The battery died after two days.",
  "What a wonderful little place!",
  "I would not watch it a second time.",
];
(await loaded.predict(own)).forEach(({ label, probabilities }, i) => {
  console.log(`  ${label} (${percent(probabilities[label])})  ${own[i]}`);
});
model.dispose();
loaded.dispose();
