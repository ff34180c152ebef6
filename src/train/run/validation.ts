/**
 * Validation: how good the weights are that the executor holds, as one number. On examples, from their predictions; on one
 * long text, from its loss, read in lanes as training reads its own.
 */
import type { Executor } from "../../exec/executor.js";
import {
  createLongScorer,
  createPredictor,
  type Example,
  type LongScore,
  type Network,
  type Prediction,
  type Predictor,
} from "../../nn/index.js";

/** Examples to validate on. */
export interface ExampleValidation {
  readonly examples: readonly Example[];
  /** Higher is better. `losses` are those of the examples, summed over their steps. */
  readonly score: (predictions: readonly Prediction[]) => number;
  /** False where the score looks at losses alone: predictions then have no rows. Default true. */
  readonly rows?: boolean;
}

/** One long text to validate on. */
export interface TextValidation {
  /** Token ids, of which all but the first are predicted. */
  readonly text: ArrayLike<number>;
  /** Higher is better. */
  readonly score: (sum: LongScore) => number;
  /** Parts that are read side by side, each from its own start; see `LongScorer`. Default 1: exactly one sequence. */
  readonly lanes?: number;
}

/** Validation data and how good a model is on it. */
export type Validation = ExampleValidation | TextValidation;

/** A function that validates. Memory is taken when it is first called. */
export function validator(net: Network, executor: Executor, valid: Validation): () => number {
  if ("text" in valid) {
    const { text, lanes = 1, score } = valid;
    const scorer = createLongScorer(net, executor);
    return () => score(scorer.score(text, { lanes }));
  }
  const { examples, score, rows = true } = valid;
  const loss = examples.every(({ target }) => target);
  let predictor: Predictor | undefined;
  return () => {
    predictor ??= createPredictor(net, executor, { loss, rows });
    return score(predictor.predict(examples));
  };
}
