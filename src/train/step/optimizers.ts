/**
 * The optimisers, one row each: the persistent slots they keep per parameter, the numbers they need anew at
 * every step, and the update as an expression, which becomes part of the training plan.
 */
import type { Expr, Operand } from "../../cell/expr.js";
import { add, div, mul, sqrt, sub } from "../../cell/functions.js";

/** Stochastic gradient descent, with momentum if wanted. */
export interface Sgd {
  readonly kind: "sgd";
  readonly learningRate: number;
  /** Share of the last step that is repeated; default 0. */
  readonly momentum: number;
  /** As of Adam; default 0. */
  readonly weightDecay: number;
}
/** RMSProp (Tieleman and Hinton 2012), with momentum if wanted. */
export interface RmsProp {
  readonly kind: "rmsProp";
  readonly learningRate: number;
  readonly decay: number;
  readonly momentum: number;
  readonly epsilon: number;
  /** As of Adam; default 0. */
  readonly weightDecay: number;
}
/** Adam (Kingma and Ba 2014), and AdamW (Loshchilov and Hutter 2017) where weights decay. */
export interface Adam {
  readonly kind: "adam" | "adamW";
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Share of each weight that is taken off per step, times the learning rate; 0 for adam. */
  readonly weightDecay: number;
}

/** Any optimiser, with its settings. */
export type Optimizer = Sgd | RmsProp | Adam;

/**
 * Θ ← Θ − learningRate · weightDecay · Θ − v, v = momentum · v + learningRate · dΘ. Defaults: learningRate 0.1,
 * momentum 0, weightDecay 0.
 */
export function sgd(options: Partial<Omit<Sgd, "kind">> = {}): Sgd {
  return { kind: "sgd", learningRate: 0.1, momentum: 0, weightDecay: 0, ...options };
}

/**
 * s = decay · s + (1 − decay) · dΘ², v = momentum · v + learningRate · dΘ / (√s + ε), Θ ← Θ − learningRate · weightDecay · Θ − v.
 * Defaults: learningRate 0.001, decay 0.9, momentum 0, epsilon 1e-8, weightDecay 0.
 */
export function rmsProp(options: Partial<Omit<RmsProp, "kind">> = {}): RmsProp {
  const defaults = { learningRate: 0.001, decay: 0.9, momentum: 0, epsilon: 1e-8, weightDecay: 0 };
  return { kind: "rmsProp", ...defaults, ...options };
}

/**
 * m = β₁ m + (1 − β₁) dΘ, s = β₂ s + (1 − β₂) dΘ², Θ ← Θ − learningRate · m̂ / (√ŝ + ε), where m̂ and ŝ are
 * corrected for their start at zero. Defaults: learningRate 0.001, beta1 0.9, beta2 0.999, epsilon 1e-8.
 */
export function adam(options: Partial<Omit<Adam, "kind" | "weightDecay">> = {}): Adam {
  return {
    kind: "adam",
    learningRate: 0.001,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    ...options,
    weightDecay: 0,
  };
}

/** Adam whose weights also shrink: Θ ← Θ − learningRate · (m̂ / (√ŝ + ε) + weightDecay · Θ). Default weightDecay 0.01. */
export function adamW(options: Partial<Omit<Adam, "kind">> = {}): Adam {
  return {
    kind: "adamW",
    learningRate: 0.001,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    weightDecay: 0.01,
    ...options,
  };
}

/** What an update is written with: the parameter, its gradient, the slots, and the numbers of this step. */
export interface UpdateScope {
  readonly theta: Expr;
  readonly gradient: Expr;
  readonly slots: readonly Expr[];
  readonly numbers: readonly Expr[];
}

/** The row of an optimiser. */
export interface OptimizerRow<O> {
  /** Names of the slots kept for each parameter; they start at zero. */
  readonly slots: (optimizer: O) => readonly string[];
  /** Names of the numbers that change from step to step. */
  readonly numbers: readonly string[];
  /** Their values at a step. @param step counts from 1 */
  readonly at: (optimizer: O, step: number) => readonly number[];
  /** The new parameter and the new slots. */
  readonly update: (
    optimizer: O,
    scope: UpdateScope,
  ) => { readonly theta: Expr; readonly slots: readonly Expr[] };
}

const square = (e: Expr): Expr => mul(e, e);
/** keep · old + (1 − keep) · fresh. */
const blend = (keep: number, old: Expr, fresh: Operand): Expr => add(mul(keep, old), mul(1 - keep, fresh));
/** β^step by repeated products: Math.pow may differ in its last bits between JavaScript engines. */
export function power(beta: number, step: number): number {
  let [result, square, n] = [1, beta, step];
  for (; n > 0; n = Math.floor(n / 2)) {
    if (n % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}

/** What weight decay leaves of a parameter, apart from its gradient (Loshchilov and Hutter 2017). */
const decayed = (theta: Expr, weightDecay: number, shrink: Expr): Expr =>
  weightDecay === 0 ? theta : sub(theta, mul(shrink, theta));

const adamRow: OptimizerRow<Adam> = {
  slots: () => ["m", "s"],
  // The corrections for the start at zero are folded into the rate and into epsilon's scale.
  numbers: ["rate", "correction", "shrink"],
  at: ({ learningRate, beta1, beta2, weightDecay }, step) => [
    learningRate / (1 - power(beta1, step)),
    1 / Math.sqrt(1 - power(beta2, step)),
    learningRate * weightDecay,
  ],
  update({ beta1, beta2, epsilon, weightDecay }, { theta, gradient, slots, numbers }) {
    const [m, s] = [blend(beta1, slots[0]!, gradient), blend(beta2, slots[1]!, square(gradient))];
    const step = div(mul(numbers[0]!, m), add(mul(sqrt(s), numbers[1]!), epsilon));
    return { theta: sub(decayed(theta, weightDecay, numbers[2]!), step), slots: [m, s] };
  },
};

/** The rows. */
export const optimizers: {
  readonly [K in Optimizer["kind"]]: OptimizerRow<Extract<Optimizer, { kind: K }> & Optimizer>;
} = {
  sgd: {
    slots: ({ momentum }) => (momentum === 0 ? [] : ["v"]),
    numbers: ["rate", "shrink"],
    at: ({ learningRate, weightDecay }) => [learningRate, learningRate * weightDecay],
    update({ momentum, weightDecay }, { theta, gradient, slots: [v], numbers: [rate, shrink] }) {
      const step = mul(rate!, gradient);
      const moved = v ? add(mul(momentum, v), step) : step;
      return { theta: sub(decayed(theta, weightDecay, shrink!), moved), slots: v ? [moved] : [] };
    },
  },
  rmsProp: {
    slots: ({ momentum }) => (momentum === 0 ? ["s"] : ["s", "v"]),
    numbers: ["rate", "shrink"],
    at: ({ learningRate, weightDecay }) => [learningRate, learningRate * weightDecay],
    update(
      { decay, momentum, epsilon, weightDecay },
      { theta, gradient, slots: [old, v], numbers: [rate, shrink] },
    ) {
      const s = blend(decay, old!, square(gradient));
      const step = div(mul(rate!, gradient), add(sqrt(s), epsilon));
      const moved = v ? add(mul(momentum, v), step) : step;
      const kept = decayed(theta, weightDecay, shrink!);
      return { theta: sub(kept, moved), slots: v ? [s, moved] : [s] };
    },
  },
  adam: adamRow,
  adamW: adamRow,
};

/** The row of an optimiser. */
export function optimizerRow(optimizer: Optimizer): OptimizerRow<Optimizer> {
  return optimizers[optimizer.kind] as OptimizerRow<Optimizer>;
}
