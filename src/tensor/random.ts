/**
 * Counter-based random numbers: every value is a function of its place (seed, purpose, layer, step, sequence,
 * time, element) and of nothing else, so that it does not depend on threads, batches or evaluation order.
 * The mapping onto Philox4x32-10 (philox.ts), which the WebAssembly kernels implement too:
 *   key     = (seed mod 2³², purpose · 65536 + layer)
 *   counter = (floor(element / 4), time, sequence, step)
 *   word of the element = word (element mod 4) of that block;  uniform = (word >>> 8) · 2⁻²⁴, in [0, 1)
 */
import { multiplyHigh, philox4x32 } from "./philox.js";

/** What random numbers are for. Streams of different purposes are independent under the same seed. */
export const purposes = {
  initialise: 1,
  shuffle: 2,
  dropout: 3,
  sample: 4,
  split: 5,
  bootstrap: 6,
  synthetic: 7,
  recurrentDropout: 8,
  zoneout: 9,
} as const;

/** One of the {@link purposes}. */
export type Purpose = (typeof purposes)[keyof typeof purposes];

/** Where a stream of random numbers stands. What is left out is 0. */
export interface RandomPlace {
  /** Any safe integer; counts modulo 2³². */
  readonly seed: number;
  readonly purpose: Purpose;
  /** 0 to 65,535: the layer, or the number of the parameter tensor. */
  readonly layer?: number;
  /** 0 to 2³² − 1: the training step or the epoch. */
  readonly step?: number;
  /** 0 to 2³² − 1: the sequence's id in the data set, not its place in the batch. */
  readonly sequence?: number;
  /** 0 to 2³² − 1: the time step within the sequence. */
  readonly time?: number;
}

/** A place as Philox takes it: the key, and the counter without its first word. */
interface Stream {
  readonly key0: number;
  readonly key1: number;
  readonly time: number;
  readonly sequence: number;
  readonly step: number;
}

/**
 * The random 32-bit word of one element.
 *
 * @param element 0 to 2³⁴ − 1
 * @returns an integer from 0 to 2³² − 1
 * @throws RangeError when a part of the place or the element is not an integer within its bounds
 */
export function randomWord(place: RandomPlace, element: number): number {
  const stream = streamAt(place);
  const block = new Uint32Array(4);
  philoxBlock(stream, Math.floor(within("element", element, 2 ** 34 - 1) / 4), block);
  return block[element % 4]!;
}

/** Fills `out` with the words of elements 0, 1, 2, … @throws RangeError as {@link randomWord} */
export function fillWords(place: RandomPlace, out: Uint32Array): void {
  const stream = streamAt(place);
  const block = new Uint32Array(4);
  const whole = out.length - (out.length % 4);
  for (let i = 0; i < whole; i += 4) {
    philoxBlock(stream, i / 4, block);
    out[i] = block[0]!;
    out[i + 1] = block[1]!;
    out[i + 2] = block[2]!;
    out[i + 3] = block[3]!;
  }
  if (whole === out.length) return;
  philoxBlock(stream, whole / 4, block);
  for (let i = whole; i < out.length; i++) out[i] = block[i - whole]!;
}

/** The uniform value of one element, in [0, 1): a multiple of 2⁻²⁴, so exact in float32. */
export function uniform(place: RandomPlace, element: number): number {
  return (randomWord(place, element) >>> 8) * 2 ** -24;
}

/** Fills `out` with the uniform values of elements 0, 1, 2, … @throws RangeError as {@link randomWord} */
export function fillUniform(place: RandomPlace, out: Float32Array | Float64Array): void {
  const words = new Uint32Array(out.length);
  fillWords(place, words);
  for (let i = 0; i < out.length; i++) out[i] = (words[i]! >>> 8) * 2 ** -24;
}

/**
 * An approximately normal value, mean 0 and variance 1: the sum of twelve uniforms less 6 (Irwin-Hall).
 * Value `element` takes the uniforms 12 · element to 12 · element + 11. It lies within ±6 and its tails are
 * lighter than a normal's, which is good enough for what it is used for: the random matrix from which an
 * orthogonal initialisation starts. Box-Muller would need `Math.log` and `Math.cos`, whose bits differ
 * between JavaScript engines; this sum is exact in float64.
 */
export function normalLike(place: RandomPlace, element: number): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += uniform(place, 12 * element + i);
  return sum;
}

/** Fills `out` with {@link normalLike} values of elements 0, 1, 2, … */
export function fillNormalLike(place: RandomPlace, out: Float32Array | Float64Array): void {
  const words = new Uint32Array(12 * out.length);
  fillWords(place, words);
  for (let i = 0; i < out.length; i++) {
    let sum = -6;
    for (let j = 12 * i; j < 12 * i + 12; j++) sum += (words[j]! >>> 8) * 2 ** -24;
    out[i] = sum;
  }
}

/**
 * An integer from 0 to n − 1 out of a random word: floor(word · n / 2³²). One word gives one integer, at the
 * price of a bias: no value's chance is off by more than 2⁻³², which matters only for n in the hundred millions.
 *
 * @param n 1 to 2³² − 1
 */
export function wordBelow(word: number, n: number): number {
  return multiplyHigh(word, n);
}

/**
 * A random order of 0 to n − 1, every order equally likely: Fisher-Yates from the end, with Lemire's unbiased
 * bounded integers (a word that would bias the draw is passed over, and the next element's word is taken).
 *
 * @throws RangeError when n is not an integer from 0 to 2³¹ − 1
 */
export function permutation(place: RandomPlace, n: number): Int32Array {
  const order = new Int32Array(within("n", n, 2 ** 31 - 1));
  for (let i = 0; i < n; i++) order[i] = i;
  const stream = streamAt(place);
  const block = new Uint32Array(4);
  let element = 0;
  for (let last = n - 1; last > 0; last--) {
    const bound = last + 1;
    const biased = 2 ** 32 % bound;
    let word: number;
    do {
      if (element % 4 === 0) philoxBlock(stream, element / 4, block);
      word = block[element % 4]!;
      element++;
    } while (Math.imul(word, bound) >>> 0 < biased);
    const other = multiplyHigh(word, bound);
    const value = order[last]!;
    order[last] = order[other]!;
    order[other] = value;
  }
  return order;
}

function philoxBlock(stream: Stream, index: number, out: Uint32Array): void {
  philox4x32(index, stream.time, stream.sequence, stream.step, stream.key0, stream.key1, out);
}

/** Checks a place once, before its words are drawn. */
function streamAt(place: RandomPlace): Stream {
  if (!Number.isSafeInteger(place.seed)) {
    throw new RangeError(`seed is ${place.seed}; give an integer between -(2^53 - 1) and 2^53 - 1`);
  }
  const layer = within("layer", place.layer ?? 0, 0xffff);
  return {
    key0: place.seed >>> 0,
    key1: within("purpose", place.purpose, 0xffff) * 65536 + layer,
    time: within("time", place.time ?? 0, 0xffffffff),
    sequence: within("sequence", place.sequence ?? 0, 0xffffffff),
    step: within("step", place.step ?? 0, 0xffffffff),
  };
}

function within(name: string, value: number, largest: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= largest) return value;
  throw new RangeError(`${name} is ${value}; give an integer from 0 to ${largest}`);
}
