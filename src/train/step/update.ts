/**
 * The half of a training step that updates: the gradients' global norm, clipping and the optimiser's update; if the norm
 * or the loss is not finite nothing is updated. As part of the plan of a whole step (plan.ts), and as a plan of its own.
 */
import type { Expr } from "../../cell/expr.js";
import { add, div, isFinite, max, min, mul, select, sqrt } from "../../cell/functions.js";
import type { Network } from "../../nn/index.js";
import {
  assign,
  Builder,
  type Gradient,
  map,
  optimise,
  type Plan,
  type Value,
  verify,
} from "../../plan/index.js";
import { checkSettings, type TrainingSettings } from "../settings.js";
import { buffersToGroups, gradientName, trainedParameters } from "./gradients.js";
import { trainingNames } from "./names.js";
import { type Optimizer, optimizerRow } from "./optimizers.js";

/** An optimiser of a run: that of the parameters in no group comes first, then one for each group that is trained. */
export interface GroupOptimizer {
  readonly optimizer: Optimizer;
  /** Prefix of its numbers in the plan. */
  readonly prefix: string;
}

/** The optimiser of every group, by the group's number; at −1 that of the parameters in none. */
export function groupOptimizers({
  optimizer,
  groups = [],
}: TrainingSettings): ReadonlyMap<number, GroupOptimizer> {
  const own = groups.map(({ learningRate, weightDecay }, g): [number, GroupOptimizer] => [
    g,
    {
      optimizer: {
        ...optimizer,
        ...(learningRate === undefined ? {} : { learningRate }),
        ...(weightDecay === undefined ? {} : { weightDecay }),
      },
      prefix: `${trainingNames.number}group${g + 1}.`,
    },
  ]);
  return new Map([[-1, { optimizer, prefix: trainingNames.number }], ...own]);
}

/**
 * The plan of the second half: it takes the gradients that `gradientPlan` left, or what an exchange made of them, and
 * updates the weights if their norm is finite and the input `train.apply` is 1. It has no batch.
 *
 * @throws NetworkError or PlanError if there is nothing to train, or a setting makes no sense
 */
export function updatePlan(net: Network, settings: TrainingSettings): Plan {
  checkSettings(net, settings);
  const b = new Builder("update");
  const gradients = trainedParameters(net, settings).map((parameter): Gradient => {
    const { name, rows, width } = parameter;
    b.parameter(name, rows, width, false);
    const gradient = b.slot(gradientName(settings, name), `rows:${rows}`, width);
    return { parameter, gradient: clipped(b, { parameter, gradient }, settings) };
  });
  buildUpdate(b, gradients, { net, settings, finite: [], asked: true });
  const plan = optimise(b.finish());
  verify(plan);
  return plan;
}

/** A gradient with its numbers clipped, where they are. */
export function clipped(
  b: Builder,
  { parameter, gradient }: Gradient,
  { clipValue }: TrainingSettings,
): Value {
  if (clipValue === undefined) return gradient;
  const name = `clipped.${parameter.name}`;
  return map(b, name, [gradient], (g) => max(min(g, clipValue), -clipValue), gradient.space);
}

/** On what an update depends beside the gradients. */
export interface UpdateParts {
  readonly net: Network;
  readonly settings: TrainingSettings;
  /** Numbers that must be finite, as the norm must. */
  readonly finite: readonly Value[];
  /** True if the caller says by the input `train.apply` whether weights are to be updated. */
  readonly asked: boolean;
}

/** Emits norm and update of gradients that are summed and clipped by value. */
export function buildUpdate(b: Builder, gradients: readonly Gradient[], parts: UpdateParts): void {
  const { net, settings, finite, asked } = parts;
  const { clip, average } = settings;
  const groupOf = buffersToGroups(net, settings);
  const optimizers = groupOptimizers(settings);
  const norm = globalNorm(
    b,
    gradients.map((g) => g.gradient),
  );
  b.output(trainingNames.norm, norm);
  const apply = asked ? [b.input(trainingNames.apply, "rows:1", 1)] : [];
  const updates = map(b, "finite", [norm, ...finite, ...apply], (...all) =>
    all.map((value, i) => (i <= finite.length ? isFinite(value) : value)).reduce((ok, next) => mul(ok, next)),
  );
  const scale = clip === undefined ? undefined : map(b, "scale", [norm], (n) => min(1, div(clip, n)));
  for (const { parameter, gradient } of gradients) {
    const { optimizer, prefix } = optimizers.get(groupOf.get(parameter.name) ?? -1)!;
    const row = optimizerRow(optimizer);
    const numbers = row.numbers.map((name) => b.input(prefix + name, "rows:1", 1));
    const theta: Value = { buffer: parameter.name, space: gradient.space, width: parameter.width };
    const slot = (name: string): Value => b.slot(name + parameter.name, theta.space, theta.width);
    const slots = row.slots(optimizer).map((name) => slot(`${trainingNames.slot}${name}.`));
    const averages = average === undefined ? [] : [slot(trainingNames.average)];
    const targets = [theta, ...slots, ...averages];
    const inputs = [gradient, updates, ...numbers, ...(scale ? [scale] : [])];
    assign(b, `update.${parameter.name}`, [...targets, ...inputs], targets, (...all) => {
      const old = all.slice(0, targets.length);
      const [g, ok, ...rest] = all.slice(targets.length) as [Expr, Expr, ...Expr[]];
      const next = row.update(optimizer, {
        theta: old[0]!,
        gradient: scale ? mul(g, rest[numbers.length]!) : g,
        slots: old.slice(1, 1 + slots.length),
        numbers: rest.slice(0, numbers.length),
      });
      const averaged = averages.map((_, i) =>
        add(mul(average!, old[1 + slots.length + i]!), mul(1 - average!, next.theta)),
      );
      return [next.theta, ...next.slots, ...averaged].map((value, i) => select(ok, value, old[i]!));
    });
  }
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
