/**
 * A diagnosis in words: for each layer the gradient through time as bars, saturated gates and dead units; then what stands
 * out and what to try.
 */

import {
  activations,
  type Diagnosis,
  type LayerDiagnosis,
  lengthsInWords,
  short,
} from "../../../insight/index.js";
import { spelled } from "../../../options/index.js";
import { bar, logarithmicBars } from "../../terminal/bars.js";
import { flagOf } from "../../terminal/flags.js";
import { aligned, counted, percent } from "../../terminal/talk.js";

/** Distances that a layer's plot shows. */
const mostBars = 12;
const barWidth = 30;

/** The report's lines. @param count how many examples there are */
export function diagnosisLines(diagnosis: Diagnosis, count: number): string[] {
  const { examples, steps, lengths, loss, layers, findings } = diagnosis;
  const of = count > examples ? ` of ${count.toLocaleString("en-US")}` : "";
  const loses = loss === undefined ? "" : `; loss ${short(loss)} per prediction`;
  return [
    `looked at ${counted(examples, "example")}${of}: ${lengthsInWords(lengths)}, ${counted(steps, "step")} in all${loses}`,
    ...layers.flatMap((layer) => ["", ...layerLines(layer)]),
    "",
    "what stands out",
    ...(findings.length === 0 ? ["  nothing: gradients, gates and units look healthy"] : []),
    ...findings.flatMap(({ layer, text, templates }) => [
      `  ${layer}: ${text} To try:`,
      ...templates.map((template) => `    - ${spelled(template, flagOf)}`),
    ]),
  ];
}

const stepsOf = { sequence: "", inside: ", over sequences inside the steps", source: ", over the source" };

function layerLines(layer: LayerDiagnosis): string[] {
  const { name, cell, units, reads, of, dead, deviations } = layer;
  const which = dead.length > 0 ? ` (${dead.map((f) => f + 1).join(", ")})` : "";
  return [
    `${name}  ${cell}, ${units} units, reads ${reads === "forward" ? "forward" : "in reverse"}${stepsOf[of]}`,
    ...gradientLines(layer),
    ...activityLines(layer),
    `  units that hardly vary: ${dead.length} of ${deviations.length}${which}`,
  ];
}

function gradientLines({ gradient, of }: LayerDiagnosis): string[] {
  if (!gradient)
    return of === "sequence"
      ? ["  no example has two steps, so there is no distance to measure to measure"]
      : [];
  const { mean, low, high, perStep } = gradient;
  const by = Math.ceil(mean.length / mostBars);
  const distances = mean.flatMap((_, d) => (d % by === 0 ? [d] : []));
  const bars = logarithmicBars(
    distances.map((d) => mean[d]!),
    barWidth,
  );
  const rows = distances.map((d, i) => [
    `  ${String(d).padStart(4)}`,
    bars[i]!,
    short(mean[d]!),
    `10 % ${short(low[d]!)}, 90 % ${short(high[d]!)}`,
  ]);
  return [
    "  gradient by steps back from the loss, relative to that at the loss (logarithmic)",
    ...aligned(rows),
    `  each step back multiplies it by ${short(perStep)}`,
  ];
}

function activityLines({ values, deviations }: LayerDiagnosis): string[] {
  if (values.length === 0) return [];
  const rows = values.map(({ name, activation, low, high, stuck, mean }) => {
    const { words } = activations[activation];
    const ends = words.high === "" ? "" : `${percent(high)} ${words.high}`;
    const shares = `${bar(low, 10)}|${bar(high, 10)}`;
    return [
      `    ${name}`,
      activation,
      short(mean),
      `${percent(low)} ${words.low}`,
      shares,
      ends,
      `${stuck} of ${deviations.length} units stuck`,
    ];
  });
  return ["  gates and states: mean, values at the ends of their range", ...aligned(rows)];
}
