/**
 * Music from a generator of piano-rolls, step by step: a stream that can be stopped at any step, saved as JSON, forked and
 * continued, in this process or another, with the same bits.
 */
import type { Roll } from "../../../data/index.js";
import type { RestoreOptions, SamplingOptions, StreamState } from "../../../nn/index.js";
import { samplingRows } from "../../../nn/search/sampling.js";
import { checkOptions, type Facts, type RowsOf } from "../../../options/index.js";
import type { SharedStream, Turn } from "../shared-stream.js";
import { writingRows } from "../writing.js";
import { type NoteOutput, noteOutputs, pitchesOf, type StepDrawer } from "./output.js";
import { keysOf } from "./steps.js";

/** How a piano-roll is written. */
export interface NoteOptions {
  /** Below 1 is safer, above 1 bolder; 0 takes the most probable. Default 1. */
  readonly temperature?: number;
  /** For a joint output: only the k most probable notes; default all. */
  readonly topK?: number;
  /** For a joint output: only the most probable notes that together make up this share; default 1, all. */
  readonly topP?: number;
  /** For a joint output: see `SamplingOptions`; default 1, all. */
  readonly typical?: number;
  /** Steps that the music continues; they are not part of the result. Default: nothing, a new beginning. */
  readonly prime?: Roll;
  /** Steps to write; default 64. */
  readonly length?: number;
  /** Most notes in a step; default: as many as in the largest chord of the training data. */
  readonly most?: number;
  /** Seed of the random draws; default 1. */
  readonly seed?: number;
  /** Number of the sequence, from 0: under one seed, each has its own draws. Default 0. */
  readonly sequence?: number;
}

/** What is drawn among tokens; where each note is drawn by itself, it would have no effect. */
const joint = { needs: { output: ["joint outputs"] } } as const;

/** The rows. Where they have an effect depends on the output, see `outputFact`. */
export const noteWritingRows = {
  ...writingRows,
  temperature: samplingRows.temperature,
  topK: { ...samplingRows.topK, ...joint },
  topP: { ...samplingRows.topP, ...joint },
  typical: { ...samplingRows.typical, ...joint },
  prime: { kind: "list", of: { kind: "list", of: { kind: "whole", least: 0 }, least: 0 }, least: 0 },
  most: { kind: "whole" },
} as const satisfies RowsOf<NoteOptions>;

/** The output of a generator, as a fact for the rows. */
export const outputFact = (output: NoteOutput): Facts => ({ output: `${output} outputs` });

/** A stream at one moment, as plain data that JSON keeps to the bit. */
export interface NoteState {
  readonly options: NoteOptions;
  /** Steps written. */
  readonly step: number;
  /** The part of the last step that has not been read yet. */
  readonly unread: readonly number[];
  readonly states: StreamState;
}

/** A piano-roll while it is being written: the MIDI numbers of each step. */
export interface NoteStream extends IterableIterator<readonly number[]> {
  /** A copy of everything that is needed to continue. */
  state(): NoteState;
}

/** What streams need of a model. */
export interface NoteWriter {
  readonly output: NoteOutput;
  /** Number of notes in the largest chord. */
  readonly most: number;
  /** The stream that all share. */
  readonly shared: SharedStream;
}

/**
 * Begins music, or continues it.
 *
 * @throws OptionError if an option makes no sense, DataError if a note of the prime is not on a piano, NetworkError if
 * the state is of another model
 */
export function startNotes(
  writer: NoteWriter,
  from: NoteOptions | NoteState,
  how?: RestoreOptions,
): NoteStream {
  if (!("states" in from)) return new Notes(writer, begin(writer, from));
  return new Notes(writer, { ...from, states: writer.shared.adopt(from.states, how) });
}

/** The state before the first step: silence and the prime have been read, except for what is read with the next step. */
function begin({ output, shared }: NoteWriter, options: NoteOptions): NoteState {
  checkOptions(options, noteWritingRows, "stream", outputFact(output));
  const { prime = [] } = options;
  // Whatever cannot be read is refused before anything is read.
  for (const step of prime) keysOf(step);
  const turn: Turn = { states: undefined };
  let unread: readonly number[] = [];
  for (const step of prime) unread = noteOutputs[output].read({ shared, turn }, unread, step);
  return { options, step: 0, unread, states: shared.states(turn) };
}

class Notes implements NoteStream {
  private readonly writer: NoteWriter;
  private readonly options: NoteOptions;
  private readonly draw: StepDrawer;
  private readonly turn: Turn;
  private steps: number;
  private unread: readonly number[];

  constructor(writer: NoteWriter, { options, step, unread, states }: NoteState) {
    const { temperature, topK, topP, typical, most = writer.most } = options;
    const chosen: SamplingOptions = Object.fromEntries(
      Object.entries({ temperature, topK, topP, typical }).filter(([, value]) => value !== undefined),
    );
    this.draw = noteOutputs[writer.output].drawer({ ...chosen, most });
    [this.writer, this.options, this.turn] = [writer, options, { states }];
    [this.steps, this.unread] = [step, unread];
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<readonly number[], undefined> {
    const { seed = 1, sequence = 0, length = 64 } = this.options;
    if (this.steps >= length) return { done: true, value: undefined };
    const { shared, output } = this.writer;
    const keys = this.draw({ shared, turn: this.turn, seed, sequence, step: this.steps }, this.unread);
    const step = pitchesOf(keys);
    this.unread = noteOutputs[output].unread(step);
    this.steps++;
    return { done: false, value: step };
  }

  state(): NoteState {
    const { options, steps, unread, turn, writer } = this;
    return { options, step: steps, unread: [...unread], states: writer.shared.states(turn) };
  }
}
