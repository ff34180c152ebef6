/**
 * What an honest report says about a generator besides its own scores: how an n-gram model of the same training data does,
 * and how much of what the generator writes is copied. Loaded only for judging; writing does not need it.
 */
import { copying } from "../../shared/copying.js";
import {
  evaluation,
  type GeneratorData,
  type GeneratorEvaluation,
  lineExample,
  type TextGenerator,
  textIds,
} from "./model.js";
import { countNGrams } from "./n-grams.js";
import type { TextUnit } from "./tokens.js";

/** Lengths that suit a unit: for the n-gram model, and for the n-grams that are searched for in the training data. */
const lengths: Readonly<Record<TextUnit, { readonly order: number; readonly run: number }>> = {
  character: { order: 6, run: 10 },
  word: { order: 3, run: 4 },
  subword: { order: 4, run: 5 },
};

/** An n-gram model of the generator's tokens. */
export interface NGramScore extends GeneratorEvaluation {
  /** n. */
  readonly order: number;
}

/** How much of some texts occurs in the training data. */
export interface CopiedText {
  /** The longest common run as text, and its number of tokens. */
  readonly longest: string;
  readonly tokens: number;
  /** n, and the share of the written n-grams that occur in the training data. */
  readonly n: number;
  readonly seen: number;
  /** Share of the texts that equal a whole text of the training data; only for a generator of lines. */
  readonly whole?: number;
}

/** Data as sequences of tokens, each preceded by what is read before the first. */
function sequences(model: TextGenerator, data: GeneratorData): Int32Array[] {
  if (typeof data === "string") return [textIds(model, data)];
  return data.map((line) => {
    const { input, target = [] } = lineExample(model, line);
    const [start = 0] = input as ArrayLike<number> & Iterable<number>;
    return Int32Array.from([start, ...Array.from(target)]);
  });
}

/**
 * What the generator has to beat: interpolated Kneser-Ney n-grams of its tokens (6-grams of characters, 4-grams of subwords,
 * 3-grams of words), counted on the training data and scored on `test`.
 *
 * @throws DataError as `evaluate` does
 */
export function baselines(
  model: TextGenerator,
  { train, test }: { readonly train: GeneratorData; readonly test: GeneratorData },
): { readonly ngram: NGramScore } {
  const { order } = lengths[model.tokens.unit];
  const vocabulary = model.tokens.size + (model.kind === "lines" ? 1 : 0);
  const grams = countNGrams(sequences(model, train), { order, vocabulary });
  const { loss, steps } = grams.score(sequences(model, test));
  return { ngram: { order, ...evaluation(model.tokens, { loss, count: steps, data: test }) } };
}

/**
 * How much of what was written is copied: the longest run of tokens that also occurs in the training data, and the share of
 * n-grams (10 characters, 5 subwords, 4 words) that occur there. Compare it with the same for held-out text, which
 * nobody copied.
 */
export function copied(
  model: TextGenerator,
  { train, written }: { readonly train: GeneratorData; readonly written: readonly string[] },
): CopiedText {
  const { tokens, kind } = model;
  const { run: n } = lengths[tokens.unit];
  const texts =
    typeof train === "string" ? [train] : train.map((line) => (typeof line === "string" ? line : line.text));
  const found = copying(texts.map(tokens.encode), written.map(tokens.encode), { n });
  let [longest, atStart] = ["", true];
  for (const token of found.longest) {
    longest += tokens.piece(token, atStart);
    atStart = token === tokens.newline;
  }
  const known = new Set(texts);
  const whole = written.filter((text) => known.has(text)).length / Math.max(written.length, 1);
  return {
    longest,
    tokens: found.longest.length,
    n,
    seen: found.seen,
    ...(kind === "lines" ? { whole } : {}),
  };
}
