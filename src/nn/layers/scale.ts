/**
 * A gain and a shift for each feature: what batch normalisation is once it has been trained, with its mean and variance
 * folded into the two.
 */
import { add, mul } from "../../cell/functions.js";
import { checkOptions } from "../../options/check.js";
import type { RowsOf } from "../../options/row.js";
import { map, type Value } from "../../plan/index.js";
import { blockBuffer, type LayerKind, needsVectors } from "./layer.js";
import { gainAndShift } from "./normalise.js";

/** The record of a scaling layer. */
export interface ScaleLayer {
  readonly kind: "scale";
  readonly trained: boolean;
}

/** The options of a scaling layer. */
export interface ScaleOptions {
  /** True to train g and k. Default false: training leaves them as they are. */
  readonly trained?: boolean;
}

const scaleRows = {
  trained: { kind: "flag", default: false },
} as const satisfies RowsOf<ScaleOptions>;

/**
 * A gain and a shift: y = g ∘ x + k, with g, which starts at 1, and k, which starts at 0, of shape (width). Training leaves
 * them as they are unless it is told to train them.
 *
 * @throws OptionError naming an option that does not exist, or whose value makes no sense
 */
export function scale(options: ScaleOptions = {}): ScaleLayer {
  checkOptions(options, scaleRows, "scale");
  return Object.freeze({ kind: "scale", trained: options.trained ?? scaleRows.trained.default });
}

/** The row of the kind. */
export const scaleKind: LayerKind<ScaleLayer> = {
  output: (_layer, input, name) => needsVectors(input, name),
  parameters: (_layer, { width }, name) => gainAndShift(name, width),
  build({ trained }, input, { builder, name }) {
    const [g, k] = gainAndShift(name, input.shape.width).map((spec) =>
      blockBuffer(builder, spec, spec.blocks[0]!, trained),
    ) as [Value, Value];
    const apply = (part: string, x: Value): Value =>
      map(builder, `${name}.${part}`, [x, g, k], (v, gain, shift) => add(mul(gain, v), shift));
    return {
      shape: input.shape,
      value: apply("output", input.value),
      ...(input.last ? { last: apply("last", input.last) } : {}),
    };
  },
  // What a field left out means is what files from before it meant.
  write: ({ trained }) => (trained ? { trained } : {}),
  read: ({ flag, optional }) => scale({ trained: optional("trained", flag, false) }),
};
