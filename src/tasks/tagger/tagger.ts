/**
 * The tagger: a tag for every token, the notes' many-to-many with T_x = T_y (named entities; parts of speech). Words,
 * their look and their characters (a recurrent network of its own) are read by a stack in both directions; a conditional
 * random field chooses the best sequence of tags, as in Lample et al. 2016. Configuration and data handling only.
 */
import { gru } from "../../cell/catalogue/gru/gru.js";
import type { Cell } from "../../cell/cell.js";
import { type HeldOut, heldOut } from "../../data/index.js";
import type { Executor } from "../../exec/executor.js";
import { createWasmExecutor } from "../../exec/wasm/index.js";
import { FileFormatError, type ModelFile, readModel } from "../../io/index.js";
import {
  dropout,
  type Example,
  embedding,
  features,
  initialParameters,
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
import type { SpanScheme } from "../../train/metrics/index.js";
import { fit } from "../../train/run/fit.js";
import { adam } from "../../train/step/optimizers.js";
import { exampleNames, fitOptions, type TaskTraining } from "../task.js";
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
import { legalTags, schemeOf } from "./tag-scheme.js";

/**
 * What training a tagger takes. Only `train` is needed; how it is trained stands in TaskTraining, with these defaults:
 * 15 epochs, batches of 16 sentences, adam({ learningRate: 0.002 }), gradients of a norm up to 5.
 */
export interface TaggerOptions extends TaskTraining {
  readonly train: readonly TaggedExample[];
  /** Chooses the best epoch. Default: a seeded tenth of `train` is held back for it. */
  readonly valid?: readonly TaggedExample[];
  /** A cell of the catalogue or your own, for words and for characters; default `gru`, the notes'. */
  readonly cell?: Cell;
  /** Hidden units of each recurrent layer, per direction; default [100]. */
  readonly units?: readonly number[];
  /** Features per word; default 100. */
  readonly embedding?: number;
  /** Features per character, and hidden units per direction of the network that reads them; 0 leaves it out. Default 25. */
  readonly characters?: number;
  /** "crf" (default) scores whole sequences of tags, "softmax" each tag by itself. */
  readonly output?: "crf" | "softmax";
  /** Dropout before each recurrent layer and before the output; default 0.5. */
  readonly dropout?: number;
  /** Share of words left out in training, so that looks and characters must do; default 0.1. */
  readonly wordDropout?: number;
  /** Share of the states that recurrent products do not see in training, the same at all steps; default 0. */
  readonly recurrentDropout?: number;
  /** A word counts as known if it occurs so often in the training data; default 2. */
  readonly minimumCount?: number;
  /** Share of a target's weight that is spread over all tags, for the output "softmax"; default 0. */
  readonly labelSmoothing?: number;
}

/** A score that the field would have to be infinitely wrong to outweigh. */
const FORBIDDEN = -1e4;

/**
 * Trains a tagger; `valid` in its progress is the F1 of entities on the validation data, or the accuracy of tags where
 * they mark no spans. If the training data keeps to one of the schemes BIO, BIOES or IOB1, so does every prediction of a
 * tagger with a conditional random field.
 *
 * @throws DataError if there are no sentences, or one has not as many tags as tokens
 * @throws TrainingError, see `fit`
 */
export async function train(options: TaggerOptions): Promise<Tagger> {
  if (wantsWorker(options)) {
    const { bytes, training } = await trainInWorker("tagger", options);
    return { ...(await load(bytes)), training };
  }
  const { seed = 1, optimizer = adam({ learningRate: 0.002 }), labelSmoothing, minimumCount = 2 } = options;
  checkTagged(options.train);
  const scheme = schemeOf(options.train.map((s) => s.tags));
  if (options.valid) checkTagged(options.valid, scheme);
  const { train: examples, valid } = holdOut(options, seed);
  const tags = [...new Set(options.train.flatMap((s) => s.tags))].sort();
  const vocabularies = taggerVocabularies(
    examples.map((s) => s.tokens),
    minimumCount,
  );
  const net = taggerNetwork(options, taggerInputs(vocabularies), tags.length);
  const start = constrained(initialParameters(net, seed), tags, scheme);
  const executor = options.executor ?? (await createWasmExecutor({ threads: options.threads ?? 1 }));
  const tagNumber = new Map(tags.map((tag, k) => [tag, k]));
  const input = (s: TaggedExample): Example["input"] => taggerInput(s.tokens, vocabularies);
  const score = (predictions: readonly Prediction[]): number => {
    const predicted = predictions.map((p) => mostProbable(p).map((k) => tags[k]!));
    const { f1, accuracy } = scoreTags(valid, predicted, scheme).metrics;
    return f1 ?? accuracy!;
  };
  const { parameters, ...training } = await fit({
    net,
    parameters: start,
    executor,
    optimizer,
    seed,
    clip: 5,
    batchSize: 16,
    ...fitOptions(options, {
      epochs: 15,
      model: { task: "tagger", data: taggerData({ tags, scheme, vocabularies }) },
    }),
    ...(labelSmoothing === undefined ? {} : { labelSmoothing }),
    ...exampleNames(examples),
    train: examples.map((s) => ({
      input: input(s),
      target: s.tags.map((tag) => tagNumber.get(tag)!),
    })),
    valid: { examples: valid.map((s) => ({ input: input(s) })), score },
  });
  return taggerOf({ net, parameters, tags, scheme, vocabularies, executor, training });
}

/** What trains and what validates: a seeded tenth is held back, of sentences with entities as of those without. */
function holdOut<Example extends TaggedExample>(
  data: { readonly train: readonly Example[]; readonly valid?: readonly Example[] | undefined },
  seed: number,
): HeldOut<Example> {
  return heldOut(data, ({ tags }) => String(tags.some((tag) => tag !== "O")), seed);
}

/** Parameters in which transitions that the scheme does not allow are forbidden. */
function constrained(
  parameters: Parameters,
  tags: readonly string[],
  scheme: SpanScheme | undefined,
): Parameters {
  const legal = legalTags(tags, scheme);
  const by = { "crf.w_t": legal.transitions, "crf.b_start": legal.start, "crf.b_end": legal.end };
  const out = new Map(parameters);
  for (const [name, allowed] of Object.entries(by)) {
    const tensor = out.get(name);
    if (tensor) out.set(name, { ...tensor, data: tensor.data.map((v, i) => (allowed[i] ? v : FORBIDDEN)) });
  }
  return out;
}

function taggerNetwork(
  options: TaggerOptions,
  inputs: ReturnType<typeof taggerInputs>,
  tags: number,
): Network {
  const {
    cell = gru,
    units = [100],
    embedding: width = 100,
    characters = 25,
    output = "crf",
    dropout: rate = 0.5,
    wordDropout = 0.1,
    recurrentDropout = 0,
  } = options;
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
  options: { readonly name?: string; readonly executor?: Executor } = {},
): Promise<Tagger> {
  const { name = "model" } = options;
  return open(readModel(bytes, name), { ...options, name });
}

/** Opens a tagger from a model file that has been read already. @throws FileFormatError if it is of another task */
async function open(
  model: ModelFile,
  options: { readonly name: string; readonly executor?: Executor },
): Promise<Tagger> {
  const fail = (problem: string, remedy: string): FileFormatError =>
    new FileFormatError({ file: options.name, where: "metadata", problem, remedy });
  if (model.task !== "tagger") throw fail(`is of a ${model.task}`, `Open it as a ${model.task}.`);
  const tags = model.data["tags"];
  const isTexts = (value: unknown): value is string[] =>
    Array.isArray(value) && value.every((tag) => typeof tag === "string");
  if (!isTexts(tags) || tags.length !== model.network.output.width)
    throw fail("has no list of tags that fits its output", "Save the model again.");
  const scheme = (["IOB1", "IOB2", "IOBES"] as const).find((name) => name === model.data["scheme"]);
  const vocabularies = vocabulariesFromJson(model.data, options.name);
  const wanted = Object.entries(taggerInputs(vocabularies));
  const { input } = model.network;
  if (!("inputs" in input)) throw fail("reads one input", "Save the model again.");
  for (const [name, of] of Object.entries(input.inputs)) {
    const fits = wanted.find(([key]) => key === name);
    if (!fits || JSON.stringify(fits[1]) !== JSON.stringify(of))
      throw fail(`has an input "${name}" that does not fit its vocabularies`, "Save the model again.");
  }
  const executor = options.executor ?? (await createWasmExecutor());
  const { network: net, parameters } = model;
  return taggerOf({ net, parameters, tags, scheme, vocabularies, executor });
}

/**
 * What a tagger has to beat, on `test`: each word's most frequent tag in `train`, and of unknown words the tag that is
 * commonest among words seen once. And the commonest tag for every token.
 */
function baselines(
  train: readonly TaggedExample[],
  test: readonly TaggedExample[],
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
  const scheme = schemeOf(train.map((s) => s.tags));
  const tagAll = (tagOf: (token: string) => string): TaggerEvaluation =>
    judge(
      test,
      test.map(({ tokens }) => tokens.map(tagOf)),
      scheme,
    );
  const most = commonest(all);
  return {
    majority: tagAll(() => most),
    mostFrequentTag: tagAll((token) => best.get(wordOf(token)) ?? unknown),
  };
}

/** Looks whether a tagger of `train` can be judged on `others`. @throws DataError naming file and line of what it cannot be */
function check(train: readonly TaggedExample[], others: readonly TaggedExample[]): void {
  checkTagged(others, schemeOf(train.map((s) => s.tags)));
}

/** The verbs of the task; evaluate, predict and save are a trained or loaded tagger's own. */
export const tagger = { train, load, open, baselines, check, holdOut };
