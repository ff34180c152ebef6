/**
 * What an imported model does with a sequence before and after its network: steps that are masked are left out, the number of
 * steps is checked, and an output that runs backwards is turned round. It stands in the model file beside the network.
 */

/** Steps of one sequence, a list of numbers each (a token id is a list of one), or the one row of a sequence. */
export type Rows = readonly (readonly number[])[];

/** See above; what is absent is not done. */
export interface Reading {
  /** So many steps, and no others. */
  readonly steps?: number;
  /** Steps in which all numbers are this one are left out; outputs of each step repeat there what came before. */
  readonly masked?: { readonly value: number };
  /** Outputs of each step are given from the last to the first. */
  readonly backwards?: true;
}

/** A sequence as the network reads it. */
export interface ReadSequence {
  readonly rows: Rows;
  /** For each step that was given, the place of the one whose output it has. */
  readonly places: readonly number[];
}

/**
 * The steps that a network reads of a sequence.
 *
 * @returns a text that says what is wrong with the sequence, if something is
 */
export function readSteps(rows: Rows, { steps, masked }: Reading, perStep: boolean): ReadSequence | string {
  if (steps !== undefined && rows.length !== steps)
    return `has ${rows.length} steps; the model was made for sequences of ${steps}`;
  if (!masked) return { rows, places: rows.map((_, t) => t) };
  const kept = rows.filter((row) => !isMasked(row, masked.value));
  if (kept.length === 0)
    return `has ${rows.length} steps, all of them masked: in each all is ${masked.value}`;
  let place = -1;
  const places = rows.map((row) => (isMasked(row, masked.value) ? place : ++place));
  if (perStep && places[0] === -1)
    return `begins with a step that is masked, of ${masked.value} alone, for which there is no output; leave such steps out`;
  return { rows: kept, places };
}

// Files have numbers of float32 as more digits than were written.
const isMasked = (row: readonly number[], value: number): boolean =>
  row.every((v) => Math.fround(v) === Math.fround(value));

/** What the network gave, as the file's own model gives it. */
export function givenSteps(
  outputs: Rows,
  { places }: ReadSequence,
  { masked, backwards }: Reading,
  perStep: boolean,
): Rows {
  if (!perStep) return outputs;
  const all = masked ? places.map((place) => outputs[place]!) : outputs;
  return backwards ? [...all].reverse() : all;
}

/** What a model file says of it; undefined if it says nothing that can be read. */
export function readingIn(data: unknown): Reading | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  const { steps, masked, backwards } = data as Readonly<Record<string, unknown>>;
  const value =
    typeof masked === "object" ? (masked as { readonly value?: unknown } | null)?.value : undefined;
  return {
    ...(typeof steps === "number" ? { steps } : {}),
    ...(typeof value === "number" ? { masked: { value } } : {}),
    ...(backwards === true ? { backwards } : {}),
  };
}

/** The same in words: "of 5 steps; steps of -1 are left out". */
export function readingText({ steps, masked, backwards }: Reading): string {
  const parts = [
    steps === undefined ? "" : `of ${steps} ${steps === 1 ? "step" : "steps"}`,
    masked ? `steps in which all is ${masked.value} are left out` : "",
    backwards ? "outputs run from the last step to the first" : "",
  ];
  return parts.filter((part) => part !== "").join("; ");
}
