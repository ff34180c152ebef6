/**
 * From one row of a prediction to a token: which tokens may be drawn, how probable each is then, and the draw. The
 * probabilities are the kernels'; what is done to them here has the same bits in every JavaScript engine, and the draw is
 * a function of seed, sequence and step alone. So the same model writes the same text everywhere.
 */
import { checkOptions } from "../../options/check.js";
import { OptionError } from "../../options/error.js";
import { type RowsOf, withDefaults } from "../../options/row.js";
import { portableExp, portableLog } from "../../tensor/portable.js";
import { purposes, randomWord } from "../../tensor/random.js";

/** How tokens are chosen. Each option narrows what the ones before it left. */
export interface SamplingOptions {
  /**
   * p^θ instead of p for tokens that stand among the last ones: from 1 on; default 1, which changes nothing. It is the
   * penalty of Keskar et al. 2019 on the logarithms of probabilities.
   */
  readonly repetitionPenalty?: number;
  /** How many of the last tokens those are; default 64. */
  readonly repetitionWindow?: number;
  /** p^(1 / T) instead of p: below 1 safer, above 1 bolder; 0 takes the most probable token. Default 1. */
  readonly temperature?: number;
  /** Only the k most probable; default: all. 1 takes the most probable token (Fan et al. 2018). */
  readonly topK?: number;
  /**
   * Only the most probable ones that together make up this share, above 0 and up to 1; default 1: all (Holtzman et
   * al. 2020).
   */
  readonly topP?: number;
  /**
   * Only those whose information, −ln p, lies nearest to what a draw has on average, until they make up this share, above
   * 0 and up to 1; default 1: all (Meister et al. 2023).
   */
  readonly typical?: number;
}

/** Where a draw stands. */
export interface DrawPlace {
  /** Any safe integer. */
  readonly seed: number;
  /** Number of the sequence, from 0. */
  readonly sequence: number;
  /** Step within it, from 0. */
  readonly step: number;
}

/** A token that was drawn. */
export interface Drawn {
  readonly token: number;
  /** Natural logarithm of the probability that the model itself gives it, whatever the options. */
  readonly logProbability: number;
}

/** Draws a token. @param recent tokens so far, the last one last; of no concern without a penalty */
export type Sampler = (
  probabilities: ArrayLike<number>,
  place: DrawPlace,
  recent: ArrayLike<number>,
) => Drawn;

/** The rows of the options, for others that include them among their own. */
export const samplingRows = {
  repetitionPenalty: { kind: "number", least: 1 },
  repetitionWindow: { kind: "whole", default: 64, needs: { repetitionPenalty: true } },
  temperature: { kind: "number", least: 0, default: 1 },
  topK: { kind: "whole" },
  topP: { kind: "number", above: 0, most: 1, default: 1 },
  typical: { kind: "number", above: 0, most: 1, default: 1 },
} as const satisfies RowsOf<SamplingOptions>;

/** Those of some options that say how tokens are chosen. */
export function samplingOf(options: SamplingOptions): SamplingOptions {
  return Object.fromEntries(Object.entries(options).filter(([key]) => Object.hasOwn(samplingRows, key)));
}

/** @throws OptionError naming an option that does not exist, whose value makes no sense, or that has no effect */
function checkSampling(options: SamplingOptions): void {
  checkOptions(options, samplingRows, "createSampler");
  const { temperature, topK, topP = 1, typical = 1 } = options;
  const greedy = temperature === 0 ? "{temperature} 0" : topK === 1 ? "{topK} 1" : undefined;
  const idle = {
    temperature: temperature !== undefined && temperature !== 0 && temperature !== 1,
    topK: topK !== undefined && topK !== 1,
    topP: topP !== 1,
    typical: typical !== 1,
  };
  const found = Object.entries(idle).find(([, is]) => is);
  if (greedy && found)
    throw new OptionError(
      `{${found[0]}} has no effect with ${greedy}, which takes the most probable token; leave one of them out`,
    );
}

/**
 * A function that draws tokens.
 *
 * ```ts
 * const draw = createSampler({ temperature: 0.8, topK: 40 });
 * draw(stream.step(3), { seed: 1, sequence: 0, step: 0 }, []).token;
 * ```
 *
 * @param never tokens that are never drawn; default none
 * @throws OptionError naming an option that does not exist, whose value makes no sense, or that has no effect
 */
