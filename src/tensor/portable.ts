/**
 * Logarithm and exponential with the same bits in every JavaScript engine: additions, multiplications and divisions alone,
 * which IEEE 754 fixes, where Math.log and Math.exp are the engine's own. For what decides a result, such as which token is
 * drawn; where a number is only shown, Math's are as good and faster.
 */

/** ln 2 in two parts, of which the first has so few digits that whole multiples of it are exact (fdlibm's). */
const ln2High = 0.6931471803691238;
const ln2Low = 1.9082149292705877e-10;

/** Created on first use: a module does no work when it is loaded. */
let buffer: DataView | undefined;
const view = (): DataView => {
  buffer ??= new DataView(new ArrayBuffer(8));
  return buffer;
};

/** 2ᵏ for whole k from −1022 to 1023. */
function powerOfTwo(k: number): number {
  const bits = view();
  bits.setUint32(0, (k + 1023) << 20);
  bits.setUint32(4, 0);
  return bits.getFloat64(0);
}

/**
 * ln x, wrong by at most 2 units of the last place. −∞ at 0, NaN below; numbers below 2⁻¹⁰²² count as 0.
 *
 * With x = 2ᵏ · m and m between √½ and √2: k ln 2 + 2 artanh((m − 1) / (m + 1)), by its series.
 */
export function portableLog(x: number): number {
  if (!(x >= 0)) return Number.NaN;
  if (x < 2.2250738585072014e-308) return Number.NEGATIVE_INFINITY;
  if (x === Number.POSITIVE_INFINITY) return x;
  const bits = view();
  bits.setFloat64(0, x);
  const high = bits.getUint32(0);
  bits.setUint32(0, (high & 0xfffff) | (1023 << 20));
  let k = (high >>> 20) - 1023;
  let m = bits.getFloat64(0);
  if (m > Math.SQRT2) [m, k] = [m / 2, k + 1];
  const f = (m - 1) / (m + 1);
  const square = f * f;
  let series = 0;
  for (let n = 23; n >= 3; n -= 2) series = square * (series + 1 / n);
  return k * ln2High + (2 * f + (2 * f * series + k * ln2Low));
}

/**
 * eˣ, wrong by at most 2 units of the last place. Results below 2⁻¹⁰²² are 0.
 *
 * With x = k ln 2 + r and |r| ≤ ½ ln 2: 2ᵏ times the series of eʳ.
 */
export function portableExp(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > 709.782712893384) return Number.POSITIVE_INFINITY;
  if (x < -708.3964185322641) return 0;
  const k = Math.round(x * Math.LOG2E);
  const r = x - k * ln2High - k * ln2Low;
  let series = 1;
  for (let n = 14; n >= 1; n--) series = 1 + (r / n) * series;
  // 2¹⁰²⁴ is no number, and twice 2¹⁰²³ may be one.
  return k > 1023 ? series * powerOfTwo(1023) * 2 : series * powerOfTwo(k);
}
