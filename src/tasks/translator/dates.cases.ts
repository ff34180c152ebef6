/** For tests: dates as people write them, and in ISO 8601. */
import { purposes, randomWord, wordBelow } from "../../tensor/random.js";
import type { TranslationPair } from "../index.js";

const months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** `count` pairs, the first of them number `from`. */
export function datePairs(count: number, from = 0): TranslationPair[] {
  return Array.from({ length: count }, (_, i) => {
    let drawn = 0;
    const below = (n: number): number =>
      wordBelow(randomWord({ seed: 1, purpose: purposes.synthetic, layer: 7, step: from + i }, drawn++), n);
    const [year, month] = [1950 + below(100), below(12)];
    const day = 1 + below(days[month]!);
    const name = months[month]!;
    const forms = [
      `${day} ${name} ${year}`,
      `${name} ${day}, ${year}`,
      `${day} ${name.slice(0, 3)} ${year}`,
      `${day}.${month + 1}.${year}`,
    ];
    const two = (n: number): string => String(n).padStart(2, "0");
    return { source: forms[below(4)]!, target: `${year}-${two(month + 1)}-${two(day)}` };
  });
}
