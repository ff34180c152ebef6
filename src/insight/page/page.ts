/**
 * A diagnosis as a page of HTML that stands alone: no network, no scripts, pictures as SVG with their text and their
 * numbers. It is a function of its data, so the same diagnosis gives the same page.
 */
import { type Spelling, spelled } from "../../options/error.js";
import { activations } from "../activity.js";
import type { Diagnosis, LayerDiagnosis } from "../diagnosis-record.js";
import { lengthsInWords, short } from "../findings.js";
import type { ExampleTrace, LayerTrace } from "../trace.js";
import { gradientChart } from "./gradient-chart.js";
import { heatMap, type Scale } from "./heat-map.js";
import { escapeHtml, scrolled, table } from "./html.js";
import { style } from "./style.js";

/** An example to be shown step by step: its trace, and what its steps are called. */
export interface ShownTrace extends ExampleTrace {
  readonly steps: readonly string[];
  /** Of a translation: the source's tokens. */
  readonly source?: readonly string[];
}

/** What a page is made of. */
export interface PageOptions {
  /** The page's title, for example the model's file. */
  readonly title: string;
  readonly diagnosis: Diagnosis;
  /** An example of which gates, states and attention are drawn. Absent: none is. */
  readonly shown?: ShownTrace;
  /** How options are written in what the page says is to be tried; default: as in code. */
  readonly spelling?: Spelling;
}

/** The page, as the text of an HTML file. */
export function diagnosisPage({ title, diagnosis, shown, spelling }: PageOptions): string {
  const body = [
    `<h1>${escapeHtml(title)}</h1>`,
    `<p>${escapeHtml(factsOf(diagnosis))}</p>`,
    `<h2>What stands out</h2>${findings(diagnosis, spelling)}`,
    `<h2>The gradient by distance in time</h2>${gradients(diagnosis)}`,
    `<h2>How gates and units are used</h2>${activity(diagnosis)}`,
    ...(shown ? [`<h2>One example, step by step</h2>${example(diagnosis, shown)}`] : []),
  ].join("\n");
  return (
    `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">` +
    `<title>${escapeHtml(title)}</title><style>${style}</style></head>\n<body><main>\n${body}\n</main></body></html>\n`
  );
}

function factsOf({ examples, steps, lengths, loss }: Diagnosis): string {
  const lasting = lengthsInWords(lengths);
  const loses = loss === undefined ? "" : ` The loss is ${short(loss)} per prediction.`;
  return `Seen over ${examples} example${examples === 1 ? "" : "s"} of ${lasting}; ${steps.toLocaleString("en-US")} steps in all.${loses}`;
}

function findings({ findings: all }: Diagnosis, spelling: Spelling | undefined): string {
  if (all.length === 0) return "<p>Nothing: gradients, gates and units are as they should be.</p>";
  return all
    .map(({ layer, text, templates }) => {
      const tries = templates.map((each) => `<li>${escapeHtml(spelled(each, spelling))}</li>`).join("");
      return `<p><strong>${escapeHtml(layer)}</strong>: ${escapeHtml(text)} To try:</p><ul>${tries}</ul>`;
    })
    .join("");
}

