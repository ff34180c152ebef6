/**
 * How much memory a training will take, before any of it is taken: from the plan's buffers at the largest batch, as the
 * WebAssembly executor lays them out.
 */
import { bufferBytes, rowCapacity, temporaryArena } from "../../exec/lowering/layout.js";
import { capacityFor, type Extent, names } from "../../nn/build/index.js";
import type { Network } from "../../nn/index.js";
import { bufferOf, type Plan, type PlanBuffer } from "../../plan/index.js";
import { TrainingError } from "../errors.js";
import type { TrainingSettings } from "../settings.js";
import { largestRun } from "./parts.js";
import { piecePlan } from "./pieces.js";
import { trainingPlan } from "./plan.js";

/** Bytes, by what they are for. */
export interface MemoryEstimate {
  /** Parameters, and the copies of them in the order in which products read them. */
  readonly weights: number;
  /** Slots of the optimiser, of accumulation and of averaging. */
  readonly optimizer: number;
  /** Everything that grows with the batch: inputs, values kept for the backward pass, gradients, outputs. */
  readonly activations: number;
  readonly total: number;
}

/** All that WebAssembly's 32-bit addresses reach. */
const MOST = 4 * 2 ** 30;

/**
 * What training takes on the wasm executor; predictions between epochs take less than a step, and come on top.
 *
 * ```ts
 * estimateMemory(net, { optimizer: adam() }, new Array(32).fill(100)).total; // bytes, for 32 sequences of 100 steps
 * ```
 *
 * @param largest extents of the examples of the largest batch: their lengths, where the network has one input
 */
export function estimateMemory(
  net: Network,
  settings: TrainingSettings,
  largest: readonly Extent[],
): MemoryEstimate {
  const plan = trainingPlan(net, settings);
  const capacity = capacityFor([largestRun(largest, settings)]);
  const bytes = (plan: Plan, roles: readonly PlanBuffer["role"][]): number =>
    Object.values(plan.buffers)
      .filter(({ role, storage }) => roles.includes(role) && storage === undefined)
      .reduce((sum, buffer) => sum + bufferBytes(buffer, rowCapacity(buffer.space, capacity)), 0);
  const working = (plan: Plan): number =>
    bytes(plan, ["input", "output", "state"]) + temporaryArena(plan, capacity).bytes;
  const weights = bytes(plan, ["parameter"]) + panelBytes(plan);
  const optimizer = bytes(plan, ["slot"]);
  const activations = working(plan) + (settings.recompute === undefined ? 0 : working(piecePlan(net)));
  return { weights, optimizer, activations, total: weights + optimizer + activations };
}

/** Copies of the matrices of products, one for each way in which one is read. */
function panelBytes(plan: Plan): number {
  const sizes = new Map<string, number>();
  const steps = plan.steps.flatMap((step) => (step.kind === "loop" ? step.body : [step]));
  for (const step of steps) {
    if (step.kind !== "gemm" || step.form !== "apply") continue;
    for (const { b, transpose, c } of step.outputs) {
      const panels = Math.ceil(bufferOf(plan, c).width / 16);
      sizes.set(`${b} ${transpose}`, 4 * 16 * panels * bufferOf(plan, step.a).width);
    }
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

/** @throws TrainingError saying what would need how much, and what would need less, if the limit does not suffice */
export function checkMemory(
  net: Network,
  settings: TrainingSettings,
  largest: readonly Extent[],
  limit = MOST,
): MemoryEstimate {
  const estimate = estimateMemory(net, settings, largest);
  if (estimate.total <= limit) return estimate;
  const mib = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20).toLocaleString("en-US")} MiB`;
  const { total, weights, optimizer, activations } = estimate;
  const { T } = capacityFor([largest])[names.packing] as { readonly T: number };
  throw new TrainingError(
    `training needs about ${mib(total)} and may take ${mib(limit)}: weights ${mib(weights)}, optimiser ${mib(optimizer)}, ` +
      `and ${mib(activations)} for a batch of ${largest.length} sequences of up to ${T} steps; ` +
      "take smaller batches, compute them in parts (accumulate), keep fewer steps (recompute), or cut sequences shorter",
  );
}
