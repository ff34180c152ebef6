/**
 * The training plan: one run is one whole training step. Forward, loss, backward, the gradients' global norm,
 * clipping and the optimiser's update; if the norm is not finite nothing is updated.
 *
 * The objective is the notes' L(ŷ, y) = Σ_t L⟨t⟩, averaged over the sequences of the batch.
 */

import type { Expr } from "../cell/expr.js";
import { div, isFinite, min, mul, select, sqrt } from "../cell/functions.js";
import { buildForward, losses, type Network, targetInput } from "../nn/index.js";
import {
  assign,
  Builder,
  map,
  optimise,
  type ParameterBuffer,
  type Plan,
  type Value,
  verify,
} from "../plan/index.js";
import { type Optimizer, optimizerRow } from "./optimizers.js";

/** What a training plan is made of. */
export interface TrainingPlanOptions {
  readonly optimizer: Optimizer;
  /** Largest global norm of the gradients; larger ones are scaled down to it. Absent: no clipping. */
  readonly clip?: number;
}

/** Names of a training plan's inputs and outputs beside the network's own. */
export const trainingNames = {
  /** Input: the weight of each sequence's loss in the objective, 1 / B. */
  weight: "train.weight",
  /** Prefix of the optimiser's numbers of this step. */
  number: "train.",
  /** Output: the sum of all losses of the batch. */
  loss: "out.loss",
  /** Output: the gradients' global norm before clipping. */
  norm: "out.norm",
  /** Prefix of slots: "slot.m.recurrent1.w_uc". */
  slot: "slot.",
} as const;

/** Builds the training plan. @throws PlanError if nothing in the network can be trained */
export function trainingPlan(net: Network, { optimizer, clip }: TrainingPlanOptions): Plan {
  const b = new Builder("train");
  const { z } = buildForward(b, net, true);
  const loss = losses[net.loss].loss(b, z, targetInput(b, net));
  const gradients = b.backward(loss, b.input(trainingNames.weight, "rows:1", 1));
  const total = b.buffer("total", "rows:1", 1);
  b.emit({
    kind: "reduce",
    op: "sum",
    along: "all",
    space: loss.space,
    from: loss.buffer,
    into: total.buffer,
    start: "zero",
  });
  b.output(trainingNames.loss, total);
  const norm = globalNorm(
    b,
    gradients.map((g) => g.gradient),
  );
  b.output(trainingNames.norm, norm);
  update(b, gradients, norm, optimizer, clip);
  const plan = optimise(b.finish());
  verify(plan);
  return plan;
}

/** The square root of the sum of all squares. */
function globalNorm(b: Builder, gradients: readonly Value[]): Value {
  const squares = b.buffer("squares", "rows:1", 1);
  gradients.forEach((g, i) => {
    b.emit({
      kind: "reduce",
      op: "sumSquares",
      along: "all",
      space: g.space,
      from: g.buffer,
      into: squares.buffer,
      start: i === 0 ? "zero" : "accumulate",
    });
  });
  return map(b, "norm", [squares], (s) => sqrt(s));
}

function update(
  b: Builder,
  gradients: readonly { readonly parameter: ParameterBuffer; readonly gradient: Value }[],
  norm: Value,
  optimizer: Optimizer,
  clip: number | undefined,
): void {
  const row = optimizerRow(optimizer);
  const numbers = row.numbers.map((name) => b.input(trainingNames.number + name, "rows:1", 1));
  const finite = map(b, "finite", [norm], (n) => isFinite(n));
  const scale = clip === undefined ? undefined : map(b, "scale", [norm], (n) => min(1, div(clip, n)));
  for (const { parameter, gradient } of gradients) {
    const theta: Value = { buffer: parameter.name, space: gradient.space, width: parameter.width };
    const slots = row
      .slots(optimizer)
      .map((slot) => b.slot(`${trainingNames.slot}${slot}.${parameter.name}`, theta.space, theta.width));
    const inputs = [theta, gradient, finite, ...numbers, ...slots, ...(scale ? [scale] : [])];
    assign(b, `update.${parameter.name}`, inputs, [theta, ...slots], (p, g, ok, ...rest) => {
      const clipped = scale ? mul(g as Expr, rest[rest.length - 1] as Expr) : (g as Expr);
      const old = rest.slice(numbers.length, numbers.length + slots.length);
      const scope = {
        theta: p as Expr,
        gradient: clipped,
        slots: old,
        numbers: rest.slice(0, numbers.length),
      };
      const next = row.update(optimizer, scope);
      return [next.theta, ...next.slots].map((value, i) =>
        select(ok as Expr, value, (i === 0 ? p : old[i - 1]) as Expr),
      );
    });
  }
}
