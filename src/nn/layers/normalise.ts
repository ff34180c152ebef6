/**
 * Layer normalisation between layers: every vector with mean 0 and variance 1, then scaled. Inside cells it is a function of
 * the language (cell/functions.ts), of which this one is made as well. Source: Ba, Kiros and Hinton 2016, arXiv:1607.06450.
 */
import type { Expr } from "../../cell/expr.js";
import { add, mul, standardised } from "../../cell/functions.js";
import { checkOptions } from "../../options/check.js";
import type { RowsOf } from "../../options/row.js";
import { map, type Value } from "../../plan/index.js";
import { blockBuffer, type LayerKind, needsVectors, type ParameterSpec, vectorSpec } from "./layer.js";

/** The record of a normalising layer. */
export interface NormaliseLayer {
  readonly kind: "normalise";
  readonly epsilon: number;
}

/** The options of a normalising layer. */
export interface NormaliseOptions {
  /** ε, which keeps the root from 0: above 0, default 1e-5. */
  readonly epsilon?: number;
}

const normaliseRows = {
  epsilon: { kind: "number", above: 0, default: 1e-5 },
} as const satisfies RowsOf<NormaliseOptions>;

/**
 * Layer normalisation: y = g ∘ (x − μ) / √(σ² + ε) + k, with the mean μ and the variance σ² of the features of each vector,
 * and g, which starts at 1, and k, which starts at 0, of shape (width).
 *
 * @throws OptionError naming an option that does not exist, or whose value makes no sense
 */
export function normalise(options: NormaliseOptions = {}): NormaliseLayer {
  checkOptions(options, normaliseRows, "normalise");
  return Object.freeze({ kind: "normalise", epsilon: options.epsilon ?? normaliseRows.epsilon.default });
}

/** g and k, a gain and a shift for each feature. */
export const gainAndShift = (name: string, width: number): readonly [ParameterSpec, ParameterSpec] => [
  vectorSpec(`${name}.g`, width, 1),
  vectorSpec(`${name}.k`, width, 0),
];

/** y of a vector, with its gain and its shift. */
export const normalised = (x: Expr, [gain, shift]: readonly [Expr, Expr], epsilon: number): Expr =>
  add(mul(gain, standardised(x, epsilon)), shift);

/** The row of the kind. */
export const normaliseKind: LayerKind<NormaliseLayer> = {
  output: (_layer, input, name) => needsVectors(input, name),
  parameters: (_layer, { width }, name) => gainAndShift(name, width),
  build({ epsilon }, input, { builder, name }) {
    const [g, k] = gainAndShift(name, input.shape.width).map((spec) =>
      blockBuffer(builder, spec, spec.blocks[0]!),
    ) as [Value, Value];
    const apply = (part: string, x: Value): Value =>
      map(builder, `${name}.${part}`, [x, g, k], (v, gain, shift) => normalised(v, [gain, shift], epsilon));
    return {
      shape: input.shape,
      value: apply("output", input.value),
      ...(input.last ? { last: apply("last", input.last) } : {}),
    };
  },
  write: ({ epsilon }) => ({ epsilon }),
  read: ({ number }) => normalise({ epsilon: number("epsilon") }),
};
