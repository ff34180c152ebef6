// How a tagger did, in words: its scores with their uncertainty beside what it had to beat, by type of entity, and the
// sentences in which it was most wrong.
import type { TaggedExample, TaggerEvaluation } from "../../tasks/index.js";
import { count, counted, percent } from "../talk.js";

/** "entity F1 24.1 % (95 % interval …), precision …, recall …", or the accuracy where tags mark no spans. */
export function scoreText({ metrics, interval: { low, high } }: TaggerEvaluation): string {
  const interval = `95 % interval ${percent(low)} to ${percent(high)}`;
  const { f1, precision, recall, accuracy } = metrics;
  if (f1 === undefined) return `accuracy ${percent(accuracy as number)} (${interval})`;
  const sides = `precision ${percent(precision as number)}, recall ${percent(recall as number)}`;
  return `entity F1 ${percent(f1)} (${interval}), ${sides}`;
}

/** The score by which taggers are compared. */
export const mainScore = ({ metrics }: TaggerEvaluation): number =>
  metrics["f1"] ?? (metrics["accuracy"] as number);

/** Rows of a table of types. */
export function typeLines({ byType }: TaggerEvaluation): string[][] {
  return Object.entries(byType).map(([type, { f1, precision, recall, actual }]) => [
    "",
    `${type}: F1 ${percent(f1)}, precision ${percent(precision)}, recall ${percent(recall)}, ${count(actual)} in the data`,
  ]);
}

/** Whether the model is better than the baseline, and whether the data is enough to tell. */
export function verdict(model: TaggerEvaluation, baseline: number): string {
  const { low, high } = model.interval;
  const name = "each word's most frequent tag";
  if (baseline < low) return `the model is better than ${name}`;
  if (baseline > high) return `${name} is better than the model`;
  return `the model and ${name} are closer than chance explains`;
}

/** Sentences that are shown. */
const SHOWN = 3;

/** The sentences with the most wrong tags, and the first of these in each. */
export function mistakeLines(
  sentences: readonly TaggedExample[],
  predicted: TaggerEvaluation["predicted"],
): string[][] {
  const wrong = sentences.map(({ tags }, i) =>
    tags.flatMap((tag, t) => (tag === predicted[i]?.[t] ? [] : [t])),
  );
  const order = wrong.map((_, i) => i).sort((a, b) => (wrong[b]?.length ?? 0) - (wrong[a]?.length ?? 0));
  return order
    .slice(0, SHOWN)
    .filter((i) => (wrong[i]?.length ?? 0) > 0)
    .map((i, n) => {
      const { tokens, tags, file = "data", line } = sentences[i] as TaggedExample;
      const first = (wrong[i] as number[])
        .slice(0, 4)
        .map((t) => `${tokens[t]} ${tags[t]} → ${predicted[i]?.[t]}`);
      const where = line === undefined ? file : `${file}:${line}`;
      return [
        n === 0 ? "worst" : "",
        `${where}: ${counted((wrong[i] as number[]).length, "wrong tag")}: ${first.join("; ")}`,
      ];
    });
}

/** Sentences that stand in both, as a share of the second, and words of entities in it that training knows. */
export function overlapText(train: readonly TaggedExample[], test: readonly TaggedExample[]): string {
  const known = new Set(train.map(({ tokens }) => tokens.join(" ")));
  const both = test.filter(({ tokens }) => known.has(tokens.join(" "))).length;
  const words = new Set(train.flatMap(({ tokens }) => tokens));
  const all = test.flatMap(({ tokens }) => tokens);
  const seen = all.filter((token) => words.has(token)).length / Math.max(all.length, 1);
  return `${counted(both, "sentence")} of ${count(test.length)} stand in the training data too; it holds ${percent(seen)} of the tokens`;
}

/** Sentences that stand in the training data several times, with different tags. */
export function inconsistent(train: readonly TaggedExample[]): number {
  const byText = new Map<string, Set<string>>();
  for (const { tokens, tags } of train) {
    const key = tokens.join(" ");
    byText.set(key, (byText.get(key) ?? new Set()).add(tags.join(" ")));
  }
  return [...byText.values()].filter((tags) => tags.size > 1).length;
}
