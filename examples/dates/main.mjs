/**
 * Many-to-many with T_x ≠ T_y: dates as people write them become ISO 8601, and the attention shows where the decoder looked.
 * Run: node examples/dates/main.mjs (about half a minute; the package must be built: npm run build)
 */
import { translator } from "unrolled";
import { adam } from "unrolled/train";

const months = "January February March April May June July August September October November December".split(
  " ",
);
const days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Numbers that look random and are the same in every run: the multiplier and increment are those of Knuth's MMIX. */
let state = 1n;
const below = (n) => {
  state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
  return Number((state >> 33n) % BigInt(n));
};
const two = (n) => String(n).padStart(2, "0");

function pair() {
  const [year, month] = [1950 + below(100), below(12)];
  const day = 1 + below(days[month]);
  const [name, number] = [months[month], month + 1];
  const forms = [
    `${day} ${name} ${year}`,
    `${name} ${day}, ${year}`,
    `${day} ${name.slice(0, 3)} ${year}`,
    `${name.slice(0, 3)} ${day}, ${year}`,
    `${day}.${number}.${year}`,
    `${number}/${day}/${year}`,
    `${name} ${day} ${year}`.toLowerCase(),
    `${day}. ${name} ${year}`,
  ];
  return { source: forms[below(forms.length)], target: `${year}-${two(number)}-${two(day)}` };
}

const all = Array.from({ length: 11_000 }, pair);
const model = await translator.train({
  train: all.slice(0, 9_500),
  valid: all.slice(9_500, 10_000),
  units: 64,
  embedding: 64,
  vocabularySize: 100,
  dropout: 0.1,
  labelSmoothing: 0,
  epochs: 8,
  optimizer: adam({ learningRate: 0.002 }),
  seed: Number(process.argv[2] ?? 1),
  onProgress({ epoch, valid, seconds }) {
    if (valid !== undefined)
      console.error(`epoch ${epoch}: token probability ${valid.toFixed(4)}, ${seconds.toFixed(1)} s`);
  },
});
const { metrics } = await model.evaluate(all.slice(10_000));
console.log(
  `exact match ${metrics.exactMatch} on 1,000 dates that were held back, trained in ${model.training.seconds.toFixed(0)} s\n`,
);

/** A weight as a shade. */
const shade = (weight) => " ░▒▓█"[Math.min(4, Math.round(4 * weight))];
const [{ text, source, tokens, attention }] = await model.predict(["September 7, 2034"]);
console.log(`September 7, 2034 → ${text}: each row a token of the target, each column one of the source`);
const width = Math.max(...source.map((token) => token.length)) + 1;
console.log(" ".repeat(8) + source.map((token) => token.padEnd(width)).join(""));
tokens.forEach((token, t) => {
  console.log(token.padEnd(8) + attention[t].map((weight) => shade(weight).repeat(3).padEnd(width)).join(""));
});
model.dispose();
