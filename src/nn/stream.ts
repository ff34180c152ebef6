/**
 * Streaming: a network one step at a time, for tokens as they come in. The states stay in the program's memory
 * between steps, and are values all the same: they can be copied, saved as JSON and restored. A step is one call
 * into the executor and allocates nothing. Predictions are the same bits as those of the whole sequence in a batch.
 */
import type { Batch, BufferView, Executor, Program } from "../exec/executor.js";
import { packing } from "../tensor/packing.js";
import { names, type StepPlan, stepPlan } from "./build.js";
import { NetworkError, type StreamedState } from "./layer.js";
import { inputShape, type Network } from "./network.js";
import { type Parameters, writeParameters } from "./parameters.js";

/**
 * The states of a stream at one moment, "recurrent1.c" -> H numbers: a frozen copy. JSON keeps it to the bit;
 * a predictor's final states have the same form.
 */
export type StreamState = Readonly<Record<string, ArrayLike<number>>>;

/** ŷ of one step in the executor's own numbers: float32, or float64 of the reference. */
export type StepPrediction = Float32Array | Float64Array;

/** Options of one stream. */
export interface StreamOptions {
  /** Parameters that the executor is given; absent: it holds them already. */
  readonly parameters?: Parameters;
  /** Where streams start, and where `reset` goes back to. Default: zeros, or the learned initial states. */
  readonly states?: StreamState;
}

/** Options of several streams. */
export interface StreamsOptions extends StreamOptions {
  /** How many; default 1. */
  readonly count?: number;
}

/** One sequence that comes in step by step. */
export interface Stream {
  /**
   * Takes one step.
   *
   * @param x a token id, or the numbers of one step
   * @returns ŷ of this step: a view of the program's memory, good until the next step of any stream of the set and
   *   until the executor prepares another plan; copy it to keep it
   * @throws NetworkError if the id is outside the vocabulary, the width is wrong, or a given initial state is missing
   */
  step(x: number | ArrayLike<number>): StepPrediction;
  /** A copy of the states as they stand. */
  state(): StreamState;
  /** Goes on from states that `state` gave, of this or another stream. @throws NetworkError if they do not fit */
  restore(state: StreamState): void;
  /** Starts a new sequence. */
  reset(): void;
}

/** A stream with a program of its own. */
export interface SingleStream extends Stream {
  /** Gives the program's memory back; the weights stay in the executor. */
  dispose(): void;
}

/** Streams that share one program and may step together or alone. */
export interface Streams {
  readonly count: number;
  /**
   * All streams take one step together.
   *
   * @param inputs one token id for each stream, or the numbers of one step of each, stream after stream
   * @returns ŷ of each stream, views as `Stream.step` gives
   * @throws NetworkError as `Stream.step` does; no stream has stepped then
   */
  step(inputs: ArrayLike<number>): readonly StepPrediction[];
  /** One of the streams, to step alone. @throws NetworkError if there is none of this number */
  stream(number: number): Stream;
  /** Starts a new sequence in every stream. */
  reset(): void;
  /** Gives the program's memory back; the weights stay in the executor. */
  dispose(): void;
}

/**
 * One stream of a network that gives a prediction per token.
 *
 * ```ts
 * const stream = createStream(net, executor, { parameters });
 * for (const id of [3, 1, 4]) console.log(stream.step(id)); // Float32Array of Y numbers
 * const saved = JSON.stringify(stream.state());
 * stream.restore(JSON.parse(saved));
 * ```
 *
 * @throws NetworkError naming the layer that needs the whole sequence: pooling, or a direction other than forward
 */
export function createStream(net: Network, executor: Executor, options: StreamOptions = {}): SingleStream {
  const set = new StreamSet(net, executor, { ...options, count: 1 });
  return Object.assign(set.stream(0), { dispose: () => set.dispose() });
}

/**
 * Several streams over one set of weights. Stepping together costs less than stepping each alone and gives the
 * same bits.
 *
 * @throws NetworkError naming the layer that needs the whole sequence, or if `count` is not 1 or more
 */
export function createStreams(net: Network, executor: Executor, options: StreamsOptions = {}): Streams {
  return new StreamSet(net, executor, options);
}