export function createSampler(options: SamplingOptions, never: readonly number[] = []): Sampler {
  checkSampling(options);
  const { repetitionPenalty: penalty = 1, topK } = options;
  const { repetitionWindow: window, temperature, topP, typical } = withDefaults(options, samplingRows);
  const greedy = temperature === 0 || topK === 1;
  let weights = new Float64Array(0);
  return (probabilities, place, recent) => {
    const { length } = probabilities;
    if (weights.length !== length) weights = new Float64Array(length);
    for (let i = 0; i < length; i++) weights[i] = probabilities[i]!;
    for (const token of never) weights[token] = 0;
    if (penalty !== 1) {
      const from = Math.max(0, recent.length - window);
      const there = new Set<number>();
      for (let i = from; i < recent.length; i++) there.add(recent[i]!);
      for (const token of there) weights[token] = raised(weights[token]!, penalty);
    }
    const token = greedy ? largest(weights) : draw(weights, place);
    return { token, logProbability: portableLog(probabilities[token]!) };
  };

  function draw(all: Float64Array, place: DrawPlace): number {
    if (temperature !== 1) sharpen(all, temperature);
    if (topK === undefined && topP === 1 && typical === 1) return drawn(all, undefined, place);
    let kept = descending(all);
    if (topK !== undefined) kept = kept.slice(0, topK);
    if (topP < 1) kept = upTo(all, kept, topP);
    if (typical < 1) kept = upTo(all, byInformation(all, kept), typical);
    // In the order of their numbers, so that a draw does not depend on how tokens were sorted.
    return drawn(all, kept.sort(), place);
  }
}

const raised = (p: number, power: number): number => (p > 0 ? portableExp(power * portableLog(p)) : 0);

/** p^(1 / T), with the largest as 1, so that a low temperature leaves something. */
function sharpen(weights: Float64Array, temperature: number): void {
  const top = portableLog(weights[largest(weights)]!);
  for (let i = 0; i < weights.length; i++) {
    const p = weights[i]!;
    weights[i] = p > 0 ? portableExp((portableLog(p) - top) / temperature) : 0;
  }
}

/** The first of the largest. */
function largest(weights: Float64Array): number {
  let best = 0;
  for (let i = 1; i < weights.length; i++) if (weights[i]! > weights[best]!) best = i;
  return best;
}

/** Tokens that have a weight, the largest first, equal ones by their numbers. */
function descending(weights: Float64Array): Int32Array {
  const tokens = Int32Array.from(weights.keys()).filter((i) => weights[i]! > 0);
  return tokens.sort((a, b) => weights[b]! - weights[a]! || a - b);
}

const total = (weights: Float64Array, tokens: Int32Array): number =>
  tokens.reduce((sum, i) => sum + weights[i]!, 0);

/** The first tokens that together reach a share of all; at least one. */
function upTo(weights: Float64Array, tokens: Int32Array, share: number): Int32Array {
  const enough = share * total(weights, tokens);
  let [sum, count] = [0, 0];
  while (count < tokens.length && (count === 0 || sum < enough)) sum += weights[tokens[count++]!]!;
  return tokens.slice(0, count);
}

/** The same tokens, those first whose information is nearest to the mean of all of them. */
function byInformation(weights: Float64Array, tokens: Int32Array): Int32Array {
  const all = total(weights, tokens);
  const information = new Map(Array.from(tokens, (i) => [i, -portableLog(weights[i]! / all)] as const));
  let mean = 0;
  for (const [i, value] of information) mean += (weights[i]! / all) * value;
  const distance = (i: number): number => Math.abs(information.get(i)! - mean);
  return tokens.slice().sort((a, b) => distance(a) - distance(b) || a - b);
}

/** One of the tokens, each with a chance in proportion to its weight. */
function drawn(weights: Float64Array, kept: Int32Array | undefined, place: DrawPlace): number {
  const { seed, sequence, step: time } = place;
  const at = { seed, purpose: purposes.sample, sequence, time };
  // 53 bits: the rarest of many thousand tokens must have its chance.
  const uniform = (randomWord(at, 0) * 2 ** 21 + (randomWord(at, 1) >>> 11)) * 2 ** -53;
  const count = kept?.length ?? weights.length;
  const token = (k: number): number => (kept ? kept[k]! : k);
  let sum = 0;
  for (let k = 0; k < count; k++) sum += weights[token(k)]!;
  const target = uniform * sum;
  let [below, last] = [0, 0];
  for (let k = 0; k < count; k++) {
    const weight = weights[token(k)]!;
    if (weight === 0) continue;
    below += weight;
    last = token(k);
    if (target < below) return last;
  }
  // Only where rounding left the sum a last place short, or nothing may be drawn at all.
  return last;
}
