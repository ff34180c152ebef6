/**
 * A trained or loaded translator: predicts, evaluates, saves. Training is in translator.ts.
 */
import { DataError } from "../../data/index.js";
import { requireItems } from "../../data/items.js";
import type { OpenHome } from "../../exec/home.js";
import { type Resource, resource } from "../../exec/resource.js";
import { writeModel } from "../../io/index.js";
import {
  type BeamOptions,
  createDecoding,
  createPredictor,
  type Example,
  type Network,
  type Parameters,
  parameterCount,
} from "../../nn/index.js";
import {
  bleuOfStatistics,
  bleuStatistics,
  bootstrapStatistic,
  chrf,
  exactMatches,
  type Interval,
} from "../../train/metrics/index.js";
import type { FitReport } from "../../train/run/options.js";
import { END, type Insight, insightOf, type ReadInput } from "../shared/insight.js";
import { pairItems, textItems } from "../shared/items.js";
import { type Side, sideToJson } from "./text.js";

/** A text and its translation. */
export interface TranslationPair {
  readonly source: string;
  readonly target: string;
  /** Where it comes from, for messages. */
  readonly file?: string;
  readonly line?: number;
}

/** How to search; defaults: width 5, length penalty 0.6, at most 10 tokens more than twice the source's. */
export type TranslationSearch = Partial<BeamOptions>;

/** One translation of a text. */
export interface Translated {
  readonly text: string;
  /** Natural logarithm of its probability. */
  readonly logProbability: number;
  /** The value by which translations are ordered: the above, with the penalties of the search. */
  readonly score: number;
  /** The target's tokens as text. */
  readonly tokens: readonly string[];
  /** For each token of the target, the weights of the source's tokens, which sum to one; empty without attention. */
  readonly attention: readonly (readonly number[])[];
}

/** What a translator says about a text. */
export interface Translation extends Translated {
  /** The source's tokens as text. */
  readonly source: readonly string[];
  /** The best translations, beginning with this one: as many as the search's `count`. */
  readonly best: readonly Translated[];
}

/** How a translator did on pairs of texts. */
export interface TranslatorEvaluation {
  /** Number of pairs. */
  readonly count: number;
  readonly predicted: readonly string[];
  /**
   * `bleu` (0 to 100, texts cut at spaces alone: sacrebleu's tok:none), `chrf` (0 to 100), `exactMatch` (a fraction),
   * `perplexity` per token of the target.
   */
  readonly metrics: Readonly<Record<"bleu" | "chrf" | "exactMatch" | "perplexity", number>>;
  /** 95 % bootstrap interval of BLEU. */
  readonly interval: Interval;
}

/** A trained translator. */
export interface Translator extends Insight<TranslationPair, TranslationPair>, Resource {
  readonly source: Side;
  readonly target: Side;
  readonly network: Network;
  readonly parameters: Parameters;
  /** Number of weights. */
  readonly parameterCount: number;
  /** What training did; absent for a loaded model. */
  readonly training?: FitReport;
  /** Translates texts; a blank one as an empty one. @throws OptionError if there is no such option of the search, or it makes no sense */
  predict(texts: readonly string[], search?: TranslationSearch): Promise<Translation[]>;
  /** @throws DataError if there are no pairs */
  evaluate(pairs: readonly TranslationPair[], search?: TranslationSearch): Promise<TranslatorEvaluation>;
  /** The model as the bytes of one safetensors file. */
  save(): Uint8Array;
  /** Gives its memory back, and the executor if it was made for this model. */
  dispose(): void;
}

/** What a translator is made of. */
export interface TranslatorParts {
  readonly net: Network;
  readonly parameters: Parameters;
  readonly source: Side;
  readonly target: Side;
  readonly home: OpenHome;
  readonly training?: FitReport;
}

/** The tokens that a target has in addition to its vocabulary. */
export const marks = (target: Side): { readonly end: number; readonly begin: number } => ({
  end: target.size,
  begin: target.size + 1,
});

/** A pair as the network reads it: the target shifted by one, and what follows each of its tokens. */
export function pairExample(
  { source, target }: TranslationPair,
  sides: Pick<TranslatorParts, "source" | "target">,
): Example {
  const { begin, end } = marks(sides.target);
  const tokens = sides.target.encode(target);
  return {
    input: { source: sides.source.encode(source), target: [begin, ...tokens] },
    target: [...tokens, end],
  };
}

