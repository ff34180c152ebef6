/**
 * Counter-based random numbers: every value is a function of its place (seed, purpose, layer, step, sequence,
 * time, element) and of nothing else, so that it does not depend on threads, batches or evaluation order.
 * The mapping onto Philox4x32-10 (philox.ts), which the WebAssembly kernels implement too:
 *   key     = (seed mod 2³², purpose · 65536 + layer)
 *   counter = (floor(element / 4), time, sequence, step)
 *   word of the element = word (element mod 4) of that block;  uniform = (word >>> 8) · 2⁻²⁴, in [0, 1)
 */
import { multiplyHigh, philox4x32 } from "./philox.js";
import { portableLog } from "./portable.js";

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

/**
 * Fills `out` with the words of elements 0, 1, 2, …, or of those from `first` on, a multiple of 4.
 *
 * @throws RangeError as {@link randomWord}
 */
export function fillWords(place: RandomPlace, out: Uint32Array, first = 0): void {
  const stream = streamAt(place);
  const block = new Uint32Array(4);
  const from = within("first", first, 2 ** 34 - 4) / 4;
  const whole = out.length - (out.length % 4);
  for (let i = 0; i < whole; i += 4) {
    philoxBlock(stream, from + i / 4, block);
    out[i] = block[0]!;
    out[i + 1] = block[1]!;
    out[i + 2] = block[2]!;
    out[i + 3] = block[3]!;
  }
  if (whole === out.length) return;
  philoxBlock(stream, from + whole / 4, block);
  for (let i = whole; i < out.length; i++) out[i] = block[i - whole]!;
}

/** The uniform value of one element, in [0, 1): a multiple of 2⁻²⁴, so exact in float32. */
export function uniform(place: RandomPlace, element: number): number {
  return (randomWord(place, element) >>> 8) * 2 ** -24;
}

/** Words that are held at a time where many are drawn: a multiple of 12, and of 4. */
const HELD_WORDS = 12 * 1024;

/** Calls `use` with the words of elements 0, 1, 2, …, a part at a time: `words[i]` is that of element `first + i`. */
function inParts(place: RandomPlace, count: number, use: (words: Uint32Array, first: number) => void): void {
  const held = new Uint32Array(Math.min(count, HELD_WORDS));
  for (let first = 0; first < count; first += HELD_WORDS) {
    const words = held.subarray(0, Math.min(count - first, HELD_WORDS));
    fillWords(place, words, first);
    use(words, first);
  }
}

/** Fills `out` with the uniform values of elements 0, 1, 2, … @throws RangeError as {@link randomWord} */
export function fillUniform(place: RandomPlace, out: Float32Array | Float64Array): void {
  inParts(place, out.length, (words, first) => {
    for (let i = 0; i < words.length; i++) out[first + i] = (words[i]! >>> 8) * 2 ** -24;
  });
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
  inParts(place, 12 * out.length, (words, first) => {
    for (let i = 0; i < words.length; i += 12) {
      let sum = -6;
      for (let j = i; j < i + 12; j++) sum += (words[j]! >>> 8) * 2 ** -24;
      out[(first + i) / 12] = sum;
    }
  });
}

/**
 * Fills `out` with normal values, mean 0 and variance 1, by Marsaglia's polar method: the halves of a word are a point of a
 * square, and one within the circle becomes two values. How many words that takes is a matter of chance, so a value is a
 * function of the place and of how many come before it. Eight times as fast as {@link fillNormalLike}.
 */
export function fillNormal(place: RandomPlace, out: Float32Array | Float64Array): void {
  let words = new Uint32Array(0);
  for (let [i, first] = [0, 0]; i < out.length; first += words.length) {
    // Of 100 points 78 are within the circle.
    words = new Uint32Array(Math.min(HELD_WORDS, 4 * Math.ceil(0.17 * (out.length - i) + 2)));
    fillWords(place, words, first);
    for (let w = 0; w < words.length && i < out.length; w++) {
      const x = ((words[w]! & 0xffff) + 0.5) * 2 ** -15 - 1;
      const y = ((words[w]! >>> 16) + 0.5) * 2 ** -15 - 1;
      const square = x * x + y * y;
      if (square >= 1) continue;
      const scale = Math.sqrt((-2 * portableLog(square)) / square);
      out[i++] = x * scale;
      if (i < out.length) out[i++] = y * scale;
    }
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
