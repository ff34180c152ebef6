/**
 * A heat map: a column for each step, a row for each unit. Values become one of nine colours, and all cells of a colour are
 * one path, so that a map of thousands of cells stays small.
 */
import { short } from "../findings.js";
import type { TraceRows } from "../trace.js";
import { at, escapeHtml, figure, table } from "./html.js";

/** What values run between: 0 and 1; −1 and 1; 0, or as much below it as above, and the largest that there is. */
export type Scale = "unit" | "signed" | "positive" | "symmetric";

/** Colours of a scale. */
const LEVELS = 9;
/** The most steps of a map; what lies beyond is not drawn, and the map says so. */
export const MOST_STEPS = 120;
/** The most units of a map. */
export const MOST_UNITS = 64;
/** Pixels: room at the left, for the names of rows, and how wide and high all cells together would like to be. */
const [LEFT, NAMES, WIDE, HIGH] = [4, 92, 640, 180];

/** What is drawn. */
export interface HeatMap {
  readonly id: string;
  readonly title: string;
  /** Step after step, the values of the units. */
  readonly rows: TraceRows;
  /** What each step is called. */
  readonly steps: readonly string[];
  readonly scale: Scale;
  /** What the rows of the picture are called; default: units by number, not written. */
  readonly units?: readonly string[];
  /** What a column and a row are, in words; default "step" and "unit". */
  readonly of?: { readonly column: string; readonly row: string };
}

/** The map with its legend, its text and its numbers. */
export function heatMap(map: HeatMap): string {
  const { id, title, steps, scale, units } = map;
  const of = map.of ?? { column: "step", row: "unit" };
  const shown = map.rows.slice(0, MOST_STEPS);
  const width = shown[0]?.length ?? 0;
  const H = Math.min(width, MOST_UNITS);
  const [low, high] = range(scale, map.rows);
  const cell = within(WIDE / Math.max(shown.length, 1), 16, 44);
  const row = units ? 16 : within(HIGH / Math.max(H, 1), 5, 14);
  const left = LEFT + (units ? NAMES : 0);
  const cells = colours(scale).map(() => "");
  shown.forEach((values, t) => {
    for (let f = 0; f < H; f++)
      cells[level(values[f]!, low, high)] += `M${left + cell * t} ${row * f}h${cell}v${row}h-${cell}z`;
  });
  const paths = cells
    .map((d, i) => (d === "" ? "" : `<path class="${colours(scale)[i]}" d="${d}"/>`))
    .join("");
  const labels = shown.map((_, t) => cutText(steps[t] ?? "", 14));
  const words = labels.map((label, t) => stepLabel(label, left + cell * (t + 0.5), row * H + 8)).join("");
  const names = (units ?? [])
    .slice(0, H)
    .map((name, f) => unitLabel(name, left - 6, row * (f + 0.5)))
    .join("");
  // Letters are some 7 pixels wide and stand at 50 degrees.
  const slant = 12 + 5.5 * labels.reduce((most, { length }) => Math.max(most, length), 0);
  const cut = [
    ...(map.rows.length > MOST_STEPS ? [`the first ${MOST_STEPS} of ${map.rows.length} ${of.column}s`] : []),
    ...(width > MOST_UNITS ? [`the first ${MOST_UNITS} of ${width} ${of.row}s`] : []),
  ].join(" and ");
  const description = `A column for each ${of.column}, a row for each ${of.row}. ${summary(map.rows, steps)}${cut === "" ? "" : ` Drawn are ${cut}.`}`;
  const picture = {
    id,
    title: cut === "" ? title : `${title} (${cut})`,
    description,
    width: left + cell * shown.length + slant,
    height: row * H + slant,
    body: paths + names + words,
  };
  return figure(picture, { legend: legend(scale, low, high), numbers: numbersOf(map, of) });
}

const within = (value: number, least: number, most: number): number =>
  Math.floor(Math.max(least, Math.min(most, value)));

function range(scale: Scale, rows: TraceRows): [number, number] {
  if (scale === "unit") return [0, 1];
  if (scale === "signed") return [-1, 1];
  const most = rows.reduce((all, row) => row.reduce((m, v) => Math.max(m, Math.abs(v)), all), 0) || 1;
  return [scale === "positive" ? 0 : -most, most];
}

/** Classes of the style: one hue from pale to strong, or two from the middle out. */
const colours = (scale: Scale): string[] =>
  Array.from({ length: LEVELS }, (_, i) => `${scale === "unit" || scale === "positive" ? "q" : "d"}${i}`);

const level = (value: number, low: number, high: number): number =>
  Math.max(0, Math.min(LEVELS - 1, Math.floor((LEVELS * (value - low)) / (high - low))));

const cutText = (text: string, length: number): string => {
  const letters = [...text];
  return letters.length > length ? `${letters.slice(0, length - 1).join("")}…` : text;
};

const stepLabel = (text: string, x: number, y: number): string =>
  `<text x="${at(x)}" y="${at(y)}" transform="rotate(50 ${at(x)} ${at(y)})">${escapeHtml(text)}</text>`;

const unitLabel = (text: string, x: number, y: number): string =>
  `<text class="end" x="${at(x)}" y="${at(y + 4)}">${escapeHtml(cutText(text, 13))}</text>`;

/** Where the largest and the smallest mean of a step stand. */
function summary(rows: TraceRows, steps: readonly string[]): string {
  if (rows.length === 0 || rows[0]?.length === 0) return "There are no values.";
  const means = rows.map(meanOf);
  const most = means.indexOf(Math.max(...means));
  const least = means.indexOf(Math.min(...means));
  const named = (t: number): string => `step ${t + 1}${steps[t] === undefined ? "" : `, “${steps[t]}”`}`;
  return `On average highest (${short(means[most]!)}) at ${named(most)}; lowest (${short(means[least]!)}) at ${named(least)}.`;
}

const meanOf = (row: readonly number[]): number => row.reduce((a, b) => a + b, 0) / Math.max(row.length, 1);

function numbersOf({ title, rows, steps, units }: HeatMap, of: NonNullable<HeatMap["of"]>): string {
  if (units)
    return table(
      title,
      [of.column, ...units],
      rows.map((row, t) => [steps[t] ?? "", ...row.map(short)]),
    );
  const heads = ["number", of.column, "mean", "lowest", "highest"];
  return table(
    `${title}, over the ${of.row}s`,
    heads,
    rows.map((row, t) => [
      String(t + 1),
      steps[t] ?? "",
      short(meanOf(row)),
      ...[
        row.reduce((a, b) => Math.min(a, b), Infinity),
        row.reduce((a, b) => Math.max(a, b), -Infinity),
      ].map(short),
    ]),
  );
}

function legend(scale: Scale, low: number, high: number): string {
  const boxes = colours(scale).map((name, i) => `<path class="${name}" d="M${18 * i} 0h18v12h-18z"/>`);
  return (
    `<p class="legend"><span>${short(low)}</span><svg aria-hidden="true" width="162" height="12" viewBox="0 0 162 12">${boxes.join("")}</svg>` +
    `<span>${short(high)}</span></p>`
  );
}
