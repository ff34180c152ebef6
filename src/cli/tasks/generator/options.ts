/**
 * What `unrolled train generator` can be told: its options, what contradicts what, and the library's options for it.
 */
import type { Option } from "commander";
import { exampleFormats } from "../../../data/index.js";
import type { GeneratorKind, TextGeneratorOptions, TextUnit } from "../../../tasks/index.js";
import { loadCell } from "../../terminal/cell-file.js";
import { UsageError } from "../../terminal/errors.js";
import { choice, dropRate, option, sizes, split, wholeNumber } from "../../terminal/options.js";
import {
  given,
  refuseTrainingContradictions,
  type TaskDefaults,
  trainingOptions,
  trainingSettings,
} from "../../training/options.js";
import type { ChosenTask } from "../../training/train.js";
import { layerSizes, outputOptions, refuseLayers } from "../options.js";

/** What the generator has where nothing is chosen. */
export const defaults: TaskDefaults = {
  examples: "lanes in which one text is read, lines, or pieces",
  batch: "32; note 8, event 16",
  epochs: "10; of lines 30; note 120, joint 60; event 20",
  learningRate: 0.004,
  clip: "a quarter of --bptt; of lines 5; note 1",
  schedule: "cosine",
};

/** Of lines, which are fewer and shorter. */
const learningRateOfLines = 0.005;

/** What the options were parsed to. What was not chosen is left to the library's defaults, which the help repeats. */
export interface ChosenGenerator extends ChosenTask {
  readonly unit?: string;
  readonly lines?: boolean;
  readonly split?: string;
  readonly format?: string;
  readonly text?: string;
  readonly label?: string;
  readonly cell?: string;
  readonly units?: readonly number[];
  readonly layers?: number;
  readonly embedding?: number;
  readonly tied?: boolean;
  readonly dropout?: number;
  readonly vocabulary?: number;
  readonly minimumCount?: number;
  readonly bptt?: number;
  readonly stepsPerBeat?: number;
  readonly output?: "independent" | "joint";
  readonly inputDropout?: number;
  readonly recurrentDropout?: number;
  readonly segment?: number;
}

const [data, model] = ["Data:", "Model:"] as const;

/** The names of the units on the command line, and in the library. */
export const textUnitNames: Readonly<Record<string, TextUnit>> = {
  char: "character",
  word: "word",
  bpe: "subword",
};

