/**
 * A trained or loaded generator of texts: writes, streams, evaluates, saves. Training is in generator.ts.
 */

import { DataError } from "../../../data/index.js";
import { requireItems } from "../../../data/items.js";
import type { OpenHome } from "../../../exec/home.js";
import { type Resource, resource, used } from "../../../exec/resource.js";
import { writeModel } from "../../../io/index.js";
import {
  createLongScorer,
  createPredictor,
  createStream,
  type Example,
  type Network,
  type Parameters,
  parameterCount,
  type RestoreOptions,
} from "../../../nn/index.js";
import { checkOptions, listed, OptionError, plain, shown, someOf } from "../../../options/index.js";
import type { FitReport } from "../../../train/run/options.js";
import { END, type Insight, insightOf, type ReadInput } from "../../shared/insight.js";
import { lineItems } from "../../shared/items.js";
import { placesOf } from "../../shared/places.js";
import { sharedStream } from "../shared-stream.js";
import { type ManyOptions, manyRows } from "../writing.js";
import { written } from "../written.js";
import {
  type Ended,
  type GenerateOptions,
  type GeneratorState,
  startText,
  type TextStream,
  textWritingRows,
  type Writer,
} from "./stream.js";
import type { TextTokens } from "./tokens.js";

/** A text that is a separate sequence, with its label if it has one. */
export interface GeneratorLine {
  readonly text: string;
  readonly label?: string;
  /** Where it comes from, for messages. */
  readonly file?: string;
  readonly line?: number;
}

/** What a generator reads: one long text, or many texts that are separate sequences. */
export type GeneratorData = string | readonly (string | GeneratorLine)[];

/** A generated text. */
export interface GeneratedText {
  /** Without the prime, and without the stop that ended it. */
  readonly text: string;
  /** Natural logarithm of the probability of its tokens, including the end if it was reached. */
  readonly logProbability: number;
  /** Its tokens as text. */
  readonly tokens: readonly string[];
  readonly ended: Ended;
}

/** How a generator did on a text. */
export interface GeneratorEvaluation {
  /** Number of predicted tokens; for lines, including their ends. */
  readonly count: number;
  /**
   * `loss` (nats per token), `perplexity` (per token), and `nllPerCharacter`: nats per character (code point) of the text,
   * the end of a line counted as one.
   */
  readonly metrics: Readonly<Record<"loss" | "perplexity" | "nllPerCharacter", number>>;
  /** Share of tokens that the vocabulary does not know: they all count as one token, so a large share flatters the scores. */
  readonly unknown: number;
}

/** A trained generator of texts. Its insight reads each text as a sequence, or as a passage of one long text. */
export interface TextGenerator extends Insight<string | GeneratorLine, string | GeneratorLine>, Resource {
  /** "text" if it learned one long text, "lines" if each text was a sequence. */
  readonly kind: GeneratorKind;
  readonly tokens: TextTokens;
  /** The labels for which texts can be written; empty if it was trained without labels. */
  readonly labels: readonly string[];
  readonly network: Network;
  readonly parameters: Parameters;
  /** Number of weights. */
  readonly parameterCount: number;
  /** What training did; absent for a loaded model. */
  readonly training?: FitReport;
  /**
   * Writes `count` texts (default 1), for the sequences from `sequence` on, until `signal` (default none) is aborted.
   *
   * @throws OptionError if an option makes no sense, the label or a character of the prime is not known
   */
  generate(options?: GenerateOptions & ManyOptions): Promise<GeneratedText[]>;
  /**
   * Writes a text token by token, or continues one.
   *
   * @throws OptionError as `generate`, NetworkError if the state is of another model and `anyModel` does not allow that
   */
  stream(from?: GenerateOptions | GeneratorState, how?: RestoreOptions): TextStream;
  /** How well it predicts a text, read exactly as one sequence. @throws DataError if it is of another kind, or empty */
  evaluate(data: GeneratorData): Promise<GeneratorEvaluation>;
  /** The model as the bytes of one safetensors file. */
  save(): Uint8Array;
  /** Gives its memory back, and the executor if it was made for this model. */
  dispose(): void;
}

/** What was learned: one long text, or separate texts. */
export type GeneratorKind = "text" | "lines";

