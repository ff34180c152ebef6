/**
 * Text from a generator, token by token: a stream that can be stopped at any token, saved as JSON, forked and continued,
 * in this process or another, with the same bits. Many streams share one program, each bringing its own states.
 */
import {
  createSampler,
  type RestoreOptions,
  type Sampler,
  type SamplingOptions,
  type StreamState,
} from "../../../nn/index.js";
import { samplingOf, samplingRows } from "../../../nn/search/sampling.js";
import { checkOptions, OptionError, type RowsOf, shown } from "../../../options/index.js";
import type { SharedStream, Turn } from "../shared-stream.js";
import { writingRows } from "../writing.js";
import type { TextTokens } from "./tokens.js";

/** How a text is written. */
export interface GenerateOptions extends SamplingOptions {
  /** What the text continues; it is not part of the result. Default "": a new beginning. */
  readonly prime?: string;
  /** What to write, for a generator that was trained with labels. */
  readonly label?: string;
  /** Most tokens; default 500 characters, or 100 words or subwords. */
  readonly length?: number;
  /** The first of these texts to come up ends the writing; it is not part of the result. Default: none. */
  readonly stop?: readonly string[];
  /** Seed of the random draws; default 1. */
  readonly seed?: number;
  /** Number of the sequence, from 0: under one seed, each has its own draws. Default 0. */
  readonly sequence?: number;
}

/** The rows. */
export const textWritingRows = {
  ...samplingRows,
  ...writingRows,
  prime: { kind: "text" },
  label: { kind: "text" },
  stop: { kind: "list", of: { kind: "text" }, least: 0, default: [] },
} as const satisfies RowsOf<GenerateOptions>;

/** Why writing ended: after `length` tokens, at the end of a line, or at a stop. */
export type Ended = "length" | "end" | "stop";

/** What a stream gives at each step. */
export interface GeneratedToken {
  /** What it adds to the text; "" while the text may be the beginning of a stop: it then follows later or not at all. */
  readonly text: string;
  /** The token as text; undefined for the end of a line. */
  readonly token: string | undefined;
  /** Natural logarithm of the probability that the model gives it. */
  readonly logProbability: number;
}

/** A stream at one moment, as plain data that JSON keeps to the bit. */
export interface GeneratorState {
  readonly options: GenerateOptions;
  /** Tokens written. */
  readonly step: number;
  /** The next token to read. */
  readonly next: number;
  /** The last tokens, for the repetition penalty. */
  readonly recent: readonly number[];
  readonly atStart: boolean;
  /** Text that may be the beginning of a stop. */
  readonly held: string;
  readonly ended?: Ended;
  readonly states: StreamState;
}

/** A text while it is being written. */
export interface TextStream extends IterableIterator<GeneratedToken> {
  /** Why it ended; undefined while it goes on. */
  readonly ended: Ended | undefined;
  /** A copy of everything that is needed to continue. */
  state(): GeneratorState;
}

/** What streams need of a model. */
export interface Writer {
  readonly tokens: TextTokens;
  /** What is read before the prime. @throws OptionError if there is no such label */
  readonly start: (label: string | undefined) => number;
  /** The token that ends a sequence; undefined if texts have no end. */
  readonly end: number | undefined;
  /** Tokens that are never written. */
  readonly never: readonly number[];
  /** The stream that all share. */
  readonly shared: SharedStream;
}

/**
 * Begins a text, or continues one.
 *
 * @throws OptionError if an option makes no sense, the label or a character of the prime is not known; NetworkError if the
 * state is of another model
 */
export function startText(
  writer: Writer,
  from: GenerateOptions | GeneratorState,
  how?: RestoreOptions,
): TextStream {
  if (!("states" in from)) return new Text(writer, begin(writer, from));
  return new Text(writer, { ...from, states: writer.shared.adopt(from.states, how) });
}

