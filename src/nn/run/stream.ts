/**
 * Streaming: a network one step at a time, for tokens as they come in. The states stay in the program's memory
 * between steps, and are values all the same: they can be copied, saved as JSON and restored. A step is one call
 * into the executor and allocates nothing. Predictions are the same bits as those of the whole sequence in a batch.
 */

import type { Batch, BufferView, Home, Program } from "../../exec/executor.js";
import { executorOf } from "../../exec/home.js";
import { disposeSymbol, type Resource, resource } from "../../exec/resource.js";
import { checkOptions } from "../../options/check.js";
import { shown, spelled } from "../../options/error.js";
import { isList } from "../../options/items.js";
import type { RowsOf } from "../../options/row.js";
import { packing } from "../../tensor/packing.js";
import { type StepPlan, stepPlan } from "../build/plans.js";
import { inputShape } from "../input.js";
import { NetworkError } from "../layers/layer.js";
import { modelName } from "../model-name.js";
import { names } from "../names.js";
import { checkNetwork, type Network } from "../network.js";
import { type Parameters, parametersRow } from "../parameters.js";
import { type NetworkHome, networkHome } from "./home.js";
import {
  ownStates,
  type RestoreOptions,
  type StateValues,
  type StreamState,
  statesOf,
} from "./stream-state.js";
import { StreamStates } from "./stream-states.js";

/** ŷ of one step in the executor's own numbers: float32, or float64 of the reference. */
export type StepPrediction = Float32Array | Float64Array;

/** Options of one stream. */
export interface StreamOptions {
  /** The weights; absent: the session that is given holds them already. */
  readonly parameters?: Parameters;
  /** Where streams start, and where `reset` goes back to. Default: zeros, or the learned initial states. */
  readonly states?: StateValues;
}

/** Options of several streams. */
export interface StreamsOptions extends StreamOptions {
  /** How many; default 1. */
  readonly count?: number;
}

const streamRows = {
  parameters: parametersRow,
  states: { kind: "object", what: "states by name" },
} as const satisfies RowsOf<StreamOptions>;

const streamsRows = {
  ...streamRows,
  count: { kind: "whole", default: 1 },
} as const satisfies RowsOf<StreamsOptions>;

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
  /**
   * Goes on from states that `state` gave, of this or another stream of the same model. With `anyModel` also from those of
   * another model, or bare ones, as a predictor's final states are.
   * @throws NetworkError if they do not fit, or are of another model or do not say of which
   */
  restore(state: StreamState | StateValues, options?: RestoreOptions): void;
  /** Starts a new sequence. */
  reset(): void;
}

/** A stream with a program of its own. */
export interface SingleStream extends Stream, Resource {
  /** Whose states its states are: see `modelName`. */
  readonly model: string;
  /** Gives its memory back; a session that it shares keeps the weights. */
  dispose(): void;
}

/** Streams that share one program and may step together or alone. */
export interface Streams extends Resource {
  /** Whose states their states are: see `modelName`. */
  readonly model: string;
  readonly count: number;
  /**
   * All streams take one step together.
   *
   * @param inputs one token id for each stream, or the numbers of one step of each, stream after stream
   * @returns ŷ of each stream, views as `Stream.step` gives
   * @throws NetworkError as `Stream.step` does; no stream has stepped then
   */
  step(inputs: ArrayLike<number>): readonly StepPrediction[];
  /** One of the streams, to step alone. @throws NetworkError if there is no stream with this number */
  stream(number: number): Stream;
  /** Starts a new sequence in every stream. */
  reset(): void;
  /** Gives their memory back; a session that they share keeps the weights. */
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
 * @param home an executor, on which it opens a session of its own; or a session, whose weights it shares
 * @throws NetworkError naming the layer that needs the whole sequence: pooling, or a direction other than forward
 */
export function createStream(net: Network, home: Home, options: StreamOptions = {}): SingleStream {
  checkNetwork(net, "createStream");
  checkOptions(options, streamRows, "createStream");
  const set = new StreamSet(net, home, { ...options, count: 1 });
  return resource({
    ...set.stream(0),
    get model() {
      return set.model;
    },
    dispose: () => set.dispose(),
  });
}

/**
 * Several streams over one set of weights. Stepping together costs less than stepping each alone and gives the
 * same bits.
 *
 * @param home an executor, on which they open a session of their own; or a session, whose weights they share
 * @throws NetworkError naming the layer that needs the whole sequence
 */
export function createStreams(net: Network, home: Home, options: StreamsOptions = {}): Streams {
  checkNetwork(net, "createStreams");
  checkOptions(options, streamsRows, "createStreams");
  return new StreamSet(net, home, options);
}

/** @throws NetworkError if so many streams take more than their executor can hold */
function checkRoom(home: Home, plan: StepPlan["plan"], count: number): void {
  const executor = executorOf(home);
  const most = Math.min(executor.mostBytes, 2 ** 40);
  const { weights, slots, working } = executor.estimate(plan, {
    [names.packing]: { B: count, T: 1, N: count },
  });
  const bytes = weights + slots + working;
  if (bytes <= most) return;
  const mib = (size: number): string => `${Math.ceil(size / 2 ** 20).toLocaleString("en-US")} MiB`;
  throw new NetworkError(
    `${count.toLocaleString("en-US")} streams take about ${mib(bytes)}, and there are ${mib(most)} at most; open fewer`,
  );
}

/** Which rows the program's tables choose: one stream's, or one of these. */
const ALL = -1;
const NONE = -2;

/** The program, and views of its buffers: row i is stream i. */
class StreamSet implements Streams {
  readonly count: number;
  private readonly net: Network;
  /** What the model is called with the weights of a version of its session. */
  private called = { name: "", at: -1 };
  private readonly home: NetworkHome;
  private readonly program: Program;
  private readonly states: StreamStates;
  /** Numbers per step; 0: token ids. */
  private readonly width: number;
  private readonly vocabulary: number;
  private readonly outputWidth: number;
  private readonly batches: Batch[] = [];
  private readonly all: Batch;
  private chosen = NONE;
  private inputs: BufferView["values"];
  private inputStride: number;
  private predictions: StepPrediction[];

