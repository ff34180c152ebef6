/**
 * Beam search: the sequence of tokens with the best score under a model that gives every next token a probability. The
 * `width` best beginnings are kept at each step; with width 1 it is the greedy choice. It knows no network: whoever calls
 * it says what follows a beginning.
 *
 *   score(y) = log p(y | x) / lp(y) + cp(x; y)
 *   lp(y) = ((5 + |y|) / 6)^α,   cp(x; y) = β Σ_j log min(Σ_t α⟨t⟩[j], 1)
 *
 * Source: Wu et al. 2016, section 7, equation 14, for both penalties.
 */
import { checkOptions } from "../../options/check.js";
import { OptionError } from "../../options/error.js";
import { type RowsOf, type WithDefaults, withDefaults } from "../../options/row.js";
import { portableExp, portableLog } from "../../tensor/portable.js";

/** How to search. */
export interface BeamOptions {
  /** Beginnings that are kept at each step; default 5. 1 is the greedy choice. */
  readonly width?: number;
  /** Sequences that are returned, the best first; default 1, at most `width`. */
  readonly count?: number;
  /** Tokens that a sequence has at least, the end not counted; default 0. */
  readonly minimumLength?: number;
  /** Tokens that a sequence has at most, the end not counted. */
  readonly maximumLength: number;
  /** α of the length penalty: 0 compares log-probabilities, 1 nearly their mean per token; default 0.6. */
  readonly lengthPenalty?: number;
  /** β of the coverage penalty; needs attention weights. Default 0. */
  readonly coveragePenalty?: number;
  /** No n tokens in a row occur twice in a sequence, for this n; default 0, which blocks nothing. */
  readonly blockRepeats?: number;
}

/** The rows of the options, for others that include them among their own. */
export const beamRows = {
  width: { kind: "whole", default: 5 },
  count: { kind: "whole", default: 1 },
  minimumLength: { kind: "whole", least: 0, default: 0 },
  maximumLength: { kind: "whole", least: 0, required: true },
  lengthPenalty: { kind: "number", least: 0, default: 0.6 },
  coveragePenalty: { kind: "number", least: 0, default: 0 },
  blockRepeats: { kind: "whole", least: 0, default: 0 },
} as const satisfies RowsOf<BeamOptions>;

/** The options with their defaults. */
type Search = WithDefaults<BeamOptions, typeof beamRows>;

/** What may follow a beginning. */
export interface Following {
  /** log p of every token. */
  readonly logProbabilities: ArrayLike<number>;
  /** The weights of the source's steps at this step, which sum to one. Absent: the model has none. */
  readonly attention?: ArrayLike<number>;
}

/** A beginning that waits for what follows: the state before its last token, and that token; undefined at the start. */
export interface Waiting<State> {
  readonly state: State;
  readonly token: number | undefined;
}

/** What follows a beginning, and the state with it. */
export interface Followed<State> {
  readonly state: State;
  readonly following: Following;
}

/** A model as the search sees it. */
export interface BeamModel<State> {
  /** The token that ends a sequence. */
  readonly end: number;
  /** The state before the first token. */
  readonly start: State;
  /** What follows, for several beginnings at once. */
  readonly follow: (beginnings: readonly Waiting<State>[]) => readonly Followed<State>[];
}

/** A search under way: many of them can share each call of a model. */
export interface Beam<State> {
  /** What waits for an answer; empty when the search is over. */
  readonly waiting: readonly Waiting<State>[];
  /** Goes on by one token. @param followed an answer for each that waits, in that order */
  advance(followed: readonly Followed<State>[]): void;
  /** The best sequences, once it is over. */
  results(): BeamResult[];
}

/** A sequence that was found. */
export interface BeamResult {
  /** Without the end. */
  readonly tokens: readonly number[];
  /** log p of the tokens, and of the end where it was reached. */
  readonly logProbability: number;
  /** What results are ordered by. */
  readonly score: number;
  /** False if the search stopped at the maximum length. */
  readonly ended: boolean;
  /** Weights of the source's steps for each token; empty where the model has none. */
  readonly attention: readonly ArrayLike<number>[];
}