/** What a generator knows besides its network: plain values and the functions of its vocabulary. */
export interface GeneratorFacts {
  readonly kind: GeneratorKind;
  readonly tokens: TextTokens;
  readonly labels: readonly string[];
}

/** What a generator is made of. */
export interface GeneratorParts extends GeneratorFacts {
  readonly net: Network;
  readonly parameters: Parameters;
  readonly home: OpenHome;
  readonly training?: FitReport;
}

/**
 * For lines, the tokens in addition to the vocabulary: the mark, which begins a line without a label and ends every line,
 * and one for each label, which begins a line in its place.
 */
export function markOf({ tokens }: Pick<GeneratorFacts, "tokens">): number {
  return tokens.size;
}

/** Number of tokens that the network reads and predicts. */
export const vocabularySize = ({ kind, tokens, labels }: GeneratorFacts): number =>
  tokens.size + (kind === "lines" ? 1 + labels.length : 0);

/**
 * What is read before the first token: for lines the label's token, or the mark; for one long text a line feed, or
 * the commonest token if the vocabulary has no line feed.
 *
 * @throws OptionError if there is no such label, or one is missing
 */
export function startOf(facts: GeneratorFacts, label: string | undefined): number {
  const { kind, tokens, labels } = facts;
  if (labels.length === 0 && label !== undefined)
    throw new OptionError(
      "{label} has no effect on a generator that was trained without labels; leave it out",
    );
  if (kind === "text") return tokens.newline ?? 1;
  if (labels.length === 0) return markOf(facts);
  const number = label === undefined ? undefined : placesOf(labels).get(label);
  if (number !== undefined) return markOf(facts) + 1 + number;
  const found = label === undefined ? "the generator needs {label}" : `{label} is ${shown(label)}`;
  throw new OptionError(`${found}; it can be ${plain(labels.length > 20 ? someOf(labels) : listed(labels))}`);
}

/** What a generator's model file keeps besides the network. */
export const generatorData = ({ kind, tokens, labels }: GeneratorFacts): Record<string, unknown> => ({
  kind,
  unit: tokens.unit,
  tokens: tokens.json,
  ...(labels.length > 0 ? { labels } : {}),
});

/** The tokens of a long text, preceded by what is read before the first. */
export function textIds(facts: GeneratorFacts, text: string): Int32Array {
  const ids = facts.tokens.encode(text);
  const out = new Int32Array(ids.length + 1);
  out[0] = startOf(facts, undefined);
  out.set(ids, 1);
  return out;
}

/** A line as the network reads it. @throws DataError if its label is not known, naming file and line */
export function lineExample(facts: GeneratorFacts, line: string | GeneratorLine): Example {
  const { text, label, file = "data", ...place } = typeof line === "string" ? { text: line } : line;
  const ids = facts.tokens.encode(text);
  try {
    return { input: [startOf(facts, label), ...ids], target: [...ids, markOf(facts)] };
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    const remedy = "Labels are those of the training data.";
    throw new DataError({ file, ...place, problem: error.message, remedy });
  }
}

/** How blanks are shown in the names of steps. */
const blanks: Readonly<Record<string, string>> = { " ": "␣", "\n": "↵", "\t": "⇥" };

/** A text as the network reads it, and what its steps should write. @throws DataError as `lineExample` */
function readText(facts: GeneratorFacts, line: string | GeneratorLine): ReadInput {
  const { kind, tokens } = facts;
  const passage = (): Example => {
    const ids = textIds(facts, typeof line === "string" ? line : line.text);
    return { input: ids.subarray(0, -1), target: ids.subarray(1) };
  };
  const example = kind === "lines" ? lineExample(facts, line) : passage();
  const written = Array.from(example.target ?? [], (id) => {
    if (id >= tokens.size) return END;
    const token = tokens.token(id);
    return blanks[token] ?? token;
  });
  return { example, steps: written };
}

