/**
 * `unrolled train tagger`: what it reads, how it trains, what it reports.
 */

import { labelConflicts, readTagged, type TaggedSentence } from "../../../data/index.js";
import { fileSource } from "../../../data/node.js";
import { type Tagger, tagger } from "../../../tasks/index.js";
import { namesOf, optionsOf } from "../../terminal/row-options.js";
import { count, counted, percent } from "../../terminal/talk.js";
import { recurrentLayers, type TaskResult, type TrainableTask, trainingLines } from "../../training/train.js";
import {
  type DataParts,
  heldBack,
  intervalFacts,
  judgeParts,
  metricFacts,
  scoreLines,
  sizesText,
} from "../parts.js";
import { type ChosenTagger, modelOptions, refuse, type TaggerSettings, taggerTable } from "./options.js";
import { keyed, mainScore, mistakeLines, overlapText, scoreText, typeLines, verdict } from "./report.js";

type TaggerData = DataParts<TaggedSentence>;

/** The tagger as `unrolled train` has it. */
export const trainableTagger: TrainableTask<ChosenTagger, TaggerSettings, TaggerData, Tagger> = {
  name: "tagger",
  describes: "Train a model that gives every token of a sentence a tag: named entities, parts of speech.",
  usage: "--train FILE... [options]",
  examples: `  unrolled train tagger --train train.conll --valid dev.conll --test test.conll --out names.safetensors
  unrolled train tagger --train train.conllu --test test.conllu --cell lstm --minutes 5`,
  options: optionsOf(taggerTable),
  names: namesOf(taggerTable),
  score: (valid) => `score ${percent(valid)}`,
  refuse,
  settings: modelOptions,
  read,
  train: (settings, { train, valid }, training) => tagger.train({ ...settings, ...training, train, valid }),
  judge,
};

async function read(chosen: ChosenTagger & { readonly train: readonly string[] }): Promise<TaggerData> {
  const { format, tagColumn, seed = 1 } = chosen;
  const remarks: string[] = [];
  const from = async (files: readonly string[]): Promise<TaggedSentence[]> => {
    const parts = await Promise.all(files.map((file) => readTagged(fileSource(file), { format, tagColumn })));
    const skipped = parts.reduce((sum, part) => sum + part.skipped, 0);
    if (skipped > 0)
      remarks.push(`${files.join(", ")}: skipped ${counted(skipped, "line")} that hold no token`);
    return parts.flatMap((part) => part.sentences);
  };
  const all = await from(chosen.train);
  const test = chosen.test ? { test: await from(chosen.test) } : {};
  const valid = chosen.valid ? { valid: await from(chosen.valid) } : {};
  const validFrom = chosen.valid ? {} : { validFrom: heldBack };
  const parts = { ...tagger.holdOut({ train: all, ...valid }, seed), ...test, ...validFrom };
  if (parts.test) tagger.check(all, parts.test);
  return { ...parts, remarks: [...remarks, sizesText("sentence", parts)] };
}

async function judge(model: Tagger, data: TaggerData): Promise<TaskResult> {
  const { train, valid, test } = data;
  const judged = await judgeParts(data, (sentences) => model.evaluate(sentences));
  const { last } = judged;
  const sentences = test ?? valid;
  const { majority, mostFrequentTag } = tagger.baselines(train, sentences);
  const { cell, units } = recurrentLayers(model);
  const different = labelConflicts(train.map(keyed)).length;
  const lines = [
    ["tagger", `${cell}, ${units.join(", ")} units, both directions, ${model.network.loss}`],
    ["tags", `${model.tags.length}${model.scheme ? `, spans as ${model.scheme}` : ""}`],
    ["parameters", count(model.parameterCount)],
    ...trainingLines(model),
    ...scoreLines("sentence", data, { ...judged, text: scoreText }),
    ...typeLines(last),
    ["baselines", `each word's most frequent tag: ${scoreText(mostFrequentTag)}`],
    ["", verdict(last, mainScore(mostFrequentTag))],
    ["data", overlapText(train, sentences)],
    ...(different > 0
      ? [["", `${counted(different, "sentence")} of the training data occur in it with different tags`]]
      : []),
    ...mistakeLines(sentences, last.predicted),
  ];
  const { seconds, epochs } = model.training!;
  const facts = {
    task: "tagger",
    cell,
    parameters: model.parameterCount,
    seconds,
    epochs,
    metrics: metricFacts(judged),
    intervals: intervalFacts(judged),
    byType: last.byType,
    baselines: { majority: majority.metrics, mostFrequentTag: mostFrequentTag.metrics },
  };
  return { facts, lines };
}
