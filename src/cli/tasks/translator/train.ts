/**
 * `unrolled train translator`: what it reads, how it trains, what it reports.
 */

import { labelConflicts, overlap, type ParallelPair, readParallel } from "../../../data/index.js";
import { fileSource } from "../../../data/node.js";
import { type Translator, translator } from "../../../tasks/index.js";
import { sentenceChrf } from "../../../train/index.js";
import { namesOf, optionsOf } from "../../terminal/row-options.js";
import { count, counted, percent } from "../../terminal/talk.js";
import { type TaskResult, type TrainableTask, trainingLines } from "../../training/train.js";
import {
  type DataParts,
  heldBack,
  intervalFacts,
  judgeParts,
  metricFacts,
  scoreLines,
  sizesText,
} from "../parts.js";
import {
  type ChosenTranslator,
  modelOptions,
  refuse,
  type TranslatorSettings,
  translatorTable,
} from "./options.js";
import { scoreText } from "./report.js";

type TranslatorData = DataParts<ParallelPair>;

/** The translator as `unrolled train` has it. */
export const trainableTranslator: TrainableTask<
  ChosenTranslator,
  TranslatorSettings,
  TranslatorData,
  Translator
> = {
  name: "translator",
  describes:
    "Train a model that turns one text into another: translations, dates in one form, words into sounds.",
  usage: "--train SOURCES TARGETS | --train TABLE [options]",
  examples: `  unrolled train translator --train train.en train.de --valid val.en val.de --test test.en test.de
  unrolled train translator --train dates.tsv --units 64 --embedding 64 --vocabulary 100 --minutes 1`,
  options: optionsOf(translatorTable),
  names: namesOf(translatorTable),
  score: (valid) => `token probability ${percent(valid)}`,
  refuse,
  settings: modelOptions,
  read,
  train: (settings, { train, valid }, training) =>
    translator.train({ ...settings, ...training, train, valid }),
  judge,
};

async function read(
  chosen: ChosenTranslator & { readonly train: readonly string[] },
): Promise<TranslatorData> {
  const { seed = 1 } = chosen;
  const remarks: string[] = [];
  const from = async (files: readonly string[]): Promise<readonly ParallelPair[]> => {
    const { pairs, skipped } = await readParallel(files.map(fileSource));
    if (skipped > 0) remarks.push(`${files.join(", ")}: skipped ${counted(skipped, "line")} without a text`);
    return pairs;
  };
  const all = await from(chosen.train);
  const test = chosen.test ? { test: await from(chosen.test) } : {};
  const valid = chosen.valid ? { valid: await from(chosen.valid) } : {};
  const validFrom = chosen.valid ? {} : { validFrom: heldBack };
  const parts = { ...translator.holdOut({ train: all, ...valid }, seed), ...test, ...validFrom };
  return { ...parts, remarks: [...remarks, sizesText("pair", parts)] };
}

/** Translations that are shown. */
const SHOWN = 3;

async function judge(model: Translator, data: TranslatorData): Promise<TaskResult> {
  const { train, valid, test } = data;
  const judged = await judgeParts(data, (pairs) => model.evaluate(pairs));
  const { last } = judged;
  const pairs = test ?? valid;
  const { copy } = translator.baselines(pairs);
  const { units, cell, attention } = decoderOf(model);
  const keyed = ({ source, target, file, line }: ParallelPair) => ({
    key: source,
    label: target,
    file,
    line,
  });
  const known = overlap(train.map(keyed), pairs.map(keyed)).length;
  const several = labelConflicts(train.map(keyed)).length;
  const worst = pairs
    .map(({ target }, i) => ({ i, score: sentenceChrf(last.predicted[i]!, [target]) }))
    .sort((a, b) => a.score - b.score)
    .slice(0, SHOWN);
  const lines = [
    ["translator", `${cell}, ${units.join(", ")} units, attention ${attention}`],
    [
      "vocabulary",
      `${counted(model.source.size, "token")} of the source, ${count(model.target.size)} of the target`,
    ],
    ["parameters", count(model.parameterCount)],
    ...trainingLines(model),
    ...scoreLines("pair", data, { ...judged, text: scoreText }),
    [
      "baseline",
      `the source as it stands: BLEU ${copy.metrics.bleu.toFixed(1)}, chrF ${copy.metrics.chrf.toFixed(1)}`,
    ],
    ["data", `${counted(known, "source")} of ${count(pairs.length)} also occur in the training data`],
    ...(several > 0 ? [["", `${counted(several, "source")} of the training data have several targets`]] : []),
    ...worst.flatMap(({ i }, n) => {
      const { source, target, file, line } = pairs[i]!;
      return [[n === 0 ? "worst" : "", `${file}:${line}: ${source} → ${last.predicted[i]} (${target})`]];
    }),
  ];
  const { seconds, epochs } = model.training!;
  const facts = {
    task: "translator",
    cell,
    parameters: model.parameterCount,
    seconds,
    epochs,
    metrics: metricFacts(judged),
    intervals: intervalFacts(judged),
    baselines: { copy: copy.metrics },
  };
  return { facts, lines };
}

function decoderOf({ network }: Translator): { units: readonly number[]; cell: string; attention: string } {
  for (const { layer } of network.layers)
    if (layer.kind === "decoder") return { ...layer, cell: layer.cell.name };
  return { units: [], cell: "", attention: "none" };
}
