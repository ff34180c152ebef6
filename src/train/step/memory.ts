/** How much memory a training will take, before any of it is taken: what its executor says of the plans of a step. */
import type { Home } from "../../exec/executor.js";
import { executorOf } from "../../exec/home.js";
import { capacityFor, type Extent, names } from "../../nn/build/index.js";
import type { Network } from "../../nn/index.js";
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

/** What is to be trained. */
export interface EstimatedTraining {
  readonly settings: TrainingSettings;
  /** Extents of the examples of the largest batch: their lengths, where the network has one input. */
  readonly batch: readonly Extent[];
}

/**
 * What training takes on an executor; predictions between epochs take less than a step, and come on top.
 *
 * ```ts
 * estimateMemory(net, executor, { settings: { optimizer: adam() }, batch: new Array(32).fill(100) }).total; // bytes
 * ```
 */
export function estimateMemory(
  net: Network,
  home: Home,
  { settings, batch }: EstimatedTraining,
): MemoryEstimate {
  const executor = executorOf(home);
  const capacity = capacityFor([largestRun(batch, settings)]);
  const { weights, slots, working } = executor.estimate(trainingPlan(net, settings), capacity);
  const pieces = settings.recompute === undefined ? 0 : executor.estimate(piecePlan(net), capacity).working;
  const activations = working + pieces;
  return { weights, optimizer: slots, activations, total: weights + slots + activations };
}

/**
 * @param limit in bytes; that of the executor holds anyway
 * @throws TrainingError saying what would need how much, and what would need less, if the limit does not suffice
 */
export function checkMemory(
  net: Network,
  home: Home,
  {
    limit = Number.POSITIVE_INFINITY,
    ...training
  }: EstimatedTraining & { readonly limit?: number | undefined },
): MemoryEstimate {
  const most = Math.min(limit, executorOf(home).mostBytes);
  const estimate = estimateMemory(net, home, training);
  if (estimate.total <= most) return estimate;
  const mib = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20).toLocaleString("en-US")} MiB`;
  const { total, weights, optimizer, activations } = estimate;
  const { batch } = training;
  // Where the model alone is too large, no batch is small enough.
  const help =
    weights + optimizer > most
      ? "take a smaller network: fewer units or layers, a narrower embedding, fewer words or classes"
      : "take smaller batches, compute them in parts (accumulate), keep fewer steps (recompute), or cut sequences shorter";
  const { T } = capacityFor([batch])[names.packing] as { readonly T: number };
  throw new TrainingError(
    `training needs about ${mib(total)} and may take ${mib(most)}: weights ${mib(weights)}, optimiser ${mib(optimizer)}, ` +
      `and ${mib(activations)} for a batch of ${batch.length} sequences of up to ${T} steps; ${help}`,
  );
}