/** A generator around its parts. Its session takes the parameters when it first needs them. */
export function generatorOf(parts: GeneratorParts): TextGenerator {
  const { net, parameters, home, training, kind, tokens, labels } = parts;
  const { session } = home;
  const mark = markOf(parts);
  const writer: Writer = {
    tokens,
    start: (label) => startOf(parts, label),
    end: kind === "lines" ? mark : undefined,
    never: [0, ...labels.map((_, i) => mark + 1 + i)],
    shared: sharedStream(() => createStream(net, session, { parameters })),
  };
  return resource({
    kind,
    tokens,
    labels,
    network: net,
    parameters,
    parameterCount: parameterCount(net),
    ...(training ? { training } : {}),
    ...insightOf({
      net,
      session,
      parameters,
      read: (line: string | GeneratorLine) => readText(parts, line),
    }),
    async generate({ count = 1, signal, ...options } = {}) {
      checkOptions({ ...options, count, signal }, { ...textWritingRows, ...manyRows }, "generate");
      const first = options.sequence ?? 0;
      const texts: GeneratedText[] = [];
      for (let i = 0; i < count; i++)
        texts.push(await writtenText(startText(writer, { ...options, sequence: first + i }), signal));
      return texts;
    },
    stream: (from = {}, how) => startText(writer, from, how),
    evaluate: (data) => evaluate(parts, data),
    save: () => writeModel({ task: "generator", network: net, parameters, data: generatorData(parts) }),
    dispose() {
      writer.shared.dispose();
      home.dispose();
    },
  });
}

/** Writes a text to its end. */
async function writtenText(stream: TextStream, signal?: AbortSignal): Promise<GeneratedText> {
  let [text, logProbability] = ["", 0];
  const tokens: string[] = [];
  for (const step of await written(stream, signal)) {
    text += step.text;
    logProbability += step.logProbability;
    if (step.token !== undefined) tokens.push(step.token);
  }
  return { text, logProbability, tokens, ended: stream.ended! };
}

/** The most scores that are held at once. */
const SCORES = 2 ** 24;

async function evaluate(parts: GeneratorParts, data: GeneratorData): Promise<GeneratorEvaluation> {
  const { net, home, parameters, tokens } = parts;
  checkData(data, parts.kind);
  if (typeof data === "string") {
    const ids = textIds(parts, data);
    const scorer = createLongScorer(net, home.session, { parameters });
    const { loss, steps } = await used(scorer, () => scorer.scoreAsync(ids));
    return evaluation(tokens, { loss, count: steps, data });
  }
  const examples = data.map((line) => lineExample(parts, line));
  const longest = examples.reduce((most, { target = [] }) => Math.max(most, target.length), 1);
  const batchSize = Math.max(1, Math.min(64, Math.floor(SCORES / (longest * net.output.width))));
  const options = { parameters, batchSize, loss: true, rows: false };
  const predictor = createPredictor(net, home.session, options);
  const predictions = await used(predictor, () => predictor.predictAsync(examples));
  const loss = predictions.reduce((sum, each) => sum + each.loss!, 0);
  const count = examples.reduce((sum, { target = [] }) => sum + target.length, 0);
  return evaluation(tokens, { loss, count, data });
}

/** Metrics from a sum of losses. */
export function evaluation(
  tokens: TextTokens,
  { loss, count, data }: { readonly loss: number; readonly count: number; readonly data: GeneratorData },
): GeneratorEvaluation {
  const texts =
    typeof data === "string" ? [data] : data.map((line) => (typeof line === "string" ? line : line.text));
  // Each line has an end, which counts as a character, like the line feeds of a text.
  const ends = typeof data === "string" ? 0 : data.length;
  const characters = texts.reduce((sum, text) => sum + characterCount(text), ends);
  const unknown = texts.reduce((sum, text) => sum + tokens.encode(text).filter((id) => id === 0).length, 0);
  return {
    count,
    metrics: {
      loss: loss / count,
      perplexity: Math.exp(loss / count),
      nllPerCharacter: loss / characters,
    },
    unknown: unknown / count,
  };
}

/** Code points of a text. */
export function characterCount(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** @throws DataError if it is of another kind, or empty */
export function checkData(data: GeneratorData, kind: GeneratorKind): void {
  const fail = (problem: string, remedy: string): never => {
    throw new DataError({ file: "data", problem, remedy });
  };
  if (typeof data !== "string") requireItems(data, lineItems);
  if (typeof data === "string" && kind === "lines")
    fail("is one long text", "The generator learned lines; give a list of texts.");
  if (typeof data !== "string" && kind === "text")
    fail("is a list of texts", "The generator learned one long text; give a text.");
  if (data.length === 0) fail("has no text", "Give a text, or a list of texts with at least one.");
}