/** The options, in the order of the help. @param units names that `--unit` takes */
export const generatorOptions = (units: readonly string[]): readonly Option[] => [
  option(
    data,
    "--train <file...>",
    "a text, or a table of texts; of music MIDI files, folders of them, or piano-rolls as JSON (required)",
  ),
  option(
    data,
    "--valid <file...>",
    "chooses the best epoch (default: of piano-rolls their own part; of one text the last tenth, of lines or pieces a tenth is held back)",
  ),
  option(data, "--test <file...>", "to report on at the end"),
  option(data, "--split <a,b[,c]>", "parts of --train by position, as in 0.9,0.1", split),
  choice(data, "--unit <name>", "what is learned (default: by the files, note or char)", units),
  option(
    data,
    "--lines",
    "each line of a text is a sequence of its own, as rows of a table are (their learning rate: 0.005)",
  ),
  choice(data, "--format <name>", "format of all the files (default: by extension)", [
    ...exampleFormats.filter((name) => name !== "ts"),
    "txt",
  ]),
  option(data, "--text <column>", "column of the text in a table, by name or number (default: found)"),
  option(data, "--label <column>", "column of what each text is written for (default: none)"),
  option(data, "--vocabulary <n>", "most tokens (default: 2000 for bpe, otherwise all)", wholeNumber(2)),
  option(
    data,
    "--minimum-count <n>",
    "how often a token has to occur to be known (default: 1 for char, otherwise 2)",
    wholeNumber(1),
  ),
  option(
    data,
    "--steps-per-beat <n>",
    "steps of a quarter note, of piano-rolls (default: 4 for MIDI files, 1 for JSON)",
    wholeNumber(1, 96),
  ),
  option(model, "--cell <name|file.js>", "recurrent cell, see `unrolled cells` (default: gru)"),
  option(model, "--units <n,...>", "hidden units of each layer (default: 256; note 200)", sizes),
  option(model, "--layers <n>", "so many layers of --units (default: 1)", wholeNumber(1)),
  option(
    model,
    "--embedding <n>",
    "features per token; 0: one-hot (default: 0 for char, otherwise as the last layer)",
    wholeNumber(0),
  ),
  option(model, "--no-tied", "tokens are written with other weights than they are read with"),
  option(
    model,
    "--dropout <p>",
    "share of values dropped in training (default: 0.1; note 0.3, joint 0.4; event 0.2)",
    dropRate,
  ),
  choice(
    model,
    "--output <name>",
    "note: a sigmoid for each key, or one note after another (default: independent)",
    ["independent", "joint"],
  ),
  option(
    model,
    "--input-dropout <p>",
    "note: share of the keys that are not read (default: 0.1, joint 0)",
    dropRate,
  ),
  option(
    model,
    "--recurrent-dropout <p>",
    "share of the states that recurrent products do not see (default: 0; note 0.5, joint 0.3)",
    dropRate,
  ),
  ...trainingOptions({ ...defaults, learningRate: "0.004; of lines 0.005; note 0.003; event 0.002" }),
  option(
    "Training:",
    "--bptt <n>",
    "steps of one text over which gradients flow back, and after which weights are updated (default: 32)",
    wholeNumber(1),
  ),
  option(
    "Training:",
    "--segment <n>",
    "note: longer pieces are cut into parts of so many steps (default: 256)",
    wholeNumber(1),
  ),
  ...outputOptions("generator"),
];

/** @throws UsageError naming the options that contradict each other */
export function refuse(chosen: ChosenGenerator): void {
  refuseTrainingContradictions(chosen);
  const { split: parts, valid, test, label, text, lines } = chosen;
  refuseLayers(chosen);
  if (parts !== undefined && valid !== undefined)
    throw new UsageError("--split and --valid contradict each other; give the one that says what validates");
  if (parts !== undefined && parts.split(",").length > 2 && test !== undefined)
    throw new UsageError("--split has a part to test on, and so has --test; give one of the two");
  if (lines && (label !== undefined || text !== undefined))
    throw new UsageError(
      `--lines is for a text; ${label === undefined ? "--text" : "--label"} is for a table`,
    );
}

type TextSettings = Omit<TextGeneratorOptions, "train" | "valid" | "executor">;

/** What the library takes beside data, executor and callbacks, by the kind that the data turns out to be. */
export type GeneratorSettings = Readonly<Record<GeneratorKind, TextSettings>>;

/** The library's options for what was chosen. */
export const modelOptions = async (chosen: ChosenGenerator): Promise<GeneratorSettings> => ({
  text: await optionsFor(chosen, "text"),
  lines: await optionsFor(chosen, "lines"),
});

async function optionsFor(chosen: ChosenGenerator, kind: GeneratorKind): Promise<TextSettings> {
  const { learningRate } = kind === "text" ? defaults : { learningRate: learningRateOfLines };
  return given<TextSettings>({
    // Also what follows a warm-up.
    ...trainingSettings({ schedule: "cosine", ...chosen }, { ...defaults, learningRate }),
    unit: textUnitNames[chosen.unit ?? "char"],
    cell: chosen.cell === undefined ? undefined : await loadCell(chosen.cell),
    units: layerSizes(chosen, 256),
    embedding: chosen.embedding,
    // What was not chosen is true for commander, and depends on the embedding for the library.
    tied: chosen.tied === false ? false : undefined,
    dropout: chosen.dropout,
    recurrentDropout: chosen.recurrentDropout,
    vocabularySize: chosen.vocabulary,
    minimumCount: chosen.minimumCount,
    bptt: chosen.bptt,
  });
}
