/**
 * What `unrolled train translator` can be told: its options, what contradicts what, and the library's options for it.
 */
import type { Option } from "commander";
import type { TranslatorOptions } from "../../../tasks/index.js";
import { loadCell } from "../../terminal/cell-file.js";
import { UsageError } from "../../terminal/errors.js";
import { choice, dropRate, option, wholeNumber } from "../../terminal/options.js";
import {
  given,
  refuseTrainingContradictions,
  type TaskDefaults,
  trainingOptions,
  trainingSettings,
} from "../../training/options.js";
import type { ChosenTask } from "../../training/train.js";
import { fileOptions, outputOptions } from "../options.js";

/** What the translator has where nothing is chosen. */
export const defaults: TaskDefaults = { examples: "pairs", epochs: 10, learningRate: 0.001 };

/** What the options were parsed to. What was not chosen is left to the library's defaults, which the help repeats. */
export interface ChosenTranslator extends ChosenTask {
  readonly cell?: string;
  readonly units?: number;
  readonly layers?: number;
  readonly embedding?: number;
  readonly attention?: "additive" | "general" | "none";
  readonly inputFeeding?: boolean;
  readonly tied?: boolean;
  readonly dropout?: number;
  readonly unit?: "subword" | "word";
  readonly vocabulary?: number;
  readonly labelSmoothing?: number;
}

const model = "Model:";

/** The options, in the order of the help. */
export const translatorOptions: readonly Option[] = [
  ...fileOptions("pairs", "texts and their translations: two files, or one with a tab between"),
  option(model, "--cell <name|file.js>", "recurrent cell, see `unrolled cells` (default: gru)"),
  option(
    model,
    "--units <n>",
    "hidden units of the decoder, and of the encoder per direction (default: 256)",
    wholeNumber(1),
  ),
  option(model, "--layers <n>", "recurrent layers of each (default: 1)", wholeNumber(1)),
  option(model, "--embedding <n>", "features per token (default: 256)", wholeNumber(1)),
  choice(model, "--attention <name>", "how the decoder looks at the source (default: additive)", [
    "additive",
    "general",
    "none",
  ]),
  option(model, "--no-input-feeding", "what the decoder made of one step does not go into the next"),
  option(model, "--no-tied", "tokens are written with other weights than they are read with"),
  option(model, "--dropout <p>", "share of values dropped in training (default: 0.3)", dropRate),
  choice(model, "--unit <name>", "what texts are cut into (default: subword)", ["subword", "word"]),
  option(model, "--vocabulary <n>", "most tokens of each side (default: 5000)", wholeNumber(10)),
  ...trainingOptions(defaults),
  option(
    "Training:",
    "--label-smoothing <e>",
    "share of each target spread over all tokens (default: 0.1)",
    dropRate,
  ),
  ...outputOptions("translator"),
];

/** @throws UsageError naming the options that contradict each other */
export function refuse(chosen: ChosenTranslator): void {
  refuseTrainingContradictions(chosen);
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
export async function modelOptions(chosen: ChosenTranslator): Promise<TranslatorSettings> {
  const { attention, inputFeeding, tied } = chosen;
  return given<TranslatorSettings>({
    ...trainingSettings(chosen, defaults),
    cell: chosen.cell === undefined ? undefined : await loadCell(chosen.cell),
    units: chosen.units,
    layers: chosen.layers,
    embedding: chosen.embedding,
    attention,
    // What was not chosen is true for commander, and depends on the attention for the library.
    inputFeeding: inputFeeding === false ? false : undefined,
    tied: tied === false ? false : undefined,
    dropout: chosen.dropout,
    unit: chosen.unit,
    vocabularySize: chosen.vocabulary,
    labelSmoothing: chosen.labelSmoothing,
  });
}
