/**
 * Validation: how good the weights are that a session holds, as one number. On examples, from their predictions; on one
 * long text, from its loss, read in lanes as training reads its own.
 */
import type { Session } from "../../exec/executor.js";
import { type Resource, resource } from "../../exec/resource.js";
import {
  createLongScorer,
  createPredictor,
  type Example,
  type LongScore,
  type Network,
  type Prediction,
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

/** Validates, as often as is wanted. */
export interface Validator extends Resource {
  score(): Promise<number>;
}

/** A validator of the weights that a session holds. Memory is taken when it first validates. */
export function validator(net: Network, session: Session, valid: Validation): Validator {
  if ("text" in valid) {
    const { text, lanes = 1, score } = valid;
    const scorer = createLongScorer(net, session);
    return resource({
      score: async () => score(await scorer.scoreAsync(text, { lanes })),
      dispose: () => scorer.dispose(),
    });
  }
  const { examples, score, rows = true } = valid;
  const loss = examples.every(({ target }) => target);
  const predictor = createPredictor(net, session, { loss, rows });
  return resource({
    score: async () => score(await predictor.predictAsync(examples)),
    dispose: () => predictor.dispose(),
  });
}