interface Beginning<State> {
  readonly state: State;
  readonly tokens: readonly number[];
  readonly logProbability: number;
  readonly attention: readonly ArrayLike<number>[];
}

/**
 * The best sequences.
 *
 * @throws OptionError naming an option that does not exist, whose value makes no sense, or that has no effect
 */
export function beamSearch<State>(model: BeamModel<State>, options: BeamOptions): BeamResult[] {
  const beam = startBeam(model, options);
  if (typeof model.follow !== "function")
    throw new OptionError("beamSearch takes a model, { end, start, follow }, whose {follow} is a function");
  while (beam.waiting.length > 0) beam.advance(model.follow(beam.waiting));
  return beam.results();
}

/** Begins a search. @throws OptionError as `beamSearch` does */
export function startBeam<State>(
  model: Pick<BeamModel<State>, "end" | "start">,
  options: BeamOptions,
): Beam<State> {
  const { end, start } = Object(model) as Pick<BeamModel<State>, "end" | "start">;
  if (!Number.isInteger(end))
    throw new OptionError(
      "a beam search takes a model, { end, start, follow }, whose {end} is a token's number",
    );
  const search = checked(options);
  const { count, maximumLength, coveragePenalty } = search;
  let open: readonly Beginning<State>[] = [{ state: start, tokens: [], logProbability: 0, attention: [] }];
  const done: BeamResult[] = [];
  let length = 0;
  return {
    get waiting() {
      return open.map(({ state, tokens }) => ({ state, token: tokens[tokens.length - 1] }));
    },
    advance(followed) {
      if (coveragePenalty > 0 && followed.some(({ following }) => !following.attention))
        throw new OptionError(
          "{coveragePenalty} needs weights of attention, and the model has none; leave it out",
        );
      const kept = bestCandidates(open, followed, { ...search, end, length });
      for (const { before, token, logProbability, following } of kept) {
        if (token !== end) continue;
        const attention = following.attention ? [...before.attention, following.attention] : before.attention;
        done.push(result({ tokens: before.tokens, attention, logProbability }, true, search));
      }
      if (length === maximumLength) {
        for (const one of open)
          if (!kept.some((k) => k.before === one)) done.push(result(one, false, search));
      }
      open = kept.filter(({ token }) => token !== end).map(grown);
      length++;
      if (isSettled(done, open, search)) open = [];
    },
    results: () =>
      [...done].sort((a, b) => Number(b.ended) - Number(a.ended) || b.score - a.score).slice(0, count),
  };
}

/** A beginning with one of the tokens that may follow it. */
interface Candidate<State> extends Followed<State> {
  readonly before: Beginning<State>;
  readonly token: number;
  readonly logProbability: number;
}

/** Beginnings of one length are compared by probability; finished ones join those that wait for the end. */
function bestCandidates<State>(
  open: readonly Beginning<State>[],
  followed: readonly Followed<State>[],
  search: Search & { readonly end: number; readonly length: number },
): Candidate<State>[] {
  const { width, minimumLength, maximumLength, blockRepeats, end, length } = search;
  const candidates = open.flatMap((before, i): Candidate<State>[] => {
    const { state, following } = followed[i]!;
    const { logProbabilities } = following;
    const blocked = blockedTokens(before.tokens, blockRepeats);
    const may = (token: number): boolean =>
      (token === end ? length >= minimumLength : length < maximumLength) && !blocked.has(token);
    return bestTokens(logProbabilities, width + 1, may).map((token) => ({
      before,
      state,
      token,
      following,
      logProbability: before.logProbability + logProbabilities[token]!,
    }));
  });
  return candidates.sort((a, b) => b.logProbability - a.logProbability).slice(0, width);
}

