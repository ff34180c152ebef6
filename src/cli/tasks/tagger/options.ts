/**
 * What `unrolled train tagger` can be told: its options, what contradicts what, and the library's options for it.
 */
import type { Option } from "commander";
import { taggedFormats } from "../../../data/index.js";
import type { TaggerOptions } from "../../../tasks/index.js";
import { loadCell } from "../../terminal/cell-file.js";
import { choice, dropRate, option, sizes, wholeNumber } from "../../terminal/options.js";
import {
  given,
  refuseTrainingContradictions,
  type TaskDefaults,
  trainingOptions,
  trainingSettings,
} from "../../training/options.js";
import type { ChosenTask } from "../../training/train.js";
import { tagColumnOption } from "../columns.js";
import { fileOptions, layerSizes, outputOptions, refuseLayers } from "../options.js";

/** What the tagger has where nothing is chosen. */
export const defaults: TaskDefaults = {
  examples: "sentences",
  epochs: 15,
  learningRate: 0.002,
  batch: 16,
  clip: 5,
};

/** What the options were parsed to. What was not chosen is left to the library's defaults, which the help repeats. */
export interface ChosenTagger extends ChosenTask {
  readonly format?: (typeof taggedFormats)[number];
  readonly tagColumn?: number;
  readonly cell?: string;
  readonly units?: readonly number[];
  readonly layers?: number;
  readonly embedding?: number;
  readonly characters?: number;
  readonly tagOutput?: "crf" | "softmax";
  readonly dropout?: number;
  readonly wordDropout?: number;
  readonly recurrentDropout?: number;
}

const [data, model] = ["Data:", "Model:"] as const;

/** The options, in the order of the help. */
export const taggerOptions: readonly Option[] = [
  ...fileOptions("sentences", "tagged sentences to train with: CoNLL columns or CoNLL-U"),
  choice(
    data,
    "--format <name>",
    "format of all the files (default: by extension and contents)",
    taggedFormats,
  ),
  tagColumnOption,
  option(model, "--cell <name|file.js>", "recurrent cell, see `unrolled cells` (default: gru)"),
  option(model, "--units <n[,n...]>", "hidden units per direction, for each layer (default: 100)", sizes),
  option(model, "--layers <n>", "recurrent layers (default: 1)", wholeNumber(1)),
  option(model, "--embedding <n>", "features per word (default: 100)", wholeNumber(1)),
  option(model, "--characters <n>", "features per character; 0 reads none (default: 25)", wholeNumber(0)),
  choice(model, "--tag-output <name>", "whole sequences of tags, or each by itself (default: crf)", [
    "crf",
    "softmax",
  ]),
  option(model, "--dropout <p>", "share of values dropped in training (default: 0.5)", dropRate),
  option(model, "--word-dropout <p>", "share of words left out in training (default: 0.1)", dropRate),
  option(
    model,
    "--recurrent-dropout <p>",
    "share of states that recurrent products do not see in training (default: 0)",
    dropRate,
  ),
  ...trainingOptions(defaults),
  ...outputOptions("tagger"),
];

/** @throws UsageError naming the options that contradict each other */
export function refuse(chosen: ChosenTagger): void {
  refuseTrainingContradictions(chosen);
  refuseLayers(chosen);
}

/** What the library takes beside data, executor and callbacks. */
export type TaggerSettings = Omit<TaggerOptions, "train" | "valid" | "executor">;

/** The library's options for what was chosen. */
export async function modelOptions(chosen: ChosenTagger): Promise<TaggerSettings> {
  return given<TaggerSettings>({
    ...trainingSettings(chosen, defaults),
    cell: chosen.cell === undefined ? undefined : await loadCell(chosen.cell),
    units: layerSizes(chosen, 100),
    embedding: chosen.embedding,
    characters: chosen.characters,
    output: chosen.tagOutput,
    dropout: chosen.dropout,
    wordDropout: chosen.wordDropout,
    recurrentDropout: chosen.recurrentDropout,
  });
}
