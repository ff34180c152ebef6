/**
 * Performances from a generator, token by token (data/music/performance.ts): a stream that can be stopped at any token,
 * saved as JSON, forked and continued, in this process or another, with the same bits.
 */

import { encodePerformance, type Piece, performanceTokens } from "../../../data/index.js";
import {
  createSampler,
  type RestoreOptions,
  type Sampler,
  type SamplingOptions,
  type StreamState,
} from "../../../nn/index.js";
import { samplingOf, samplingRows } from "../../../nn/search/sampling.js";
import { checkOptions, type RowsOf } from "../../../options/index.js";
import type { SharedStream, Turn } from "../shared-stream.js";
import type { Ended } from "../text/stream.js";
import { writingRows } from "../writing.js";

/** The token that begins and ends a piece, in addition to the 388 of performances. */
export const boundary = performanceTokens.count;

/** How a performance is written. */
export interface EventOptions extends SamplingOptions {
  /** What the music continues. Default: nothing, a new beginning. */
  readonly prime?: Piece;
  /** Most tokens; default 1,000. */
  readonly length?: number;
  /** Seed of the random draws; default 1. */
  readonly seed?: number;
  /** Number of the sequence, from 0: under one seed, each has its own draws. Default 0. */
  readonly sequence?: number;
}

/** The rows. */
export const eventWritingRows = {
  ...samplingRows,
  ...writingRows,
  prime: { kind: "object", what: "a piece" },
} as const satisfies RowsOf<EventOptions>;

/** A stream at one moment, as plain data that JSON keeps to the bit. */
export interface EventState {
  readonly options: EventOptions;
  /** Tokens written. */
  readonly step: number;
  /** The next token to read. */
  readonly next: number;
  /** Whether a note has been struck: until then, a piece does not end. */
  readonly struck: boolean;
  /** The last tokens, for the repetition penalty. */
  readonly recent: readonly number[];
  readonly ended?: Ended;
  readonly states: StreamState;
}

/** A performance while it is being written: its tokens. */
export interface EventStream extends IterableIterator<number> {
  /** "end" if the piece came to its end, "length" after `length` tokens; undefined while it goes on. */
  readonly ended: Ended | undefined;
  /** A copy of everything that is needed to continue. */
  state(): EventState;
}

/**
 * Begins a performance, or continues one.
 *
 * @throws OptionError if an option makes no sense, NetworkError if the state is of another model
 */
export function startEvents(
  shared: SharedStream,
  from: EventOptions | EventState,
  how?: RestoreOptions,
): EventStream {
  if (!("states" in from)) return new Events(shared, begin(shared, from));
  return new Events(shared, { ...from, states: shared.adopt(from.states, how) });
}

function begin(shared: SharedStream, options: EventOptions): EventState {
  checkOptions(options, eventWritingRows, "stream");
  const { prime } = options;
  const read = [boundary, ...(prime ? encodePerformance(prime).tokens : [])];
  const turn: Turn = { states: undefined };
  for (const token of read.slice(0, -1)) shared.step(turn, token);
  const next = read.at(-1)!;
  const struck = read.length > 1;
  return { options, step: 0, next, struck, recent: read.slice(1), states: shared.states(turn) };
}

class Events implements EventStream {
  ended: Ended | undefined;
  private readonly shared: SharedStream;
  private readonly options: EventOptions;
  private readonly sample: Sampler;
  private readonly sampleFirst: Sampler;
  private readonly turn: Turn;
  private readonly window: number;
  private steps: number;
  private token: number;
  private struck: boolean;
  private recent: number[];

  constructor(shared: SharedStream, { options, step, next, struck, recent, ended, states }: EventState) {
    const sampling = samplingOf(options);
    [this.sample, this.sampleFirst] = [createSampler(sampling), createSampler(sampling, [boundary])];
    this.struck = struck;
    [this.shared, this.options, this.turn] = [shared, options, { states }];
    [this.window, this.steps, this.token] = [options.repetitionWindow ?? 64, step, next];
    [this.recent, this.ended] = [recent.slice(-this.window), ended];
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<number, undefined> {
    if (this.ended) return { done: true, value: undefined };
    const { seed = 1, sequence = 0, length = 1000 } = this.options;
    const row = this.shared.step(this.turn, this.token);
    const draw = this.struck ? this.sample : this.sampleFirst;
    const { token } = draw(row, { seed, sequence, step: this.steps }, this.recent);
    this.token = token;
    this.steps++;
    if (token === boundary) {
      this.ended = "end";
      return { done: true, value: undefined };
    }
    if (token < performanceTokens.off) this.struck = true;
    this.recent.push(token);
    if (this.recent.length > 2 * this.window) this.recent = this.recent.slice(-this.window);
    if (this.steps >= length) this.ended = "length";
    return { done: false, value: token };
  }

  state(): EventState {
    const { options, steps, token, struck, recent, window, ended, turn, shared } = this;
    return {
      options,
      step: steps,
      next: token,
      struck,
      recent: recent.slice(-window),
      states: shared.states(turn),
      ...(ended ? { ended } : {}),
    };
  }
}
