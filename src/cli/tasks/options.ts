/**
 * Options that the tasks have on the command line beside those of training, and what they have in common of the model's.
 */
import type { OptionTable } from "../../options/index.js";
import type { OptionsOfTask, trainingOptions } from "../../tasks/help/index.js";
import { loadCell } from "../terminal/cell-file.js";
import type { ChosenOf, OwnOptions } from "../terminal/command-table.js";
import { UsageError } from "../terminal/errors.js";
import { split } from "../terminal/options.js";
import type { Conversions } from "../terminal/row-options.js";
import { ownTraining } from "../training/options.js";

const files = { kind: "list", of: { kind: "file" } } as const;

const fixed = {
  train: { of: "train", row: { ...files, required: true }, variadic: true },
  valid: { of: "valid", row: files, variadic: true },
  test: {
    row: files,
    after: "valid",
    heading: "Data:",
    variadic: true,
    text: "what to report on at the end",
    usual: "nothing",
  },
  cell: { of: "cell", row: { kind: "text" }, value: "name|file.js" },
  out: { row: { kind: "file" }, heading: "Output:", text: "the model" },
  force: {
    row: { kind: "flag", default: false, needs: { resume: false } },
    heading: "Output:",
    text: "replace the model and the run if they exist",
  },
  quiet: { row: { kind: "flag", default: false }, heading: "Output:", text: "print the report only" },
  json: {
    row: { kind: "flag", default: false },
    heading: "Output:",
    text: "print the report as one JSON object",
  },
} as const satisfies OwnOptions;

type Own = typeof fixed & ReturnType<typeof ownTraining>;

/** The command line's own options of every task: files, training, and where the model and the report go. */
export function ownOptions(task: string, { rows, help }: OptionsOfTask): Own {
  const cell = { ...fixed.cell.row, default: (rows["cell"]!.default as { readonly name: string }).name };
  return {
    ...ownTraining({ rows }),
    ...fixed,
    cell: { ...fixed.cell, row: cell, text: `${help["cell"]?.text}, see \`unrolled cells\`` },
    out: { ...fixed.out, row: { ...fixed.out.row, default: `${task}.safetensors` } },
  } as Own;
}

/** What the own options of every task were parsed to. */
export type ChosenTask = Omit<ChosenOf<(typeof trainingOptions)["rows"], Own>, "out"> & {
  readonly out: string;
};

/** Where a part of the data is cut off by position. */
export const splitOption = {
  row: { kind: "text", needs: { valid: false } },
  after: "test",
  heading: "Data:",
  value: "a,b[,c]",
  parse: split,
  text: "cut {train}, by position, into training, validation and test: rows or fractions",
} as const satisfies OwnOptions[string];

/** How many layers of one size there are, where the library takes a list of sizes. */
export const layersOption = {
  row: { kind: "whole", default: 1 },
  after: "units",
  heading: "Model:",
  text: "recurrent layers of the size that {units} says",
} as const satisfies OwnOptions[string];

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

/** What the library is told of files and cells: data is read by the command, and files are no data. */
export const taskConversions: Conversions<ChosenTask> = {
  train: () => undefined,
  valid: () => undefined,
  cell: ({ cell }) => (cell === undefined ? undefined : loadCell(cell)),
};

/** One size for each layer; undefined where neither sizes nor their number were chosen. */
export const layerSizes =
  ({ units: row }: OptionTable) =>
  ({ units, layers }: ChosenLayers): readonly number[] | undefined => {
    if (layers === undefined || units?.length === layers) return units;
    return new Array<number>(layers).fill(units?.[0] ?? (row!.default as readonly number[])[0]!);
  };
