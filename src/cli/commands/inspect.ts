/**
 * `unrolled inspect`: what is in a model file. Nothing is run, so a file from anywhere can be inspected safely.
 */
import type { Command } from "commander";
import { printCell } from "../../cell/index.js";
import type { ModelFile } from "../../io/index.js";
import { layersInside, predictionPlan } from "../../nn/build/index.js";
import { type NetworkLayer, type PlacedLayer, parameterCount } from "../../nn/index.js";
import { printPlan } from "../../plan/index.js";
import { withModelFile } from "../tasks/open.js";
import type { TaskRow } from "../tasks/row.js";
import { UsageError } from "../terminal/errors.js";
import { option } from "../terminal/options.js";
import type { Surroundings } from "../terminal/surroundings.js";
import { aligned, count, print } from "../terminal/talk.js";

interface Options {
  readonly plan?: boolean;
  readonly json?: boolean;
}

/** Adds `inspect` to the program. */
export function addInspect(program: Command, around: Surroundings): void {
  program
    .command("inspect")
    .description("Print what is in a model file: task, layers, cells, labels.")
    .usage("MODEL [options]")
    .argument("<model>", "a model file")
    .option("--plan", "print the plan that computes predictions instead")
    .addOption(option("Output:", "--json", "print one JSON object"))
    .addHelpText("after", "\nExample:\n  unrolled inspect mood.safetensors")
    .action(async (file: string, { plan, json }: Options) => {
      if (plan && json) throw new UsageError("--json and --plan contradict each other");
      await withModelFile({ file }, around, async ({ model, row }) => {
        if (plan) around.stdout.write(printPlan(predictionPlan(model.network)));
        else if (json) print(around, JSON.stringify(asJson(model, row)));
        else around.stdout.write(inWords(model, row));
      });
    });
}

function asJson(model: ModelFile, task: TaskRow) {
  const layers = model.network.layers.map((placed) => ({
    name: placed.name,
    ...settingsOf(placed.layer),
    ...sourcesOf(placed),
    input: placed.input.width,
    output: placed.output.width,
    parameters: parametersOf(model, placed),
  }));
  const facts = Object.entries(task.facts(model)).map(([name, { value }]) => [name, value]);
  return {
    task: model.task,
    ...model.stored,
    parameters: parameterCount(model.network),
    layers,
    ...Object.fromEntries(facts),
  };
}

function inWords(model: ModelFile, task: TaskRow): string {
  const { stored, network } = model;
  const { layers, input, output } = network;
  const facts = [
    ["task", model.task],
    ["format", String(stored?.format)],
    ...(stored?.storage === "float32" ? [] : [["weights", `stored as ${stored?.storage}`]]),
    ...Object.entries(task.facts(model)).map(([name, { text }]) => [name, text]),
    ["parameters", count(parameterCount(model.network))],
  ];
  const rows = layers.map((placed) => {
    const settings = Object.entries({ ...settingsOf(placed.layer), ...sourcesOf(placed) }).flatMap(
      ([name, value]) => (name === "kind" ? [] : [`${name} ${settingText(value)}`]),
    );
    const read = placed.input.values?.map(({ width }) => count(width)).join(" + ");
    const shapes = `${read ?? count(placed.input.width)} → ${count(placed.output.width)}`;
    return [placed.name, shapes, counts(parametersOf(model, placed)), settings.join(", ")];
  });
  const from =
    "inputs" in input ? Object.keys(input.inputs).join(", ") : "vocabulary" in input ? "tokens" : "numbers";
  const cells = cellsOf(layers).map((text) => `\n${text}`);
  const header = ["layer", "widths", "parameters", "settings"];
  return [
    ...aligned(facts),
    "",
    `From ${from} to ${count(output.width)} values a ${output.over === "tokens" ? "step" : "sequence"}:`,
    ...aligned([header, ...rows]),
    ...cells,
    "",
  ].join("\n");
}

const counts = (parameters: number): string => (parameters === 0 ? "" : count(parameters));

/** What a layer reads, where that is not the layer before. */
const sourcesOf = ({ from, states }: PlacedLayer): Readonly<Record<string, Setting>> => ({
  ...(from ? { from } : {}),
  ...(states ? { states } : {}),
});

type Setting =
  | string
  | number
  | boolean
  | readonly string[]
  | Readonly<Record<string, number | string>>
  | Inside;

/** Layers inside a layer, by name. */
type Inside = Readonly<Record<string, readonly Readonly<Record<string, Setting>>[]>>;

const defaults: Readonly<Record<string, Setting>> = {
  initialState: "zero",
  residual: false,
  mask: "value",
  recurrentDropout: 0,
  trained: false,
};

/** A layer's record as one would write it, its cell by name; defaults are left out. */
function settingsOf(layer: NetworkLayer): Record<string, Setting> {
  const inside = Object.entries(layersInside(layer)).map(([name, layers]) => [name, layers.map(settingsOf)]);
  if (inside.length > 0) return { kind: layer.kind, of: Object.fromEntries(inside) };
  const entries = Object.entries(layer).flatMap(([key, value]): [string, Setting][] => {
    if (key === "cell") return [[key, (value as { readonly name: string }).name]];
    const isEmpty = typeof value === "object" && Object.keys(value).length === 0;
    return isEmpty || value === defaults[key] ? [] : [[key, value as Setting]];
  });
  return Object.fromEntries(entries);
}

/**
 * A setting on one line: named numbers one after the other, "c 0.5 a 0.05"; inner layers by name:
 * "word (embedding width 64)".
 */
function settingText(value: Setting): string {
  if (typeof value !== "object") return String(value);
  if (isNames(value)) return value.join(" and ");
  return Object.entries(value)
    .map(([name, of]: [string, number | string | Inside[string]]) =>
      typeof of !== "object" ? `${name} ${of}` : `${name} (${of.map(layerText).join("; ") || "as it is"})`,
    )
    .join(" ");
}

const isNames = (value: Setting): value is readonly string[] => Array.isArray(value);

const layerText = (settings: Readonly<Record<string, Setting>>): string =>
  Object.entries(settings)
    .map(([name, value]) => (name === "kind" ? settingText(value) : `${name} ${settingText(value)}`))
    .join(" ");

function parametersOf({ network }: ModelFile, { name }: PlacedLayer): number {
  const own = network.parameters.filter((spec) => spec.name.startsWith(`${name}.`));
  return own.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
}

/** Each different cell once, under its name. */
function cellsOf(layers: readonly PlacedLayer[]): string[] {
  const all = layers.flatMap(({ layer }) => [layer, ...Object.values(layersInside(layer)).flat()]);
  const texts = all.flatMap((layer) =>
    layer.kind === "recurrent" ? [`${layer.cell.name}:\n${printCell(layer.cell.equations()).trimEnd()}`] : [],
  );
  return [...new Set(texts)];
}
