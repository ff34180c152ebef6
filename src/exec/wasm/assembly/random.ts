/**
 * Philox4x32-10 (Salmon et al. 2011) with the key and counter of src/tensor/random.ts: uniform numbers that
 * are a function of their place. Four blocks at once, one per lane; integer arithmetic, so all bits are those
 * of TypeScript.
 */
import { copyFloats } from "./pack";
import { address, field, scratchOf, viewStart, viewStride } from "./rows";
import {
  RANDOM_HAS_TIME,
  RANDOM_INTO,
  RANDOM_KEY,
  RANDOM_SCRATCH,
  RANDOM_SEED,
  RANDOM_SEQUENCE,
  RANDOM_STEP,
  RANDOM_TIME,
  RANDOM_WIDTH,
} from "./table.generated";

/** Multipliers and key increments of Philox4x32; the four first lanes; 2⁻²⁴. */
const MULTIPLIERS = memory.data<u32>([0xd2511f53, 0xcd9e8d57]);
const LANES = memory.data<i32>([0, 1, 2, 3]);
const SCALE = memory.data<f32>([5.9604644775390625e-8]);

/** Runs a RANDOM row for `rows` rows from row `first` on: exactly `width` floats of each are written. */
export function random(row: usize, header: usize, first: i32, rows: i32): void {
  const width = field(row, RANDOM_WIDTH);
  const seed = load<i32>(address(row, RANDOM_SEED));
  const step = load<i32>(address(row, RANDOM_STEP));
  const own = scratchOf(header) + address(row, RANDOM_SCRATCH);
  let into = viewStart(row, header, RANDOM_INTO) + <usize>first * viewStride(row, RANDOM_INTO);
  let sequence = viewStart(row, header, RANDOM_SEQUENCE) + ((<usize>first) << 2);
  let times = viewStart(row, header, RANDOM_TIME) + ((<usize>first) << 2);
  for (; rows > 0; rows--) {
    const time = field(row, RANDOM_HAS_TIME) ? load<i32>(times) : 0;
    for (let f = 0; f < width; f += 16) {
      const here = into + ((<usize>f) << 2);
      const whole = width - f >= 16;
      blocks(f >> 2, time, load<i32>(sequence), step, seed, field(row, RANDOM_KEY), whole ? here : own);
      if (!whole) copyFloats(own, here, width - f);
    }
    into += viewStride(row, RANDOM_INTO);
    sequence += 4;
    times += 4;
  }
}

/** The upper halves of the lanes' 64-bit products, from the products of lanes 0, 1 and of lanes 2, 3. */
// @ts-ignore: decorator
@inline
function upper(low: v128, high: v128): v128 {
  return i32x4.shuffle(low, high, 1, 3, 5, 7);
}

/** The lower halves. */
// @ts-ignore: decorator
@inline
function lower(low: v128, high: v128): v128 {
  return i32x4.shuffle(low, high, 0, 2, 4, 6);
}

/** Sixteen uniform numbers at `into`: the words of blocks `first` to `first + 3`. */
function blocks(first: i32, time: i32, sequence: i32, step: i32, key0: i32, key1: i32, into: usize): void {
  const m0 = v128.load32_splat(MULTIPLIERS);
  const m1 = v128.load32_splat(MULTIPLIERS, 4);
  let x0 = i32x4.add(i32x4.splat(first), v128.load(LANES));
  let x1 = i32x4.splat(time);
  let x2 = i32x4.splat(sequence);
  let x3 = i32x4.splat(step);
  for (let round = 0; round < 10; round++) {
    const low0 = i64x2.extmul_low_i32x4_u(x0, m0);
    const high0 = i64x2.extmul_high_i32x4_u(x0, m0);
    const low1 = i64x2.extmul_low_i32x4_u(x2, m1);
    const high1 = i64x2.extmul_high_i32x4_u(x2, m1);
    x0 = v128.xor(v128.xor(upper(low1, high1), x1), i32x4.splat(key0));
    x2 = v128.xor(v128.xor(upper(low0, high0), x3), i32x4.splat(key1));
    x1 = lower(low1, high1);
    x3 = lower(low0, high0);
    key0 += 0x9e3779b9;
    key1 += 0xbb67ae85;
  }
  const a = uniform(x0);
  const b = uniform(x1);
  const c = uniform(x2);
  const d = uniform(x3);
  // Lane q of a, b, c, d are the four elements of block first + q.
  const ab = i32x4.shuffle(a, b, 0, 4, 1, 5);
  const cd = i32x4.shuffle(c, d, 0, 4, 1, 5);
  const ab2 = i32x4.shuffle(a, b, 2, 6, 3, 7);
  const cd2 = i32x4.shuffle(c, d, 2, 6, 3, 7);
  v128.store(into, i64x2.shuffle(ab, cd, 0, 2));
  v128.store(into, i64x2.shuffle(ab, cd, 1, 3), 16);
  v128.store(into, i64x2.shuffle(ab2, cd2, 0, 2), 32);
  v128.store(into, i64x2.shuffle(ab2, cd2, 1, 3), 48);
}

/** (word >>> 8) · 2⁻²⁴: 24 bits, so both the conversion and the product are exact. */
function uniform(words: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(words, 8)), v128.load32_splat(SCALE));
}
