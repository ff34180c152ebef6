/**
 * How well a model of sequences predicts what comes next: the negative log-likelihood per step, per token or per
 * character, and its exponential. All are one quotient under names that say what it is divided by, because numbers
 * per character and per token cannot be compared.
 */
import type { Metric } from "./metric.js";

/** A negative log-likelihood, summed, and what it is spread over. */
export interface TokenLikelihood {
  /** Negative log-likelihood of the whole data set, in nats. */
  readonly nats: number;
  /** Number of predicted tokens, the end of sequence among them where the model predicts it. */
  readonly tokens: number;
}

/** As {@link TokenLikelihood}, over steps. */
export interface StepLikelihood {
  readonly nats: number;
  /** Number of predicted steps over all sequences; no padding. */
  readonly steps: number;
}

/** As {@link TokenLikelihood}, over the characters of the text, however it is cut into tokens. */
export interface CharacterLikelihood {
  readonly nats: number;
  /** Number of characters of the text. */
  readonly characters: number;
}

/** The metrics of likelihood, by the names under which reports give them. */
export const likelihoodMetrics = {
  perplexity: {
    describes: "exponential of the mean negative log-likelihood per token",
    better: "lower",
    scale: "ratio",
    source:
      "Jelinek, Mercer, Bahl & Baker 1977; Jurafsky & Martin, Speech and Language Processing, chapter 3",
    of: perplexity,
  },
  nllPerStep: {
    describes: "mean negative log-likelihood per step, in nats",
    better: "lower",
    scale: "nats",
    source: "Boulanger-Lewandowski, Bengio & Vincent 2012 (log-likelihood per time step)",
    of: nllPerStep,
  },
  nllPerCharacter: {
    describes: "negative log-likelihood per character of the text, in nats",
    better: "lower",
    scale: "nats",
    source: "Graves 2013, section 3.1, there in bits: divided by ln 2",
    of: nllPerCharacter,
  },
} as const satisfies Record<string, Metric<never>>;

/**
 * Perplexity: exp(nats / tokens). A model that gives every one of V tokens the same probability has V. A very bad
 * model may have more than float64 can hold: then it is Infinity.
 *
 * @throws RangeError when there are no tokens, or nats is not a number
 */
export function perplexity(given: TokenLikelihood): number {
  const { nats, tokens } = Object(given) as TokenLikelihood;
  return Math.exp(per(nats, tokens, "tokens"));
}

/** nats / steps. @throws RangeError when there are no steps, or nats is not a number */
export function nllPerStep(given: StepLikelihood): number {
  const { nats, steps } = Object(given) as StepLikelihood;
  return per(nats, steps, "steps");
}

/** nats / characters. @throws RangeError when there are no characters, or nats is not a number */
export function nllPerCharacter(given: CharacterLikelihood): number {
  const { nats, characters } = Object(given) as CharacterLikelihood;
  return per(nats, characters, "characters");
}

/** Bits per character: {@link nllPerCharacter} / ln 2. @throws RangeError as {@link nllPerCharacter} */
export function bitsPerCharacter(result: CharacterLikelihood): number {
  return nllPerCharacter(result) / Math.LN2;
}

function per(nats: number, count: number, unit: string): number {
  if (!(count > 0)) throw new RangeError(`there are ${count} ${unit}; a mean needs at least one`);
  if (Number.isNaN(nats))
    throw new RangeError("the negative log-likelihood is not a number; look at the model's losses");
  return nats / count;
}
