/**
 * The class of an example: one label, or a list of any number of labels. A data set never holds both kinds, so that
 * nobody trains a classifier of one kind on data of the other.
 */
import { DataError } from "../errors.js";

/** One label, or a list of them, which may be empty. */
export type Labels =
  | { readonly label: string; readonly labels?: undefined }
  | { readonly labels: readonly string[]; readonly label?: undefined };

/** Where an example comes from. */
export interface Place {
  readonly file?: string | undefined;
  readonly line?: number | undefined;
}

/** Several labels from one text: split, trimmed, without duplicates and empty ones. */
export function partLabels(text: string, separator: string): string[] {
  return eachOnce(text.split(separator));
}

/** Labels trimmed, without duplicates and empty ones. */
export function eachOnce(labels: readonly string[]): string[] {
  return [...new Set(labels.map((label) => label.trim()))].filter((label) => label !== "");
}

/** The labels as one text, equal for equal sets, by which examples can be grouped. */
export function labelKey(given: Labels): string {
  const { label, labels } = Object(given) as Labels;
  return label ?? [...new Set(labels)].sort().join(" + ");
}

/**
 * Whether examples have lists of labels.
 *
 * @throws DataError naming the first example of the other kind
 */
export function haveSeveral(examples: readonly (Labels & Place)[]): boolean {
  const several = examples[0]?.labels !== undefined;
  const odd = examples.find((example) => (example.labels !== undefined) !== several);
  if (odd === undefined) return several;
  const [has, others] = several ? ["one label", "a list of labels"] : ["a list of labels", "one label"];
  throw new DataError({
    file: odd.file ?? "data",
    line: odd.line,
    problem: `has ${has}, but the first example has ${others}`,
    remedy: 'Give all examples one label each ("label": "x"), or all of them lists ("labels": ["x", "y"]).',
  });
}
