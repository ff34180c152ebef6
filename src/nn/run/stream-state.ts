/** The state of a stream as a value: numbers by name, and whose they are. */
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
  typeof state["model"] === "string" && typeof state["states"] === "object";

/** The numbers of a state, whosever they are. */
export const statesOf = (state: StreamState | StateValues): StateValues =>
  isNamed(state) ? state.states : state;

/**
 * The numbers of a state of one's own.
 *
 * @param model one's name
 * @throws NetworkError if the state is of another model, or does not say of which
 */
export function ownStates(state: StreamState | StateValues, model: string): StateValues {
  if (isNamed(state) && state.model === model) return state.states;
  const found = isNamed(state) ? `is of the model ${state.model}` : "does not say of which model it is";
  throw new NetworkError(
    `the state ${found}, and this is ${model}: a network with other weights goes on from it in its own way; if that is meant, say { anyModel: true }`,
  );
}
