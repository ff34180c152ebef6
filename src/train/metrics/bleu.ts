/**
 * BLEU (Papineni et al. 2002) as sacrebleu computes it (Post 2018), to the last rule: tokenisation, clipping over
 * several references, the closest reference length, smoothing and effective order. What a corpus needs are sums over
 * its lines, so the statistics of each line are given out too, for bootstrap intervals.
 */
import { type Metric, requireNumbers } from "./metric.js";
import {
  ngramCounts,
  ngramTotal,
  referenceCount,
  requireTexts,
  sharedNgrams,
  sumRows,
  type TextResult,
} from "./text.js";
import { type TokenizerName, tokenize } from "./tokenizers.js";

/** Longest n-grams that count. */
const MAX_ORDER = 4;

/** Options of {@link bleu}. Each of them is in the signature. */
export interface BleuOptions {
  /** Default "13a". */
  readonly tokenizer?: TokenizerName;
  /** Compare in lower case. Default false. */
  readonly lowercase?: boolean;
  /**
   * What takes the place of a precision without a match (Chen & Cherry 2014): "exp" 1/2, 1/4, 1/8, … of one match, one
   * after the other; "floor" a tenth of one; "add-k" one more match and one more n-gram for every n from 2; "none"
   * nothing, so that the score is 0. Default "exp".
   */
  readonly smoothing?: Smoothing;
  /** Leave out the orders for which the text is too short. Default false; {@link sentenceBleu}: true. */
  readonly effectiveOrder?: boolean;
}

/** BLEU and what it is made of. */
export interface BleuScore {
  /** 0 to 100. */
  readonly score: number;
  /** Precision of 1- to 4-grams, 0 to 100, smoothed; 0 from the first order on that the texts are too short for. */
  readonly precisions: readonly number[];
  /** exp(1 − referenceLength / predictedLength) where the texts are shorter than their references, else 1. */
  readonly brevityPenalty: number;
  /** Tokens of all texts. */
  readonly predictedLength: number;
  /** Tokens of the references closest in length to each text, the shorter of two equally close ones. */
  readonly referenceLength: number;
  /** Matched 1- to 4-grams. */
  readonly counts: readonly number[];
  /** All 1- to 4-grams of the texts. */
  readonly totals: readonly number[];
}

/** The metric, by the name under which reports give it. */
export const bleuMetrics = {
  bleu: {
    describes: "corpus BLEU: precision of 1- to 4-grams, times a penalty for brevity",
    better: "higher",
    scale: "0 to 100",
    source: "Papineni, Roukos, Ward & Zhu 2002; tokenised and smoothed as by Post 2018 (sacrebleu)",
    of: (result) => bleu(result).score,
  },
} as const satisfies Record<string, Metric<TextResult>>;

/** How {@link BleuOptions.smoothing} is named in signatures, and what it does. */
const smoothings = {
  none: { signature: "none", unmatched: () => 0, added: 0 },
  floor: { signature: "floor[0.10]", unmatched: () => 0.1, added: 0 },
  "add-k": { signature: "add-k[1.00]", unmatched: () => 0, added: 1 },
  exp: { signature: "exp", unmatched: (nth) => 2 ** -nth, added: 0 },
} as const satisfies Record<
  string,
  {
    readonly signature: string;
    /** What counts as matched at the n-th order, from 1, that has no match. */
    readonly unmatched: (nth: number) => number;
    /** What is added to matches and totals of the orders from 2. */
    readonly added: number;
  }
>;

/** "exp", "floor", "add-k" or "none". */
export type Smoothing = keyof typeof smoothings;

/**
 * Corpus BLEU: brevity penalty · exp(mean over n = 1 … 4 of ln precision_n), from counts summed over all lines. It is
 * not the mean of the lines' BLEU.
 *
 * ```ts
 * bleu({ predicted: ["the cat sat on the mat"], references: [["the cat sat on a mat"]] }).score; // 53.73
 * ```
 *
 * A line may be empty: it adds nothing but the length of its reference. Where no line has four words, BLEU is 0 even if
 * all are right, unless `effectiveOrder` is set.
 *
 * @throws RangeError when there are no texts, or one has no reference
 */
export function bleu(result: TextResult, options: BleuOptions = {}): BleuScore {
  return bleuOfStatistics(sumRows(bleuStatistics(result, options)), options);
}

/** BLEU of one text, with effective order unless the options say otherwise. @throws RangeError without references */
export function sentenceBleu(
  text: string,
  references: readonly string[],
  options: BleuOptions = {},
): BleuScore {
  return bleu({ predicted: [text], references: [references] }, { effectiveOrder: true, ...options });
}

