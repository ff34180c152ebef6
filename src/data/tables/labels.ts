/**
 * What an example is to be classified as: one label, or any number of them, none included. Both kinds never stand in
 * one data set, so that nobody trains a classifier of one kind on data of the other.
 */
import { DataError } from "../errors.js";

/** One label, or a list of them, which may be empty. */
export type Labels =
  | { readonly label: string; readonly labels?: undefined }
  | { readonly labels: readonly string[]; readonly label?: undefined };

/** Where an example stands. */
export interface Place {
  readonly file?: string | undefined;
  readonly line?: number | undefined;
}

/** Several labels out of one text: parted, trimmed, each once; empty ones are none. */
export function partLabels(text: string, separator: string): string[] {
  return eachOnce(text.split(separator));
}

/** Labels trimmed, each once, without empty ones. */
export function eachOnce(labels: readonly string[]): string[] {
  return [...new Set(labels.map((label) => label.trim()))].filter((label) => label !== "");
}

/** The labels as one text, the same for the same set: to group examples by. */
export function labelKey({ label, labels }: Labels): string {
  return label ?? [...new Set(labels)].sort().join(" + ");
}

/**
 * Whether examples have lists of labels.
 *
 * @throws DataError naming the first example that differs in this from the first one
 */
export function haveSeveral(examples: readonly (Labels & Place)[]): boolean {
  const several = examples[0]?.labels !== undefined;
  const odd = examples.find((example) => (example.labels !== undefined) !== several);
  if (odd === undefined) return several;
  const [has, others] = several ? ["one label", "a list of labels"] : ["a list of labels", "one label"];
  throw new DataError({
    file: odd.file ?? "data",
    line: odd.line,
    problem: `has ${has}, where the first example has ${others}`,
    remedy: 'Give all examples one label each ("label": "x"), or all of them lists ("labels": ["x", "y"]).',
  });
}
