/**
 * Music out of a generator of piano-rolls, step by step: a stream that can be stopped at any step, saved as JSON, forked and
 * gone on with, in this process or another, with the same bits.
 */
import { pianoKeys, type Roll } from "../data/index.js";
import {
  createNoteSampler,
  type NoteSampler,
  type NoteSamplingOptions,
  type StreamState,
} from "../nn/index.js";
import { stepNumbers } from "./note-network.js";
import type { SharedStream, Turn } from "./shared-stream.js";

/** How a piano-roll is written. */
export interface NoteOptions extends NoteSamplingOptions {
  /** Steps that the music goes on from; they are not part of what is given back. Default: none, a beginning. */
  readonly prime?: Roll;
  /** Steps to write; default 64. */
  readonly length?: number;
  /** Most notes of a step; default: as many as the largest chord of the training data has. */
  readonly most?: number;
  /** Of the draws; default 1. */
  readonly seed?: number;
  /** Number of the sequence, from 0: another one has other draws under the same seed. Default 0. */
  readonly sequence?: number;
}

/** A stream at one moment, as plain data: JSON keeps it to the bit. */
export interface NoteState {
  readonly options: NoteOptions;
  /** Steps written. */
  readonly step: number;
  /** The step that is read next. */
  readonly next: readonly number[];
  readonly states: StreamState;
}

/** A piano-roll as it is written: the MIDI numbers of each step. */
export interface NoteStream extends IterableIterator<readonly number[]> {
  /** A copy of everything that going on needs. */
  state(): NoteState;
}

/** What streams need of a model. */
export interface NoteWriter {
  /** Notes of the largest chord. */
  readonly most: number;
  /** The stream that all share. */
  readonly shared: SharedStream;
}

/**
 * Begins music, or goes on with it.
 *
 * @throws RangeError if an option makes no sense, DataError if a piano does not have a note of the prime
 */
export function startNotes(writer: NoteWriter, from: NoteOptions | NoteState): NoteStream {
  return new Notes(writer, "states" in from ? from : begin(writer, from));
}

/** The state before the first step: silence and the prime are read, but for the last of it. */
function begin({ shared }: NoteWriter, options: NoteOptions): NoteState {
  const { prime = [], length = 1 } = options;
  if (!(Number.isInteger(length) && length >= 1))
    throw new RangeError(`length is ${length}; it must be a whole number from 1`);
  const read = [[], ...prime];
  const turn: Turn = { states: undefined };
  for (const step of read) stepNumbers(step);
  for (const step of read.slice(0, -1)) shared.step(turn, stepNumbers(step));
  return { options, step: 0, next: read.at(-1) ?? [], states: shared.states(turn) };
}

class Notes implements NoteStream {
  private readonly writer: NoteWriter;
  private readonly options: NoteOptions;
  private readonly sample: NoteSampler;
  private readonly turn: Turn;
  private steps: number;
  private read: readonly number[];

  constructor(writer: NoteWriter, { options, step, next, states }: NoteState) {
    const { temperature = 1, most = writer.most } = options;
    this.sample = createNoteSampler({ temperature, most });
    [this.writer, this.options, this.turn] = [writer, options, { states }];
    [this.steps, this.read] = [step, next];
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<readonly number[], undefined> {
    const { seed = 1, sequence = 0, length = 64 } = this.options;
    if (this.steps >= length) return { done: true, value: undefined };
    const row = this.writer.shared.step(this.turn, stepNumbers(this.read));
    const keys = this.sample(row, { seed, sequence, step: this.steps });
    this.read = keys.map((key) => key + pianoKeys.lowest);
    this.steps++;
    return { done: false, value: this.read };
  }

  state(): NoteState {
    const { options, steps, read, turn, writer } = this;
    return { options, step: steps, next: [...read], states: writer.shared.states(turn) };
  }
}