/** A state's buffer, in place. */
interface Place extends StreamedState {
  readonly name: string;
  view: BufferView;
}

/** Which rows the program's tables choose: one stream's, or one of these. */
const ALL = -1;
const NONE = -2;

/** The program, and views of its buffers: row i is stream i. */
class StreamSet implements Streams {
  readonly count: number;
  private readonly executor: Executor;
  private readonly program: Program;
  private readonly states: readonly Place[];
  private readonly start: StreamState | undefined;
  /** Numbers per step; 0: token ids. */
  private readonly width: number;
  private readonly vocabulary: number;
  private readonly outputWidth: number;
  private readonly batches: Batch[] = [];
  private readonly all: Batch;
  private chosen = NONE;
  private disposed = false;
  /** Streams that need given states and have none yet: a 1 for each, and how many. */
  private readonly without: Uint8Array;
  private waiting = 0;
  private inputs: BufferView["values"];
  private inputStride: number;
  private predictions: StepPrediction[];

  constructor(net: Network, executor: Executor, { count = 1, parameters, states }: StreamsOptions) {
    if (!(Number.isInteger(count) && count >= 1))
      throw new NetworkError(`${count} streams are asked for; it must be a whole number, 1 or more`);
    const { plan, states: streamed }: StepPlan = stepPlan(net);
    const { over, width } = inputShape(net.input);
    this.count = count;
    this.executor = executor;
    this.width = over === "ids" ? 0 : width;
    this.vocabulary = over === "ids" ? width : 0;
    this.outputWidth = net.output.width;
    this.start = states;
    this.without = new Uint8Array(count);
    const packed = packing(new Array<number>(count).fill(1));
    this.all = { packings: { [names.packing]: packed } };
    this.program = executor.prepare(plan, { [names.packing]: { B: count, T: 1, N: count } });
    try {
      if (parameters) writeParameters(net, parameters, executor);
      this.states = [...streamed].map(([name, state]) => ({
        ...state,
        name,
        view: this.program.view(state.value.buffer),
      }));
      ({ values: this.inputs, stride: this.inputStride } = this.program.view(names.input));
      this.predictions = this.predictionRows();
      this.reset();
    } catch (error) {
      this.program.dispose();
      throw error;
    }
  }

  step(inputs: ArrayLike<number>): readonly StepPrediction[] {
    const { count, width } = this;
    if (inputs.length !== count * (width || 1))
      throw new NetworkError(
        `${count} streams need ${count * (width || 1)} ${width ? "numbers" : "token ids"} for a step and were given ${inputs.length}`,
      );
    if (this.waiting > 0) for (let i = 0; i < count; i++) this.mustHaveStarted(i);
    if (width === 0) for (let i = 0; i < count; i++) this.checkId(inputs[i] as number);
    if (this.inputs.length === 0) this.look();
    const { inputs: to, inputStride } = this;
    const from = width || 1;
    for (let i = 0; i < count; i++) {
      for (let f = 0; f < from; f++) to[i * inputStride + f] = inputs[i * from + f] as number;
    }
    this.run(ALL);
    return this.predictions;
  }

  stream(number: number): Stream {
    if (!(Number.isInteger(number) && number >= 0 && number < this.count))
      throw new NetworkError(`there is no stream ${number}; there are ${this.count}, counted from 0`);
    return {
      step: (x) => this.stepOne(number, x),
      state: () => this.state(number),
      restore: (state) => this.restore(number, state),
      reset: () => this.resetOne(number),
    };
  }

  reset(): void {
    for (let i = 0; i < this.count; i++) this.resetOne(i);
  }

  dispose(): void {
    this.program.dispose();
    // The memory may be somebody else's next: nobody writes to it through the old views.
    this.disposed = true;
    this.inputs = new Float32Array(0);
  }

