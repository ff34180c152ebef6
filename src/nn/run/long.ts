/**
 * The loss of one long sequence, such as a text of a million characters: read in pieces, each going on from the states in
 * which the one before it ended. The losses are the bits of the whole sequence at once, in the memory of a piece.
 */
import type { Home, Program } from "../../exec/executor.js";
import { later, now, type Reading, reads } from "../../exec/reads.js";
import { type Resource, resource } from "../../exec/resource.js";
import { checkOptions } from "../../options/check.js";
import { type RowsOf, withDefaults } from "../../options/row.js";
import { predictionPlan } from "../build/plans.js";
import { firstReason } from "../graph.js";
import { NetworkError } from "../layers/layer.js";
import { names } from "../names.js";
import { checkNetwork, type Network } from "../network.js";
import { type Parameters, parametersRow } from "../parameters.js";
import { bindBatch, unpackOutput } from "./batch.js";
import type { Example } from "./example.js";
import { capacityFor } from "./extent.js";
import { networkHome } from "./home.js";
import { checkText } from "./ids.js";
import { type States, stateOutputs, unpackStates } from "./states.js";

/** Options of a scorer. */
export interface LongScorerOptions {
  /** The weights; absent: the session that is given holds them already. */
  readonly parameters?: Parameters;
  /**
   * Most steps of a piece, over all lanes. Default: as many as keep a buffer of scores within 64 MiB, and at most 2,048.
   * It is a matter of memory and speed alone.
   */
  readonly steps?: number;
}

const scorerRows = {
  parameters: parametersRow,
  steps: { kind: "whole" },
} as const satisfies RowsOf<LongScorerOptions>;

/** How a sequence is scored. */
export interface LongScoreOptions {
  /**
   * Cuts the sequence into so many, each of which starts anew: read side by side they take a fraction of the time, and the
   * first steps of each know nothing of what came before. Default 1, exactly one sequence.
   */
  readonly lanes?: number;
}

const scoreRows = { lanes: { kind: "whole", default: 1 } } as const satisfies RowsOf<LongScoreOptions>;

/** What a sequence came to. */
export interface LongScore {
  /** The sum of the losses of all steps. */
  readonly loss: number;
  readonly steps: number;
}

/** Scores long sequences. */
export interface LongScorer extends Resource {
  /**
   * How well each token of a sequence is predicted from those before it.
   *
   * @param ids n tokens, of which the last n − 1 are targets
   * @throws NetworkError if an id is outside the vocabulary, or there are fewer than two
   */
  score(ids: ArrayLike<number>, options?: LongScoreOptions): LongScore;
  /** The same on any executor, also on one that reads asynchronously. @throws as `score` */
  scoreAsync(ids: ArrayLike<number>, options?: LongScoreOptions): Promise<LongScore>;
  /** Gives its memory back; a session that it shares keeps the weights. */
  dispose(): void;
}

/**
 * A scorer.
 *
 * @param home an executor, on which it opens a session of its own; or a session, whose weights it shares
 * @throws NetworkError if the network does not read forward and predict token by token, so that states can be carried
 */
export function createLongScorer(net: Network, home: Home, options: LongScorerOptions = {}): LongScorer {
  checkNetwork(net, "createLongScorer");
  checkOptions(options, scorerRows, "createLongScorer");
  const reason = firstReason(net.layers, "wholeSequence") ?? firstReason(net.layers, "freshStart");
  if (reason) throw new NetworkError(`a long sequence cannot be read in pieces: ${reason}`);
  const { steps: most = Math.max(1, Math.min(2048, Math.floor(2 ** 24 / net.output.width))) } = options;
  const plan = predictionPlan(net, { loss: true, rows: false, states: true, carried: true });
  const own = networkHome(net, home, options.parameters);
  const scoring = function* (ids: ArrayLike<number>, how: LongScoreOptions = {}): Reading<LongScore> {
    checkOptions(how, scoreRows, "score");
    const { lanes } = withDefaults(how, scoreRows);
    checkText(net, ids);
    if (ids.length < 2) throw new NetworkError(`a sequence of ${ids.length} tokens predicts none`);
    const all = Math.max(1, Math.min(lanes, ids.length - 1));
    const length = Math.ceil((ids.length - 1) / all);
    const perPiece = Math.min(length, Math.max(1, Math.floor(most / all)));
    const program = own.session.prepare(plan, capacityFor([new Array<number>(all).fill(perPiece)]));
    try {
      own.writeWeights();
      let loss = 0;
      let states: readonly States[] = [];
      for (let from = 0; from < length; from += perPiece) {
        const examples = Array.from({ length: all }, (_, lane): Example => {
          // The last lanes may be shorter than the others, and have nothing left.
          const end = Math.min((lane + 1) * length, ids.length - 1);
          const start = Math.min(lane * length + from, end);
          const stop = Math.min(start + perPiece, end);
          const part = (shift: number): Int32Array =>
            Int32Array.from({ length: stop - start }, (_, i) => ids[start + shift + i]!);
          return { input: part(0), target: part(1), ...(states[lane] ? { states: states[lane] } : {}) };
        });
        const sums = yield* run(program, examples);
        loss += sums.loss;
        states = sums.states;
      }
      return { loss, steps: ids.length - 1 };
    } finally {
      program.dispose();
    }
  };
  return resource({
    score: (ids, options) => now(scoring(ids, options)),
    scoreAsync: (ids, options) => later(scoring(ids, options), own.session),
    dispose: own.dispose,
  });

  function* run(
    program: Program,
    examples: readonly Example[],
  ): Reading<{ readonly loss: number; readonly states: readonly States[] }> {
    const bound = bindBatch(net, program, examples, { seed: 0, step: 0, carried: true });
    program.run(bound.batch);
    const [found, ...values] = yield* reads(program, names.loss, ...stateOutputs(plan));
    const losses = unpackOutput(net, found!, bound, 1).flat();
    const loss = losses.reduce((sum, [value]) => sum + value!, 0);
    return { loss, states: unpackStates(plan, bound.packing, { values }) };
  }
}
