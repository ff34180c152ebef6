/**
 * What shapes a training step beside the network: the optimiser and its schedule, groups of parameters, clipping,
 * accumulation, smoothing, weights, averaging. Plain data, checked here once; plan.ts turns it into steps.
 */

import { checkNetwork, firstReason, losses } from "../nn/build/index.js";
import { type Network, NetworkError } from "../nn/index.js";
import { checkOptions } from "../options/check.js";
import type { RowsOf } from "../options/row.js";
import { checkSchedule, type Schedule } from "./schedules.js";
import { checkOptimizer, type Optimizer } from "./step/optimizers.js";

/** Parameters that are trained differently from the others. */
export interface ParameterGroup {
  /** A parameter ("recurrent1.w_u"), or all of a layer or direction ("embedding1", "recurrent1.forward"). */
  readonly parameters: string;
  /** True: they stay as they are, and no gradient is computed for them. Default false. */
  readonly frozen?: boolean;
  /** Instead of the optimiser's; the schedule's factor applies to it too. */
  readonly learningRate?: number;
  /** Instead of the optimiser's. */
  readonly weightDecay?: number;
}

/** How a network is trained; only the optimiser is needed. */
export interface TrainingSettings {
  readonly optimizer: Optimizer;
  /** Default: constant. */
  readonly schedule?: Schedule;
  /** Largest global norm of the gradients; larger ones are scaled down to it. Absent: no clipping. */
  readonly clip?: number;
  /** Largest size of each number of a gradient; applied before `clip`. Absent: no clipping. */
  readonly clipValue?: number;
  /** The first group that names a parameter holds for it. Default: none. */
  readonly groups?: readonly ParameterGroup[];
  /** Computes the gradients of a batch in so many parts, with the memory of one. Default 1. */
  readonly accumulate?: number;
  /**
   * Recomputation over time: of a sequence the states of every so many steps alone are kept, and the steps between are
   * computed again on the way back. Memory of so many steps instead of all of them, for about the time of another forward
   * pass; nothing is cut off, the gradients are those of the whole sequence. Absent: everything is kept. (Chen et al. 2016;
   * Gruslys et al. 2016)
   */
  readonly recompute?: number;
  /** See LossOptions; default 0. */
  readonly labelSmoothing?: number;
  /** Factor of the loss of rows of each class, for a loss over classes. Absent: 1 each. */
  readonly classWeights?: readonly number[];
  /** True if examples bring weights of their own (`Example.weight`). Default false. */
  readonly sampleWeights?: boolean;
  /** β of an exponential average of the weights over the steps, β · average + (1 − β) · Θ. Absent: none is kept. */
  readonly average?: number;
  /** States go on from a sequence's last batch to its next one, without gradients. Default false. */
  readonly carry?: boolean;
}

const groupRows = {
  parameters: { kind: "text", required: true },
  frozen: { kind: "flag", default: false },
  learningRate: { kind: "number", above: 0, needs: { frozen: false } },
  weightDecay: { kind: "number", least: 0, needs: { frozen: false } },
} as const satisfies RowsOf<ParameterGroup>;

/** The group of each parameter by its name; −1: none. @throws OptionError naming what a group does not have */
export function groupsOf(net: Network, groups: readonly ParameterGroup[] = []): ReadonlyMap<string, number> {
  for (const group of groups) checkOptions(group, groupRows, "a group of parameters");
  const covers = ({ parameters }: ParameterGroup, name: string): boolean =>
    name === parameters || name.startsWith(`${parameters}.`);
  const idle = groups.find((group) => !net.parameters.some(({ name }) => covers(group, name)));
  if (idle) {
    const names = net.parameters.map(({ name }) => name).join(", ");
    throw new NetworkError(`no parameter is called or starts with "${idle.parameters}"; there are ${names}`);
  }
  return new Map(
    net.parameters.map(({ name }) => [name, groups.findIndex((group) => covers(group, name))] as const),
  );
}

/** The largest number that a gradient can be after clipping; infinite where nothing is clipped. */
export const clippedTo = ({ clip, clipValue }: TrainingSettings): number =>
  Math.min(clip ?? Number.POSITIVE_INFINITY, clipValue ?? Number.POSITIVE_INFINITY);

/** @throws NetworkError naming the setting that makes no sense for this network, and what would */
export function checkSettings(net: Network, settings: TrainingSettings): void {
  checkNetwork(net, "training");
  const {
    clip,
    clipValue,
    accumulate = 1,
    labelSmoothing = 0,
    classWeights,
    average,
    carry,
  } = Object(settings) as TrainingSettings;
  const { recompute, optimizer, schedule } = settings;
  checkOptimizer(optimizer);
  if (schedule !== undefined) checkSchedule(schedule);
  const refuse = (problem: string): never => {
    throw new NetworkError(problem);
  };
  for (const [name, value] of Object.entries({ clip, clipValue })) {
    if (value !== undefined && !(value > 0)) refuse(`${name} is ${value}; it must be a number above 0`);
  }
  if (!(Number.isInteger(accumulate) && accumulate >= 1))
    refuse(`accumulate is ${accumulate}; it must be a whole number from 1`);
  if (!(labelSmoothing >= 0 && labelSmoothing < 1))
    refuse(`labelSmoothing is ${labelSmoothing}; it must be at least 0 and below 1`);
  if (labelSmoothing > 0 && !losses[net.loss].smooth)
    refuse(`labelSmoothing needs targets that are probabilities, and ${net.loss} has numbers`);
  if (average !== undefined && !(average > 0 && average < 1))
    refuse(`average is ${average}; it must lie between 0 and 1`);
  if (classWeights) checkClassWeights(net, classWeights, refuse);
  if (carry) checkCarry(net, refuse);
  if (recompute !== undefined) checkRecompute(net, recompute, refuse);
  groupsOf(net, settings.groups);
}

function checkClassWeights(
  net: Network,
  weights: readonly number[],
  refuse: (problem: string) => never,
): void {
  if (losses[net.loss].target !== "class") refuse(`classWeights need a loss over classes, not ${net.loss}`);
  const { joint } = losses[net.loss];
  if (joint) refuse(`classWeights weigh rows one by one, and ${net.loss} ${joint}`);
  if (weights.length !== net.output.width)
    refuse(`there are ${weights.length} classWeights for ${net.output.width} classes`);
  const wrong = weights.findIndex((weight) => !(weight >= 0 && Number.isFinite(weight)));
  if (wrong >= 0) refuse(`the weight of class ${wrong} is ${weights[wrong]}; it must be finite, 0 or more`);
}

function checkCarry(net: Network, refuse: (problem: string) => never): void {
  const reason = firstReason(net.layers, "freshStart");
  if (reason !== undefined) refuse(`states cannot be carried from batch to batch: ${reason}`);
}

function checkRecompute(net: Network, steps: number, refuse: (problem: string) => never): void {
  if (!(Number.isInteger(steps) && steps >= 1))
    refuse(`recompute is ${steps}; it must be a whole number of steps, 1 or more`);
  const reason = firstReason(net.layers, "inPieces");
  if (reason !== undefined) refuse(`steps cannot be computed again piece by piece (recompute): ${reason}`);
  const { joint } = losses[net.loss];
  if (joint) refuse(`steps cannot be computed again piece by piece (recompute): ${net.loss} ${joint}`);
}
