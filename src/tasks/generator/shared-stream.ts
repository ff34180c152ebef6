/**
 * One program for any number of sequences that are written in turn: each brings its own states, which are swapped only if
 * another sequence stepped in between.
 */
import {
  ownStates,
  type RestoreOptions,
  type SingleStream,
  type StateValues,
  type StreamState,
  statesOf,
} from "../../nn/index.js";

/** One program for any number of sequences that are written in turn. */
export interface SharedStream {
  /** ŷ after a step of one of the sequences. */
  step(turn: Turn, x: number | ArrayLike<number>): ArrayLike<number>;
  /** The states of one of the sequences. */
  states(turn: Turn): StreamState;
  /** States that a sequence is to go on from, as those of this model. @throws NetworkError if they are of another one */
  adopt(state: StreamState | StateValues, options?: RestoreOptions): StreamState;
  dispose(): void;
}

/** A sequence, with the states that it had when another one took over; undefined at its beginning. */
export interface Turn {
  states: StreamState | undefined;
}

/** @param make called when the first sequence is written */
export function sharedStream(make: () => SingleStream): SharedStream {
  let stream: SingleStream | undefined;
  let owner: Turn | undefined;
  const made = (): SingleStream => {
    stream ??= make();
    return stream;
  };
  const take = (turn: Turn): SingleStream => {
    const own = made();
    if (owner === turn) return own;
    if (owner) owner.states = own.state();
    if (turn.states) own.restore(turn.states);
    else own.reset();
    owner = turn;
    return own;
  };
  return {
    step: (turn, x) => take(turn).step(x),
    states: (turn) => take(turn).state(),
    adopt(state, { anyModel = false } = {}) {
      const { model } = made();
      return { model, states: anyModel ? statesOf(state) : ownStates(state, model) };
    },
    dispose: () => stream?.dispose(),
  };
}
