/**
 * How far updates can have carried weights: a bound on their size that follows the equations of the optimiser from step to
 * step and looks at no weight, so that it costs nothing. While it is far below what float32 holds, no weight can be infinite;
 * where it is not, the trainer looks (trainer.ts). Rows of the optimisers say how a bound becomes the next (optimizers.ts).
 */
import { clippedTo, type TrainingSettings } from "../settings.js";
import { trainingNames } from "./names.js";
import { type Optimizer, optimizerRow, type Sizes } from "./optimizers.js";
import { largestSize } from "./weight-sizes.js";

/** Below it no sum of a weight and its update is infinite in float32, which holds numbers below 2^128. */
const FAR = 2 ** 126;
/** What rounding adds to a step's result at most, and more. */
const ROUNDING = 1 + 2 ** -20;
/** The largest number whose square is finite in float32: where the norm is, no gradient is larger. */
const LARGEST_GRADIENT = 2 ** 64;

/** The update of an optimiser in the step that comes: its settings, and its numbers. */
export interface ComingUpdate {
  readonly optimizer: Optimizer;
  readonly numbers: readonly number[];
}

/** Guards the bound. */
export class Reach {
  /** The largest gradient that can lead to an update. */
  private readonly largest: number;
  private readonly optimizer: Optimizer;
  private sizes: Sizes;

  /** @param narrow whether the executor stores float32: in float64 a norm may be finite whatever the gradient is */
  constructor(optimizer: Optimizer, settings: TrainingSettings, narrow: boolean) {
    this.optimizer = optimizer;
    this.sizes = {
      theta: 0,
      slots: optimizerRow(optimizer)
        .slots(optimizer)
        .map(() => 0),
    };
    this.largest = Math.min(clippedTo(settings), narrow ? LARGEST_GRADIENT : Number.POSITIVE_INFINITY);
  }

  /** No weight is larger. */
  get bound(): number {
    return this.sizes.theta;
  }

  /** Takes the weights' bound from the weights. */
  ofWeights(all: Iterable<ArrayLike<number>>): void {
    this.sizes = { ...this.sizes, theta: largestOf(all) };
  }

  /** Takes all bounds from a trainer's buffers. */
  ofBuffers(buffers: ReadonlyMap<string, ArrayLike<number>>): void {
    const starting = (prefix: string): ArrayLike<number>[] =>
      [...buffers].flatMap(([name, values]) => (name.startsWith(prefix) ? [values] : []));
    const slots = optimizerRow(this.optimizer)
      .slots(this.optimizer)
      .map((kind) => largestOf(starting(`${trainingNames.slot}${kind}.`)));
    this.sizes = { theta: 0, slots };
    this.ofWeights([...buffers].flatMap(([name, values]) => (isWeight(name) ? [values] : [])));
  }

  /** Whether an update could make a weight infinite. */
  mayOverflow(updates: readonly ComingUpdate[]): boolean {
    for (const { numbers } of updates) for (const number of numbers) if (!(number < FAR)) return true;
    return !(this.after(updates, this.largest).theta < FAR);
  }

  /** Takes note of an update that was made. @param norm of its gradients */
  note(updates: readonly ComingUpdate[], norm: number): void {
    this.sizes = this.after(updates, Math.min(this.largest, norm));
  }

  /** In plain loops, for it is called twice in every step. */
  private after(updates: readonly ComingUpdate[], gradient: number): Sizes {
    const { theta, slots } = this.sizes;
    // Groups have optimisers of one kind, and one bound holds for the weights of all.
    let most = theta;
    const kept: number[] = [];
    for (let i = 0; i < slots.length; i++) kept.push(0);
    for (let u = 0; u < updates.length; u++) {
      const { optimizer, numbers } = updates[u]!;
      const scope = { theta, slots, numbers, gradient: gradient * ROUNDING };
      const next = optimizerRow(optimizer).most(optimizer, scope);
      most = Math.max(most, next.theta * ROUNDING);
      for (let i = 0; i < kept.length; i++) kept[i] = Math.max(kept[i]!, next.slots[i]! * ROUNDING);
    }
    return { theta: most, slots: kept };
  }
}

const isWeight = (name: string): boolean => !name.startsWith(trainingNames.slot);

const largestOf = (all: Iterable<ArrayLike<number>>): number =>
  [...all].reduce((most, values) => Math.max(most, largestSize(values)), 0);

/** Whether all weights are finite as a model file holds them, and all else as it is. */
export function allFinite(buffers: ReadonlyMap<string, ArrayLike<number>>): boolean {
  const most = Math.fround(3.4028234663852886e38);
  return [...buffers].every(([name, values]) => {
    const size = largestSize(values);
    return isWeight(name) ? Math.fround(size) <= most : Number.isFinite(size);
  });
}
