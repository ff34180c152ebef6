/**
 * Floating-point numbers of 16 bits, from and to JavaScript's: IEEE half precision and bfloat16, one row each. Node 20
 * has no Float16Array. Rounding is to the nearest, of two equally near to the even one, once and from the exact number.
 */

/** A format: bits of the fraction, and the exponents of its smallest and largest normal numbers. */
export interface SmallFloat {
  readonly fraction: number;
  readonly least: number;
  readonly most: number;
}

/** 1 sign bit, 5 exponent bits, 10 fraction bits; the largest number is 65,504. */
export const half: SmallFloat = { fraction: 10, least: -14, most: 15 };

/** The upper half of a float32: 1 sign bit, 8 exponent bits, 7 fraction bits. */
export const brainFloat: SmallFloat = { fraction: 7, least: -126, most: 127 };

/** The number of 16 bits. */
export function fromBits({ fraction, least, most }: SmallFloat, bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits & 0x7fff) >> fraction;
  const part = bits & (2 ** fraction - 1);
  if (exponent === 0) return sign * part * 2 ** (least - fraction);
  if (exponent === most - least + 2) return part === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (2 ** fraction + part) * 2 ** (exponent - 1 + least - fraction);
}

/** The 16 bits of a number; what is too large becomes an infinity. */
export function toBits({ fraction, least, most }: SmallFloat, value: number): number {
  const infinity = (most - least + 2) << fraction;
  if (Number.isNaN(value)) return infinity | (1 << (fraction - 1));
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size < 2 ** least) return sign | roundHalfEven(size / 2 ** (least - fraction));
  const exponent = exponentOf(size);
  if (exponent > most) return sign | infinity;
  // A fraction that rounds up to 1 carries over into the exponent, and from the largest number into infinity.
  const part = roundHalfEven((size / 2 ** exponent - 1) * 2 ** fraction);
  return sign | (((exponent - least + 1) << fraction) + part);
}

/** The nearest whole number, of two equally near the even one. */
export function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const over = value - below;
  if (over !== 0.5) return over < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}

/** The whole number e with 2^e at most `size` and 2^(e+1) above it. Math.log2 may be off by a rounding error. */
function exponentOf(size: number): number {
  if (size === Number.POSITIVE_INFINITY) return size;
  const near = Math.floor(Math.log2(size));
  if (2 ** near > size) return near - 1;
  return 2 ** (near + 1) <= size ? near + 1 : near;
}