  constructor(net: Network, home: Home, { count = 1, parameters, states }: StreamsOptions) {
    const { plan, states: streamed }: StepPlan = stepPlan(net);
    const { over, width } = inputShape(net.input);
    this.count = count;
    this.net = net;
    this.width = over === "ids" ? 0 : width;
    this.vocabulary = over === "ids" ? width : 0;
    this.outputWidth = net.output.width;
    checkRoom(home, plan, count);
    const packed = packing(new Array<number>(count).fill(1));
    this.all = { packings: { [names.packing]: packed } };
    this.home = networkHome(net, home, parameters);
    let program: Program | undefined;
    try {
      const { session } = this.home;
      program = session.prepare(plan, { [names.packing]: { B: count, T: 1, N: count } });
      this.program = program;
      this.home.writeWeights();
      this.states = new StreamStates(program, session, { count, streamed, start: states });
      ({ values: this.inputs, stride: this.inputStride } = this.program.view(names.input));
      this.predictions = this.predictionRows();
    } catch (error) {
      program?.dispose();
      this.home.dispose();
      throw error;
    }
  }

  get model(): string {
    const { version } = this.home.session;
    if (this.called.at !== version)
      this.called = { name: modelName(this.net, this.home.weights()), at: version };
    return this.called.name;
  }

  step(inputs: ArrayLike<number>): readonly StepPrediction[] {
    const { count, width } = this;
    if (inputs?.length !== count * (width || 1))
      throw new NetworkError(
        `${count} streams need ${count * (width || 1)} ${width ? "numbers" : "token ids"} for a step and were given ${inputs?.length ?? spelled(shown(inputs))}`,
      );
    if (this.states.waiting > 0) for (let i = 0; i < count; i++) this.states.mustHaveStarted(i);
    if (width === 0) for (let i = 0; i < count; i++) this.checkId(inputs[i]!);
    if (this.inputs.length === 0 || this.program.disposed) this.look();
    const { inputs: to, inputStride } = this;
    const from = width || 1;
    for (let i = 0; i < count; i++) {
      for (let f = 0; f < from; f++) to[i * inputStride + f] = inputs[i * from + f]!;
    }
    this.run(ALL);
    return this.predictions;
  }

  stream(number: number): Stream {
    if (!(Number.isInteger(number) && number >= 0 && number < this.count))
      throw new NetworkError(`there is no stream ${number}; there are ${this.count}, counted from 0`);
    return {
      step: (x) => this.stepOne(number, x),
      state: () => this.stateOf(number),
      restore: (state, options) => this.restore(number, state, options),
      reset: () => this.fresh().reset(number),
    };
  }

  reset(): void {
    for (let i = 0; i < this.count; i++) this.fresh().reset(i);
  }

  dispose(): void {
    this.program.dispose();
    this.home.dispose();
  }

  [disposeSymbol](): void {
    this.dispose();
  }

  private stateOf(i: number): StreamState {
    const states = this.fresh().copy(i);
    return Object.freeze({ model: this.model, states });
  }

  private restore(
    i: number,
    state: StreamState | StateValues,
    { anyModel = false }: RestoreOptions = {},
  ): void {
    const to = this.fresh();
    to.restore(i, anyModel ? statesOf(state) : ownStates(state, this.model));
  }

  private stepOne(i: number, x: number | ArrayLike<number>): StepPrediction {
    if (this.states.waiting > 0) this.states.mustHaveStarted(i);
    if (this.inputs.length === 0 || this.program.disposed) this.look();
    const { inputs, width } = this;
    const row = i * this.inputStride;
    if (typeof x === "number") {
      if (width > 1) throw new NetworkError(`a step is ${width} numbers, not one`);
      if (width === 0) this.checkId(x);
      inputs[row] = x;
    } else {
      if (x?.length !== width || width === 0)
        throw new NetworkError(
          width === 0
            ? `a step is a token id, not ${isList(x) ? "a list" : spelled(shown(x))}`
            : `a step is ${width} numbers, not ${x?.length ?? spelled(shown(x))}`,
        );
      for (let f = 0; f < width; f++) inputs[row + f] = x[f]!;
    }
    this.run(i);
    return this.predictions[i]!;
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
    const packed = this.all.packings[names.packing]!;
    const alone = { ...packed, active: Int32Array.of(1), offsets: Int32Array.of(i, i + 1) };
    const batch = { packings: { [names.packing]: alone } };
    this.batches[i] = batch;
    return batch;
  }

  private checkId(id: number): void {
    if (id >>> 0 !== id || id >= this.vocabulary)
      throw new NetworkError(`a step holds the token id ${id}; ids run from 0 to ${this.vocabulary - 1}`);
  }

  /** The states, of which the views are good. */
  private fresh(): StreamStates {
    if (this.inputs.length === 0 || this.program.disposed) this.look();
    return this.states;
  }

  /** Takes fresh views of everything, because memory has moved. */
  private look(): void {
    // The memory may be somebody else's by now: nobody writes to it through the old views.
    if (this.program.disposed) throw new NetworkError("the streams are disposed of");
    this.states.look();
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
