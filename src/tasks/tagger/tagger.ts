/**
 * The tagger: a tag for every token, the notes' many-to-many with T_x = T_y (named entities; parts of speech). Words,
 * their shape and their characters (with a recurrent network of their own) are read by a stack in both directions; a
 * conditional
 * random field chooses the best sequence of tags, as in Lample et al. 2016. Configuration and data handling only.
 */
import { cutFromJson, DataError, type HeldOut, heldOut, learnCut } from "../../data/index.js";
import type { Home } from "../../exec/executor.js";
import { FileFormatError, type ModelFile, readFiniteModel } from "../../io/index.js";
import {
  dropout,
  type Example,
  embedding,
  features,
  type Layer,
  linear,
  type Network,
  type NetworkLayer,
  network,
  type Parameters,
  type Prediction,
  pool,
  recurrent,
} from "../../nn/index.js";
import { checkOptions, keyed, type WithDefaults, withDefaults } from "../../options/index.js";
import { fit } from "../../train/fit.js";
import type { SpanScheme } from "../../train/metrics/index.js";
import { atHome } from "../shared/home.js";
import { exampleNames, fitOptions } from "../task.js";
import { trainInWorker, wantsWorker } from "../worker/in-worker.js";
import { taggerInput, taggerInputs, taggerVocabularies, vocabulariesFromJson, wordOf } from "./input.js";
import {
  checkTagged,
  judge,
  mostProbable,
  scoreTags,
  type TaggedExample,
  type Tagger,
  type TaggerEvaluation,
  taggerData,
  taggerOf,
} from "./model.js";
import { type TaggerOptions, taggerRows } from "./options.js";
import { notationFromJson, usualTag } from "./tag-notation.js";
import { keptTo, readingOf, type TagReading, transitionRule } from "./tag-scheme.js";

/** A score that no evidence can outweigh. */
const FORBIDDEN = -1e4;

/**
 * Trains a tagger; `valid` in its progress is the F1 of entities on the validation data, or the accuracy of tags if they
 * mark no spans. If the training data keeps to one of the schemes BIO, BIOES or IOB1, so does every prediction of a
 * tagger with a conditional random field.
 *
 * @throws DataError if there are no sentences, or one does not have as many tags as tokens
 * @throws OptionError if an option is unknown, wrong or has no effect
 * @throws TrainingError, see `fit`
 */
export async function train(options: TaggerOptions): Promise<Tagger> {
  checkOptions(options, taggerRows, "tagger.train");
  if (wantsWorker(options)) {
    const { bytes, training } = await trainInWorker("tagger", options);
    return { ...(await load(bytes)), training };
  }
  const chosen = withDefaults(options, taggerRows);
  const { seed, minimumCount } = chosen;
  const { labelSmoothing, tagScheme } = options;
  checkTagged(options.train);
  const { scheme, notation } = reading(options.train, tagScheme);
  const known = new Set(options.train.flatMap((s) => s.tags));
  if (options.valid) checkTagged(options.valid, { scheme, notation, known: [...known] });
  requireTags(options.train, known);
  const { train: examples, valid } = holdOut(options, seed);
  // What does not keep to the scheme is learnt as what it is taken for: the transitions that it would need are forbidden.
  const taken = (s: TaggedExample): readonly string[] => (scheme ? keptTo(s.tags, scheme, notation) : s.tags);
  const tags = [...new Set(options.train.flatMap(taken))].sort();
  const cut = learnCut(options.train.map((s) => s.tokens));
  const vocabularies = taggerVocabularies(
    examples.map((s) => s.tokens),
    minimumCount,
  );
  const net = taggerNetwork(chosen, taggerInputs(vocabularies), tags.length);
  const tagNumber = new Map(tags.map((tag, k) => [tag, k]));
  const input = (s: TaggedExample): Example["input"] => taggerInput(s.tokens, vocabularies, net);
  const score = (predictions: readonly Prediction[]): number => {
    const predicted = predictions.map((p) => mostProbable(p).map((k) => tags[k]!));
    const { f1, accuracy } = scoreTags(valid, predicted, { scheme, notation }).metrics;
    return f1 ?? accuracy!;
  };
  return atHome({ executor: options.executor, threads: chosen.threads }, async (home) => {
    const { parameters, training } = await fit(net, {
      parameters: (initial) =>
        constrained(
          initial,
          tags.map((tag) => usualTag(tag, notation)),
          scheme,
        ),
      executor: home.session.executor,
      ...fitOptions(options, chosen, {
        rows: taggerRows,
        model: { task: "tagger", data: taggerData({ tags, scheme, notation, cut, vocabularies }) },
      }),
      ...(labelSmoothing === undefined ? {} : { labelSmoothing }),
      ...exampleNames(examples),
      train: examples.map((s) => ({
        input: input(s),
        target: taken(s).map((tag) => tagNumber.get(tag)!),
      })),
      valid: { examples: valid.map((s) => ({ input: input(s) })), score },
    });
    return taggerOf({ net, parameters, tags, scheme, notation, cut, vocabularies, home, training });
  });
}

