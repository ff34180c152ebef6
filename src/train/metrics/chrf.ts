/**
 * chrF and chrF++ (Popović 2015, 2017) as sacrebleu computes them: F2 of character n-grams without white space, with
 * word n-grams for chrF++. Precision and recall are averaged over the orders first, and F is taken of the averages.
 */
import { type Metric, requireNumbers } from "./metric.js";
import {
  ngramCounts,
  ngramTotal,
  referenceCount,
  requireTexts,
  sharedNgrams,
  splitAtSpaces,
  sumRows,
  type TextResult,
} from "./text.js";

/** Options of {@link chrf}. All but beta are in the signature; the score's name, chrF2, gives beta. */
export interface ChrfOptions {
  /** Longest character n-grams. Default 6. */
  readonly characterOrder?: number;
  /** Longest word n-grams: 0 for chrF, 2 for chrF++. Default 0. */
  readonly wordOrder?: number;
  /** Recall counts beta times as much as precision. Default 2. */
  readonly beta?: number;
  /** Compare in lower case. Default false. */
  readonly lowercase?: boolean;
  /** Count white space as characters. Default false. */
  readonly whitespace?: boolean;
}

/** The metric, by the name under which reports give it. */
export const chrfMetrics = {
  chrf: {
    describes: "chrF: F2 of character 1- to 6-grams",
    better: "higher",
    scale: "0 to 100",
    source: "Popović 2015, 2016; computed as by Post 2018 (sacrebleu 2)",
    of: (result) => chrf(result),
  },
} as const satisfies Record<string, Metric<TextResult>>;

/**
 * Corpus chrF, 0 to 100: (1 + β²) · P · R / (β² · P + R), P and R the means over all orders of matches / n-grams of the
 * texts and matches / n-grams of the references. Orders that the texts or the references are too short for are left
 * out. Of several references of a text, the one that it alone would score best with.
 *
 * ```ts
 * chrf({ predicted: ["the cat"], references: [["the cats"]] }); // 77.57
 * chrf(result, { wordOrder: 2 }); // chrF++
 * ```
 *
 * @throws RangeError when there are no texts, one has no reference, or an option is out of range
 */
export function chrf(result: TextResult, options: ChrfOptions = {}): number {
  return chrfOfStatistics(sumRows(chrfStatistics(result, options)), options);
}

/** chrF of one text, 0 to 100. @throws RangeError as {@link chrf} */
export function sentenceChrf(text: string, references: readonly string[], options: ChrfOptions = {}): number {
  return chrf({ predicted: [text], references: [references] }, options);
}

/**
 * What each text adds to corpus chrF, as rows for `bootstrapStatistic`.
 *
 * @returns per text, for each order [n-grams of the text, of the reference, matches]: characters first, then words
 * @throws RangeError as {@link chrf}
 */
export function chrfStatistics(result: TextResult, options: ChrfOptions = {}): number[][] {
  requireTexts(result);
  const { characterOrder = 6, wordOrder = 0, beta = 2 } = options;
  requireWhole("characterOrder", characterOrder, 1);
  requireWhole("wordOrder", wordOrder, 0);
  if (!(beta > 0)) throw new RangeError(`beta is ${beta}; give a number above 0`);
  return result.predicted.map((text, i) => {
    const own = ngramsOf(text, options);
    const candidates = result.references[i]!.map((reference) => matches(own, ngramsOf(reference, options)));
    return candidates.reduce((best, row) =>
      chrfOfStatistics(row, options) > chrfOfStatistics(best, options) ? row : best,
    );
  });
}

/** Corpus chrF, 0 to 100, of the sums of {@link chrfStatistics}, which must have been made with the same options. */
export function chrfOfStatistics(sums: ArrayLike<number>, { beta = 2 }: ChrfOptions = {}): number {
  requireNumbers(sums, "the sums");
  let [precision, recall, orders] = [0, 0, 0];
  for (let k = 0; k < sums.length; k += 3) {
    const [own, reference, matched] = [sums[k]!, sums[k + 1]!, sums[k + 2]!];
    if (own === 0 || reference === 0) continue;
    precision += matched / own;
    recall += matched / reference;
    orders++;
  }
  if (precision + recall === 0) return 0;
  precision /= orders;
  recall /= orders;
  const factor = beta * beta;
  return (100 * (1 + factor) * precision * recall) / (factor * precision + recall);
}

/**
 * What was computed, with the fields of sacrebleu's signatures. The version is that of these rules.
 *
 * ```ts
 * chrfSignature(result); // "nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:unrolled-1"
 * ```
 */
export function chrfSignature(
  result: Pick<TextResult, "references">,
  { characterOrder = 6, wordOrder = 0, lowercase = false, whitespace = false }: ChrfOptions = {},
): string {
  return [
    `nrefs:${referenceCount(result)}`,
    `case:${lowercase ? "lc" : "mixed"}`,
    "eff:yes",
    `nc:${characterOrder}`,
    `nw:${wordOrder}`,
    `space:${whitespace ? "yes" : "no"}`,
    "version:unrolled-1",
  ].join("|");
}

/** The n-grams of a text, order by order: characters, then words. */
function ngramsOf(
  text: string,
  { characterOrder = 6, wordOrder = 0, lowercase = false, whitespace = false }: ChrfOptions,
): Map<string, number>[] {
  const cased = lowercase ? text.toLowerCase() : text;
  // By code points: half a surrogate pair is no character.
  const characters = [...(whitespace ? cased : splitAtSpaces(cased).join(""))];
  const words = wordOrder > 0 ? splitAtSpaces(cased).flatMap(withoutPunctuation) : [];
  return [
    ...Array.from({ length: characterOrder }, (_, n) => ngramCounts(characters, n + 1, "")),
    ...Array.from({ length: wordOrder }, (_, n) => ngramCounts(words, n + 1, " ")),
  ];
}

/** One mark at the end of a word, or else one at its beginning, is a word of its own: "(hi)" is "(hi" and ")". */
function withoutPunctuation(word: string): string[] {
  const characters = [...word];
  if (characters.length === 1) return [word];
  if (/[!-/:-@[-`{-~]$/u.test(word)) return [word.slice(0, -1), word.slice(-1)];
  return /^[!-/:-@[-`{-~]/u.test(word) ? [word.slice(0, 1), word.slice(1)] : [word];
}

function matches(own: readonly Map<string, number>[], reference: readonly Map<string, number>[]): number[] {
  return own.flatMap((counts, k) => {
    const other = reference[k]!;
    // Where this reference is too short for the order, the text's n-grams do not count against it.
    return [other.size === 0 ? 0 : ngramTotal(counts), ngramTotal(other), sharedNgrams(counts, other)];
  });
}

function requireWhole(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new RangeError(`${name} is ${value}; give a whole number from ${least}`);
}
