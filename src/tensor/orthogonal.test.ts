/** Random orthogonal matrices: that they are orthogonal, of the right distribution, and the same bits however they are made. */
import { describe, expect, it } from "vitest";
import { fingerprint } from "./fingerprint.js";
import { canBeMade, MOST_SMALL, orthogonal } from "./orthogonal.js";
import { purposes, type RandomPlace } from "./random.js";
import { BLOCK, PANEL, placeIn, plainReflector, reflector } from "./reflect.js";

const place = (seed: number): RandomPlace => ({ seed, purpose: purposes.initialise, layer: 1, step: 2 });

function made(rows: number, columns: number, seed = 1) {
  const work = orthogonal(rows, columns, place(seed));
  const shares: number[] = [];
  for (;;) {
    const { done, value } = work.next();
    if (done) return { values: value, shares };
    shares.push(value);
  }
}

/** The largest difference of the products of all pairs of rows, or of columns if they are fewer, from those of a basis. */
function worst(values: ArrayLike<number>, rows: number, columns: number): number {
  const byRow = rows <= columns;
  const [count, length] = byRow ? [rows, columns] : [columns, rows];
  const at = (i: number, k: number): number => values[byRow ? i * columns + k : k * columns + i]!;
  let most = 0;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < length; k++) sum += at(i, k) * at(j, k);
      most = Math.max(most, Math.abs(sum - Number(i === j)));
    }
  }
  return most;
}

/** The sign of the determinant, by elimination. */
function sign(values: ArrayLike<number>, n: number): number {
  const rows = Array.from({ length: n }, (_, i) =>
    Float64Array.from({ length: n }, (_, k) => values[i * n + k]!),
  );
  let result = 1;
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k; i < n; i++) if (Math.abs(rows[i]![k]!) > Math.abs(rows[pivot]![k]!)) pivot = i;
    if (pivot !== k) {
      [rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
      result = -result;
    }
    const own = rows[k]!;
    if (own[k]! < 0) result = -result;
    for (let i = k + 1; i < n; i++) {
      const factor = rows[i]![k]! / own[k]!;
      for (let c = k; c < n; c++) rows[i]![c]! -= factor * own[c]!;
    }
  }
  return result;
}

describe("a random orthogonal matrix", () => {
  it.each([
    [12, 12],
    [5, 9],
    [9, 5],
    [256, 256],
    [257, 257],
    [300, 270],
    [261, 333],
  ])("of %i × %i is orthogonal", (rows, columns) => {
    // Small ones are made in float64. Large ones take some ten products in float32 one after another, each off by 2^-24 or less
    // of its length.
    const tolerance = Math.min(rows, columns) <= MOST_SMALL ? 1e-13 : 2 ** -20;
    const { values } = made(rows, columns);
    expect(values.length).toBe(rows * columns);
    expect(worst(values, rows, columns)).toBeLessThan(tolerance);
  });

  it("of many units has the moments of one that is as likely as any other", () => {
    const n = 320;
    const { values } = made(n, n);
    const moment = (power: number): number =>
      (values as Float32Array).reduce((sum: number, v: number) => sum + (v * Math.sqrt(n)) ** power, 0) /
      n ** 2;
    // Entries of a Haar matrix times √n have the variance 1 and the fourth moment 3 n / (n + 2). The means of n² of them scatter
    // by about 1/n and √96/n: four times that.
    expect(Math.abs(moment(1))).toBeLessThan(4 / n);
    expect(moment(2)).toBeCloseTo(1, 5);
    expect(Math.abs(moment(4) - (3 * n) / (n + 2))).toBeLessThan((4 * Math.sqrt(96)) / n);
    // The trace is normal with the variance 1, whatever the size (Diaconis and Shahshahani 1994).
    let trace = 0;
    for (let i = 0; i < n; i++) trace += values[i * n + i]!;
    expect(Math.abs(trace)).toBeLessThan(4);
  });

  it("has corner entries that are as often above as below 0, and determinants of both signs", () => {
    const n = 257;
    const corners = new Set<number>();
    const signs = new Set<number>();
    for (let seed = 1; seed <= 8; seed++) {
      const { values } = made(n, n, seed);
      for (const at of [0, n - 1, n * (n - 1), n * n - 1]) corners.add(Math.sign(values[at]!) * (1 + at));
      signs.add(sign(values, n));
    }
    // All of eight draws are alike with a chance of 1 in 128 each; these seeds are not.
    expect(corners.size).toBe(8);
    expect([...signs].sort()).toEqual([-1, 1]);
  });

  it("is the same bits on every machine, and others for every place", () => {
    const of = (rows: number, columns: number, seed = 1): string =>
      fingerprint([[made(rows, columns, seed).values]]);
    // Of sizes up to 256 these are the bits that all versions have had.
    expect([of(8, 8), of(6, 40), of(40, 6)]).toMatchInlineSnapshot(`
      [
        "02f799a6f2063dcd",
        "35390335fe0a1011",
        "2eb7b79981b58efd",
      ]
    `);
    expect([of(300, 300), of(300, 310), of(310, 300)]).toMatchInlineSnapshot(`
      [
        "d32e089aa94c2aed",
        "c1958a15691d9243",
        "f4258db565d7af4b",
      ]
    `);
    expect(of(300, 300, 2)).not.toBe(of(300, 300));
  });

  it("tells how far it is", () => {
    const { shares } = made(400, 400);
    expect(shares).toHaveLength(Math.ceil(400 / BLOCK));
    expect(shares.every((share, i) => share > (shares[i - 1] ?? 0))).toBe(true);
    expect(shares.at(-1)).toBe(1);
  });

  it("can be made up to some 32,000 units", () => {
    expect([canBeMade(4096, 4096), canBeMade(32_000, 32_000), canBeMade(40_000, 40_000)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(canBeMade(200, 1e7)).toBe(true);
  });
});

describe("products with reflections", () => {
  it("are the same bits in WebAssembly as their definition", () => {
    const rows = 70;
    const [v, q, w] = [0, 4 * BLOCK * rows, 4 * (BLOCK + PANEL) * rows];
    const bytes = w + 4 * BLOCK * PANEL;
    const both = [reflector(bytes), plainReflector(bytes)];
    for (const memory of both) {
      for (let i = 0; i < bytes / 4; i++) memory.floats[i] = Math.fround(((i * 7919) % 1009) / 1009 - 0.5);
      memory.project(v, q, w, rows);
      memory.subtract(v, w, q, rows);
    }
    const [fast, plain] = both.map(({ floats }) => floats.slice(0, bytes / 4));
    expect(fast).toEqual(plain);
    // And the definition is that of its words.
    const [p, c] = [17, 5];
    let sum = 0;
    const start = plainReflector(bytes).floats.map((_, k) => Math.fround(((k * 7919) % 1009) / 1009 - 0.5));
    for (let r = 0; r < rows; r++) sum += start[v / 4 + placeIn(r, p)]! * start[q / 4 + r * PANEL + c]!;
    // A sum of 71 products of numbers up to a half, in float32.
    expect(plain![w / 4 + p * PANEL + c]! - start[w / 4 + p * PANEL + c]!).toBeCloseTo(sum, 4);
  });
});
