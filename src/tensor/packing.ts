/**
 * Packed sequences: how a batch of ragged sequences lies in memory without padding.
 * Sequences are sorted by length, longest first (ties by sequence id), and stored time-major: the rows
 * of step t are the first `active[t]` sequences. Everything downstream reads these tables; nothing else
 * in the package knows how rows are ordered.
 */

/** The tables of one packing. `B` sequences, `T` steps of the longest, `N` rows (sum of the lengths). */
export interface Packing {
  readonly B: number;
  readonly T: number;
  readonly N: number;
  /** Place in the packing -> index in the caller's list, length B. */
  readonly order: Int32Array;
  /** Length of the sequence at each place, length B, not increasing. */
  readonly lengths: Int32Array;
  /** Sequence id in the data set of each place, length B: the key of random numbers. */
  readonly ids: Int32Array;
  /** Number of sequences that have a step t, length T. */
  readonly active: Int32Array;
  /** First row of step t, length T + 1; the row of place b at step t is `offsets[t] + b`. */
  readonly offsets: Int32Array;
}

/** Rows of one packing's sequences in the order of another's, sequence-major (for attention and pooling). */
export interface Alignment {
  /** First aligned row of each place of the reading packing, length B + 1. */
  readonly offsets: Int32Array;
  /** Aligned row -> row of the source packing, length N of the source. */
  readonly rowOf: Int32Array;
  /** Aligned row -> place in the reading packing, length N of the source. */
  readonly segmentOf: Int32Array;
}

/**
 * Packs sequences of the given lengths.
 *
 * @param lengths length of each sequence in the caller's order; zero is allowed
 * @param ids id of each sequence in its data set; default: its index in the caller's list
 * @throws RangeError if a length is negative or not an integer
 */
export function packing(lengths: ArrayLike<number>, ids?: ArrayLike<number>): Packing {
  const B = lengths.length;
  const idOf = (i: number): number => ids?.[i] ?? i;
  const order = Int32Array.from({ length: B }, (_, i) => i);
  for (let i = 0; i < B; i++) {
    const length = lengths[i]!;
    if (!Number.isInteger(length) || length < 0) {
      throw new RangeError(
        `the length of sequence ${i} is ${length}; a length is a whole number, zero or more`,
      );
    }
  }
  order.sort((a, b) => lengths[b]! - lengths[a]! || idOf(a) - idOf(b) || a - b);
  const sorted = Int32Array.from(order, (i) => lengths[i]!);
  const T = B > 0 ? sorted[0]! : 0;
  const active = new Int32Array(T);
  const offsets = new Int32Array(T + 1);
  let places = B;
  for (let t = 0; t < T; t++) {
    while (places > 0 && sorted[places - 1]! <= t) places--;
    active[t] = places;
    offsets[t + 1] = offsets[t]! + places;
  }
  return {
    B,
    T,
    N: offsets[T]!,
    order,
    lengths: sorted,
    ids: Int32Array.from(order, idOf),
    active,
    offsets,
  };
}

/** For each row of the packing the place of its sequence, length N. */
export function placeOfRow(p: Packing): Int32Array {
  const out = new Int32Array(p.N);
  for (let t = 0; t < p.T; t++) {
    for (let b = 0; b < p.active[t]!; b++) out[p.offsets[t]! + b] = b;
  }
  return out;
}

/** For each row of the packing its time step, length N. */
export function timeOfRow(p: Packing): Int32Array {
  const out = new Int32Array(p.N);
  for (let t = 0; t < p.T; t++) out.fill(t, p.offsets[t], p.offsets[t + 1]);
  return out;
}

/**
 * Lays the rows of `source` out sequence-major in the order of `reader`'s places. The two packings
 * describe the same caller's list (a source and a target sequence for each index).
 *
 * @throws RangeError if the packings hold different numbers of sequences
 */
export function align(reader: Packing, source: Packing): Alignment {
  if (reader.B !== source.B) {
    throw new RangeError(
      `the packings hold ${reader.B} and ${source.B} sequences; they must be of one batch`,
    );
  }
  const placeIn = new Int32Array(source.B);
  source.order.forEach((caller, place) => {
    placeIn[caller] = place;
  });
  const offsets = new Int32Array(reader.B + 1);
  const rowOf = new Int32Array(source.N);
  const segmentOf = new Int32Array(source.N);
  let row = 0;
  for (let b = 0; b < reader.B; b++) {
    const place = placeIn[reader.order[b]!]!;
    for (let t = 0; t < source.lengths[place]!; t++) {
      rowOf[row] = source.offsets[t]! + place;
      segmentOf[row++] = b;
    }
    offsets[b + 1] = row;
  }
  return { offsets, rowOf, segmentOf };
}

/**
 * Copies values of the caller's sequences into packed rows.
 *
 * @param sequences for each sequence in the caller's order its values, [length * width], step after step
 * @param width values per step
 * @param out destination of N * width values
 */
export function packRows<A extends Float32Array | Float64Array | Int32Array>(
  p: Packing,
  sequences: readonly ArrayLike<number>[],
  width: number,
  out: A,
): A {
  for (let t = 0; t < p.T; t++) {
    for (let b = 0; b < p.active[t]!; b++) {
      const values = sequences[p.order[b]!]!;
      const row = (p.offsets[t]! + b) * width;
      for (let f = 0; f < width; f++) out[row + f] = values[t * width + f]!;
    }
  }
  return out;
}

/** Copies values of the caller's sequences, `width` for each, into the packing's order. */
export function packSequences(
  p: Packing,
  sequences: readonly ArrayLike<number>[],
  width: number,
): Float64Array {
  const out = new Float64Array(p.B * width);
  p.order.forEach((caller, place) => {
    const values = sequences[caller]!;
    for (let f = 0; f < width; f++) out[place * width + f] = values[f]!;
  });
  return out;
}

/** The inverse of `packRows`: for each sequence in the caller's order its rows, as plain arrays per step. */
export function unpackRows(p: Packing, rows: ArrayLike<number>, width: number): number[][][] {
  const out: number[][][] = Array.from({ length: p.B }, () => []);
  for (let b = 0; b < p.B; b++) {
    const steps = out[p.order[b]!]!;
    for (let t = 0; t < p.lengths[b]!; t++) {
      const row = (p.offsets[t]! + b) * width;
      steps.push(Array.from({ length: width }, (_, f) => rows[row + f]!));
    }
  }
  return out;
}

/** The inverse of `packSequences`: [B, width] in the packing's order -> plain arrays in the caller's order. */
export function unpackSequences(p: Packing, values: ArrayLike<number>, width: number): number[][] {
  const out: number[][] = new Array(p.B);
  for (let b = 0; b < p.B; b++) {
    out[p.order[b]!] = Array.from({ length: width }, (_, f) => values[b * width + f]!);
  }
  return out;
}
