/** Portable logarithm and exponential beside the engine's own, and at the ends of what float64 holds. */
import { describe, expect, it } from "vitest";
import { portableExp, portableLog } from "./portable.js";

// The engine's own are right to one unit of the last place (2⁻⁵² relative), and ours are to two.
const near = 4 * 2 ** -52;

describe("portableLog", () => {
  it("agrees with Math.log from the smallest to the largest number", () => {
    for (let i = -1022; i < 1024; i += 7) {
      for (const m of [1, 1.0001, 1.25, Math.SQRT2, 1.41422, 1.7, 1.999999]) {
        const x = m * 2 ** i;
        const [mine, other] = [portableLog(x), Math.log(x)];
        expect(Math.abs(mine - other)).toBeLessThanOrEqual(near * Math.abs(other));
      }
    }
  });
  it("is exact where it can be, and says what is no logarithm", () => {
    expect(portableLog(1)).toBe(0);
    expect(portableLog(0)).toBe(Number.NEGATIVE_INFINITY);
    expect(portableLog(-1)).toBeNaN();
    expect(portableLog(Number.NaN)).toBeNaN();
    expect(portableLog(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("portableExp", () => {
  it("agrees with Math.exp over all of its range", () => {
    for (let x = -708; x <= 709; x += 0.37) {
      const [mine, other] = [portableExp(x), Math.exp(x)];
      expect(Math.abs(mine - other)).toBeLessThanOrEqual(near * other);
    }
    expect(portableExp(709.78)).toBeCloseTo(Math.exp(709.78), -300);
  });
  it("ends in 0 and in infinity", () => {
    expect(portableExp(0)).toBe(1);
    expect(portableExp(-1e9)).toBe(0);
    expect(portableExp(Number.NEGATIVE_INFINITY)).toBe(0);
    expect(portableExp(710)).toBe(Number.POSITIVE_INFINITY);
    expect(portableExp(Number.NaN)).toBeNaN();
  });
  it("undoes the logarithm", () => {
    for (let i = 1; i < 200; i++) expect(portableExp(portableLog(i / 7))).toBeCloseTo(i / 7, 12);
  });
});
