/**
 * One program for any number of sequences that are written in turn: each brings its own states, which are swapped only if
 * another sequence stepped in between.
 */
import type { SingleStream, StreamState } from "../../nn/index.js";

/** One program for any number of sequences that are written in turn. */
export interface SharedStream {
  /** ŷ after a step of one of the sequences. */
  step(turn: Turn, x: number | ArrayLike<number>): ArrayLike<number>;
  /** The states of one of the sequences. */
  states(turn: Turn): StreamState;
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
  const take = (turn: Turn): SingleStream => {
    stream ??= make();
    if (owner === turn) return stream;
    if (owner) owner.states = stream.state();
    if (turn.states) stream.restore(turn.states);
    else stream.reset();
    owner = turn;
    return stream;
  };
  return {
    step: (turn, x) => take(turn).step(x),
    states: (turn) => take(turn).state(),
    dispose: () => stream?.dispose(),
  };
}