/** @throws DataError if all tokens have the same tag: there is nothing to learn */
function requireTags(train: readonly TaggedExample[], known: ReadonlySet<string>): void {
  const [only] = known;
  if (known.size > 1 || only === undefined) return;
  throw new DataError({
    file: train[0]?.file ?? "data",
    problem: `has the tag "${only}" for every token`,
    remedy: keyed("A tagger needs two tags or more. Is it the right column? Choose it with {tagColumn}."),
  });
}

/** How the tags of sentences mark spans, and which of them do not keep to it. @param told see `tagScheme` */
function reading(train: readonly TaggedExample[], told?: TaggerOptions["tagScheme"]): TagReading {
  return readingOf(
    train.map((s) => s.tags),
    told,
  );
}

/** Training and validation data: a seeded tenth is held back, both of sentences with entities and of those without. */
function holdOut<Example extends TaggedExample>(
  data: { readonly train: readonly Example[]; readonly valid?: readonly Example[] | undefined },
  seed: number,
): HeldOut<Example> {
  return heldOut(data, ({ tags }) => String(tags.some((tag) => tag !== "O")), seed);
}

/** Parameters that forbid the transitions that the scheme does not allow. */
function constrained(
  parameters: Parameters,
  tags: readonly string[],
  scheme: SpanScheme | undefined,
): Parameters {
  // Without a conditional random field there are no transitions, and thinking of each pair of tags takes long.
  if (!parameters.has("crf.w_t")) return parameters;
  const may = transitionRule(tags, scheme);
  const by: Readonly<Record<string, (i: number) => boolean>> = {
    // Row-major: to, from.
    "crf.w_t": (i) => may(i % tags.length, Math.floor(i / tags.length)),
    "crf.b_start": (to) => may(-1, to),
    "crf.b_end": (from) => may(from, -1),
  };
  const out = new Map(parameters);
  for (const [name, allowed] of Object.entries(by)) {
    const tensor = out.get(name);
    if (tensor) out.set(name, { ...tensor, data: tensor.data.map((v, i) => (allowed(i) ? v : FORBIDDEN)) });
  }
  return out;
}

function taggerNetwork(
  options: WithDefaults<TaggerOptions, typeof taggerRows>,
  inputs: ReturnType<typeof taggerInputs>,
  tags: number,
): Network {
  const { cell, units, embedding: width, characters, output, dropout: rate } = options;
  const { wordDropout, recurrentDropout } = options;
  const word: Layer[] = [embedding({ width })];
  if (wordDropout > 0) word.push(dropout({ rate: wordDropout, mask: "token" }));
  const spelling = (): Record<string, Layer[]> => ({
    characters: [
      embedding({ width: characters }),
      recurrent({ cell, units: characters, direction: "both" }),
      pool({ by: "last" }),
    ],
  });
  const { characters: letters, ...others } = inputs;
  const layers: NetworkLayer[] = [features({ word, shape: [], ...(characters > 0 ? spelling() : {}) })];
  for (const n of units)
    layers.push(dropout({ rate }), recurrent({ cell, units: n, direction: "both", recurrentDropout }));
  layers.push(dropout({ rate }), linear({ units: tags }));
  return network({
    input: { inputs: characters > 0 && letters ? { ...others, characters: letters } : others },
    layers,
    loss: output === "crf" ? "crf" : "crossEntropy",
  });
}

/** Opens a tagger that was saved. @throws FileFormatError if the bytes are not such a model */
export async function load(
  bytes: Uint8Array,
  options: { readonly name?: string; readonly executor?: Home } = {},
): Promise<Tagger> {
  const { name = "model" } = options;
  return open(readFiniteModel(bytes, name), { ...options, name });
}

