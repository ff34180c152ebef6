/**
 * The linear-chain conditional random field (Lafferty, McCallum and Pereira 2001): a loss over whole sequences of tags, in which
 * neighbouring tags have scores beside those that the network gives every step.
 *
 *   s(y) = b_start[y⟨1⟩] + Σ_t z⟨t⟩[y⟨t⟩] + Σ_{t>1} w_t[y⟨t⟩, y⟨t−1⟩] + b_end[y⟨T⟩],   L = log Σ_y′ exp s(y′) − s(y)
 *
 * The sum over all sequences is the forward algorithm, scaled to one at every step (Rabiner 1989): a recurrence like any
 * other, p⟨t⟩ = softmax(z⟨t⟩) ∘ (exp(w_t) p⟨t−1⟩ / Σ p⟨t−1⟩), whose backward equations are derived. Its gradient by z are the
 * marginal probabilities of the tags, which are the prediction. The best sequence is found by `viterbi`. A score of −10,000
 * forbids a transition; scores above 80 are beyond what float32 can take the exponential of.
 */
import type { Expr } from "../../cell/expr.js";
import { add, div, exp, log, max, mul, select, sub, sumFeatures } from "../../cell/functions.js";
import {
  type Builder,
  logSumExp,
  lookUp,
  map,
  pick,
  recurrence,
  sumFeatures as sumOf,
  type Value,
} from "../../plan/index.js";
import { type ParameterSpec, vectorSpec } from "../layers/layer.js";
import { runInput } from "../run/inputs.js";
import type { LossContext, LossRow } from "./loss.js";

/** Least probability of a tag at a step: below it float32 would lose the last path when all others are forbidden. */
const FLOOR = 1e-30;

const prefix = "crf";

/** The parameters: w_t (Y to, Y from), b_start (Y), b_end (Y). */
function parameters(Y: number): readonly ParameterSpec[] {
  const name = `${prefix}.w_t`;
  const block = { buffer: name, columns: Y, transposed: false, start: 0 };
  return [
    // A forbidden transition is a thousand times as large as the others.
    { name, shape: [Y, Y], blocks: [block], exact: true },
    vectorSpec(`${prefix}.b_start`, Y, 0),
    vectorSpec(`${prefix}.b_end`, Y, 0),
  ];
}

/** Values that the loss and the prediction are made of. */
interface Chain {
  readonly w: Value;
  readonly start: Value;
  readonly end: Value;
  /** 1 at the first and at the last step of each sequence, else 0. */
  readonly isFirst: Value;
  readonly isLast: Value;
  /** Of every step: what it adds to the logarithm of the sum over all sequences. */
  readonly logSum: Value;
}

function chainOf(b: Builder, z: Value, { packing, parameter }: LossContext): Chain {
  const [w, start, end] = ["w_t", "b_start", "b_end"].map((name) => parameter(`${prefix}.${name}`)) as [
    Value,
    Value,
    Value,
  ];
  const [isFirst, isLast] = [runInput(b, "isFirst", packing), runInput(b, "isLast", packing)];
  const total = logSumExp(b, `${prefix}.logSumExp`, z);
  const q = map(b, `${prefix}.q`, [z, total], (v, l) => max(exp(sub(v, l)), FLOOR));
  const steps = forward(b, packing, { q, isFirst, w, start });
  const scale = sumOf(b, `${prefix}.scale`, steps);
  const atEnd = map(b, `${prefix}.atEnd`, [steps, end], (p, e) => mul(p, exp(e)));
  const ends = sumOf(b, `${prefix}.ends`, atEnd);
  const logSum = map(b, `${prefix}.logSum`, [total, scale, ends, isLast], (l, s, e, last) =>
    add(l, select(last, log(e), log(s))),
  );
  return { w, start, end, isFirst, isLast, logSum };
}

/** p⟨t⟩ of every step, not yet scaled: its sum is what the step multiplies the sum over all sequences by. */
function forward(
  b: Builder,
  packing: string,
  {
    q,
    isFirst,
    w,
    start,
  }: { readonly q: Value; readonly isFirst: Value; readonly w: Value; readonly start: Value },
): Value {
  const weight = map(b, `${prefix}.transitions`, [w], (v) => exp(v));
  const first = map(b, `${prefix}.starts`, [start], (v) => exp(v));
  const leaf = (op: "input" | "state" | "parameter", name: string, width = "H"): Expr => ({
    op,
    args: [],
    width,
    name,
  });
  const p = leaf("state", "p");
  const moved: Expr = {
    op: "affine",
    args: [div(p, sumFeatures(p))],
    width: "H",
    weight: { gate: "t", parameter: "w_t", blocks: ["w_t"] },
  };
  const before = select(leaf("input", "isFirst", "1"), leaf("parameter", "start"), moved);
  const { states } = recurrence(b, {
    name: `${prefix}.forward`,
    body: { states: ["p"], next: { p: mul(leaf("input", "q"), before) } },
    packing,
    inputs: { q, isFirst },
    parameters: { w_t: weight, start: first },
    initial: { p: 1 },
    widths: { H: q.width },
  });
  return states["p"]!;
}

/** The score of the true tags, step by step: s(y) is its sum. */
function scoreOf(b: Builder, z: Value, y: Value, chain: Chain, { previous }: LossContext): Value {
  const { w, start, end, isFirst, isLast } = chain;
  const emission = pick(b, `${prefix}.emission`, z, y);
  const into = lookUp(b, `${prefix}.into`, w, y);
  // At a first step the tag before is −1, which picks nothing.
  const transition = pick(b, `${prefix}.transition`, into, previous());
  const [starts, ends] = [start, end].map((vector, i) => {
    const rows = map(b, `${prefix}.vector${i}`, [vector, z], (v, like) => add(v, mul(0, like)), z.space);
    return pick(b, `${prefix}.picked${i}`, rows, y);
  }) as [Value, Value];
  return map(
    b,
    `${prefix}.score`,
    [emission, transition, starts, ends, isFirst, isLast],
    (e, t, s, n, f, l) => add(add(e, t), add(mul(f, s), mul(l, n))),
  );
}

/** The row of the loss. */
export const crf: LossRow = {
  target: "class",
  smooth: false,
  joint: "scores whole sequences of tags",
  alone: "crossEntropy",
  equation:
    "s(y) = b_start[y⟨1⟩] + Σ z⟨t⟩[y⟨t⟩] + Σ w_t[y⟨t⟩, y⟨t−1⟩] + b_end[y⟨T⟩], L = log Σ exp s(y′) − s(y)",
  parameters,
  predict(b, z, context) {
    // ∂ log Σ exp s / ∂z⟨t⟩[k] is the probability of tag k at step t, summed over all sequences.
    const { logSum } = chainOf(b, b.watch(z), context);
    const one = b.buffer(`${prefix}.one`, "rows:1", 1);
    b.fill(one, 1);
    b.backward(logSum, one);
    return b.gradient(z)!;
  },
  loss(b, z, y, _options, context) {
    const chain = chainOf(b, z, context);
    const score = scoreOf(b, z, y, chain, context);
    return map(b, "loss", [chain.logSum, score], (l, s) => sub(l, s));
  },
};
