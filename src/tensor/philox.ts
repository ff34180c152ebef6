/**
 * Philox4x32-10: a keyed permutation of 128-bit counters, used as a random number generator without state.
 * This file is the bare function of the paper; what key and counter mean here is said in random.ts.
 * Integer arithmetic only, so that JavaScript engines, WebAssembly and shaders give the same bits.
 * Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */

/** Multipliers and key increments ("Weyl constants") of the paper's Philox4x32. */
const multiplier0 = 0xd2511f53;
const multiplier1 = 0xcd9e8d57;
const increment0 = 0x9e3779b9;
const increment1 = 0xbb67ae85;

/** The upper 32 bits of the 64-bit product of two unsigned 32-bit integers: floor(a · b / 2³²). */
export function multiplyHigh(a: number, b: number): number {
  // Four 16-bit products: a double holds 53 bits, so the plain product would lose its low bits. No sum passes 2³², so all
  // stay 32-bit integers, whose sign is of no account.
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const upper = (Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)) | 0;
  const lower = (Math.imul(aLow, bHigh) + (upper & 0xffff)) | 0;
  return (Math.imul(aHigh, bHigh) + (upper >>> 16) + (lower >>> 16)) >>> 0;
}

/**
 * One block of ten rounds. All eight arguments count modulo 2³².
 *
 * @param out receives the four words of the block; its length is at least 4
 */
export function philox4x32(
  counter0: number,
  counter1: number,
  counter2: number,
  counter3: number,
  key0: number,
  key1: number,
  out: Uint32Array,
): void {
  let x0 = counter0 | 0;
  let x1 = counter1 | 0;
  let x2 = counter2 | 0;
  let x3 = counter3 | 0;
  let k0 = key0 | 0;
  let k1 = key1 | 0;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(multiplier0, x0);
    const low0 = Math.imul(multiplier0, x0);
    const high1 = multiplyHigh(multiplier1, x2);
    const low1 = Math.imul(multiplier1, x2);
    x0 = high1 ^ x1 ^ k0;
    x1 = low1;
    x2 = high0 ^ x3 ^ k1;
    x3 = low0;
    k0 = (k0 + increment0) | 0;
    k1 = (k1 + increment1) | 0;
  }
  out[0] = x0;
  out[1] = x1;
  out[2] = x2;
  out[3] = x3;
}
