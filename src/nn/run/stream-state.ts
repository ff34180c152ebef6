/** The state of a stream as a value: numbers by name, and whose they are. */
import { shown, spelled } from "../../options/error.js";
import { isObject } from "../../options/items.js";
import { NetworkError } from "../layers/layer.js";

/** States by name, "recurrent1.c" -> H numbers, as a predictor's final states are. */
export type StateValues = Readonly<Record<string, ArrayLike<number>>>;

/** The states of a stream at one moment: a frozen copy. JSON keeps it to the bit. */
export interface StreamState {
  /** Whose states they are: the name of the network with its weights, see `modelName`. */
  readonly model: string;
  readonly states: StateValues;
}

/** How states are taken. */
export interface RestoreOptions {
  /**
   * Take states of another model, or states that do not say whose they are, if they fit. Default false: such are refused,
   * for a model that goes on from another one's states writes nonsense.
   */
  readonly anyModel?: boolean;
}

const isNamed = (state: StreamState | StateValues): state is StreamState =>
  isObject(state) && typeof state["model"] === "string" && isObject(state["states"]);

/** The numbers of a state, whosever they are. */
export function statesOf(state: StreamState | StateValues): StateValues {
  if (isObject(state)) return isNamed(state) ? state.states : state;
  throw new NetworkError(
    `the state is ${spelled(shown(state))}; it must be one that a stream has given, { model, states }`,
  );
}

/**
 * The numbers of a state of one's own.
 *
 * @param model one's name
 * @throws NetworkError if the state is of another model, or does not say of which
 */
export function ownStates(state: StreamState | StateValues, model: string): StateValues {
  if (isNamed(state) && state.model === model) return state.states;
  statesOf(state);
  const found = isNamed(state) ? `is of the model ${state.model}` : "does not say of which model it is";
  throw new NetworkError(
    `the state ${found}, and this is ${model}: a network with other weights goes on from it in its own way; if that is meant, say { anyModel: true }`,
  );
}
