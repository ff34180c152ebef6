/**
 * A convolution over time: a product with the steps around each step, those before the first and after the last being zeros.
 * In batches the steps are looked up row by row; a stream keeps the last of them. Source: Waibel et al. 1989; with dilation, and
 * looking back alone, van den Oord et al. 2016, arXiv:1609.03499.
 */
import { checkOptions } from "../../options/check.js";
import { type RowsOf, withDefaults } from "../../options/row.js";
import { concatenate, lookUp, product, type Value } from "../../plan/index.js";
import { shiftedRows } from "../run/inputs.js";
import {
  type BlockSpec,
  type BuildContext,
  blockBuffer,
  type LayerKind,
  NetworkError,
  needsVectors,
  type ParameterSpec,
  vectorSpec,
} from "./layer.js";

/** Which steps a step sees: as many before it as after it, or none after it. */
export type ConvolutionPadding = "same" | "causal";

/** The record of a convolution. */
export interface ConvolutionLayer {
  readonly kind: "convolution";
  readonly units: number;
  readonly kernel: number;
  readonly dilation: number;
  readonly padding: ConvolutionPadding;
}

/** The options of a convolution. */
export interface ConvolutionOptions {
  /** Width of the result. */
  readonly units: number;
  /** How many steps a step sees, 1 to 1,000. */
  readonly kernel: number;
  /** How far these steps are apart; default 1, each beside the next. */
  readonly dilation?: number;
  /** "same" (default): around the step, of an even number one more after it than before it; "causal": up to the step. */
  readonly padding?: ConvolutionPadding;
}

const convolutionRows = {
  units: { kind: "whole", required: true },
  kernel: { kind: "whole", most: 1000, required: true },
  dilation: { kind: "whole", most: 100_000, default: 1 },
  padding: { kind: "name", names: ["same", "causal"], default: "same" },
} as const satisfies RowsOf<ConvolutionOptions>;

/**
 * A convolution over time: z⟨t⟩ = w_x [x⟨t+o₁⟩, …, x⟨t+o_K⟩] + b_x with the offsets o from the earliest step to the latest,
 * `dilation` apart; w_x has the shape (units, kernel · input width), its columns step after step, and b_x (units).
 *
 * @example
 * convolution({ units: 64, kernel: 5, dilation: 2, padding: "causal" }); // reads x⟨t−8⟩, x⟨t−6⟩, …, x⟨t⟩
 * @throws OptionError naming an option that does not exist, or whose value makes no sense
 */
export function convolution(options: ConvolutionOptions): ConvolutionLayer {
  checkOptions(options, convolutionRows, "convolution");
  const { units, kernel, dilation, padding } = withDefaults(options, convolutionRows);
  return Object.freeze({ kind: "convolution", units, kernel, dilation, padding });
}

/** The steps that a step sees, as offsets from it, from the earliest to the latest. */
export function offsetsOf({ kernel, dilation, padding }: ConvolutionLayer): number[] {
  const span = (kernel - 1) * dilation;
  const before = padding === "causal" ? span : Math.floor(span / 2);
  return Array.from({ length: kernel }, (_, k) => k * dilation - before);
}

/** w_x and b_x. */
function specsOf(
  { units, kernel }: ConvolutionLayer,
  width: number,
  name: string,
): [ParameterSpec, ParameterSpec] {
  const columns = kernel * width;
  const block: BlockSpec = {
    buffer: `${name}.w_x`,
    columns,
    transposed: false,
    start: { glorot: { fanIn: columns } },
  };
  return [
    { name: `${name}.w_x`, shape: [units, columns], blocks: [block] },
    vectorSpec(`${name}.b_x`, units, 0),
  ];
}

/** The row of the kind. */
export const convolutionKind: LayerKind<ConvolutionLayer> = {
  output(layer, input, name) {
    if (needsVectors(input, name).over !== "tokens")
      throw new NetworkError(`${name} goes along the steps of a sequence, but there are no steps before it`);
    return { over: "tokens", width: layer.units };
  },
  parameters: (layer, { width }, name) => specsOf(layer, width, name),
  build(layer, { shape, value }, context) {
    const { builder, packing, name, streamed } = context;
    const seen = streamed
      ? lastSteps(layer, value, context)
      : offsetsOf(layer).map((offset) =>
          offset === 0 ? value : lookUp(builder, `${name}.at`, value, shiftedRows(builder, packing, offset)),
        );
    const [w, b] = specsOf(layer, shape.width, name).map((spec) =>
      blockBuffer(builder, spec, spec.blocks[0]!),
    );
    const z = product(builder, `${name}.z`, concatenate(builder, `${name}.steps`, seen), w!, b);
    return { shape: { over: "tokens", width: layer.units }, value: z };
  },
  wholeSequence: (layer) =>
    offsetsOf(layer).at(-1)! > 0 ? 'reads steps after its own; take the padding "causal"' : undefined,
  freshStart: (layer) =>
    layer.kernel > 1 ? "reads steps before a batch's first, which are not carried" : undefined,
  write: ({ units, kernel, dilation, padding }) => ({ units, kernel, dilation, padding }),
  read: ({ number, oneOf }) =>
    convolution({
      units: number("units"),
      kernel: number("kernel"),
      dilation: number("dilation"),
      padding: oneOf("padding", convolutionRows.padding.names),
    }),
};

/** In a stream: the steps that a step sees, out of a state that holds the last ones, the latest first. */
function lastSteps(layer: ConvolutionLayer, x: Value, { builder, name, streamed }: BuildContext): Value[] {
  const kept = (layer.kernel - 1) * layer.dilation;
  if (kept === 0) return [x];
  const columns = (from: Value, fromColumn: number, into: Value, intoColumn: number, width: number): void =>
    builder.emit({
      kind: "columns",
      space: x.space,
      from: from.buffer,
      fromColumn,
      into: into.buffer,
      intoColumn,
      width,
    });
  const state = builder.buffer(`${name}.x.state`, x.space, kept * x.width, "state");
  streamed?.set(`${name}.x`, { value: state, start: 0 });
  const seen = offsetsOf(layer).map((offset) => {
    if (offset === 0) return x;
    const step = builder.buffer(`${name}.at`, x.space, x.width);
    columns(state, (-offset - 1) * x.width, step, 0, x.width);
    return step;
  });
  const next = builder.buffer(`${name}.next`, x.space, state.width);
  columns(x, 0, next, 0, x.width);
  if (kept > 1) columns(state, 0, next, x.width, state.width - x.width);
  builder.copy(next, state, x.space);
  return seen;
}