/**
 * What each line adds to corpus BLEU, as rows for `bootstrapStatistic`.
 *
 * @returns per line [length, reference length, matched 1- to 4-grams, all 1- to 4-grams]
 * @throws RangeError as {@link bleu}
 */
export function bleuStatistics(result: TextResult, options: BleuOptions = {}): number[][] {
  requireTexts(result);
  const words = (text: string): string[] =>
    tokenize(options.lowercase ? text.toLowerCase() : text, options.tokenizer);
  return result.predicted.map((text, i) => statistics(words(text), result.references[i]!.map(words)));
}

function statistics(predicted: readonly string[], references: readonly (readonly string[])[]): number[] {
  const [counts, totals]: [number[], number[]] = [[], []];
  for (let n = 1; n <= MAX_ORDER; n++) {
    // An n-gram may match as often as in the reference that has it most often.
    const allowed = new Map<string, number>();
    for (const reference of references) {
      for (const [key, count] of ngramCounts(reference, n, " ")) {
        allowed.set(key, Math.max(count, allowed.get(key) ?? 0));
      }
    }
    const own = ngramCounts(predicted, n, " ");
    counts.push(sharedNgrams(own, allowed));
    totals.push(ngramTotal(own));
  }
  return [predicted.length, closestLength(predicted.length, references), ...counts, ...totals];
}

function closestLength(length: number, references: readonly (readonly string[])[]): number {
  const distance = (other: number): number => Math.abs(length - other);
  return references
    .map((reference) => reference.length)
    .reduce((best, other) => {
      const nearer = distance(other) - distance(best);
      return nearer < 0 || (nearer === 0 && other < best) ? other : best;
    });
}

/** Corpus BLEU of the sums of {@link bleuStatistics}, which must have been made with the same options. */
export function bleuOfStatistics(sums: ArrayLike<number>, options: BleuOptions = {}): BleuScore {
  requireNumbers(sums, "the sums");
  const all = Array.from(sums);
  const [predictedLength, referenceLength] = [all[0]!, all[1]!];
  const counts = all.slice(2, 2 + MAX_ORDER);
  const totals = all.slice(2 + MAX_ORDER);
  const brevityPenalty = brevity(predictedLength, referenceLength);
  const { precisions, orders } = smoothed(counts, totals, options);
  // Nothing matched: 0, which no smoothing makes more of.
  const score = counts.every((count) => count === 0)
    ? 0
    : brevityPenalty * geometricMean(precisions.slice(0, orders));
  return { score, precisions, brevityPenalty, predictedLength, referenceLength, counts, totals };
}

function brevity(length: number, referenceLength: number): number {
  // Of length 0 it is exp(−∞), which is 0.
  return length >= referenceLength ? 1 : Math.exp(1 - referenceLength / length);
}

/** The precisions, 0 to 100, and how many of them the score is the mean of. */
function smoothed(
  counts: readonly number[],
  totals: readonly number[],
  { smoothing = "exp", effectiveOrder = false }: BleuOptions,
): { precisions: number[]; orders: number } {
  const precisions = new Array<number>(MAX_ORDER).fill(0);
  if (counts.every((count) => count === 0)) return { precisions, orders: MAX_ORDER };
  const { unmatched, added } = smoothings[smoothing];
  let [withoutMatch, orders] = [0, 0];
  for (let n = 0; n < MAX_ORDER; n++) {
    const more = n === 0 ? 0 : added;
    const [count, total] = [counts[n]! + more, totals[n]! + more];
    if (total === 0) break;
    orders = n + 1;
    precisions[n] = (100 * (count === 0 ? unmatched(++withoutMatch) : count)) / total;
  }
  return { precisions, orders: effectiveOrder ? orders : MAX_ORDER };
}

function geometricMean(values: readonly number[]): number {
  if (values.includes(0)) return 0;
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/**
 * What was computed, with the fields of sacrebleu's signatures, so that two scores can be told to be comparable. The
 * version is that of these rules.
 *
 * ```ts
 * bleuSignature(result); // "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:unrolled-1"
 * ```
 */
export function bleuSignature(
  result: Pick<TextResult, "references">,
  { tokenizer = "13a", lowercase = false, smoothing = "exp", effectiveOrder = false }: BleuOptions = {},
): string {
  return [
    `nrefs:${referenceCount(result)}`,
    `case:${lowercase ? "lc" : "mixed"}`,
    `eff:${effectiveOrder ? "yes" : "no"}`,
    `tok:${tokenizer}`,
    `smooth:${smoothings[smoothing].signature}`,
    "version:unrolled-1",
  ].join("|");
}
