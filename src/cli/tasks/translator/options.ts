/**
 * What `unrolled train translator` can be told beside what the library takes, and the library's options for what was chosen.
 */
import { translatorOptions } from "../../../tasks/help/index.js";
import type { TranslatorOptions } from "../../../tasks/index.js";
import { type ChosenOf, commandTable, type OwnOptions } from "../../terminal/command-table.js";
import { UsageError } from "../../terminal/errors.js";
import { refuseIdle, settingsOf } from "../../terminal/row-options.js";
import { trainingConversions } from "../../training/options.js";
import { type ChosenTask, ownOptions, taskConversions } from "../options.js";

const own = { vocabulary: { of: "vocabularySize" } } as const satisfies OwnOptions;

/** The parsed options. What was not chosen is left to the library's defaults, which the help repeats. */
export type ChosenTranslator = ChosenTask & ChosenOf<(typeof translatorOptions)["rows"], typeof own>;

/** The options, in the order of the help. */
export const translatorTable = commandTable(translatorOptions, {
  ...ownOptions("translator", translatorOptions),
  ...own,
});

/** @throws OptionError or UsageError naming options that have no effect, or contradict each other */
export function refuse(chosen: ChosenTranslator): void {
  refuseIdle(translatorTable, chosen, "train translator");
  for (const name of ["train", "valid", "test"] as const) {
    const files = chosen[name];
    if (files !== undefined && files.length > 2)
      throw new UsageError(
        `--${name} is ${files.length} files; give the sources' and the targets', or one with both`,
      );
  }
}

/** What the library takes beside data, executor and callbacks. */
export type TranslatorSettings = Omit<TranslatorOptions, "train" | "valid" | "executor">;

/** The library's options for what was chosen. */
export const modelOptions = (chosen: ChosenTranslator): Promise<TranslatorSettings> =>
  settingsOf<TranslatorSettings, ChosenTranslator>(translatorTable, chosen, {
    ...taskConversions,
    ...trainingConversions(translatorOptions),
  });
