/**
 * Pictures of music: a piano-roll as SVG (time to the right, pitch upwards, a bar for each note) or as text for a terminal.
 * They are made from rolls; a performance is drawn from its roll in short steps.
 */
import { requireOne, rollItems } from "../items.js";
import { noteName } from "./note-names.js";
import type { Roll } from "./roll.js";

/** How a roll is drawn. */
export interface RollPictureOptions {
  /** "svg" or "text"; default "svg". */
  readonly as?: "svg" | "text";
  /** Steps between two bar lines; default 4. */
  readonly bar?: number;
  /** Steps of the prime, before the generated ones, drawn in another colour; default 0. */
  readonly primer?: number;
}

/** Pixels per step and per key, and the space for names on the left. */
const [across, up, left] = [10, 6, 34] as const;

/**
 * The picture of a roll.
 *
 * ```ts
 * import { pianoRollPicture } from "unrolled/data";
 * pianoRollPicture([[60, 64], [67]], { as: "text" }); // a line for each of the notes 60 to 67
 * ```
 *
 * @returns the text of an SVG file, or lines of characters, the highest note first
 */
export function pianoRollPicture(roll: Roll, options: RollPictureOptions = {}): string {
  requireOne(roll, rollItems, "pianoRollPicture");
  const { as = "svg", bar = 4, primer = 0 } = options;
  const pitches = roll.flat();
  const lowest = pitches.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const highest = pitches.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const keys =
    pitches.length === 0 ? [] : Array.from({ length: highest - lowest + 1 }, (_, i) => highest - i);
  return as === "text" ? text(roll, keys, bar) : svg(roll, keys, { bar, primer });
}

function text(roll: Roll, keys: readonly number[], bar: number): string {
  return keys
    .map((pitch) => {
      const cells = roll.map((step, t) => (step.includes(pitch) ? "█" : t % bar === 0 ? "┊" : "·"));
      return `${noteName(pitch).padStart(4)} ${cells.join("")}`;
    })
    .join("\n");
}

const isBlack = (pitch: number): boolean => [1, 3, 6, 8, 10].includes(pitch % 12);

function svg(
  roll: Roll,
  keys: readonly number[],
  { bar, primer }: Required<Pick<RollPictureOptions, "bar" | "primer">>,
): string {
  const [width, height] = [left + across * roll.length, up * Math.max(keys.length, 1)];
  const rows = keys.flatMap((pitch, y) => [
    ...(isBlack(pitch) ? [rectangle([left, up * y, across * roll.length, up], "#eee")] : []),
    ...(pitch % 12 === 0
      ? [`<text x="${left - 3}" y="${up * y + up}" font-size="8" text-anchor="end">${noteName(pitch)}</text>`]
      : []),
    ...runs(roll, pitch).map(([from, to]) =>
      rectangle(
        [left + across * from + 0.5, up * y + 0.5, across * (to - from) - 1, up - 1],
        from < primer ? "#d95f02" : "#1b6ca8",
      ),
    ),
  ]);
  const bars = roll.flatMap((_, t) =>
    t % bar === 0 ? [`<path d="M${left + across * t} 0V${height}" stroke="#bbb" stroke-width="0.5"/>`] : [],
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif">`,
    `<title>piano-roll of ${roll.length} steps</title>`,
    rectangle([0, 0, width, height], "#fff"),
    ...bars,
    ...rows,
    "</svg>\n",
  ].join("\n");
}

const rectangle = ([x, y, w, h]: readonly [number, number, number, number], fill: string): string =>
  `<rect x="${x}" y="${y}" width="${w}" height="${h}" fill="${fill}"/>`;

/** Where a note sounds: from one step up to, but not including, another. */
function runs(roll: Roll, pitch: number): [from: number, to: number][] {
  const found: [number, number][] = [];
  roll.forEach((step, t) => {
    if (!step.includes(pitch)) return;
    const last = found.at(-1);
    if (last?.[1] === t) last[1] = t + 1;
    else found.push([t, t + 1]);
  });
  return found;
}
