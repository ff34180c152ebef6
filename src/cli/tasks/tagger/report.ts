/**
 * How a tagger did, in words: its scores with their uncertainty next to what it had to beat, by type of entity, and the
 * sentences with the most errors.
 */
import { type KeyedExample, overlap } from "../../../data/index.js";
import type { TaggedExample, TaggerEvaluation } from "../../../tasks/index.js";
import { count, counted, percent } from "../../terminal/talk.js";

/** "entity F1 24.1 % (95 % interval …), precision …, recall …", or the accuracy if tags mark no spans. */
export function scoreText({ metrics, interval: { low, high } }: TaggerEvaluation): string {
  const interval = `95 % interval ${percent(low)} to ${percent(high)}`;
  const { f1, precision, recall, accuracy } = metrics;
  if (f1 === undefined) return `accuracy ${percent(accuracy!)} (${interval})`;
  const sides = `precision ${percent(precision!)}, recall ${percent(recall!)}`;
  return `entity F1 ${percent(f1)} (${interval}), ${sides}`;
}

/** The score by which taggers are compared. */
export const mainScore = ({ metrics }: TaggerEvaluation): number => metrics["f1"] ?? metrics["accuracy"]!;

/** Rows of a table of types. */
export function typeLines({ byType }: TaggerEvaluation): string[][] {
  return Object.entries(byType).map(([type, { f1, precision, recall, actual }]) => [
    "",
    `${type}: F1 ${percent(f1)}, precision ${percent(precision)}, recall ${percent(recall)}, ${count(actual)} in the data`,
  ]);
}

/** Whether the model is better than the baseline, and whether there is enough data to tell. */
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
      const { tokens, tags, file = "data", line } = sentences[i]!;
      const first = wrong[i]!.slice(0, 4).map((t) => `${tokens[t]} ${tags[t]} → ${predicted[i]?.[t]}`);
      const where = line === undefined ? file : `${file}:${line}`;
      return [
        n === 0 ? "worst" : "",
        `${where}: ${counted(wrong[i]!.length, "wrong tag")}: ${first.join("; ")}`,
      ];
    });
}

/** A sentence in the form that data/quality.ts compares. */
export const keyed = ({ tokens, tags, file, line }: TaggedExample): KeyedExample => ({
  key: tokens.join(" "),
  label: tags.join(" "),
  file,
  line,
});

/** How many sentences occur in both, and the share of the second's tokens that occur in the first. */
export function overlapText(train: readonly TaggedExample[], test: readonly TaggedExample[]): string {
  const both = overlap(train.map(keyed), test.map(keyed)).length;
  const words = new Set(train.flatMap(({ tokens }) => tokens));
  const all = test.flatMap(({ tokens }) => tokens);
  const seen = all.filter((token) => words.has(token)).length / Math.max(all.length, 1);
  return `${counted(both, "sentence")} of ${count(test.length)} also occur in the training data, as do ${percent(seen)} of the tokens`;
}
