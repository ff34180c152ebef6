/**
 * A trained or loaded tagger: predicts, evaluates, saves. Training is in tagger.ts.
 */

import { DataError, type TokenCut, tokenCutter, wordTokens } from "../../data/index.js";
import { requireItems } from "../../data/items.js";
import type { OpenHome } from "../../exec/home.js";
import { type Resource, resource } from "../../exec/resource.js";
import { writeModel } from "../../io/index.js";
import {
  type ChainScores,
  chainProbability,
  createPredictor,
  type Network,
  type Parameters,
  type Prediction,
  parameterCount,
  viterbi,
} from "../../nn/index.js";
import { keyed, someOf } from "../../options/index.js";
import {
  bootstrapStatistic,
  decodeSpans,
  entityReport,
  entityStatistics,
  f1OfStatistics,
  type Interval,
  type Span,
  type SpanScheme,
  type SpanScores,
} from "../../train/metrics/index.js";
import type { FitReport } from "../../train/run/options.js";
import { type Insight, insightOf, type ReadInput } from "../shared/insight.js";
import { sentenceItems, taggedItems } from "../shared/items.js";
import { placesOf } from "../shared/places.js";
import { type TaggerVocabularies, taggerInput, vocabulariesToJson } from "./input.js";
import { readTag, type TagNotation, usualTag } from "./tag-notation.js";
import { keptTo } from "./tag-scheme.js";

/** A sentence with a tag for each token. */
export interface TaggedExample {
  readonly tokens: readonly string[];
  readonly tags: readonly string[];
  /** Where it comes from, for messages. */
  readonly file?: string;
  readonly line?: number;
  /** Lines of its tokens, where they do not follow one another. */
  readonly lines?: readonly number[];
}

/** A span that was found. */
export interface FoundSpan extends Span {
  /** Its tokens, joined with blanks. */
  readonly text: string;
  /** The probability of a span of this type, from its start to its end. */
  readonly probability: number;
}

/** What a tagger says about a sentence. */
export interface Tagging {
  readonly tokens: readonly string[];
  /** One for each token. */
  readonly tags: readonly string[];
  /** The marginal probability of each tag under the model. */
  readonly probabilities: readonly number[];
  /** The spans that the tags mark; empty if tags mark no spans. */
  readonly spans: readonly FoundSpan[];
}

/** How a tagger did on tagged sentences. */
export interface TaggerEvaluation {
  /** Number of sentences. */
  readonly count: number;
  readonly tokens: number;
  /** Predicted tags, in the order of the sentences. */
  readonly predicted: readonly (readonly string[])[];
  /** `accuracy` of tags; `f1`, `precision` and `recall` of entities if tags mark spans. Fractions. */
  readonly metrics: Readonly<Record<string, number>>;
  /** By type of entity, if tags mark spans. */
  readonly byType: Readonly<Record<string, SpanScores>>;
  /** 95 % bootstrap interval, over sentences, of f1, or of the accuracy if tags mark no spans. */
  readonly interval: Interval;
}

/** A trained tagger. */
export interface Tagger extends Insight<string | readonly string[], TaggedExample>, Resource {
  readonly tags: readonly string[];
  /** How its tags mark spans; undefined if they mark none. */
  readonly scheme: SpanScheme | undefined;
  /** How its tags are written, if not as in B-PER. */
  readonly notation: TagNotation | undefined;
  /** How texts are cut into tokens, if not by `wordTokens`: as those of the training data were. */
  readonly cut: TokenCut | undefined;
  readonly vocabularies: TaggerVocabularies;
  readonly network: Network;
  readonly parameters: Parameters;
  /** Number of weights. */
  readonly parameterCount: number;
  /** What training did; absent for a loaded model. */
  readonly training?: FitReport;
  /** Tags sentences: texts, which are cut into words, or lists of tokens. */
  predict(sentences: readonly (string | readonly string[])[]): Promise<Tagging[]>;
  /** @throws DataError if there are no sentences, one does not have as many tags as tokens, or tags that mark no spans */
  evaluate(sentences: readonly TaggedExample[]): Promise<TaggerEvaluation>;
  /** The model as the bytes of one safetensors file. */
  save(): Uint8Array;
  /** Gives its memory back, and the executor if it was made for this model. */
  dispose(): void;
}

/** What a tagger is made of. */
export interface TaggerParts {
  readonly net: Network;
  readonly parameters: Parameters;
  readonly tags: readonly string[];
  readonly scheme: SpanScheme | undefined;
  readonly notation: TagNotation | undefined;
  readonly cut: TokenCut | undefined;
  readonly vocabularies: TaggerVocabularies;
  readonly home: OpenHome;
  readonly training?: FitReport;
}

