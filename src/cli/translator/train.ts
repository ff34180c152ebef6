// `unrolled train translator`: what it reads, how it trains, what it reports.
import {
  labelConflicts,
  overlap,
  type ParallelPair,
  readParallel,
  stratifiedHoldOut,
} from "../../data/index.js";
import { fileSource } from "../../data/node.js";
import { type Translator, translator } from "../../tasks/index.js";
import { sentenceChrf } from "../../train/index.js";
import { count, counted } from "../talk.js";
import { type TaskData, type TaskResult, type TrainableTask, trainingLines } from "../train-task.js";
import { type ChosenTranslator, modelOptions, refuse, translatorOptions } from "./options.js";
import { scoreText } from "./report.js";

interface TranslatorData extends TaskData {
  readonly train: readonly ParallelPair[];
  readonly valid: readonly ParallelPair[];
  readonly test?: readonly ParallelPair[];
  readonly validFrom?: string;
}

/** The translator as `unrolled train` has it. */
export const trainableTranslator: TrainableTask<ChosenTranslator, TranslatorData, Translator> = {
  name: "translator",
  describes:
    "Train a model that writes one text for another: translations, dates in one form, words in sounds.",
  usage: "--train SOURCES TARGETS | --train TABLE [options]",
  examples: `  unrolled train translator --train train.en train.de --valid val.en val.de --test test.en test.de
  unrolled train translator --train dates.tsv --units 64 --embedding 64 --vocabulary 100 --minutes 1`,
  options: translatorOptions,
  score: "token probability",
  refuse,
  read,
  async train(chosen, { train, valid }, training) {
    return translator.train({ ...(await modelOptions(chosen)), ...training, train, valid });
  },
  judge,
};

async function read(
  chosen: ChosenTranslator & { readonly train: readonly string[] },
): Promise<TranslatorData> {
  const { seed = 1 } = chosen;
  const remarks: string[] = [];
  const from = async (files: readonly string[]): Promise<readonly ParallelPair[]> => {
    const { pairs, skipped } = await readParallel(files.map(fileSource));
    if (skipped > 0)
      remarks.push(`${files.join(", ")}: passed over ${counted(skipped, "line")} without a text`);
    return pairs;
  };
  const all = await from(chosen.train);
  const test = chosen.test ? { test: await from(chosen.test) } : {};
  const parts = chosen.valid ? { train: all, valid: await from(chosen.valid) } : heldOut(all, seed);
  const validFrom = chosen.valid ? {} : { validFrom: "held back from training" };
  const sizes = [
    `${counted(parts.train.length, "pair")} to train with`,
    `${count(parts.valid.length)} to validate on${chosen.valid ? "" : " (held back from training)"}`,
    ...(test.test ? [`${count(test.test.length)} to test on`] : []),
  ];
  return { ...parts, ...test, ...validFrom, remarks: [...remarks, sizes.join(", ")] };
}

/** As the library would hold back itself; done here so that the report can say how the model does on it. */
function heldOut(all: readonly ParallelPair[], seed: number): Pick<TranslatorData, "train" | "valid"> {
  const parts = stratifiedHoldOut(
    all.map(() => ""),
    { seed },
  );
  const take = (rows: Int32Array): ParallelPair[] => Array.from(rows, (i) => all[i] as ParallelPair);
  return { train: take(parts.train), valid: take(parts.held) };
}

/** Translations that are shown. */
const SHOWN = 3;

async function judge(model: Translator, data: TranslatorData): Promise<TaskResult> {
  const { train, valid, test, validFrom } = data;
  const onValid = await model.evaluate(valid);
  const onTest = test ? await model.evaluate(test) : undefined;
  const [last, pairs] = [onTest ?? onValid, test ?? valid];
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
    .map(({ target }, i) => ({ i, score: sentenceChrf(last.predicted[i] as string, [target]) }))
    .sort((a, b) => a.score - b.score)
    .slice(0, SHOWN);
  const on = (n: number, from?: string): string => ` on ${counted(n, "pair")}${from ? `, ${from}` : ""}`;
  const lines = [
    ["translator", `${cell}, ${units.join(", ")} units, attention ${attention}`],
    [
      "vocabulary",
      `${counted(model.source.size, "token")} of the source, ${count(model.target.size)} of the target`,
    ],
    ["parameters", count(model.parameterCount)],
    ...trainingLines(model),
    ["validation", scoreText(onValid) + on(valid.length, validFrom)],
    ...(onTest ? [["test", scoreText(onTest) + on(pairs.length)]] : []),
    [
      "baseline",
      `the source as it stands: BLEU ${copy.metrics.bleu.toFixed(1)}, chrF ${copy.metrics.chrf.toFixed(1)}`,
    ],
    ["data", `${counted(known, "source")} of ${count(pairs.length)} stand in the training data too`],
    ...(several > 0 ? [["", `${counted(several, "source")} of the training data have several targets`]] : []),
    ...worst.flatMap(({ i }, n) => {
      const { source, target, file, line } = pairs[i] as ParallelPair;
      return [[n === 0 ? "worst" : "", `${file}:${line}: ${source} → ${last.predicted[i]} (${target})`]];
    }),
  ];
  const { seconds, epochs } = model.training as NonNullable<Translator["training"]>;
  const facts = {
    ...{ task: "translator", cell, parameters: model.parameterCount, seconds, epochs },
    metrics: { valid: onValid.metrics, ...(onTest ? { test: onTest.metrics } : {}) },
    interval: last.interval,
    baselines: { copy: copy.metrics },
  };
  return { facts, lines };
}

function decoderOf({ network }: Translator): { units: readonly number[]; cell: string; attention: string } {
  for (const { layer } of network.layers)
    if (layer.kind === "decoder") return { ...layer, cell: layer.cell.name };
  return { units: [], cell: "", attention: "none" };
}
