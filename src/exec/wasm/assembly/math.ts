/**
 * Elementary functions of four floats at once, and their tables of constants. Inlined into the loops,
 * where two of them run in lock step. NaN gives NaN; measured errors stand at each function.
 *
 * pmin(x, limit) is `limit < x ? limit : x`, so with x as the first operand it keeps NaN; min would too,
 * at seven instructions instead of one.
 */

// tanh x = x p(x²) / q(x²), numerator of degree 13 and denominator of degree 6 in x: the coefficients of
// Eigen (ptanh) and XLA. Beyond ±7.905 the quotient would pass 1.
const TANH = memory.data<f32>([
  7.90531110763549805, -7.90531110763549805, -2.76076847742355e-16, 2.00018790482477e-13,
  -8.60467152213735e-11, 5.12229709037114e-8, 1.48572235717979e-5, 6.37261928875436e-4, 4.89352455891786e-3,
  1.19825839466702e-6, 1.18534705686654e-4, 2.268434632439e-3, 4.89352518554385e-3, 0.5,
]);

/** tanh x; absolute error below 4e-7, exactly ±1 from ±8 on, odd bit for bit. */
// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  x = f32x4.pmax(f32x4.pmin(x, v128.load32_splat(TANH)), v128.load32_splat(TANH, 4));
  const y = f32x4.mul(x, x);
  let p = v128.load32_splat(TANH, 8);
  p = f32x4.add(f32x4.mul(p, y), v128.load32_splat(TANH, 12));
  p = f32x4.add(f32x4.mul(p, y), v128.load32_splat(TANH, 16));
  p = f32x4.add(f32x4.mul(p, y), v128.load32_splat(TANH, 20));
  p = f32x4.add(f32x4.mul(p, y), v128.load32_splat(TANH, 24));
  p = f32x4.add(f32x4.mul(p, y), v128.load32_splat(TANH, 28));
  p = f32x4.add(f32x4.mul(p, y), v128.load32_splat(TANH, 32));
  let q = v128.load32_splat(TANH, 36);
  q = f32x4.add(f32x4.mul(q, y), v128.load32_splat(TANH, 40));
  q = f32x4.add(f32x4.mul(q, y), v128.load32_splat(TANH, 44));
  q = f32x4.add(f32x4.mul(q, y), v128.load32_splat(TANH, 48));
  return f32x4.div(f32x4.mul(x, p), q);
}

/** 1 / (1 + e⁻ˣ) = ½ + ½ tanh(x/2); absolute error below 2.3e-7, exactly 0 and 1 from ∓16 on. */
// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  const half = v128.load32_splat(TANH, 52);
  return f32x4.add(half, f32x4.mul(half, tanh4(f32x4.mul(half, x))));
}

// erf x = x p(x²) / q(x²), numerator of degree 13 and denominator of degree 8 in x: the coefficients of Eigen and XLA.
const ERF = memory.data<f32>([
  3.832506856900711, -3.832506856900711, -2.72614225801306e-10, 2.77068142495902e-8, -2.10102402082508e-6,
  -5.69250639462346e-5, -7.34990630326855e-4, -2.95459980854025e-3, -1.60960333262415e-2,
  -1.45660718464996e-5, -2.13374055278905e-4, -1.68282697438203e-3, -7.37332916720468e-3,
  -1.42647390514189e-2,
]);

/** erf x; absolute error below 4e-7, odd bit for bit. */
// @ts-ignore: decorator
@inline
export function erf4(x: v128): v128 {
  x = f32x4.pmax(f32x4.pmin(x, v128.load32_splat(ERF)), v128.load32_splat(ERF, 4));
  const y = f32x4.mul(x, x);
  let p = v128.load32_splat(ERF, 8);
  p = f32x4.add(f32x4.mul(p, y), v128.load32_splat(ERF, 12));
  p = f32x4.add(f32x4.mul(p, y), v128.load32_splat(ERF, 16));
  p = f32x4.add(f32x4.mul(p, y), v128.load32_splat(ERF, 20));
  p = f32x4.add(f32x4.mul(p, y), v128.load32_splat(ERF, 24));
  p = f32x4.add(f32x4.mul(p, y), v128.load32_splat(ERF, 28));
  p = f32x4.add(f32x4.mul(p, y), v128.load32_splat(ERF, 32));
  let q = v128.load32_splat(ERF, 36);
  q = f32x4.add(f32x4.mul(q, y), v128.load32_splat(ERF, 40));
  q = f32x4.add(f32x4.mul(q, y), v128.load32_splat(ERF, 44));
  q = f32x4.add(f32x4.mul(q, y), v128.load32_splat(ERF, 48));
  q = f32x4.add(f32x4.mul(q, y), v128.load32_splat(ERF, 52));
  return f32x4.div(f32x4.mul(x, p), q);
}

// eˣ = 2ⁿ e^r with n = round(x / ln 2) and r = x − n ln 2, ln 2 in two parts (Cody and Waite); polynomial of
// Cephes (expf). Adding 1.5 · 2²³ rounds to an integer and leaves it in the low bits.
const EXP = memory.data<f32>([
  89, -104, 1.44269504088896341, 12582912, -0.693359375, 2.1219444e-4, 1.98756915e-4, 1.3981999507e-3,
  8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1, 1,
]);

