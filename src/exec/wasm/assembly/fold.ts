/**
 * Folds of a run of `n >= 1` floats that lie one after another. The order depends on `n` alone. Lanes behind
 * the run are read (up to three floats, inside the buffer's allocation) and masked out.
 */
import { MASKS, MINUS_INFINITY } from "./constants";
import { exp4, log4 } from "./math";

/** All bits set in the lanes below n mod 4. */
function laneMask(n: i32): v128 {
  return v128.load(MASKS + ((<usize>n & 3) << 4));
}

/** Lane 0 + lane 1 + lane 2 + lane 3, in pairs. */
function sumLanes(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) +
    f32x4.extract_lane(v, 1) +
    (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}

/** The sum, in eight partial sums of float32. */
export function sumRun(p: usize, n: i32): f32 {
  let even = f32x4.splat(0);
  let odd = f32x4.splat(0);
  for (; n >= 8; n -= 8) {
    even = f32x4.add(even, v128.load(p));
    odd = f32x4.add(odd, v128.load(p, 16));
    p += 32;
  }
  if (n >= 4) {
    even = f32x4.add(even, v128.load(p));
    p += 16;
  }
  if (n & 3) odd = f32x4.add(odd, v128.and(v128.load(p), laneMask(n)));
  return sumLanes(f32x4.add(even, odd));
}

/** The sum, or the sum of squares, in four partial sums of float64. */
export function sumRun64(p: usize, n: i32, squares: bool): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (; n > 0; n -= 4) {
    let x = v128.load(p);
    if (n < 4) x = v128.and(x, laneMask(n));
    const a = f64x2.promote_low_f32x4(x);
    const b = f64x2.promote_low_f32x4(i64x2.shuffle(x, x, 1, 1));
    low = f64x2.add(low, squares ? f64x2.mul(a, a) : a);
    high = f64x2.add(high, squares ? f64x2.mul(b, b) : b);
    p += 16;
  }
  const sum = f64x2.add(low, high);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** The largest; NaN if one is NaN. */
export function maxRun(p: usize, n: i32): f32 {
  const lowest = v128.load32_splat(MINUS_INFINITY);
  let best = lowest;
  for (; n >= 4; n -= 4) {
    best = f32x4.max(best, v128.load(p));
    p += 16;
  }
  if (n) best = f32x4.max(best, v128.bitselect(v128.load(p), lowest, laneMask(n)));
  return max(
    max(f32x4.extract_lane(best, 0), f32x4.extract_lane(best, 1)),
    max(f32x4.extract_lane(best, 2), f32x4.extract_lane(best, 3)),
  );
}

/** Place of the first of the largest: what `x > best` finds, so that a NaN wins only in the first place. */
export function argmaxRun(p: usize, n: i32): i32 {
  let best = load<f32>(p);
  let place = 0;
  for (let i = 1; i < n; i++) {
    const x = load<f32>(p + ((<usize>i) << 2));
    if (x > best) {
      best = x;
      place = i;
    }
  }
  return place;
}

/** log Σ eˣ, by way of the largest. */
export function logSumExpRun(p: usize, n: i32): f32 {
  const largest = maxRun(p, n);
  if (largest == -Infinity) return largest;
  const shift = f32x4.splat(largest);
  let sum = f32x4.splat(0);
  for (; n > 0; n -= 4) {
    let e = exp4(f32x4.sub(v128.load(p), shift));
    if (n < 4) e = v128.and(e, laneMask(n));
    sum = f32x4.add(sum, e);
    p += 16;
  }
  return largest + f32x4.extract_lane(log4(f32x4.splat(sumLanes(sum))), 0);
}