/** What a tagger's model file keeps besides the network. */
export const taggerData = ({
  tags,
  scheme,
  notation,
  cut,
  vocabularies,
}: Pick<TaggerParts, "tags" | "scheme" | "notation" | "cut" | "vocabularies">): Record<string, unknown> => ({
  tags,
  // A reader that does not know of notations finds no scheme, rather than wrong spans.
  ...(scheme ? (notation ? { spans: { scheme, notation } } : { scheme }) : {}),
  ...(cut ? { cut } : {}),
  ...vocabulariesToJson(vocabularies),
});

/** Cuts a text into tokens; a list of tokens stays as it is. */
type Cutting = (sentence: string | readonly string[]) => readonly string[];

/** Texts are cut as the training data was. */
function cuttingOf(cut: TokenCut | undefined): Cutting {
  const words = cut ? tokenCutter(cut) : (text: string) => wordTokens(text, { lowercase: false });
  return (sentence) => (typeof sentence === "string" ? words(sentence) : sentence);
}

/** A sentence, or one with its tags, as the network reads it. */
function readSentence(
  { vocabularies, tags: known, net, scheme, notation }: TaggerParts,
  sentence: string | readonly string[] | TaggedExample,
  tokensOf: Cutting,
): ReadInput {
  if (typeof sentence === "string" || !("tags" in sentence)) {
    const tokens = tokensOf(sentence);
    return { example: { input: taggerInput(tokens, vocabularies, net) }, steps: tokens };
  }
  checkTagged([sentence]);
  const { tokens, tags: written, file = "data", line } = sentence;
  const tags = scheme ? keptTo(written, scheme, notation) : written;
  const target = tags.map((tag) => {
    const at = placesOf(known).get(tag);
    if (at !== undefined) return at;
    throw new DataError({
      file,
      line,
      problem: `has the tag ${JSON.stringify(tag)}, which does not occur in the training data`,
      remedy: `Known tags are ${someOf(known)}.`,
    });
  });
  return { example: { input: taggerInput(tokens, vocabularies, net), target }, steps: tokens };
}

/** A tagger around its parts. Its session takes the parameters when it first predicts. */
export function taggerOf(parts: TaggerParts): Tagger {
  const { net, parameters, tags, scheme, notation, cut, vocabularies, home, training } = parts;
  const { session } = home;
  const tokensOf = cuttingOf(cut);
  const usual = tags.map((tag) => usualTag(tag, notation));
  const chain = net.loss === "crf" ? chainOf(parameters) : undefined;
  const predictor = createPredictor(net, session, { parameters, scores: true });
  const run = (sentences: readonly (readonly string[])[]): Promise<Prediction[]> =>
    predictor.predictAsync(sentences.map((tokens) => ({ input: taggerInput(tokens, vocabularies, net) })));
  const best = (p: Prediction): number[] =>
    chain ? viterbi(p.scores as readonly ArrayLike<number>[], chain) : mostProbable(p);
  const tagged = (tokens: readonly string[], p: Prediction): Tagging => {
    const numbers = best(p);
    const names = numbers.map((k) => tags[k]!);
    const probabilities = numbers.map((k, t) => p.rows[t]![k]!);
    const spans = scheme ? decodeSpans(numbers.map((k) => spanTag(usual[k]!))) : [];
    return {
      tokens,
      tags: names,
      probabilities,
      spans: spans.map((span) => ({
        ...span,
        text: tokens.slice(span.start, span.end).join(" "),
        probability: spanProbability(p, numbers, span),
      })),
    };
  };
  /** The probability that the span has these tags and ends where it does. */
  const spanProbability = (p: Prediction, numbers: readonly number[], { start, end, type }: Span): number => {
    const goesOn = (k: number): boolean => usual[k] === `I-${type}` || usual[k] === `E-${type}`;
    const allowed = (t: number, k: number): boolean =>
      t >= start && t < end ? k === numbers[t] : t !== end || !goesOn(k);
    if (chain) return chainProbability(p.scores as readonly ArrayLike<number>[], chain, allowed);
    const each = p.rows.map((row, t) => row.reduce((sum, v, k) => (allowed(t, k) ? sum + v : sum), 0));
    return each.slice(start, end + 1).reduce((product, share) => product * share, 1);
  };
  return resource({
    tags,
    scheme,
    notation,
    cut,
    vocabularies,
    network: net,
    parameters,
    parameterCount: parameterCount(net),
    ...(training ? { training } : {}),
    ...insightOf({ net, session, parameters, read: (sentence) => readSentence(parts, sentence, tokensOf) }),
    async predict(sentences) {
      requireItems(sentences, sentenceItems, "sentences");
      const tokens = sentences.map(tokensOf);
      return (await run(tokens)).map((p, i) => tagged(tokens[i]!, p));
    },
    async evaluate(sentences) {
      checkTagged(sentences, { scheme, notation, known: tags });
      const predictions = await run(sentences.map((s) => s.tokens));
      const predicted = predictions.map((p) => best(p).map((k) => tags[k]!));
      return judge(sentences, predicted, { scheme, notation });
    },
    save: () => writeModel({ task: "tagger", network: net, parameters, data: taggerData(parts) }),
    dispose() {
      predictor.dispose();
      home.dispose();
    },
  });
}

