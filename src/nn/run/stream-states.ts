/**
 * The states of a set of streams: buffers of their program, row i for stream i. The program updates them in place;
 * here they are copied, restored and put back to where streams start.
 */
import type { BufferView, Program, Session } from "../../exec/executor.js";
import { NetworkError, type StreamedState } from "../layers/layer.js";
import type { StateValues } from "./stream-state.js";

/** What the states of a set are made from. */
export interface StreamStatesOptions {
  readonly count: number;
  /** By name, as `stepPlan` gives them. */
  readonly streamed: ReadonlyMap<string, StreamedState>;
  /** Where streams start; undefined: where each state says. */
  readonly start: StateValues | undefined;
}

/** A state's buffer, in place. */
interface Place extends StreamedState {
  readonly name: string;
  view: BufferView;
}

/** Guards the states: a stream whose network wants given ones must have them before it steps. */
export class StreamStates {
  /** How many streams need given states and have none yet. */
  waiting = 0;
  private readonly program: Program;
  private readonly session: Session;
  private readonly places: readonly Place[];
  private readonly start: StateValues | undefined;
  /** A 1 for each stream that waits. */
  private readonly without: Uint8Array;

  /** Puts every stream to its start. @throws NetworkError if `start` does not fit */
  constructor(program: Program, session: Session, { count, streamed, start }: StreamStatesOptions) {
    this.program = program;
    this.session = session;
    this.start = start;
    this.without = new Uint8Array(count);
    this.places = [...streamed].map(([name, state]) => ({
      ...state,
      name,
      view: program.view(state.value.buffer),
    }));
    for (let i = 0; i < count; i++) this.reset(i);
  }

  /** Takes fresh views, because memory has moved. */
  look(): void {
    for (const place of this.places) place.view = this.program.view(place.value.buffer);
  }

  /** A frozen copy of a stream's states. @throws NetworkError if they are to be given and are not yet */
  copy(i: number): StateValues {
    this.mustHaveStarted(i);
    const entries = this.places.map(({ name, value, view }) => {
      const from = i * view.stride;
      return [name, Object.freeze(Array.from(view.values.subarray(from, from + value.width)))];
    });
    return Object.freeze(Object.fromEntries(entries));
  }

  /** @throws NetworkError naming the state that is missing, too many or of another width; nothing has changed then */
  restore(i: number, state: StateValues): void {
    for (const name of Object.keys(state)) {
      if (!this.places.some((place) => place.name === name))
        throw new NetworkError(
          `the network has no state ${name}; it has ${this.places.map((place) => place.name).join(", ") || "none"}`,
        );
    }
    for (const { name, value } of this.places) {
      if (state[name]?.length !== value.width)
        throw new NetworkError(
          `the state ${name} holds ${value.width} numbers and was given ${state[name]?.length ?? "none"}`,
        );
    }
    for (const place of this.places) write(place, i, state[place.name]!);
    this.waiting -= this.without[i]!;
    this.without[i] = 0;
  }

  /** Puts a stream to its start. */
  reset(i: number): void {
    if (this.start) return this.restore(i, this.start);
    const missing = Number(this.places.some(({ start }) => start === undefined));
    this.waiting += missing - this.without[i]!;
    this.without[i] = missing;
    for (const place of this.places) {
      const { start = 0, value } = place;
      const numbers =
        typeof start === "number"
          ? new Array<number>(value.width).fill(start)
          : this.session.read(start.buffer);
      write(place, i, numbers);
    }
  }

  /** @throws NetworkError if the stream's states are to be given and are not yet */
  mustHaveStarted(i: number): void {
    if (this.without[i] === 0) return;
    const missing = this.places.filter(({ start }) => start === undefined).map(({ name }) => name);
    throw new NetworkError(
      `stream ${i} must be given its initial states (${missing.join(", ")}): restore them, or pass options.states`,
    );
  }
}

function write({ value, view }: Place, i: number, from: ArrayLike<number>): void {
  for (let f = 0; f < value.width; f++) view.values[i * view.stride + f] = from[f]!;
}
