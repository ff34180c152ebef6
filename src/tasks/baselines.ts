// What a text classifier has to beat: the commonest class, and naive Bayes on words. Both are counted, not trained,
// and a report that shows no baseline hides whether the network learned anything.
import { compareCodePoints } from "../io/order.js";

/** A classifier without parameters to train. */
export interface Baseline {
  /** The label predicted for a text's tokens. */
  readonly predict: (tokens: readonly string[]) => string;
}

/**
 * Always predicts the commonest label of the training data; of equally common ones, the first by code points.
 *
 * @throws RangeError when there are no labels
 */
export function majorityBaseline(trainLabels: readonly string[]): Baseline {
  const counts = countOf(trainLabels);
  const [first] = [...counts].sort(([a, countA], [b, countB]) => countB - countA || compareCodePoints(a, b));
  if (first === undefined) throw new RangeError("there are no labels; a baseline needs at least one example");
  return { predict: () => first[0] };
}

/**
 * Multinomial naive Bayes on single words, with add-one smoothing (McCallum and Nigam 1998). With n(w, y) the
 * occurrences of word w in the texts of class y, n(y) all words of that class, and V the different words in training:
 *
 *     score(y) = log P(y) + Σ_w log((n(w, y) + 1) / (n(y) + V))
 *
 * The sum runs over the words of the text, each as often as it occurs; words that training did not hold are ignored.
 * Of equal scores the first label by code points wins.
 *
 * @param trainTokens the tokens of each training text
 * @param trainLabels the label of each training text
 * @throws RangeError when there are no texts, or not as many labels as texts
 */
export function naiveBayesBaseline(
  trainTokens: readonly (readonly string[])[],
  trainLabels: readonly string[],
): Baseline {
  if (trainTokens.length === 0 || trainTokens.length !== trainLabels.length) {
    throw new RangeError(
      `${trainTokens.length} texts and ${trainLabels.length} labels; give as many, and at least one`,
    );
  }
  const labels = [...countOf(trainLabels)].sort(([a], [b]) => compareCodePoints(a, b));
  const classOf = new Map(labels.map(([label], y) => [label, y]));
  /** n(w, y) by word, a list over the classes. */
  const counts = new Map<string, Float64Array>();
  const total = new Float64Array(labels.length);
  for (const [i, tokens] of trainTokens.entries()) {
    const y = classOf.get(trainLabels[i]!)!;
    for (const token of tokens) {
      const perClass = counts.get(token) ?? new Float64Array(labels.length);
      perClass[y]!++;
      counts.set(token, perClass);
    }
    total[y]! += tokens.length;
  }
  const prior = labels.map(([, count]) => Math.log(count / trainLabels.length));
  return {
    predict(tokens) {
      const scores = [...prior];
      for (const token of tokens) {
        const perClass = counts.get(token);
        if (perClass === undefined) continue;
        for (let y = 0; y < scores.length; y++) {
          scores[y]! += Math.log((perClass[y]! + 1) / (total[y]! + counts.size));
        }
      }
      return labels[scores.indexOf(Math.max(...scores))]![0];
    },
  };
}

function countOf(labels: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}
