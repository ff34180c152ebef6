/**
 * Many-to-many with T_x = T_y: a tag for each token. Towns and people are told by their characters and their neighbours;
 * none of the test's names occurs in training.
 * Run: node examples/names/main.mjs (a few seconds; the package must be built: npm run build)
 */
import { tagger } from "unrolled";

const firsts = ["Ada", "Carl", "Emmy", "Blaise", "Sofia", "Alan", "Grace", "Kurt"];
const stems = ["Lov", "Gaus", "Noeth", "Pasc", "Koval", "Tur", "Hopp", "Goed"];
const letters = (n) => [...String(n)].map((digit) => "aeioulmnrs"[Number(digit)]).join("");

function sentence(k) {
  const person = [firsts[k % 8], `${stems[(k >> 3) % 8]}${letters(k)}son`];
  const town = `${stems[k % 8]}${letters(7 * k + 13)}burg`;
  const forms = [
    { tokens: [...person, "lives", "in", town], tags: ["B-person", "I-person", "O", "O", "B-town"] },
    { tokens: ["In", town, "it", "rains"], tags: ["O", "B-town", "O", "O"] },
    { tokens: [town, "knows", ...person], tags: ["B-town", "O", "B-person", "I-person"] },
  ];
  return forms[k % 3];
}

const sentences = (from, count) => Array.from({ length: count }, (_, i) => sentence(from + i));
const [train, valid, test] = [sentences(0, 400), sentences(1000, 60), sentences(2000, 200)];
const model = await tagger.train({
  train,
  valid,
  units: [24],
  embedding: 24,
  characters: 12,
  epochs: 6,
  batchSize: 8,
});
const { metrics, byType } = await model.evaluate(test);
const { mostFrequentTag } = tagger.baselines(train, test);
console.log(
  `entity F1 ${metrics.f1.toFixed(3)}, each word's most frequent tag ${mostFrequentTag.metrics.f1.toFixed(3)}`,
);
for (const [type, { f1 }] of Object.entries(byType)) console.log(`  ${type}: ${f1.toFixed(3)}`);
const [{ spans }] = await model.predict(["Turilburg knows Grace Pascomson"]);
for (const { type, text, probability } of spans) console.log(`${text}: ${type} (${probability.toFixed(2)})`);
model.dispose();