  private stepOne(i: number, x: number | ArrayLike<number>): StepPrediction {
    if (this.waiting > 0) this.mustHaveStarted(i);
    if (this.inputs.length === 0) this.look();
    const { inputs, width } = this;
    const row = i * this.inputStride;
    if (typeof x === "number") {
      if (width > 1) throw new NetworkError(`a step is ${width} numbers, not one`);
      if (width === 0) this.checkId(x);
      inputs[row] = x;
    } else {
      if (x.length !== width)
        throw new NetworkError(
          width === 0 ? "a step is a token id, not a list" : `a step is ${width} numbers, not ${x.length}`,
        );
      for (let f = 0; f < width; f++) inputs[row + f] = x[f] as number;
    }
    this.run(i);
    return this.predictions[i] as StepPrediction;
  }

  /** Runs the rows of one stream or of all; the tables are written only when others were chosen before. */
  private run(rows: number): void {
    if (rows === this.chosen) return this.program.rerun();
    this.chosen = NONE;
    this.program.run(rows === ALL ? this.all : this.batchOf(rows));
    this.chosen = rows;
  }

  /** The step of one stream alone: the packing of all, of which step 0 holds one row. */
  private batchOf(i: number): Batch {
    const there = this.batches[i];
    if (there) return there;
    const packed = this.all.packings[names.packing] as Batch["packings"][string];
    const alone = { ...packed, active: Int32Array.of(1), offsets: Int32Array.of(i, i + 1) };
    const batch = { packings: { [names.packing]: alone } };
    this.batches[i] = batch;
    return batch;
  }

  private state(i: number): StreamState {
    this.mustHaveStarted(i);
    if (this.inputs.length === 0) this.look();
    const entries = this.states.map(({ name, value, view }) => {
      const from = i * view.stride;
      return [name, Object.freeze(Array.from(view.values.subarray(from, from + value.width)))];
    });
    return Object.freeze(Object.fromEntries(entries));
  }

  private restore(i: number, state: StreamState): void {
    for (const name of Object.keys(state)) {
      if (!this.states.some((s) => s.name === name))
        throw new NetworkError(
          `the network has no state ${name}; it has ${this.states.map((s) => s.name).join(", ") || "none"}`,
        );
    }
    for (const { name, value } of this.states) {
      if (state[name]?.length !== value.width)
        throw new NetworkError(
          `the state ${name} holds ${value.width} numbers and was given ${state[name]?.length ?? "none"}`,
        );
    }
    if (this.inputs.length === 0) this.look();
    for (const place of this.states) write(place, i, state[place.name] as ArrayLike<number>);
    this.waiting -= this.without[i] as number;
    this.without[i] = 0;
  }

  private resetOne(i: number): void {
    if (this.start) return this.restore(i, this.start);
    if (this.inputs.length === 0) this.look();
    const missing = Number(this.states.some(({ start }) => start === undefined));
    this.waiting += missing - (this.without[i] as number);
    this.without[i] = missing;
    for (const place of this.states) {
      const { start = 0, value } = place;
      const values =
        typeof start === "number" ? new Array(value.width).fill(start) : this.executor.read(start.buffer);
      write(place, i, values);
    }
  }

  private mustHaveStarted(i: number): void {
    if (this.without[i] === 0) return;
    const missing = this.states.filter(({ start }) => start === undefined).map(({ name }) => name);
    throw new NetworkError(
      `stream ${i} must be given its initial states (${missing.join(", ")}): restore them, or pass options.states`,
    );
  }

  private checkId(id: number): void {
    if (id >>> 0 !== id || id >= this.vocabulary)
      throw new NetworkError(`a step holds the token id ${id}; ids run from 0 to ${this.vocabulary - 1}`);
  }

  /** Takes all views anew: memory has moved since. */
  private look(): void {
    if (this.disposed) throw new NetworkError("the streams are disposed of");
    for (const place of this.states) place.view = this.program.view(place.value.buffer);
    ({ values: this.inputs, stride: this.inputStride } = this.program.view(names.input));
    this.predictions = this.predictionRows();
  }

  private predictionRows(): StepPrediction[] {
    const { values, stride } = this.program.view(names.prediction);
    return Array.from(
      { length: this.count },
      (_, i) => values.subarray(i * stride, i * stride + this.outputWidth) as StepPrediction,
    );
  }
}

function write({ value, view }: Place, i: number, from: ArrayLike<number>): void {
  for (let f = 0; f < value.width; f++) view.values[i * view.stride + f] = from[f] as number;
}