/** Opens a tagger from a model file that has been read already. @throws FileFormatError if it is of another task */
async function open(
  model: ModelFile,
  options: { readonly name: string; readonly executor?: Home },
): Promise<Tagger> {
  const fail = (problem: string, remedy: string): FileFormatError =>
    new FileFormatError({ file: options.name, where: "metadata", problem, remedy });
  if (model.task !== "tagger") throw fail(`is of a ${model.task}`, `Open it as a ${model.task}.`);
  const tags = model.data["tags"];
  const isTexts = (value: unknown): value is string[] =>
    Array.isArray(value) && value.every((tag) => typeof tag === "string");
  if (!isTexts(tags) || tags.length !== model.network.output.width)
    throw fail("has no list of tags that fits its output", "Save the model again.");
  const spans = Object(model.data["spans"]) as Readonly<Record<string, unknown>>;
  const notation = notationFromJson(spans["notation"]);
  const named = notation === undefined ? model.data["scheme"] : spans["scheme"];
  const scheme = (["IOB1", "IOB2", "IOBES"] as const).find((name) => name === named);
  const cut = cutFromJson(model.data["cut"]);
  if (model.data["cut"] !== undefined && cut === undefined)
    throw fail("has a cut of texts that is none", "Save the model again.");
  const vocabularies = vocabulariesFromJson(model.data, options.name);
  const wanted = Object.entries(taggerInputs(vocabularies));
  const { input } = model.network;
  if (!("inputs" in input)) throw fail("reads one input", "Save the model again.");
  for (const [name, of] of Object.entries(input.inputs)) {
    const fits = wanted.find(([key]) => key === name);
    if (!fits || JSON.stringify(fits[1]) !== JSON.stringify(of))
      throw fail(`has an input "${name}" that does not fit its vocabularies`, "Save the model again.");
  }
  const { network: net, parameters } = model;
  return atHome(options, (home) =>
    taggerOf({ net, parameters, tags, scheme, notation, cut, vocabularies, home }),
  );
}

/**
 * What a tagger has to beat, on `test`: each word's most frequent tag in `train`, and for unknown words the commonest
 * tag among words seen once; and the commonest tag for every token.
 */
function baselines(
  train: readonly TaggedExample[],
  test: readonly TaggedExample[],
  told?: TaggerOptions["tagScheme"],
): { readonly majority: TaggerEvaluation; readonly mostFrequentTag: TaggerEvaluation } {
  const byWord = new Map<string, Map<string, number>>();
  const add = (counts: Map<string, number>, tag: string): Map<string, number> =>
    counts.set(tag, (counts.get(tag) ?? 0) + 1);
  const all = new Map<string, number>();
  for (const { tokens, tags } of train) {
    tokens.forEach((token, t) => {
      const word = wordOf(token);
      byWord.set(word, add(byWord.get(word) ?? new Map(), tags[t]!));
      add(all, tags[t]!);
    });
  }
  const commonest = (counts: ReadonlyMap<string, number>): string =>
    [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))[0]![0];
  const once = new Map<string, number>();
  for (const counts of byWord.values())
    if ([...counts.values()].reduce((a, b) => a + b) === 1) for (const tag of counts.keys()) add(once, tag);
  const unknown = commonest(once.size > 0 ? once : all);
  const best = new Map([...byWord].map(([word, counts]) => [word, commonest(counts)]));
  const { scheme, notation } = reading(train, told);
  const tagAll = (tagOf: (token: string) => string): TaggerEvaluation =>
    judge(
      test,
      test.map(({ tokens }) => tokens.map(tagOf)),
      { scheme, notation },
    );
  const most = commonest(all);
  return {
    majority: tagAll(() => most),
    mostFrequentTag: tagAll((token) => best.get(wordOf(token)) ?? unknown),
  };
}

/**
 * Checks that a tagger trained on `train` can be judged on `others`. @throws DataError naming file and line of what
 * does not fit
 */
function check(
  train: readonly TaggedExample[],
  others: readonly TaggedExample[],
  told?: TaggerOptions["tagScheme"],
): void {
  const { scheme, notation } = reading(train, told);
  checkTagged(others, { scheme, notation, known: [...new Set(train.flatMap((s) => s.tags))] });
}

/** The verbs of the task; a trained or loaded tagger itself has evaluate, predict and save. */
export const tagger = { train, load, open, baselines, check, holdOut, reading };
