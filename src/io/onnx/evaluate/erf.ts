/**
 * The error function in float64: its series near zero, its continued fraction far from it (Abramowitz and Stegun 7.1.6, 7.1.14).
 */

/** 2/√π ∫₀ᶻ e^(−t²) dt, to about 1e-15. */
export function erf(z: number): number {
  const x = Math.abs(z);
  if (Number.isNaN(z)) return z;
  if (x > 6) return Math.sign(z);
  if (x < 2.5) {
    // e^(−x²) Σ 2ⁿ x^(2n+1) / (1·3·…·(2n+1)): all terms have one sign.
    let [term, sum] = [x, x];
    for (let n = 1; term > sum * 1e-17; n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return Math.sign(z) * (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
  }
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (x + fraction);
  return Math.sign(z) * (1 - Math.exp(-x * x) / (Math.sqrt(Math.PI) * (x + fraction)));
}