function grown<State>({
  before,
  state,
  token,
  logProbability,
  following,
}: Candidate<State>): Beginning<State> {
  const { attention } = following;
  return {
    state,
    logProbability,
    tokens: [...before.tokens, token],
    attention: attention ? [...before.attention, attention] : [],
  };
}

/** True when no beginning can still come before what is wanted. */
function isSettled<State>(
  done: readonly BeamResult[],
  open: readonly Beginning<State>[],
  { count, maximumLength, lengthPenalty }: Search,
): boolean {
  if (done.length < count) return false;
  const worst = [...done].sort((a, b) => b.score - a.score)[count - 1]!;
  // Log-probabilities only fall; the penalty of the greatest length lets them fall least. Coverage only takes away.
  const hope = (b: Beginning<State>): number => b.logProbability / penaltyOf(maximumLength, lengthPenalty);
  return open.every((b) => hope(b) <= worst.score);
}

/** ((5 + length) / 6)^alpha, by portable arithmetic: which translation wins must not depend on the engine's power. */
const penaltyOf = (length: number, alpha: number): number =>
  portableExp(alpha * portableLog((5 + length) / 6));

function result(
  { tokens, logProbability, attention }: Pick<BeamResult, "tokens" | "logProbability" | "attention">,
  ended: boolean,
  { lengthPenalty, coveragePenalty }: Search,
): BeamResult {
  const coverage = coveragePenalty === 0 ? 0 : coveragePenalty * coverageOf(attention);
  const score = logProbability / penaltyOf(tokens.length, lengthPenalty) + coverage;
  return { tokens, logProbability, score, ended, attention: attention.slice(0, tokens.length) };
}

/** Σ_j log min(Σ_t α⟨t⟩[j], 1): 0 when every step of the source was looked at, below it otherwise. */
function coverageOf(attention: readonly ArrayLike<number>[]): number {
  const steps = attention[0]?.length ?? 0;
  let total = 0;
  for (let j = 0; j < steps; j++) {
    const sum = attention.reduce((s, weights) => s + weights[j]!, 0);
    total += portableLog(Math.max(Math.min(sum, 1), 1e-10));
  }
  return total;
}

/** Tokens that would make n in a row occur a second time. */
function blockedTokens(tokens: readonly number[], n: number): ReadonlySet<number> {
  const blocked = new Set<number>();
  if (n < 1 || tokens.length < n) return blocked;
  const last = tokens.slice(tokens.length - n + 1);
  for (let i = 0; i + n <= tokens.length; i++)
    if (last.every((token, k) => token === tokens[i + k])) blocked.add(tokens[i + n - 1]!);
  return blocked;
}

/** The most probable tokens, the best first; of equals the lower number. */
function bestTokens(values: ArrayLike<number>, count: number, may: (token: number) => boolean): number[] {
  const best: number[] = [];
  for (let token = 0; token < values.length; token++) {
    const value = values[token]!;
    const worst = best[best.length - 1];
    if (best.length === count && value <= values[worst!]!) continue;
    if (!may(token) || value === Number.NEGATIVE_INFINITY || Number.isNaN(value)) continue;
    let at = best.length;
    while (at > 0 && values[best[at - 1]!]! < value) at--;
    best.splice(at, 0, token);
    if (best.length > count) best.pop();
  }
  return best;
}

/** @throws OptionError naming an option that does not exist, whose value makes no sense, or that contradicts another */
function checked(options: BeamOptions): Search {
  checkOptions(options, beamRows, "a beam search");
  const search = withDefaults(options, beamRows);
  const { width, count, minimumLength, maximumLength } = search;
  if (count > width)
    throw new OptionError(`{count} is ${count}, and a beam of {width} ${width} finds no more than that`);
  if (minimumLength > maximumLength)
    throw new OptionError(`{minimumLength} is ${minimumLength}, and {maximumLength} is ${maximumLength}`);
  return search;
}
