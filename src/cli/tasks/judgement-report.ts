/**
 * The honest end of a report, for any task: where the model was most confidently wrong, and what is wrong with the data,
 * in a few lines for people and compactly for --json.
 */
import type { Conflict, DataQuality, KeyedExample, Overlap } from "../../data/index.js";
import type { Mistake } from "../../tasks/index.js";
import { count } from "../terminal/talk.js";

/** How many mistakes and findings are written out; the others are only counted. */
const [shown, listed] = [3, 10];

/** A row of a report: its name and its text. */
type Row = readonly [string, string];

/** The worst mistakes, one row each. */
export function mistakeRows(mistakes: readonly Mistake[]): Row[] {
  return mistakes
    .slice(0, shown)
    .map(({ truth, predicted, probability, ...place }, i) => [
      i === 0 ? "worst mistakes" : "",
      `${placeText(place)}: labelled ${truth}, predicted ${predicted}; ${truth} was given ${small(probability)}`,
    ]);
}

/** The worst mistakes for --json. */
export const mistakeFacts = (mistakes: readonly Mistake[]): readonly object[] => mistakes.slice(0, listed);

/**
 * What is wrong with the data, one row each.
 *
 * @param noun what an example is: "text"
 * @param sizes how many examples the other data has, by name
 * @param names the other data in words, by name
 */
export function qualityRows(
  { conflicts, overlaps }: DataQuality,
  noun: string,
  sizes: Readonly<Record<string, number>>,
  names: Readonly<Record<string, string>>,
): Row[] {
  const texts = [
    ...(conflicts.length === 0 ? [] : [conflictText(conflicts, noun)]),
    ...Object.entries(overlaps).flatMap(([name, found]) =>
      found.length === 0 ? [] : [overlapText(found, sizes[name]!, names[name] ?? name)],
    ),
  ];
  const others = Object.keys(overlaps).map((name) => names[name] ?? name);
  const clean = `no ${noun} with two labels in training, and none of ${others.join(" or ")} in it`;
  return (texts.length === 0 ? [clean] : texts).map((text, i) => [i === 0 ? "data" : "", text]);
}

/** The same for --json: counts, and the first few places. */
export function qualityFacts({ conflicts, overlaps }: DataQuality): Readonly<Record<string, unknown>> {
  return {
    conflicts: {
      count: conflicts.length,
      examples: conflicts
        .slice(0, listed)
        .map(({ labels, examples }) => ({ labels, places: examples.map(placeText) })),
    },
    overlap: Object.fromEntries(
      Object.entries(overlaps).map(([name, found]) => [
        name,
        {
          count: found.length,
          otherLabel: found.filter(({ sameLabel }) => !sameLabel).length,
          examples: found
            .slice(0, listed)
            .map(({ example, trained }) => ({ place: placeText(example), trained: placeText(trained) })),
        },
      ]),
    ),
  };
}

function conflictText(conflicts: readonly Conflict[], noun: string): string {
  const { labels, examples } = conflicts[0]!;
  const places = examples.slice(0, shown).map(placeText).join(" and ");
  const many = conflicts.length === 1 ? `1 ${noun} has` : `${count(conflicts.length)} inputs have`;
  return `${many} different labels in training: ${labels.join(" and ")} at ${places}`;
}

function overlapText(found: readonly Overlap[], of: number, name: string): string {
  const { example, trained } = found[0]!;
  const other = found.filter(({ sameLabel }) => !sameLabel).length;
  const labels = other === 0 ? "" : `, ${count(other)} of them with another label`;
  return `${count(found.length)} of ${count(of)} in ${name} also occur in training${labels}: ${placeText(example)} is the same as ${placeText(trained)}`;
}

/** "train.tsv:7". */
function placeText({ file = "data", line }: Pick<KeyedExample, "file" | "line">): string {
  return line === undefined ? file : `${file}:${line}`;
}

/** 0.0007 as 0.07 %, 1e-9 as less than 0.01 %. */
const small = (probability: number): string =>
  probability < 1e-4 ? "less than 0.01 %" : `${Number((100 * probability).toPrecision(2))} %`;