/** eˣ; relative error below 9e-8, subnormal results and overflow to infinity included. */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  x = f32x4.pmax(f32x4.pmin(x, v128.load32_splat(EXP)), v128.load32_splat(EXP, 4));
  const magic = v128.load32_splat(EXP, 12);
  const shifted = f32x4.add(f32x4.mul(x, v128.load32_splat(EXP, 8)), magic);
  const n = f32x4.sub(shifted, magic);
  let r = f32x4.add(x, f32x4.mul(n, v128.load32_splat(EXP, 16)));
  r = f32x4.add(r, f32x4.mul(n, v128.load32_splat(EXP, 20)));
  let p = v128.load32_splat(EXP, 24);
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(EXP, 28));
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(EXP, 32));
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(EXP, 36));
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(EXP, 40));
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(EXP, 44));
  p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), v128.load32_splat(EXP, 48));
  // 2ⁿ in two factors: n reaches 128 and −150, which one exponent does not hold.
  const exponent = i32x4.sub(shifted, magic);
  const first = i32x4.shr_s(exponent, 1);
  const second = i32x4.sub(exponent, first);
  const one = v128.load32_splat(EXP, 48);
  p = f32x4.mul(p, i32x4.add(i32x4.shl(first, 23), one));
  return f32x4.mul(p, i32x4.add(i32x4.shl(second, 23), one));
}

// log x = n ln 2 + log m with m from √½ to √2; polynomial of Cephes (logf).
const LOG = memory.data<f32>([
  7.0376836292e-2,
  -1.151461031e-1,
  1.167699874e-1,
  -1.2420140846e-1,
  1.4249322787e-1,
  -1.6668057665e-1,
  2.0000714765e-1,
  -2.4999993993e-1,
  3.3333331174e-1,
  -2.1219444e-4,
  0.693359375,
  0.5,
  1,
  0.70710676908493042,
  1.17549435e-38,
  8388608,
  23,
  -Infinity,
  NaN,
  Infinity,
]);

/** log x of positive normal numbers, plus n ln 2 for an exponent that was taken out before. */
// @ts-ignore: decorator
@inline
function logNormal4(x: v128, n: v128): v128 {
  const root = v128.load32_splat(LOG, 52);
  const one = v128.load32_splat(LOG, 48);
  const above = i32x4.sub(x, root);
  const exponent = i32x4.shr_s(above, 23);
  n = f32x4.add(n, f32x4.convert_i32x4_s(exponent));
  const f = f32x4.sub(i32x4.sub(x, i32x4.shl(exponent, 23)), one);
  const z = f32x4.mul(f, f);
  let p = v128.load32_splat(LOG);
  p = f32x4.add(f32x4.mul(p, f), v128.load32_splat(LOG, 4));
  p = f32x4.add(f32x4.mul(p, f), v128.load32_splat(LOG, 8));
  p = f32x4.add(f32x4.mul(p, f), v128.load32_splat(LOG, 12));
  p = f32x4.add(f32x4.mul(p, f), v128.load32_splat(LOG, 16));
  p = f32x4.add(f32x4.mul(p, f), v128.load32_splat(LOG, 20));
  p = f32x4.add(f32x4.mul(p, f), v128.load32_splat(LOG, 24));
  p = f32x4.add(f32x4.mul(p, f), v128.load32_splat(LOG, 28));
  p = f32x4.add(f32x4.mul(p, f), v128.load32_splat(LOG, 32));
  p = f32x4.mul(f32x4.mul(p, f), z);
  p = f32x4.add(p, f32x4.mul(n, v128.load32_splat(LOG, 36)));
  p = f32x4.sub(p, f32x4.mul(z, v128.load32_splat(LOG, 44)));
  return f32x4.add(f32x4.add(f, p), f32x4.mul(n, v128.load32_splat(LOG, 40)));
}

/** log x; relative error below 8e-8 (subnormals too), log 0 = −∞, log of a negative number NaN. */
// @ts-ignore: decorator
@inline
export function log4(x: v128): v128 {
  const zero = f32x4.splat(0);
  const small = f32x4.lt(x, v128.load32_splat(LOG, 56));
  const scaled = v128.bitselect(f32x4.mul(x, v128.load32_splat(LOG, 60)), x, small);
  const n = f32x4.neg(v128.and(v128.load32_splat(LOG, 64), small));
  const value = logNormal4(scaled, n);
  // What is left is 0, negative, infinite or NaN; x itself is right for +∞ and NaN.
  const infinite = v128.bitselect(v128.load32_splat(LOG, 68), x, f32x4.eq(x, zero));
  const special = v128.bitselect(v128.load32_splat(LOG, 72), infinite, f32x4.lt(x, zero));
  const normal = v128.and(f32x4.gt(x, zero), f32x4.lt(x, v128.load32_splat(LOG, 76)));
  return v128.bitselect(value, special, normal);
}

/**
 * log(1 + eˣ) = max(x, 0) + log1p(e^−|x|); relative error below 1.8e-7. log1p(y) is log u + (y − (u − 1)) / u with
 * u = 1 + y rounded, which repairs what the rounding lost (and is y itself where u is 1).
 */
// @ts-ignore: decorator
@inline
export function softplus4(x: v128): v128 {
  const zero = f32x4.splat(0);
  const one = v128.load32_splat(LOG, 48);
  const y = exp4(f32x4.neg(f32x4.abs(x)));
  const u = f32x4.add(one, y);
  const lost = f32x4.div(f32x4.sub(y, f32x4.sub(u, one)), u);
  return f32x4.add(f32x4.pmax(x, zero), f32x4.add(logNormal4(u, zero), lost));
}
