/** The gradient by distance in time as a curve, on a logarithmic scale: the mean, and between 10 % and 90 % of the examples. */
import type { GradientByDistance } from "../distance.js";
import { short, thresholds } from "../findings.js";
import { at, figure, table } from "./html.js";

const [WIDTH, HEIGHT] = [640, 260];
const margin = { left: 64, right: 16, top: 12, bottom: 42 };

/** The chart of a layer. */
export function gradientChart(id: string, layer: string, gradient: GradientByDistance): string {
  const { mean, low, high, count, perStep } = gradient;
  const log = (value: number): number => Math.log10(value);
  const bottom = Math.floor(Math.min(...low.map(log), -1));
  const top = Math.max(Math.ceil(Math.max(...high.map(log))), 0);
  const last = mean.length - 1;
  const x = (d: number): number => margin.left + ((WIDTH - margin.left - margin.right) * d) / last;
  const y = (power: number): number =>
    margin.top + ((HEIGHT - margin.top - margin.bottom) * (top - power)) / (top - bottom);
  const points = (values: readonly number[]): string[] =>
    values.map((v, d) => `${at(x(d))} ${at(y(log(v)))}`);
  const band = [...points(high), ...points(low).reverse()];
  const limits = [thresholds.vanishing, thresholds.exploding].filter((t) => log(t) > bottom && log(t) < top);
  const body = [
    ...powers(bottom, top).map((p) => horizontal(y(p), `10${superscript(p)}`)),
    ...limits.map(
      (t) => `<path class="limit" d="M${margin.left} ${at(y(log(t)))}H${WIDTH - margin.right}"/>`,
    ),
    ...distances(last).map((d) => `<text class="middle" x="${at(x(d))}" y="${HEIGHT - 24}">${d}</text>`),
    `<text class="middle" x="${at((margin.left + WIDTH) / 2)}" y="${HEIGHT - 6}">steps back from the loss</text>`,
    `<path class="band" d="M${band.join("L")}z"/>`,
    `<path class="curve" d="M${points(mean).join("L")}"/>`,
  ].join("");
  const description =
    `From 1 at the loss to ${short(mean[last]!)} after ${last} step${last === 1 ? "" : "s"}: each step back multiplies it by ${short(perStep)}. ` +
    `The band holds the examples from 10 % to 90 %.${limits.length > 0 ? " The broken line is where it counts as vanished or exploded." : ""}`;
  const title = `${layer}: the gradient by distance in time, relative to that at the loss`;
  const rows = mean.map((v, d) => [
    String(d),
    ...[v, low[d], high[d]].map((n) => short(n!)),
    String(count[d]),
  ]);
  return figure(
    { id, title, description, width: WIDTH, height: HEIGHT, body },
    { numbers: table(title, ["steps back", "mean", "10 %", "90 %", "examples"], rows) },
  );
}

/** Powers of ten to be written: eight at most. */
function powers(bottom: number, top: number): number[] {
  const by = Math.max(1, Math.ceil((top - bottom) / 8));
  return Array.from({ length: Math.floor((top - bottom) / by) + 1 }, (_, i) => top - by * i);
}

/** Distances to be written: ten at most. */
function distances(last: number): number[] {
  const by = Math.max(1, Math.ceil(last / 10));
  return Array.from({ length: Math.floor(last / by) + 1 }, (_, i) => by * i);
}

const horizontal = (y: number, label: string): string =>
  `<path class="grid" d="M${margin.left} ${at(y)}H${WIDTH - margin.right}"/><text class="end" x="${margin.left - 8}" y="${at(y + 4)}">${label}</text>`;

const superscript = (power: number): string =>
  [...String(power)].map((c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)])).join("");
