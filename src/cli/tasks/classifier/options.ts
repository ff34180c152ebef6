/**
 * What `unrolled train classifier` can be told beside what the library takes, and the library's options for what was chosen.
 */
import { exampleFormats } from "../../../data/index.js";
import { readFileBytes } from "../../../data/node.js";
import { classifierOptions } from "../../../tasks/help/index.js";
import { type ClassifierOptions, classifier } from "../../../tasks/index.js";
import { type ChosenOf, commandTable, type OwnOptions } from "../../terminal/command-table.js";
import { UsageError } from "../../terminal/errors.js";
import { refuseIdle, settingsOf } from "../../terminal/row-options.js";
import { trainingConversions } from "../../training/options.js";
import { columnOptions } from "../columns.js";
import {
  type ChosenTask,
  layerSizes,
  layersOption,
  ownOptions,
  refuseLayers,
  splitOption,
  taskConversions,
} from "../options.js";

const { features, ...columns } = columnOptions(exampleFormats, "test");

const own = {
  ...columns,
  // Which columns are read; the library is told what they are called.
  features: { ...features, of: "features", row: { ...features.row, needs: {} } },
  split: splitOption,
  layers: { ...layersOption, row: { ...layersOption.row, needs: { from: false } } },
  bidirectional: {
    of: "direction",
    row: { kind: "flag", default: true, needs: { from: false } },
    text: "read in both directions",
    off: "read from the first step to the last only",
  },
  zoneout: { of: "zoneout", row: { kind: "number", least: 0, below: 1, default: 0 } },
  from: { of: "from", row: { kind: "file" }, value: "model" },
} as const satisfies OwnOptions;

/** The parsed options. What was not chosen is left to the library's defaults, which the help repeats. */
export type ChosenClassifier = ChosenTask & ChosenOf<(typeof classifierOptions)["rows"], typeof own>;

/** The options, in the order of the help. */
export const classifierTable = commandTable(classifierOptions, {
  ...ownOptions("classifier", classifierOptions),
  ...own,
});

/** @throws OptionError or UsageError naming options that have no effect, or contradict each other */
export function refuse(chosen: ChosenClassifier): void {
  refuseIdle(classifierTable, chosen, "train classifier");
  refuseLayers(chosen);
  const { split: parts, test } = chosen;
  if (parts !== undefined && test !== undefined && parts.split(",").length === 3) {
    throw new UsageError(`--split ${parts} makes test data of --train; leave --test or the third part out`);
  }
}

/** What the library takes beside data, executor and callbacks. */
export type ClassifierSettings = Omit<
  ClassifierOptions,
  "train" | "valid" | "executor" | "onProgress" | "signal"
>;

/** The library's options for what was chosen. */
export const modelOptions = (chosen: ChosenClassifier): Promise<ClassifierSettings> =>
  settingsOf<ClassifierSettings, ChosenClassifier>(classifierTable, chosen, {
    ...taskConversions,
    ...trainingConversions(classifierOptions),
    units: layerSizes(classifierOptions.rows),
    direction: ({ bidirectional }) => (bidirectional === false ? "forward" : undefined),
    features: () => undefined,
    from: ({ from }) => (from === undefined ? undefined : openClassifier(from)),
  });

/** The classifier to train further. Its executor is given back: training makes its own. */
async function openClassifier(file: string): Promise<NonNullable<ClassifierOptions["from"]>> {
  const opened = await classifier.load(await readFileBytes(file), { name: file });
  opened.dispose();
  return opened;
}
