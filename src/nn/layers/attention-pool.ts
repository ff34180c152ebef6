/**
 * Pooling by attention (Yang et al. 2016, section 2.2): a mean whose weights are a softmax over a sequence's own steps.
 * The softmax is a recurrence, computed online (Milakov and Gimelshein 2018): with the largest score so far m, the sum
 * s of e^(e − m) and the weighted sum a,
 *
 *   m⟨t⟩ = max(m⟨t−1⟩, e⟨t⟩),  s⟨t⟩ = s⟨t−1⟩ e^(m⟨t−1⟩ − m⟨t⟩) + e^(e⟨t⟩ − m⟨t⟩),
 *   a⟨t⟩ = a⟨t−1⟩ e^(m⟨t−1⟩ − m⟨t⟩) + e^(e⟨t⟩ − m⟨t⟩) h⟨t⟩,  result a⟨T⟩ / s⟨T⟩.
 *
 * Nothing overflows, however long the sequence, and the gradient is derived from these equations like any cell's.
 */
import type { Expr } from "../../cell/expr.js";
import { add, div, exp, max, mul, sub, tanh } from "../../cell/functions.js";
import { map, product, recurrence, type Value } from "../../plan/index.js";
import {
  type Activation,
  type BlockSpec,
  type BuildContext,
  blockBuffer,
  type ParameterSpec,
  vectorSpec,
} from "./layer.js";

/** w_a (H, H), b_a (H) and v_a (H), for vectors of width H. */
export function attentionParameters(name: string, width: number): readonly ParameterSpec[] {
  const start = { glorot: { fanIn: width } };
  const block = (buffer: string): BlockSpec => ({ buffer, columns: width, transposed: false, start });
  return [
    { name: `${name}.w_a`, shape: [width, width], blocks: [block(`${name}.w_a`)] },
    vectorSpec(`${name}.b_a`, width, 0),
    { name: `${name}.v_a`, shape: [width], blocks: [block(`${name}.v_a`)] },
  ];
}

/** Σ α⟨t⟩ h⟨t⟩ of each sequence; zeros where it has no steps. */
export function attend({ value, shape }: Activation, context: BuildContext): Value {
  const { builder, name } = context;
  const [w, b, v] = attentionParameters(name, shape.width).map((spec) =>
    blockBuffer(builder, spec, spec.blocks[0]!),
  ) as [Value, Value, Value];
  const inner = product(builder, `${name}.z`, value, w, b);
  const hidden = map(builder, `${name}.hidden`, [inner], (z) => tanh(z));
  const scores = product(builder, `${name}.score`, hidden, v);
  return weightedMean(scores, value, context);
}

function weightedMean(
  scores: Value,
  value: Value,
  { builder, packing, name, observer }: BuildContext,
): Value {
  const leaf = (op: "state" | "input", of: string, width: string): Expr => ({
    op,
    args: [],
    width,
    name: of,
  });
  const [m, s, e] = [leaf("state", "m", "1"), leaf("state", "s", "1"), leaf("input", "e", "1")];
  const [a, h] = [leaf("state", "a", "H"), leaf("input", "h", "H")];
  const highest = max(m, e);
  const kept = exp(sub(m, highest));
  const weight = exp(sub(e, highest));
  const next = {
    m: highest,
    s: add(mul(s, kept), weight),
    a: add(mul(a, kept), mul(weight, h)),
  };
  const { final } = recurrence(builder, {
    name: `${name}.attention`,
    body: { states: ["m", "s", "a"], next },
    packing,
    inputs: { e: scores, h: value },
    parameters: {},
    initial: { m: Number.NEGATIVE_INFINITY, s: 0, a: 0 },
    widths: { H: value.width },
  });
  if (observer) {
    const ends = [scores, final["m"]!, final["s"]!];
    // Per-token and per-sequence values meet inside a loop alone.
    builder.loop(packing, false, () => {
      const share = map(builder, `${name}.weights`, ends, (e, m, s) => div(exp(sub(e, m)), s), scores.space);
      observer.attention({ name, packing }, share);
    });
  }
  // The sum holds e^0 for the highest score, so it is 1 or more; it is 0 only where there are no steps.
  return map(builder, `${name}.mean`, [final["a"]!, final["s"]!], (total, sum) => div(total, max(sum, 0.5)));
}
