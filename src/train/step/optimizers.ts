/**
 * The optimisers, one row each: the persistent slots they keep per parameter, the numbers they need anew at
 * every step, and the update as an expression, which becomes part of the training plan.
 */
import type { Expr, Operand } from "../../cell/expr.js";
import { add, div, mul, sqrt, sub } from "../../cell/functions.js";
import { checkOptions } from "../../options/check.js";
import { OptionError, shown } from "../../options/error.js";
import { type OptionTable, type RowsOf, withDefaults } from "../../options/row.js";

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

const rate = (usual: number) => ({ kind: "number", above: 0, default: usual }) as const;
/** Of weights that shrink; 0 for such that do not. */
const decay = (usual: number) => ({ kind: "number", least: 0, default: usual }) as const;
/** A share that is kept of what was before. */
const share = (usual: number) => ({ kind: "number", least: 0, below: 1, default: usual }) as const;
const epsilon = { kind: "number", above: 0, default: 1e-8 } as const;

const sgdRows = {
  learningRate: rate(0.1),
  momentum: share(0),
  weightDecay: decay(0),
} as const satisfies RowsOf<Omit<Sgd, "kind">>;
const rmsPropRows = {
  learningRate: rate(0.001),
  decay: share(0.9),
  momentum: share(0),
  epsilon,
  weightDecay: decay(0),
} as const satisfies RowsOf<Omit<RmsProp, "kind">>;
const adamRows = {
  learningRate: rate(0.001),
  beta1: share(0.9),
  beta2: share(0.999),
  epsilon,
} as const satisfies RowsOf<Omit<Adam, "kind" | "weightDecay">>;
const adamWRows = { ...adamRows, weightDecay: decay(0.01) } as const satisfies RowsOf<Omit<Adam, "kind">>;

/**
 * Θ ← Θ − learningRate · weightDecay · Θ − v, v = momentum · v + learningRate · dΘ. Defaults: learningRate 0.1,
 * momentum 0, weightDecay 0.
 *
 * @throws OptionError naming an option that does not exist, or whose value makes no sense
 */
export function sgd(options: Partial<Omit<Sgd, "kind">> = {}): Sgd {
  checkOptions(options, sgdRows, "sgd");
  return { kind: "sgd", ...withDefaults(options, sgdRows) };
}

/**
 * s = decay · s + (1 − decay) · dΘ², v = momentum · v + learningRate · dΘ / (√s + ε), Θ ← Θ − learningRate ·
 * weightDecay · Θ − v.
 * Defaults: learningRate 0.001, decay 0.9, momentum 0, epsilon 1e-8, weightDecay 0.
 *
 * @throws OptionError naming an option that does not exist, or whose value makes no sense
 */
export function rmsProp(options: Partial<Omit<RmsProp, "kind">> = {}): RmsProp {
  checkOptions(options, rmsPropRows, "rmsProp");
  return { kind: "rmsProp", ...withDefaults(options, rmsPropRows) };
}

/**
 * m = β₁ m + (1 − β₁) dΘ, s = β₂ s + (1 − β₂) dΘ², Θ ← Θ − learningRate · m̂ / (√ŝ + ε), where m̂ and ŝ are
 * corrected for their start at zero. Defaults: learningRate 0.001, beta1 0.9, beta2 0.999, epsilon 1e-8.
 *
 * @throws OptionError naming an option that does not exist (weights decay with adamW), or whose value makes no sense
 */
export function adam(options: Partial<Omit<Adam, "kind" | "weightDecay">> = {}): Adam {
  checkOptions(options, adamRows, "adam");
  return { kind: "adam", ...withDefaults(options, adamRows), weightDecay: 0 };
}

/**
 * Adam whose weights also shrink: Θ ← Θ − learningRate · (m̂ / (√ŝ + ε) + weightDecay · Θ). Default weightDecay 0.01.
 *
 * @throws OptionError naming an option that does not exist, or whose value makes no sense
 */
export function adamW(options: Partial<Omit<Adam, "kind">> = {}): Adam {
  checkOptions(options, adamWRows, "adamW");
  return { kind: "adamW", ...withDefaults(options, adamWRows) };
}

/** What an update is written with: the parameter, its gradient, the slots, and the numbers of this step. */
export interface UpdateScope {
  readonly theta: Expr;
  readonly gradient: Expr;
  readonly slots: readonly Expr[];
  readonly numbers: readonly Expr[];
}

/** The largest sizes of numbers: of the weights and of each slot. */
export interface Sizes {
  readonly theta: number;
  readonly slots: readonly number[];
}

/** What the bound on an update is made of: sizes, and the numbers of this step. */
export interface SizeScope extends Sizes {
  readonly gradient: number;
  readonly numbers: readonly number[];
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
  /**
   * Sizes that the update cannot go beyond, nor anything on the way to it, given those before it. Of means, as s is one of squares, nothing need be said:
   * they are finite where these are.
   */
  readonly most: (optimizer: O, scope: SizeScope) => Sizes;
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
  most({ beta1, epsilon }, { theta, gradient, slots, numbers }) {
    const mean = beta1 * slots[0]! + (1 - beta1) * gradient;
    return {
      theta: theta * Math.abs(1 - numbers[2]!) + (numbers[0]! * mean) / Math.min(epsilon, 1),
      slots: [mean, 0],
    };
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
    most({ momentum }, { theta, gradient, slots, numbers }) {
      const moved = momentum * (slots[0] ?? 0) + numbers[0]! * gradient;
      return { theta: theta * Math.abs(1 - numbers[1]!) + moved, slots: momentum === 0 ? [] : [moved] };
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
    most({ momentum, epsilon }, { theta, gradient, slots, numbers }) {
      const moved = momentum * (slots[1] ?? 0) + (numbers[0]! * gradient) / Math.min(epsilon, 1);
      return { theta: theta * Math.abs(1 - numbers[1]!) + moved, slots: momentum === 0 ? [0] : [0, moved] };
    },
  },
  adam: adamRow,
  adamW: adamRow,
};

/** The options of each, as they stand in its record. */
const recordRows: Readonly<Record<Optimizer["kind"], OptionTable>> = {
  sgd: sgdRows,
  rmsProp: rmsPropRows,
  adam: { ...adamRows, weightDecay: decay(0) },
  adamW: adamWRows,
};

/** Refuses what is no optimiser, or one whose numbers make no sense. @throws OptionError naming what is wrong */
export function checkOptimizer(optimizer: Optimizer): void {
  const { kind, ...numbers } = Object(optimizer) as Optimizer;
  if (!Object.hasOwn(recordRows, kind))
    throw new OptionError(`{optimizer} is ${shown(optimizer)}; it must be an optimiser, as adam() gives one`);
  const rows = Object.entries(recordRows[kind]).map(([key, row]) => [key, { ...row, required: true }]);
  checkOptions(numbers, Object.fromEntries(rows), `an optimiser ${kind}`);
}

/** The row of an optimiser. */
export function optimizerRow(optimizer: Optimizer): OptimizerRow<Optimizer> {
  if (!Object.hasOwn(optimizers, Object(optimizer).kind)) checkOptimizer(optimizer);
  return optimizers[optimizer.kind] as OptimizerRow<Optimizer>;
}
