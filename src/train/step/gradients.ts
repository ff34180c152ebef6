/**
 * The half of a training step that computes gradients: forward, loss, backward. As part of the plan of a whole step
 * (plan.ts), and as a plan of its own, whose gradients stay where an exchange can read and change them before the other
 * half (update.ts) takes them.
 *
 * The objective is the notes' L(ŷ, y) = Σ_t L⟨t⟩, averaged over the sequences of the batch.
 */
import type { Expr } from "../../cell/expr.js";
import { add, mul, select } from "../../cell/functions.js";
import { buildForward, buildLoss, givenStates, names, targetInput } from "../../nn/build/index.js";
import type { Network } from "../../nn/index.js";
import {
  Builder,
  type Gradient,
  lookUp,
  map,
  optimise,
  type ParameterBuffer,
  type Plan,
  type Value,
  verify,
} from "../../plan/index.js";
import { checkSettings, groupsOf, type TrainingSettings } from "../settings.js";
import { handedNames, trainingNames } from "./names.js";

/** True if a step is several runs, whose gradients are added up. */
export const addsUp = ({ accumulate = 1, recompute }: TrainingSettings): boolean =>
  accumulate > 1 || recompute !== undefined;

/** The name of the buffer in which `gradientPlan` leaves the gradient of a parameter's buffer. */
export const gradientName = (settings: TrainingSettings, parameter: string): string =>
  (addsUp(settings) ? trainingNames.sum : trainingNames.gradient) + parameter;

/**
 * The plan of the first half: it leaves the gradients of the batch in persistent buffers (`gradientName`), and the sum of
 * the losses as an output. With `updatePlan` after it the bits are those of `trainingPlan`.
 *
 * @throws NetworkError or PlanError if there is nothing to train, or a setting makes no sense
 */
export function gradientPlan(net: Network, settings: TrainingSettings): Plan {
  const b = trainingBuilder("gradients", net, settings);
  // Sums of several runs have buffers of their own.
  const place = ({ name, rows, width }: ParameterBuffer): Value =>
    b.slot(gradientName(settings, name), `rows:${rows}`, width);
  const { gradients, finish } = buildGradients(b, net, settings, addsUp(settings) ? undefined : place);
  for (const gradient of gradients) summed(b, gradient, settings);
  finish();
  const plan = optimise(b.finish());
  verify(plan);
  return plan;
}

/** The parameters that are trained, in the order in which their gradients are summed to the norm. */
export function trainedParameters(net: Network, settings: TrainingSettings): readonly ParameterBuffer[] {
  const { gradients } = buildGradients(trainingBuilder("trained", net, settings), net, settings);
  return gradients.map(({ parameter }) => parameter);
}

/** A builder that knows which parameters are frozen. @throws NetworkError naming a setting that makes no sense */
export function trainingBuilder(name: string, net: Network, settings: TrainingSettings): Builder {
  checkSettings(net, settings);
  const { groups = [] } = settings;
  const groupOf = buffersToGroups(net, settings);
  return new Builder(name, (buffer) => groups[groupOf.get(buffer) ?? -1]?.frozen === true);
}

/** Buffers of parameters -> the number of their group. */
export function buffersToGroups(net: Network, { groups }: TrainingSettings): ReadonlyMap<string, number> {
  const byName = groupsOf(net, groups);
  return new Map(
    net.parameters.flatMap(({ name, blocks }) =>
      blocks.map(({ buffer }) => [buffer, byName.get(name)!] as const),
    ),
  );
}

/** What forward and backward give. */
export interface BuiltGradients {
  readonly gradients: readonly Gradient[];
  /** The sum of all losses. */
  readonly total: Value;
  /** Emits the outputs that come last: gradients of states, and states. */
  readonly finish: () => void;
}

/** Emits forward, loss and backward. @param place see `Builder.backward` */
export function buildGradients(
  b: Builder,
  net: Network,
  settings: TrainingSettings,
  place?: (parameter: ParameterBuffer) => Value,
): BuiltGradients {
  const { carry = false, recompute } = settings;
  const { z, finals } = buildForward(b, net, { training: true, carried: carry || recompute !== undefined });
  const loss = lossOf(b, net, z, settings);
  const starts = recompute === undefined ? [] : handedStarts(b, net, finals);
  const gradients = b.backward(loss, b.input(trainingNames.weight, "rows:1", 1), place);
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
  const finish = (): void => {
    for (const { name, start } of starts) {
      const gradient = b.gradient(start);
      if (gradient) b.output(handedNames.initial + name, gradient);
    }
    if (carry) for (const [name, value] of finals) b.output(names.final + name, value);
  };
  return { gradients, total, finish };
}

/** A gradient with those of the runs before added to it, where a step is several. */
export function summed(b: Builder, { parameter, gradient }: Gradient, settings: TrainingSettings): Value {
  if (!addsUp(settings)) return gradient;
  const { space, width } = gradient;
  const sum = b.slot(trainingNames.sum + parameter.name, space, width);
  const keep = b.input(trainingNames.keep, "rows:1", 1);
  const name = `summed.${parameter.name}`;
  // Chosen and not multiplied: what is not kept may be no number.
  const value = map(b, name, [gradient, sum, keep], (g, s, k) => add(g, select(k, s, 0)), space);
  b.copy(value, sum, space);
  return value;
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
