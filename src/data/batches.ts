/**
 * The order in which an epoch visits its sequences. Sequences of similar length share a batch, because a batch takes
 * as many steps as its longest sequence; the rest is random. It depends only on seed and epoch, so that training can
 * be resumed in the middle of an epoch.
 */
import { permutation, purposes, type RandomPlace } from "../tensor/random.js";

/** Options of {@link epochBatches}. */
export interface EpochBatchesOptions {
  /** Length of each sequence, in the order of the data set. */
  readonly lengths: ArrayLike<number>;
  /** Sequences in a batch; the last batch of an epoch may have fewer. */
  readonly batchSize: number;
  readonly seed: number;
  /** From 0; each epoch has its own order. */
  readonly epoch: number;
  /** Default true. False sorts everything by length, longest first, the same in every epoch: for evaluation. */
  readonly shuffle?: boolean;
}

/** How many batches are shuffled together and then sorted by length: larger pools pad less and mix less. */
const batchesPerPool = 50;

/**
 * One epoch's batches, as indices into the data set; every index occurs once.
 *
 * @throws RangeError if the batch size is not a whole number from 1
 */
export function epochBatches(given: EpochBatchesOptions): Int32Array[] {
  const { lengths, batchSize, seed, epoch, shuffle = true } = Object(given) as EpochBatchesOptions;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(`batchSize is ${batchSize}; give a whole number from 1`);
  }
  const n = lengths.length;
  const longestFirst = (a: number, b: number) => lengths[b]! - lengths[a]!;
  if (!shuffle)
    return cut(
      Int32Array.from({ length: n }, (_, i) => i).sort((a, b) => longestFirst(a, b) || a - b),
      batchSize,
    );
  const place: RandomPlace = { seed, purpose: purposes.shuffle, step: epoch };
  // `sort` is stable: sequences of one length stay in their shuffled order.
  const order = permutation(place, n);
  const batches = cut(order, batchSize * batchesPerPool).flatMap((pool) =>
    cut(pool.sort(longestFirst), batchSize),
  );
  return Array.from(permutation({ ...place, sequence: 1 }, batches.length), (i) => batches[i]!);
}

function cut(order: Int32Array, size: number): Int32Array[] {
  return Array.from({ length: Math.ceil(order.length / size) }, (_, i) =>
    order.subarray(i * size, (i + 1) * size),
  );
}