function gradients({ layers }: Diagnosis): string {
  const note =
    "How much of the gradient of one step's loss (the last step's; the first one's for layers that read in reverse) is left so many steps away, " +
    "through the recurrence alone: a pooling is given that step only.";
  const charts = layers.flatMap(({ name, gradient }, i) =>
    gradient ? [gradientChart(`gradient${i}`, name, gradient)] : [],
  );
  const nothing = charts.length === 0 ? "<p>No example has two steps, so there is no distance.</p>" : "";
  return `<p class="note">${escapeHtml(note)}</p>${charts.join("")}${nothing}`;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function activity({ layers }: Diagnosis): string {
  const rows = layers.flatMap(({ name, values, deviations }) =>
    values.map((v) => {
      const { low, high } = activations[v.activation];
      const ends = [
        `${percent(v.low)} ≤ ${short(low)}`,
        ...(Number.isFinite(high) ? [`${percent(v.high)} ≥ ${high}`] : ["–"]),
      ];
      return [
        `${name} ${v.name}`,
        v.activation,
        short(v.mean),
        ...ends,
        `${v.stuck} of ${deviations.length}`,
      ];
    }),
  );
  const units = layers.map(({ name, cell, deviations, dead }) => [
    name,
    cell,
    String(deviations.length),
    String(dead.length),
    dead.length === 0 ? "–" : dead.map((f) => f + 1).join(", "),
  ]);
  const heads = ["gate or state", "activation", "mean", "at the low end", "at the high end", "stuck units"];
  const label = "Values at the ends of their range, where hardly any gradient passes";
  const dead = "Units whose output hardly varies";
  return (
    scrolled(label, table(label, heads, rows)) +
    scrolled(dead, table(dead, ["layer", "cell", "units", "dead", "which"], units))
  );
}

function example(diagnosis: Diagnosis, shown: ShownTrace): string {
  const some = (list: readonly string[]): string => list.slice(0, 200).join(" ");
  const named = shown.steps.some((step, t) => step !== String(t + 1));
  const spoken = `${shown.source ? `${some(shown.source)} → ` : ""}${some(shown.steps)}`;
  const text = named ? `<p>${escapeHtml(spoken)}</p>` : "";
  const loss = shown.loss === undefined ? "" : ` Its loss is ${short(shown.loss)}.`;
  const parts = diagnosis.layers.map((layer, i) => {
    const trace = shown.layers[layer.name];
    const steps = layer.of === "source" ? (shown.source ?? []) : shown.steps;
    return trace
      ? `<h3>${escapeHtml(layer.name)}</h3>${layerMaps(`layer${i}`, layer, { trace, steps })}`
      : "";
  });
  const attention = Object.entries(shown.layers).flatMap(([name, { attention: rows }], i) =>
    rows
      ? [`<h3>${escapeHtml(name)}: attention</h3>${attentionMap(`attention${i}`, { name, rows, shown })}`]
      : [],
  );
  return `${text}<p>${escapeHtml(`${shown.steps.length} steps.${loss}`)}</p>${attention.join("")}${parts.join("")}`;
}

function layerMaps(
  id: string,
  { name, values }: LayerDiagnosis,
  { trace, steps }: { readonly trace: LayerTrace; readonly steps: readonly string[] },
): string {
  const scaleOf = (value: string): Scale => {
    const activation = values.find((v) => v.name === value)?.activation;
    return activation === "sigmoid" ? "unit" : activation === "tanh" ? "signed" : "symmetric";
  };
  const maps = Object.entries({ ...trace.gates, ...trace.states }).map(([value, rows], i) =>
    heatMap({ id: `${id}-${i}`, title: `${name}: ${value}`, rows, steps, scale: scaleOf(value) }),
  );
  const norms = gradientNorm(trace);
  if (norms.length === 0) return `<div class="maps">${maps.join("")}</div>`;
  const title = `${name}: the norm of the loss's gradient towards the states of each step`;
  const norm = heatMap({
    id: `${id}-norm`,
    title,
    steps,
    scale: "positive",
    rows: norms.map((v) => [v]),
    units: ["‖dL/ds‖"],
    of: { column: "step", row: "norm" },
  });
  return `${norm}<div class="maps">${maps.join("")}</div>`;
}

/** Of all states of each step. */
function gradientNorm({ gradients = {}, states = {} }: LayerTrace): number[] {
  const all = Object.keys(states).flatMap((state) =>
    gradients[`d${state}`] ? [gradients[`d${state}`]] : [],
  );
  return Array.from({ length: all[0]?.length ?? 0 }, (_, t) =>
    Math.sqrt(all.flatMap((rows) => rows?.[t] ?? []).reduce((sum, v) => sum + v * v, 0)),
  );
}

function attentionMap(
  id: string,
  {
    name,
    rows,
    shown,
  }: { readonly name: string; readonly rows: readonly (readonly number[])[]; readonly shown: ShownTrace },
): string {
  // A column of the picture is a step that is attended to, a row one that attends.
  const source = shown.source ?? shown.steps;
  const attending = shown.source ? shown.steps : ["the whole"];
  const columns = source.map((_, s) => rows.map((row) => row[s] ?? 0));
  return heatMap({
    id,
    title: `${name}: the weights of attention`,
    rows: columns,
    steps: source,
    units: attending,
    scale: "unit",
    of: { column: "step that is attended to", row: "step that attends" },
  });
}
