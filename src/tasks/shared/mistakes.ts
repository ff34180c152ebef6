/**
 * The worst mistakes: what a model was most confidently wrong about. For any task whose examples have a truth, a prediction
 * and a loss; often it is the label in the file that is wrong.
 */
import type { Place } from "../../data/index.js";

/** An example that was predicted wrongly. */
export interface Mistake extends Place {
  /** Its place in the list of examples, from 0. */
  readonly example: number;
  readonly truth: string;
  readonly predicted: string;
  /** The probability that the model gave the truth: e^−loss. */
  readonly probability: number;
  /** In nats. */
  readonly loss: number;
}

/** What is known of an example's prediction. */
export interface Judged extends Place {
  readonly truth: string;
  readonly predicted: string;
  readonly loss: number;
}

/** The examples that were predicted wrongly, those with the greatest loss first; if losses are equal, the earlier first. */
export function mistakesOf(judged: readonly Judged[]): Mistake[] {
  return judged
    .flatMap(({ truth, predicted, loss, file, line }, example): Mistake[] =>
      truth === predicted
        ? []
        : [
            {
              example,
              truth,
              predicted,
              probability: Math.exp(-loss),
              loss,
              ...(file ? { file, line } : {}),
            },
          ],
    )
    .sort((a, b) => b.loss - a.loss || a.example - b.example);
}
