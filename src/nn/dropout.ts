/**
 * Dropout: while training, each value is zeroed with a probability and the others are scaled up, so that the
 * expectation stays. The mask is a function of (seed, training step, layer, sequence, time, feature) alone.
 * Source: Srivastava et al. 2014.
 */
import { greater, mul, sub } from "../cell/functions.js";
import { map, type Value } from "../plan/index.js";
import { purposes } from "../tensor/random.js";
import { runInput } from "./inputs.js";
import { type BuildContext, type LayerKind, NetworkError } from "./layer.js";

/** The record of a dropout layer. */
export interface DropoutLayer {
  readonly kind: "dropout";
  /** Share of values that are zeroed. */
  readonly rate: number;
}

/** Dropout. @param options.rate share of values that are zeroed while training, at least 0 and below 1 */
export function dropout(options: { readonly rate: number }): DropoutLayer {
  if (!(options.rate >= 0 && options.rate < 1))
    throw new NetworkError(`a dropout rate is at least 0 and below 1, not ${options.rate}`);
  return Object.freeze({ kind: "dropout", rate: options.rate });
}

/** The row of the kind. */
export const dropoutKind: LayerKind<DropoutLayer> = {
  output(_layer, input, name) {
    if (input.over === "ids")
      throw new NetworkError(
        `${name} drops features of vectors; put an embedding or a recurrent layer before it`,
      );
    return input;
  },
  parameters: () => [],
  build(layer, input, context) {
    if (!context.training || layer.rate === 0) return input;
    const value = drop(layer, input.value, context, input.shape.over === "tokens");
    return input.last
      ? { ...input, value, last: drop(layer, input.last, context, false) }
      : { ...input, value };
  },
  write: ({ rate }) => ({ rate }),
  read: ({ number }) => dropout({ rate: number("rate") }),
};

function drop(
  layer: DropoutLayer,
  x: Value,
  { builder, packing, name, index }: BuildContext,
  perToken: boolean,
): Value {
  const u = builder.buffer(`${name}.uniform`, x.space, x.width);
  builder.emit({
    kind: "random",
    space: x.space,
    width: x.width,
    into: u.buffer,
    purpose: purposes.dropout,
    layer: index,
    seed: runInput(builder, "seed").buffer,
    step: runInput(builder, "step").buffer,
    sequence: runInput(builder, perToken ? "sequenceOfToken" : "sequence", packing).buffer,
    ...(perToken ? { time: runInput(builder, "timeOfToken", packing).buffer } : {}),
  });
  const keep = 1 / (1 - layer.rate);
  return map(builder, name, [x, u], (a, uniform) => mul(a, mul(sub(1, greater(layer.rate, uniform)), keep)));
}