/** The state before the first token. */
function begin(writer: Writer, options: GenerateOptions): GeneratorState {
  const { prime = "", label, stop = [] } = options;
  checkOptions(options, textWritingRows, "stream");
  if (stop.includes(""))
    throw new OptionError("{stop} has an empty text, which would end every text at once; leave it out");
  const { tokens, shared } = writer;
  const read = [writer.start(label), ...known(tokens, prime)];
  const turn: Turn = { states: undefined };
  for (const token of read.slice(0, -1)) shared.step(turn, token);
  const atStart = read.length === 1 || read.at(-1) === tokens.newline;
  const [next] = read.slice(-1) as [number];
  const recent = read.slice(1);
  return { options, step: 0, next, recent, atStart, held: "", states: shared.states(turn) };
}

/** The tokens of a prime. @throws OptionError naming a character that was not learned */
function known(tokens: TextTokens, prime: string): number[] {
  const read = [...tokens.encode(prime)];
  if (tokens.unit !== "character" || !read.includes(0)) return read;
  const unknown = [...prime].find((character) => tokens.encode(character)[0] === 0);
  throw new OptionError(
    `{prime} has ${shown(unknown ?? prime)}, which does not occur in what the generator was trained on`,
  );
}

class Text implements TextStream {
  ended: Ended | undefined;
  private readonly writer: Writer;
  private readonly options: GenerateOptions;
  private readonly sample: Sampler;
  private readonly turn: Turn;
  private readonly length: number;
  private readonly window: number;
  private steps: number;
  private token: number;
  private recent: number[];
  private atStart: boolean;
  private held: string;

  constructor(writer: Writer, { options, step, next, recent, atStart, held, ended, states }: GeneratorState) {
    const { length = writer.tokens.unit === "character" ? 500 : 100, repetitionWindow = 64 } = options;
    this.sample = createSampler(samplingOf(options), writer.never);
    [this.writer, this.options, this.length, this.window] = [writer, options, length, repetitionWindow];
    [this.steps, this.token, this.recent, this.atStart] = [step, next, [...recent], atStart];
    [this.held, this.ended, this.turn] = [held, ended, { states }];
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<GeneratedToken, undefined> {
    if (this.ended) return { done: true, value: undefined };
    const { writer, options, steps: step, recent } = this;
    const { seed = 1, sequence = 0 } = options;
    const row = writer.shared.step(this.turn, this.token);
    const { token, logProbability } = this.sample(row, { seed, sequence, step }, recent);
    [this.token, this.steps] = [token, step + 1];
    recent.push(token);
    if (recent.length > 2 * this.window) this.recent = recent.slice(-this.window);
    if (token === writer.end) {
      this.ended = "end";
      return { done: false, value: { text: this.release(), token: undefined, logProbability } };
    }
    const { tokens } = writer;
    this.held += tokens.piece(token, this.atStart);
    this.atStart = token === tokens.newline;
    const stopped = this.stopAt();
    if (stopped !== undefined) [this.held, this.ended] = [this.held.slice(0, stopped), "stop"];
    else if (this.steps >= this.length) this.ended = "length";
    const text = this.ended ? this.release() : this.certain();
    return { done: false, value: { text, token: tokens.token(token), logProbability } };
  }

  state(): GeneratorState {
    const { options, steps, token, recent, atStart, held, ended, window } = this;
    const states = this.writer.shared.states(this.turn);
    return {
      options,
      step: steps,
      next: token,
      recent: recent.slice(-window),
      atStart,
      held,
      states,
      ...(ended ? { ended } : {}),
    };
  }

  /** Where the first stop begins in the text that is held back. */
  private stopAt(): number | undefined {
    const places = (this.options.stop ?? []).map((stop) => this.held.indexOf(stop)).filter((at) => at >= 0);
    return places.length > 0 ? Math.min(...places) : undefined;
  }

  /** Releases the part of the text in which no stop can begin. */
  private certain(): string {
    const { held } = this;
    const begins = (from: number): boolean =>
      (this.options.stop ?? []).some((stop) => stop.startsWith(held.slice(from)));
    let from = 0;
    while (from < held.length && !begins(from)) from++;
    this.held = held.slice(from);
    return held.slice(0, from);
  }

  private release(): string {
    const { held } = this;
    this.held = "";
    return held;
  }
}
