/**
 * Validation: how good the weights are that a session holds, as one number. On examples, from their predictions; on one
 * long text, from its loss, read in lanes as training reads its own.
 */
import type { Session } from "../../exec/executor.js";
import { type Resource, resource } from "../../exec/resource.js";
import { checkText, exampleLength } from "../../nn/build/index.js";
import {
  createLongScorer,
  createPredictor,
  type Example,
  exampleOf,
  type LongScore,
  type Network,
  NetworkError,
  type Prediction,
  type Sample,
} from "../../nn/index.js";
import { shown, spelled } from "../../options/error.js";
import { isObject } from "../../options/items.js";

/** Examples to validate on. */
export interface ExampleValidation {
  readonly examples: readonly Sample[];
  /**
   * How good the predictions are; higher is better. `losses` are those of the examples, summed over their steps. Default:
   * minus the mean loss per token, or per sequence if the network pools.
   */
  readonly score?: (predictions: readonly Prediction[]) => number;
  /** False where the score looks at losses alone: predictions then have no rows. Default true, with a score of one's own. */
  readonly rows?: boolean;
}

/** One long text to validate on. */
export interface TextValidation {
  /** Token ids, of which all but the first are predicted. */
  readonly text: ArrayLike<number>;
  /** Higher is better. Default: minus the mean loss per token. */
  readonly score?: (sum: LongScore) => number;
  /** Parts that are read side by side, each from its own start; see `LongScorer`. Default 1: exactly one sequence. */
  readonly lanes?: number;
}

/** Validation data, and how good a model is on it where that is not its loss. */
export type Validation = readonly Sample[] | ExampleValidation | TextValidation;

/** Validates, as often as needed. */
export interface Validator extends Resource {
  score(): Promise<number>;
}

/**
 * A validator of the weights that a session holds. Memory is taken when it first validates.
 *
 * @throws NetworkError if an example does not fit the network, or needs a target and has none
 */
export function validator(net: Network, session: Session, valid: Validation): Validator {
  if (isObject(valid) && "text" in valid) return textValidator(net, session, valid as TextValidation);
  const { examples: samples, ...how } = isList(valid as readonly Sample[])
    ? { examples: valid as readonly Sample[] }
    : (valid as ExampleValidation);
  if (!Array.isArray(samples))
    throw new NetworkError(
      `valid is ${spelled(shown(valid))}; it must be a list of examples, { examples } with such a list, or { text } with the ids of one long text`,
    );
  const examples = samples.map((sample, i) => exampleOf(net, sample, `example ${i} of valid`));
  const loss = examples.every(({ target }) => target !== undefined);
  const { score = meanLoss(net, examples), rows = how.score !== undefined } = how;
  if (!how.score && !loss)
    throw new NetworkError(
      `example ${examples.findIndex(({ target }) => target === undefined)} of valid has no target, of which its loss is: give it one, or give a score`,
    );
  const predictor = createPredictor(net, session, { loss, rows });
  return resource({
    score: async () => score(await predictor.predictAsync(examples)),
    dispose: () => predictor.dispose(),
  });
}

const isList = (valid: readonly Sample[] | ExampleValidation): valid is readonly Sample[] =>
  Array.isArray(valid);

function textValidator(
  net: Network,
  session: Session,
  { text, lanes = 1, score }: TextValidation,
): Validator {
  checkText(net, text);
  const scorer = createLongScorer(net, session);
  const rate = score ?? (({ loss, steps }: LongScore): number => -loss / steps);
  return resource({
    score: async () => rate(await scorer.scoreAsync(text, { lanes })),
    dispose: () => scorer.dispose(),
  });
}

/** Minus the mean of the losses: of the tokens, or of the sequences if the network pools. */
function meanLoss(
  net: Network,
  examples: readonly Example[],
): (predictions: readonly Prediction[]) => number {
  const rows =
    net.output.over === "tokens"
      ? examples.reduce((sum, example) => sum + exampleLength(net, example), 0)
      : examples.length;
  return (predictions) => -predictions.reduce((sum, { loss = 0 }) => sum + loss, 0) / Math.max(rows, 1);
}
