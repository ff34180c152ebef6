/**
 * Ridge regression in closed form (Hoerl and Kennard 1970): from vectors of one width to vectors of another, by the normal
 * equations in float64. The forecaster's linear baseline, and where its shortcut starts. It uses only sums, products, quotients
 * and square roots, so that every engine computes the same bits.
 */

/** A linear map: y = w x + b. */
export interface LinearMap {
  readonly inputs: number;
  readonly outputs: number;
  /** Row-major: outputs × inputs. */
  readonly weights: Float64Array;
  readonly bias: Float64Array;
}

/** Sums over pairs of vectors, from which maps of any strength can be computed. */
export interface RidgeSums {
  /** Adds a pair. */
  add(x: ArrayLike<number>, y: ArrayLike<number>): void;
  /** Number of pairs. */
  readonly count: number;
  /**
   * The map that minimises Σ |y − w x − b|² + λ |w|², λ being `strength` times the mean of the inputs' squared sizes.
   *
   * @param strength above 0
   */
  solve(strength: number): LinearMap;
}

/** Empty sums. */
export function ridgeSums(inputs: number, outputs: number): RidgeSums {
  const squares = new Float64Array(inputs * inputs);
  const products = new Float64Array(inputs * outputs);
  const [sumX, sumY] = [new Float64Array(inputs), new Float64Array(outputs)];
  let count = 0;
  return {
    get count() {
      return count;
    },
    add(x, y) {
      count++;
      for (let j = 0; j < outputs; j++) sumY[j]! += y[j]!;
      for (let i = 0; i < inputs; i++) {
        const v = x[i]!;
        sumX[i]! += v;
        if (v === 0) continue;
        const [row, right] = [i * inputs, i * outputs];
        for (let k = 0; k <= i; k++) squares[row + k]! += v * x[k]!;
        for (let j = 0; j < outputs; j++) products[right + j]! += v * y[j]!;
      }
    },
    solve(strength) {
      const n = Math.max(1, count);
      const centred = new Float64Array(inputs * inputs);
      let trace = 0;
      for (let i = 0; i < inputs; i++) {
        for (let k = 0; k <= i; k++)
          centred[i * inputs + k] = squares[i * inputs + k]! - (sumX[i]! * sumX[k]!) / n;
        trace += centred[i * inputs + i]!;
      }
      const lambda = strength * Math.max(trace / inputs, 1e-12 * n);
      for (let i = 0; i < inputs; i++) centred[i * inputs + i]! += lambda;
      const right = products.map((v, at) => v - (sumX[Math.floor(at / outputs)]! * sumY[at % outputs]!) / n);
      solveInPlace(centred, right, inputs, outputs);
      const weights = new Float64Array(outputs * inputs);
      const bias = new Float64Array(outputs);
      for (let j = 0; j < outputs; j++) {
        let sum = sumY[j]! / n;
        for (let i = 0; i < inputs; i++) {
          const w = right[i * outputs + j]!;
          weights[j * inputs + i] = w;
          sum -= (w * sumX[i]!) / n;
        }
        bias[j] = sum;
      }
      return { inputs, outputs, weights, bias };
    },
  };
}

/** y = w x + b. */
export function applyMap({ inputs, outputs, weights, bias }: LinearMap, x: ArrayLike<number>): Float64Array {
  const y = new Float64Array(outputs);
  for (let j = 0; j < outputs; j++) {
    let sum = bias[j]!;
    for (let i = 0; i < inputs; i++) sum += weights[j * inputs + i]! * x[i]!;
    y[j] = sum;
  }
  return y;
}

/**
 * Solves a z = b for a symmetric positive matrix, of which the lower half is given, by Cholesky's method. Both are
 * overwritten, b (n × m) with z.
 */
function solveInPlace(a: Float64Array, b: Float64Array, n: number, m: number): void {
  for (let i = 0; i < n; i++) {
    for (let k = 0; k <= i; k++) {
      let sum = a[i * n + k]!;
      for (let p = 0; p < k; p++) sum -= a[i * n + p]! * a[k * n + p]!;
      a[i * n + k] = i === k ? Math.sqrt(Math.max(sum, Number.MIN_VALUE)) : sum / a[k * n + k]!;
    }
  }
  for (let i = 0; i < n; i++) {
    for (let p = 0; p < i; p++) subtractRow(b, { from: p, to: i, m }, a[i * n + p]!);
    for (let j = 0; j < m; j++) b[i * m + j]! /= a[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let p = i + 1; p < n; p++) subtractRow(b, { from: p, to: i, m }, a[p * n + i]!);
    for (let j = 0; j < m; j++) b[i * m + j]! /= a[i * n + i]!;
  }
}

function subtractRow(
  b: Float64Array,
  { from, to, m }: { readonly from: number; readonly to: number; readonly m: number },
  factor: number,
): void {
  for (let j = 0; j < m; j++) b[to * m + j]! -= factor * b[from * m + j]!;
}