/** A pair with what its steps should write. */
function readPair(sides: Pick<TranslatorParts, "source" | "target">, pair: TranslationPair): ReadInput {
  const example = pairExample(pair, sides);
  const written = Array.from(example.target ?? []);
  return {
    example,
    steps: written.map((token, t) => (t === written.length - 1 ? END : sides.target.token(token))),
    source: Array.from(sides.source.encode(pair.source), sides.source.token),
  };
}

/** What a translator's model file keeps besides the network. */
export const translatorData = ({
  source,
  target,
}: Pick<TranslatorParts, "source" | "target">): Record<string, unknown> => ({
  source: sideToJson(source),
  target: sideToJson(target),
});

/** A translator around its parts. Its session takes the parameters when it first predicts. */
export function translatorOf(parts: TranslatorParts): Translator {
  const { net, parameters, source, target, home, training } = parts;
  const { session } = home;
  const { begin, end } = marks(target);
  const decoding = createDecoding(net, session, { begin, end, never: [0], parameters });
  const losses = createPredictor(net, session, { parameters, loss: true, rows: false });
  const translate = (texts: readonly string[], search: TranslationSearch): Translation[] => {
    const blank: Translated = { text: "", logProbability: 0, score: 0, tokens: [], attention: [] };
    const sources = texts.filter((text) => text.trim() !== "").map((text) => source.encode(text));
    const found = decoding.decode(sources, (length) => ({ maximumLength: 2 * length + 10, ...search }));
    const translated = found.map((results, i) => {
      const best = results.map(
        ({ tokens, logProbability, score, attention }): Translated => ({
          text: target.decode(tokens),
          logProbability,
          score,
          tokens: tokens.map(target.token),
          attention: attention.map((weights) => Array.from(weights)),
        }),
      );
      const own = Array.from(sources[i]!, source.token);
      return { ...best[0]!, source: own, best };
    });
    // Of nothing there is nothing to say: a network would invent a sentence.
    let next = 0;
    return texts.map((text) =>
      text.trim() === "" ? { ...blank, source: [], best: [blank] } : translated[next++]!,
    );
  };
  return resource({
    source,
    target,
    network: net,
    parameters,
    parameterCount: parameterCount(net),
    ...(training ? { training } : {}),
    ...insightOf({ net, session, parameters, read: (pair) => readPair(parts, pair) }),
    async predict(texts, search = {}) {
      requireItems(texts, textItems, "texts");
      return translate(texts, search);
    },
    async evaluate(pairs, search = {}) {
      checkPairs(pairs);
      const predicted = translate(
        pairs.map((pair) => pair.source),
        search,
      ).map(({ text }) => text);
      const examples = pairs.map((pair) => pairExample(pair, parts));
      const total = (await losses.predictAsync(examples)).reduce((sum, { loss }) => sum + loss!, 0);
      const tokens = examples.reduce((sum, e) => sum + (e.target?.length ?? 0), 0);
      const judged = judge(pairs, predicted);
      return { ...judged, metrics: { ...judged.metrics, perplexity: Math.exp(total / tokens) } };
    },
    save: () => writeModel({ task: "translator", network: net, parameters, data: translatorData(parts) }),
    dispose() {
      decoding.dispose();
      losses.dispose();
      home.dispose();
    },
  });
}

/** Translations judged against the true ones. */
export function judge(
  pairs: readonly TranslationPair[],
  predicted: readonly string[],
): Omit<TranslatorEvaluation, "metrics"> & {
  readonly metrics: Readonly<Record<"bleu" | "chrf" | "exactMatch", number>>;
} {
  const result = { predicted, references: pairs.map(({ target }) => [target]) };
  const statistics = bleuStatistics(result, { tokenizer: "none" });
  const bleu = (sums: ArrayLike<number>): number => bleuOfStatistics(sums).score;
  const sums = statistics.reduce((all, row) => all.map((v, i) => v + row[i]!));
  const matches = exactMatches(result);
  return {
    count: pairs.length,
    predicted,
    metrics: {
      bleu: bleu(sums),
      chrf: chrf(result),
      exactMatch: matches.reduce((a, b) => a + b, 0) / matches.length,
    },
    interval: bootstrapStatistic(statistics, bleu, { seed: 1 }),
  };
}

/** @throws DataError if there are none */
export function checkPairs(pairs: readonly TranslationPair[]): void {
  requireItems(pairs, pairItems);
  if (pairs.length > 0) return;
  throw new DataError({
    file: "data",
    problem: "has no pairs of texts",
    remedy: "Give at least one text and its translation.",
  });
}
