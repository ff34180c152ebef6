/**
 * A chain of tags outside of the plan: what the scores of a conditional random field (crf.ts) say about one sentence, the
 * best tags and how probable some of them are. In float64, by portable arithmetic: the same bits in every JavaScript engine.
 */
import { checkOptions } from "../../options/check.js";
import { OptionError } from "../../options/error.js";
import { isList, isObject } from "../../options/items.js";
import { portableExp, portableLog } from "../../tensor/portable.js";

const emissionsRow = { kind: "list", of: { kind: "numbers" }, least: 0, required: true } as const;
const chainRows = {
  emissions: emissionsRow,
  scores: { kind: "object", what: "the scores of a chain, { transitions, start, end }", required: true },
} as const;
const scoreRows = {
  transitions: { kind: "numbers", required: true },
  start: { kind: "numbers", required: true },
  end: { kind: "numbers", required: true },
} as const;

/** @throws OptionError naming what is no list of scores */
function checkChain(emissions: unknown, scores: ChainScores, what: string): void {
  // Called for every sentence: only what is wrong is looked at closely.
  const lists = isObject(scores)
    ? [emissions, scores["transitions"], scores["start"], scores["end"]]
    : [null];
  if (lists.every(isList) && (emissions as readonly unknown[]).every(isList)) return;
  checkOptions({ emissions, scores }, chainRows, what);
  checkOptions(scores, scoreRows, `the scores of ${what}`);
}

/** The scores of a chain: w_t (Y × Y, row-major: to, from), b_start and b_end (Y). */
export interface ChainScores {
  readonly transitions: ArrayLike<number>;
  readonly start: ArrayLike<number>;
  readonly end: ArrayLike<number>;
}

/**
 * The sequence of tags with the greatest score s(y) (Viterbi 1967); of equals the one with the lower tags at the end.
 *
 * @param emissions z, one row of Y scores per step
 * @returns one tag per step; none for no steps
 */
export function viterbi(emissions: readonly ArrayLike<number>[], scores: ChainScores): number[] {
  checkChain(emissions, scores, "viterbi");
  const Y = scores.start.length;
  const tags = Array.from({ length: Y }, (_, k) => k);
  const from: number[][] = [];
  let best = tags.map((k) => (emissions[0]?.[k] ?? 0) + scores.start[k]!);
  for (const z of emissions.slice(1)) {
    const came = tags.map((to) => argMax(best.map((s, k) => s + scores.transitions[to * Y + k]!)));
    best = tags.map((to) => {
      const k = came[to]!;
      return best[k]! + scores.transitions[to * Y + k]! + z[to]!;
    });
    from.push(came);
  }
  if (emissions.length === 0) return [];
  const path = [argMax(best.map((s, k) => s + scores.end[k]!))];
  for (const came of from.reverse()) path.push(came[path[path.length - 1]!]!);
  return path.reverse();
}

function argMax(values: readonly number[]): number {
  return values.reduce((at, value, i) => (value > values[at]! ? i : at), 0);
}

/**
 * How probable it is that every step has one of the tags that are allowed there: Σ over such sequences of e^s(y), divided
 * by Σ over all (the forward algorithm, twice). With one tag allowed at the steps of a span and all elsewhere it is the
 * span's marginal.
 *
 * @param emissions z, one row of Y scores per step
 * @param allowed whether a step may have a tag
 * @returns 1 for no steps
 */
export function chainProbability(
  emissions: readonly ArrayLike<number>[],
  scores: ChainScores,
  allowed: (step: number, tag: number) => boolean,
): number {
  checkChain(emissions, scores, "chainProbability");
  if (typeof allowed !== "function")
    throw new OptionError("{allowed} of chainProbability must be a function (step, tag) => true or false");
  if (emissions.length === 0) return 1;
  return portableExp(logSum(emissions, scores, allowed) - logSum(emissions, scores, () => true));
}

/** log Σ e^s(y) over the sequences of allowed tags. */
function logSum(
  emissions: readonly ArrayLike<number>[],
  { transitions, start, end }: ChainScores,
  allowed: (step: number, tag: number) => boolean,
): number {
  const Y = start.length;
  const tags = Array.from({ length: Y }, (_, k) => k);
  const step = (t: number, before: (tag: number) => number): number[] =>
    tags.map((k) => (allowed(t, k) ? before(k) + emissions[t]![k]! : Number.NEGATIVE_INFINITY));
  let sums = step(0, (k) => start[k]!);
  for (let t = 1; t < emissions.length; t++) {
    const last = sums;
    sums = step(t, (to) => logSumExp(last.map((s, k) => s + transitions[to * Y + k]!)));
  }
  return logSumExp(sums.map((s, k) => s + end[k]!));
}

function logSumExp(values: readonly number[]): number {
  const most = Math.max(...values);
  if (most === Number.NEGATIVE_INFINITY) return most;
  return most + portableLog(values.reduce((sum, value) => sum + portableExp(value - most), 0));
}
