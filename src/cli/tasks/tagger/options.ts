/**
 * What `unrolled train tagger` can be told beside what the library takes, and the library's options for what was chosen.
 */
import { taggedFormats } from "../../../data/index.js";
import { taggerOptions } from "../../../tasks/help/index.js";
import type { TaggerOptions } from "../../../tasks/index.js";
import { type ChosenOf, commandTable, type OwnOptions } from "../../terminal/command-table.js";
import { refuseIdle, settingsOf } from "../../terminal/row-options.js";
import { trainingConversions } from "../../training/options.js";
import { tagColumn, tokenColumn } from "../columns.js";
import {
  type ChosenTask,
  layerSizes,
  layersOption,
  ownOptions,
  refuseLayers,
  taskConversions,
} from "../options.js";

const own = {
  format: {
    row: { kind: "name", names: taggedFormats },
    after: "test",
    heading: "Data:",
    text: "format of all the files",
    usual: "by extension and contents",
  },
  tokenColumn,
  tagColumn,
  layers: layersOption,
  tagOutput: { of: "output" },
} as const satisfies OwnOptions;

/** The parsed options. What was not chosen is left to the library's defaults, which the help repeats. */
export type ChosenTagger = ChosenTask & ChosenOf<(typeof taggerOptions)["rows"], typeof own>;

/** The options, in the order of the help. */
export const taggerTable = commandTable(taggerOptions, { ...ownOptions("tagger", taggerOptions), ...own });

/** @throws OptionError or UsageError naming options that have no effect, or contradict each other */
export function refuse(chosen: ChosenTagger): void {
  refuseIdle(taggerTable, chosen, "train tagger");
  refuseLayers(chosen);
}

/** What the library takes beside data, executor and callbacks. */
export type TaggerSettings = Omit<TaggerOptions, "train" | "valid" | "executor">;

/** The library's options for what was chosen. */
export const modelOptions = (chosen: ChosenTagger): Promise<TaggerSettings> =>
  settingsOf<TaggerSettings, ChosenTagger>(taggerTable, chosen, {
    ...taskConversions,
    ...trainingConversions(taggerOptions),
    units: layerSizes(taggerOptions.rows),
  });
