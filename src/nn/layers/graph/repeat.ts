/**
 * A vector of a sequence at each of its steps: what is known of the whole, beside what is known of the step; or the input
 * of a layer that unfolds a vector into steps.
 */
import { checkOptions } from "../../../options/check.js";
import { lookUp } from "../../../plan/index.js";
import { names } from "../../names.js";
import { runInput } from "../../run/inputs.js";
import { type LayerKind, NetworkError } from "../layer.js";

/** The record of a repeating layer. */
export interface RepeatLayer {
  readonly kind: "repeat";
}

/**
 * Gives a vector per sequence to each step of the network's own sequence.
 *
 * @example
 * [recurrent({ cell: lstm, units: 8 }), pool({ by: "last" }), repeat(), recurrent({ cell: lstm, units: 8 })]
 */
export function repeat(options = {}): RepeatLayer {
  checkOptions(options, {}, "repeat");
  return Object.freeze({ kind: "repeat" });
}

/** The row of the kind. */
export const repeatKind: LayerKind<RepeatLayer> = {
  output(_layer, { over, width }, name) {
    if (over !== "sequences")
      throw new NetworkError(
        `${name} repeats one vector of a sequence at each of its steps, and what it reads has one for each step; put pool before it`,
      );
    return { over: "tokens", width };
  },
  parameters: () => [],
  build(_layer, { value }, { builder, name }) {
    const places = runInput(builder, "tokenPlace", names.packing);
    return {
      shape: { over: "tokens", width: value.width },
      value: lookUp(builder, name, value, places),
    };
  },
  wholeSequence: () => "repeats what is known at the sequence's end",
  freshStart: () => "repeats what is known of a whole sequence, of which a batch has but a piece",
  write: () => ({}),
  read: () => repeat(),
};
