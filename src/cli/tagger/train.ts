// `unrolled train tagger`: what it reads, how it trains, what it reports.
import { labelConflicts, readTagged, stratifiedHoldOut, type TaggedSentence } from "../../data/index.js";
import { fileSource } from "../../data/node.js";
import { type Tagger, tagger } from "../../tasks/index.js";
import { count, counted } from "../talk.js";
import { type TaskData, type TaskResult, type TrainableTask, trainingLines } from "../train-task.js";
import { type ChosenTagger, modelOptions, refuse, taggerOptions } from "./options.js";
import { keyed, mainScore, mistakeLines, overlapText, scoreText, typeLines, verdict } from "./report.js";

interface TaggerData extends TaskData {
  readonly train: readonly TaggedSentence[];
  readonly valid: readonly TaggedSentence[];
  readonly test?: readonly TaggedSentence[];
  readonly validFrom?: string;
}

/** The tagger as `unrolled train` has it. */
export const trainableTagger: TrainableTask<ChosenTagger, TaggerData, Tagger> = {
  name: "tagger",
  describes: "Train a model that gives every token of a sentence a tag: named entities, parts of speech.",
  usage: "--train FILE... [options]",
  examples: `  unrolled train tagger --train train.conll --valid dev.conll --test test.conll --out names.safetensors
  unrolled train tagger --train train.conllu --test test.conllu --cell lstm --minutes 5`,
  options: taggerOptions,
  score: "score",
  refuse,
  read,
  async train(chosen, { train, valid }, training) {
    return tagger.train({ ...(await modelOptions(chosen)), ...training, train, valid });
  },
  judge,
};

async function read(chosen: ChosenTagger & { readonly train: readonly string[] }): Promise<TaggerData> {
  const { format, tagColumn, seed = 1 } = chosen;
  const remarks: string[] = [];
  const from = async (files: readonly string[]): Promise<TaggedSentence[]> => {
    const parts = await Promise.all(files.map((file) => readTagged(fileSource(file), { format, tagColumn })));
    const skipped = parts.reduce((sum, part) => sum + part.skipped, 0);
    if (skipped > 0)
      remarks.push(`${files.join(", ")}: passed over ${counted(skipped, "line")} that are no tokens`);
    return parts.flatMap((part) => part.sentences);
  };
  const all = await from(chosen.train);
  const test = chosen.test ? { test: await from(chosen.test) } : {};
  const parts = chosen.valid ? { train: all, valid: await from(chosen.valid) } : heldOut(all, seed);
  const sizes = [
    `${counted(parts.train.length, "sentence")} to train with`,
    `${count(parts.valid.length)} to validate on${chosen.valid ? "" : " (held back from training)"}`,
    ...(test.test ? [`${count(test.test.length)} to test on`] : []),
  ];
  const validFrom = chosen.valid ? {} : { validFrom: "held back from training" };
  return { ...parts, ...test, ...validFrom, remarks: [...remarks, sizes.join(", ")] };
}

/** As the library would hold back itself; done here so that the report can say how the model does on it. */
function heldOut(all: readonly TaggedSentence[], seed: number): Pick<TaggerData, "train" | "valid"> {
  const kinds = all.map(({ tags }) => String(tags.some((tag) => tag !== "O")));
  const parts = stratifiedHoldOut(kinds, { seed });
  const take = (rows: Int32Array): TaggedSentence[] => Array.from(rows, (i) => all[i] as TaggedSentence);
  return { train: take(parts.train), valid: take(parts.held) };
}

async function judge(model: Tagger, data: TaggerData): Promise<TaskResult> {
  const { train, valid, test, validFrom } = data;
  const onValid = await model.evaluate(valid);
  const onTest = test ? await model.evaluate(test) : undefined;
  const [last, sentences] = [onTest ?? onValid, test ?? valid];
  const { majority, mostFrequentTag } = tagger.baselines(train, sentences);
  const cells = model.network.layers.flatMap(({ layer }) => (layer.kind === "recurrent" ? [layer] : []));
  const cell = cells[0]?.cell.name;
  const on = (n: number, from?: string): string => ` on ${counted(n, "sentence")}${from ? `, ${from}` : ""}`;
  const different = labelConflicts(train.map(keyed)).length;
  const lines = [
    [
      "tagger",
      `${cell}, ${cells.map((layer) => layer.units).join(", ")} units, both directions, ${model.network.loss}`,
    ],
    ["tags", `${model.tags.length}${model.scheme ? `, spans as ${model.scheme}` : ""}`],
    ["parameters", count(model.parameterCount)],
    ...trainingLines(model),
    ["validation", scoreText(onValid) + on(valid.length, validFrom)],
    ...(onTest ? [["test", scoreText(onTest) + on(sentences.length)]] : []),
    ...typeLines(last),
    ["baselines", `each word's most frequent tag: ${scoreText(mostFrequentTag)}`],
    ["", verdict(last, mainScore(mostFrequentTag))],
    ["data", overlapText(train, sentences)],
    ...(different > 0
      ? [["", `${counted(different, "sentence")} of the training data stand there with different tags`]]
      : []),
    ...mistakeLines(sentences, last.predicted),
  ];
  const { seconds, epochs } = model.training as NonNullable<Tagger["training"]>;
  const facts = {
    ...{ task: "tagger", cell, parameters: model.parameterCount, seconds, epochs },
    metrics: { valid: onValid.metrics, ...(onTest ? { test: onTest.metrics } : {}) },
    interval: last.interval,
    byType: last.byType,
    baselines: { majority: majority.metrics, mostFrequentTag: mostFrequentTag.metrics },
  };
  return { facts, lines };
}
