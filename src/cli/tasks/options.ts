/**
 * Options that all tasks have beside those of training, and what they have in common of the model's.
 */
import type { Option } from "commander";
import { UsageError } from "../terminal/errors.js";
import { option } from "../terminal/options.js";

/**
 * The files of a task.
 *
 * @param noun what an example is called, in the plural: "sentences"
 * @param train what --train takes
 */
export const fileOptions = (noun: string, train: string): readonly Option[] => [
  option("Data:", "--train <file...>", `${train} (required)`),
  option(
    "Data:",
    "--valid <file...>",
    `${noun} that choose the best epoch (default: a tenth of --train is held back)`,
  ),
  option("Data:", "--test <file...>", `${noun} to report on at the end`),
];

/** Where a task's model and its report go. */
export const outputOptions = (task: string): readonly Option[] => [
  option("Output:", "--out <file>", "the model").default(`${task}.safetensors`),
  option("Output:", "--force", "replace the model and the run if they exist"),
  option("Output:", "--quiet", "print the report only"),
  option("Output:", "--json", "print the report as one JSON object"),
];

/** Sizes of layers, as they were chosen. */
interface ChosenLayers {
  readonly units?: readonly number[];
  readonly layers?: number;
}

/** @throws UsageError if there are other sizes than layers */
export function refuseLayers({ units, layers }: ChosenLayers): void {
  if (layers === undefined || units === undefined || units.length === 1 || units.length === layers) return;
  throw new UsageError(`--units ${units.join(",")} are ${units.length} layers, and --layers says ${layers}`);
}

/**
 * One size for each layer; undefined where neither sizes nor their number were chosen.
 *
 * @param size of a layer where only their number was chosen
 */
export function layerSizes({ units, layers }: ChosenLayers, size: number): readonly number[] | undefined {
  if (layers === undefined || units?.length === layers) return units;
  return new Array<number>(layers).fill(units?.[0] ?? size);
}