/** How tags mark spans, and how they are written. */
export interface SpanTags {
  readonly scheme: SpanScheme | undefined;
  readonly notation: TagNotation | undefined;
}

/** A tag from which spans can be read: one that is no tag of a span is outside. */
const spanTag = (tag: string): string => (readTag(tag) === undefined ? "O" : tag);

function usualTags(
  truth: readonly (readonly string[])[],
  predicted: readonly (readonly string[])[],
  { notation }: SpanTags,
) {
  const usual = (all: readonly (readonly string[])[]): string[][] =>
    all.map((tags) => tags.map((tag) => spanTag(usualTag(tag, notation))));
  return { truth: usual(truth), predicted: usual(predicted) };
}

/** The scores of tags, without the parts that take time: see TaggerEvaluation. */
export function scoreTags(
  sentences: readonly TaggedExample[],
  predicted: readonly (readonly string[])[],
  spans: SpanTags,
): Pick<TaggerEvaluation, "metrics" | "byType"> {
  const truth = sentences.map((s) => s.tags);
  const sums = rightTags(truth, predicted).reduce(
    ([right, all], [more, length]) => [right + more, all + length],
    [0, 0],
  );
  const accuracy = shareOf(sums);
  if (!spans.scheme) return { metrics: { accuracy }, byType: {} };
  const { f1, precision, recall, byType } = entityReport(usualTags(truth, predicted, spans));
  return { metrics: { f1, precision, recall, accuracy }, byType };
}

/** Tags of predictions judged against the true ones. */
export function judge(
  sentences: readonly TaggedExample[],
  predicted: readonly (readonly string[])[],
  spans: SpanTags,
): TaggerEvaluation {
  const truth = sentences.map((s) => s.tags);
  const interval = spans.scheme
    ? bootstrapStatistic(entityStatistics(usualTags(truth, predicted, spans)), f1OfStatistics, { seed: 1 })
    : bootstrapStatistic(rightTags(truth, predicted), shareOf, { seed: 1 });
  return {
    count: sentences.length,
    tokens: truth.reduce((sum, tags) => sum + tags.length, 0),
    predicted,
    ...scoreTags(sentences, predicted, spans),
    interval,
  };
}

/** For each sentence: its number of right tags, and of all tags. */
const rightTags = (
  truth: readonly (readonly string[])[],
  predicted: readonly (readonly string[])[],
): [number, number][] =>
  truth.map((tags, i) => [tags.filter((tag, t) => tag === predicted[i]?.[t]).length, tags.length]);

const shareOf = (sums: ArrayLike<number>): number => sums[0]! / Math.max(sums[1]!, 1);

/** The most probable tag of each step. */
export const mostProbable = (p: Prediction): number[] =>
  p.rows.map((row) => row.reduce((m, v, k) => (v > row[m]! ? k : m), 0));

function chainOf(parameters: Parameters): ChainScores {
  const data = (name: string): Float32Array => parameters.get(`crf.${name}`)!.data;
  return { transitions: data("w_t"), start: data("b_start"), end: data("b_end") };
}

/**
 * @param spans how tags must mark spans, and tags that may occur whatever they are; undefined: any tag will do
 * @throws DataError naming file and line of a sentence that cannot be used
 */
export function checkTagged(
  sentences: readonly TaggedExample[],
  spans?: Partial<SpanTags> & { readonly known?: readonly string[] },
): void {
  requireItems(sentences, taggedItems);
  if (sentences.length === 0)
    throw new DataError({
      file: "data",
      problem: "has no sentences",
      remedy: "Give at least one tagged sentence.",
    });
  const { scheme, notation, known = [] } = spans ?? {};
  const all = new Set(known);
  for (const { file = "data", line, tokens, tags } of sentences) {
    if (tokens.length !== tags.length)
      throw new DataError({
        file,
        line,
        problem: `has a sentence of ${tokens.length} tokens with ${tags.length} tags`,
        remedy: "Give one tag for each token.",
      });
    const odd = scheme && tags.find((tag) => !all.has(tag) && readTag(tag, notation) === undefined);
    if (odd !== undefined)
      throw new DataError({
        file,
        line,
        problem: `begins a sentence with the tag "${odd}", but the tagger's tags mark spans: O, or B-person`,
        remedy: keyed("Is it the right file, and the right column ({tagColumn})?"),
      });
  }
}
