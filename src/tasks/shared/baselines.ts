/**
 * What a classifier has to beat: the commonest class, naive Bayes on words, and the nearest neighbour of series. They are
 * counted, not trained; a report without a baseline hides whether the network learned anything.
 */

import type { Series } from "../../data/index.js";
import { compareCodePoints } from "../../io/order.js";
import { checkArguments, type ValueKind } from "../../options/index.js";

/** A classifier without parameters to train, of texts as tokens or of series. */
export interface Baseline<Input = readonly string[]> {
  /** The label predicted for a text's tokens, or for a series. */
  readonly predict: (input: Input) => string;
}

const texts: ValueKind = { kind: "list", of: { kind: "text" }, least: 0 };

/**
 * Always predicts the commonest label of the training data; if several are equally common, the first by code points.
 *
 * @throws RangeError when there are no labels
 */
export function majorityBaseline(trainLabels: readonly string[]): Baseline<unknown> {
  checkArguments("majorityBaseline", { trainLabels }, { trainLabels: texts });
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
 * The sum runs over the words of the text, each as often as it occurs; words that did not occur in training are ignored.
 * If scores are equal, the first label by code points wins.
 *
 * @param trainTokens the tokens of each training text
 * @param trainLabels the label of each training text
 * @throws RangeError if there are no texts, or a different number of labels
 */
export function naiveBayesBaseline(
  trainTokens: readonly (readonly string[])[],
  trainLabels: readonly string[],
): Baseline {
  checkArguments(
    "naiveBayesBaseline",
    { trainTokens, trainLabels },
    { trainTokens: { kind: "list", of: texts, least: 0 }, trainLabels: texts },
  );
  if (trainTokens.length === 0 || trainTokens.length !== trainLabels.length) {
    throw new RangeError(
      `${trainTokens.length} texts and ${trainLabels.length} labels; give as many of each, and at least one`,
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

/**
 * The label of the nearest training series, where a series is the mean and the standard deviation of each of its channels,
 * each divided by its own deviation over the training series (1-nearest-neighbour, Euclidean distance). The order of the
 * steps plays no part: the network's lead over it comes from the order, or from more than two moments. If several are
 * equally near, the first wins.
 *
 * @throws RangeError if there are no series, or a different number of labels
 */
export function nearestNeighbourBaseline(
  trainSeries: readonly Series[],
  trainLabels: readonly string[],
): Baseline<Series> {
  const numbers: ValueKind = { kind: "numbers" };
  checkArguments(
    "nearestNeighbourBaseline",
    { trainSeries, trainLabels },
    {
      trainSeries: { kind: "list", of: { kind: "list", of: numbers, least: 0 }, least: 0 },
      trainLabels: texts,
    },
  );
  if (trainSeries.length === 0 || trainSeries.length !== trainLabels.length) {
    throw new RangeError(
      `${trainSeries.length} series and ${trainLabels.length} labels; give as many of each, and at least one`,
    );
  }
  const width = trainSeries.find((series) => series.length > 0)?.[0]?.length ?? 0;
  const raw = trainSeries.map((series) => moments(series, width));
  const scale = moments(raw, 2 * width).slice(2 * width);
  const scaled = (point: ArrayLike<number>): Float64Array =>
    Float64Array.from(point, (value, k) => (scale[k]! > 0 ? value / scale[k]! : 0));
  const points = raw.map(scaled);
  return {
    predict(series) {
      const point = scaled(moments(series, width));
      let [nearest, least] = [0, Number.POSITIVE_INFINITY];
      for (const [i, other] of points.entries()) {
        let distance = 0;
        for (let k = 0; k < point.length; k++) distance += (point[k]! - other[k]!) ** 2;
        if (distance < least) [nearest, least] = [i, distance];
      }
      return trainLabels[nearest]!;
    },
  };
}

/** The means of some rows' columns, then their standard deviations; zeros if there are no rows. */
function moments(rows: Series, width: number): Float64Array {
  const out = new Float64Array(2 * width);
  const n = Math.max(rows.length, 1);
  for (const row of rows) for (let k = 0; k < width; k++) out[k]! += row[k]! / n;
  for (const row of rows) for (let k = 0; k < width; k++) out[width + k]! += (row[k]! - out[k]!) ** 2 / n;
  for (let k = width; k < 2 * width; k++) out[k] = Math.sqrt(out[k]!);
  return out;
}

function countOf(labels: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}
