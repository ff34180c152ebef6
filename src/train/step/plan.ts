/**
 * The training plan: one run is one whole training step. Forward, loss, backward, the gradients' global norm,
 * clipping and the optimiser's update; if the norm or the loss is not finite nothing is updated.
 *
 * The objective is the notes' L(ŷ, y) = Σ_t L⟨t⟩, averaged over the sequences of the batch.
 */

import type { Expr } from "../../cell/expr.js";
import { add, div, isFinite, max, min, mul, select, sqrt } from "../../cell/functions.js";
import { buildForward, buildLoss, givenStates, type Network, names, targetInput } from "../../nn/index.js";
import {
  assign,
  Builder,
  lookUp,
  map,
  optimise,
  type ParameterBuffer,
  type Plan,
  type Value,
  verify,
} from "../../plan/index.js";
import { checkSettings, groupsOf, type TrainingSettings } from "../settings.js";
import { type Optimizer, optimizerRow } from "./optimizers.js";
import { handedNames } from "./pieces.js";

/** Names of a training plan's inputs and outputs beside the network's own. */
export const trainingNames = {
  /** Input: the weight of each sequence's loss in the objective, 1 / B. */
  weight: "train.weight",
  /** Input: the weight of each class, where there are any. */
  classWeights: "train.classWeights",
  /** Inputs of a step in several runs: 1 to go on with the gradients of the run before; 1 to update the weights. */
  keep: "train.keep",
  apply: "train.apply",
  /** Prefix of the optimiser's numbers of this step. */
  number: "train.",
  /** Output: the sum of all losses of the batch. */
  loss: "out.loss",
  /** Output: the gradients' global norm before clipping. */
  norm: "out.norm",
  /** Prefix of slots: "slot.m.recurrent1.w_uc". */
  slot: "slot.",
  /** Prefix of averaged weights. */
  average: "slot.average.",
} as const;

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

/** Builds the training plan. @throws NetworkError or PlanError if there is nothing to train, or a setting makes no sense */
export function trainingPlan(net: Network, settings: TrainingSettings): Plan {
  checkSettings(net, settings);
  const groups = settings.groups ?? [];
  const groupOf = buffersToGroups(net, settings);
  const b = new Builder("train", (buffer) => groups[groupOf.get(buffer) ?? -1]?.frozen === true);
  const { carry = false, recompute } = settings;
  const { z, finals } = buildForward(b, net, { training: true, carried: carry || recompute !== undefined });
  const loss = lossOf(b, net, z, settings);
  const starts = recompute === undefined ? [] : handedStarts(b, net, finals);
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
  const trained = gradients.map((g) => ({ ...g, gradient: shaped(b, g, settings) }));
  const norm = globalNorm(
    b,
    trained.map((g) => g.gradient),
  );
  b.output(trainingNames.norm, norm);
  update(b, trained, { norm, total, settings, groupOf });
  for (const { name, start } of starts) {
    const gradient = b.gradient(start);
    if (gradient) b.output(handedNames.initial + name, gradient);
  }
  if (carry) for (const [name, value] of finals) b.output(names.final + name, value);
  const plan = optimise(b.finish());
  verify(plan);
  return plan;
}

/** The states that hand gradients on to the piece before, their final ones given those of the piece after. */
function handedStarts(
  b: Builder,
  net: Network,
  finals: ReadonlyMap<string, Value>,
): { readonly name: string; readonly start: Value }[] {
  return givenStates(net, true).flatMap(({ name, input, width }) => {
    const final = finals.get(name)!;
    // Where nothing is trained in a layer nor before it, nobody asks for gradients.
    if (!b.needsGradient(final)) return [];
    const start = b.watch(b.input(input, final.space, width));
    b.contributeBuffer(final, b.input(handedNames.final + name, final.space, width));
    return [{ name, start }];
  });
}

/** Buffers of parameters -> the number of their group. */
function buffersToGroups(net: Network, { groups }: TrainingSettings): ReadonlyMap<string, number> {
  const byName = groupsOf(net, groups);
  return new Map(
    net.parameters.flatMap(({ name, blocks }) =>
      blocks.map(({ buffer }) => [buffer, byName.get(name)!] as const),
    ),
  );
}

/** The loss of each row, smoothed and weighed. */
function lossOf(b: Builder, net: Network, z: Value, settings: TrainingSettings): Value {
  const { labelSmoothing: smoothing = 0, classWeights, sampleWeights = false, recompute } = settings;
  const loss = buildLoss(b, net, z, { smoothing });
  const weights: Value[] = [];
  if (classWeights) {
    const table = b.input(trainingNames.classWeights, `rows:${classWeights.length}`, 1);
    weights.push(lookUp(b, "classWeight", table, targetInput(b, net)));
  }
  // Of a sequence in pieces that has one loss it is that of the last piece: the others weigh nothing.
  if (sampleWeights || (recompute !== undefined && net.output.over === "sequences"))
    weights.push(b.input(names.sampleWeight, loss.space, 1));
  if (weights.length === 0) return loss;
  return map(b, "weighed", [loss, ...weights], (l, ...factors) => factors.reduce(mul, l as Expr));
}

/** True if a step is several runs, whose gradients are added up. */
const addsUp = ({ accumulate = 1, recompute }: TrainingSettings): boolean =>
  accumulate > 1 || recompute !== undefined;

interface Gradient {
  readonly parameter: ParameterBuffer;
  readonly gradient: Value;
}

/** A gradient with those of the runs before added to it, and its numbers clipped. */
function shaped(b: Builder, { parameter, gradient }: Gradient, settings: TrainingSettings): Value {
  const { clipValue } = settings;
  let value = gradient;
  if (addsUp(settings)) {
    const sum = b.slot(`${trainingNames.slot}sum.${parameter.name}`, value.space, value.width);
    const keep = b.input(trainingNames.keep, "rows:1", 1);
    // Chosen and not multiplied: what is not kept may be no number.
    const name = `summed.${parameter.name}`;
    value = map(b, name, [value, sum, keep], (g, s, k) => add(g, select(k, s, 0)), value.space);
    b.copy(value, sum, value.space);
  }
  if (clipValue === undefined) return value;
  const name = `clipped.${parameter.name}`;
  return map(b, name, [value], (g) => max(min(g, clipValue), -clipValue), value.space);
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

interface UpdateParts {
  readonly norm: Value;
  /** The sum of all losses. */
  readonly total: Value;
  readonly settings: TrainingSettings;
  readonly groupOf: ReadonlyMap<string, number>;
}

function update(
  b: Builder,
  gradients: readonly Gradient[],
  { norm, total, settings, groupOf }: UpdateParts,
): void {
  const { clip, average } = settings;
  const optimizers = groupOptimizers(settings);
  const applies = addsUp(settings) ? [b.input(trainingNames.apply, "rows:1", 1)] : [];
  // Of parts the earlier ones' losses are looked at by whoever sets `apply`.
  const updates = map(b, "finite", [norm, total, ...applies], (n, l, ...apply) =>
    apply.reduce<Expr>((ok, a) => mul(ok, a), mul(isFinite(n as Expr), isFinite(l as Expr))),
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
