/**
 * Dropout: while training, values are zeroed with a probability and the others are scaled up, so that the
 * expectation stays. Which values share a mask is a row of `masks`. A mask is a function of (seed, training step,
 * layer, sequence, time, feature) alone. Dropout of the recurrent connections belongs to the recurrent layer.
 * Source: Srivastava et al. 2014; Gal and Ghahramani 2016 (one mask per sequence); Bowman et al. 2016 (words).
 */
import { mul } from "../../cell/functions.js";
import { checkOptions } from "../../options/check.js";
import type { RowsOf } from "../../options/row.js";
import { map, type Value } from "../../plan/index.js";
import { purposes } from "../../tensor/random.js";
import { type BuildContext, type LayerKind, NetworkError } from "./layer.js";
import { dropoutRate, keptOrZero, uniforms } from "./masks.js";

/** Which values are dropped together: a row says over what its random numbers differ. */
const masks = {
  value: { overTime: true, overFeatures: true },
  sequence: { overTime: false, overFeatures: true },
  token: { overTime: true, overFeatures: false },
} as const;

/** What a mask of dropout is made for: every value, the features of a sequence, or whole tokens. */
export type DropoutMask = keyof typeof masks;

/** The record of a dropout layer. */
export interface DropoutLayer {
  readonly kind: "dropout";
  /** Share of values that are zeroed. */
  readonly rate: number;
  readonly mask: DropoutMask;
}

/** The options of a dropout layer. */
export interface DropoutOptions {
  /** Share of values that are zeroed while training, at least 0 and below 1. */
  readonly rate: number;
  /**
   * Which values are dropped together:
   * - "value" (default): each value of each step by itself
   * - "sequence": a feature is dropped at all steps of a sequence or at none ("variational" dropout)
   * - "token": all features of a step at once; after an embedding these are whole words
   */
  readonly mask?: DropoutMask;
}

const dropoutRows = {
  rate: { ...dropoutRate, required: true },
  mask: { kind: "name", names: Object.keys(masks) as DropoutMask[], default: "value" },
} as const satisfies RowsOf<DropoutOptions>;

/**
 * Dropout: y = m ∘ x / (1 − rate), where m is 0 with probability `rate`, else 1; at prediction y = x.
 *
 * @example
 * const layers = [embedding({ width: 64 }), dropout({ rate: 0.3, mask: "sequence" }), recurrent({ cell: gru, units: 64 })];
 * @throws OptionError naming an option that does not exist, or whose value makes no sense
 */
export function dropout(options: DropoutOptions): DropoutLayer {
  checkOptions(options, dropoutRows, "dropout");
  const { rate, mask = dropoutRows.mask.default } = options;
  return Object.freeze({ kind: "dropout", rate, mask });
}

/** The row of the kind. */
export const dropoutKind: LayerKind<DropoutLayer> = {
  output(layer, input, name) {
    if (input.over === "ids")
      throw new NetworkError(
        `${name} drops features of vectors; put an embedding or a recurrent layer before it`,
      );
    if (input.over === "sequences" && !masks[layer.mask].overFeatures)
      throw new NetworkError(
        `${name} drops whole ${layer.mask}s, but the layer before it gives one vector per sequence; ` +
          "put it before the pooling, or give it another mask",
      );
    return input;
  },
  parameters: () => [],
  build(layer, input, context) {
    if (!context.training || layer.rate === 0) return input;
    const over = input.shape.over === "tokens" ? "tokens" : "sequences";
    const value = drop(layer, input.value, context, over);
    return input.last
      ? { ...input, value, last: drop(layer, input.last, context, "sequences") }
      : { ...input, value };
  },
  // What a field left out means is what files from before it meant.
  write: ({ rate, mask }) => ({ rate, ...(mask === "value" ? {} : { mask }) }),
  read: ({ number, oneOf, optional }) =>
    dropout({
      rate: number("rate"),
      mask: optional("mask", (key) => oneOf(key, dropoutRows.mask.names), "value"),
    }),
};

function drop(layer: DropoutLayer, x: Value, context: BuildContext, over: "tokens" | "sequences"): Value {
  const { builder, name, index: stream } = context;
  const { overTime, overFeatures } = masks[layer.mask];
  const width = overFeatures ? x.width : 1;
  const purpose = purposes.dropout;
  const u = uniforms(context, { name: `${name}.uniform`, over, width, overTime, purpose, stream });
  return map(builder, name, [x, u], (a, uniform) => mul(a, keptOrZero(uniform, layer.rate)));
}
