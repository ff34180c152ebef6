/**
 * `unrolled train tagger`: what it reads, how it trains, what it reports.
 */

import {
  DataError,
  labelConflicts,
  readTagged,
  type TaggedSentence,
  type TaggedSentences,
} from "../../../data/index.js";
import { fileSource } from "../../../data/node.js";
import { keyed as optionKeyed } from "../../../options/index.js";
import { type Tagger, type TagReading, tagger } from "../../../tasks/index.js";
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

interface TaggerData extends DataParts<TaggedSentence> {
  /** How tags mark spans, where that was told. */
  readonly tagScheme?: TaggerSettings["tagScheme"];
}

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
  const { format, tokenColumn, tagColumn, tagScheme, seed = 1 } = chosen;
  const remarks: string[] = [];
  const from = async (files: readonly string[]): Promise<readonly TaggedSentences[]> => {
    const options = { format, tokenColumn, tagColumn };
    const parts = await Promise.all(files.map((file) => readTagged(fileSource(file), options)));
    const skipped = parts.reduce((sum, part) => sum + part.skipped, 0);
    remarks.push(...parts.flatMap((part) => part.notices));
    if (skipped > 0)
      remarks.push(`${files.join(", ")}: skipped ${counted(skipped, "line")} that hold no token`);
    return parts;
  };
  const sentences = async (files: readonly string[]): Promise<TaggedSentence[]> =>
    (await from(files)).flatMap((part) => part.sentences);
  const parts = await from(chosen.train);
  const all = parts.flatMap((part) => part.sentences);
  requireTags(chosen.train, parts);
  const reading = tagger.reading(all, tagScheme);
  remarks.push(schemeText(all, reading));
  const test = chosen.test ? { test: await sentences(chosen.test) } : {};
  const valid = chosen.valid ? { valid: await sentences(chosen.valid) } : {};
  const validFrom = chosen.valid ? {} : { validFrom: heldBack };
  const data = { ...tagger.holdOut({ train: all, ...valid }, seed), ...test, ...validFrom };
  if (data.test) tagger.check(all, data.test, tagScheme);
  const told = tagScheme === undefined ? {} : { tagScheme };
  return { ...data, ...told, remarks: [...remarks, sizesText("sentence", data)] };
}

/** @throws DataError if all tokens have the same tag, naming the columns that could be meant */
function requireTags(files: readonly string[], parts: readonly TaggedSentences[]): void {
  const tags = new Set(parts.flatMap((part) => part.sentences.flatMap((sentence) => sentence.tags)));
  const [only] = tags;
  if (tags.size > 1) return;
  const others = (parts[0]?.others ?? []).filter(({ values }) => values > 1);
  const listed = others.map(
    ({ column, values }) => `${column} with ${values >= 1000 ? "very many" : values} different values`,
  );
  throw new DataError({
    file: files.join(", "),
    problem: `has the tag "${only}" for every token`,
    remedy: optionKeyed(
      listed.length === 0
        ? "A tagger needs two tags or more."
        : `Choose the column of the tags with {tagColumn}: there are column ${listed.join(", and ")}.`,
    ),
  });
}

/** How many lines are named. */
const NAMED = 10;

/** "tags: IOB2, 2 lines do not keep to it: 14, 88; taken as B-PER". */
function schemeText(all: readonly TaggedSentence[], { scheme, notation, slips }: TagReading): string {
  if (scheme === undefined) return "tags: they mark no spans";
  const written = notation === undefined ? "" : `, written ${spanExample(all, notation)}`;
  if (slips.length === 0) return `tags: ${scheme}${written}`;
  const lines = slips.slice(0, NAMED).map(({ sequence, at, tag, taken }) => {
    const { line, lines: own } = all[sequence]!;
    return `${own?.[at] ?? line + at} (${tag}${taken === undefined ? "" : ` is taken as ${taken}`})`;
  });
  const more = slips.length > NAMED ? `, and ${slips.length - NAMED} more` : "";
  return `tags: ${scheme}${written}, ${slips.length === 1 ? "1 line does" : `${slips.length} lines do`} not keep to it: ${lines.join(", ")}${more}`;
}

/** A tag that the file does not write as it is usual. */
function spanExample(
  all: readonly TaggedSentence[],
  { letters, separator, isSuffix }: NonNullable<TagReading["notation"]>,
): string {
  const isUsual = /^(?:O|[BIES](?:-.*)?)$/su;
  for (const { tags } of all)
    for (const tag of tags)
      if (
        !isUsual.test(tag) &&
        tag !== letters[4] &&
        [...letters].some(
          (letter) =>
            tag === letter ||
            (isSuffix ? tag.endsWith(separator + letter) : tag.startsWith(letter + separator)),
        )
      )
        return `as in ${tag}`;
  return `with ${letters}`;
}

async function judge(model: Tagger, data: TaggerData): Promise<TaskResult> {
  const { train, valid, test } = data;
  const judged = await judgeParts(data, (sentences) => model.evaluate(sentences));
  const { last } = judged;
  const sentences = test ?? valid;
  const { majority, mostFrequentTag } = tagger.baselines(train, sentences, data.tagScheme);
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
