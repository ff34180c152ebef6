/** Schedules against worked numbers, and what they remember. */
import { describe, expect, it } from "vitest";
import {
  constant,
  cosine,
  freshMemory,
  needsScores,
  observeScore,
  plateau,
  type Schedule,
  scheduleFactor,
  stepDecay,
  warmUp,
} from "./schedules.js";

const factors = (schedule: Schedule, steps: number | undefined, at: readonly number[]): number[] =>
  at.map((done) => scheduleFactor(schedule, { done, steps, memory: freshMemory }));

describe("the factor of the learning rate", () => {
  it("constant: always 1", () => expect(factors(constant(), 10, [0, 5, 100])).toEqual([1, 1, 1]));
  it("step: falls after every so many steps", () =>
    expect(factors(stepDecay({ every: 10, factor: 0.5 }), 100, [0, 9, 10, 19, 20, 35])).toEqual([
      1, 1, 0.5, 0.5, 0.25, 0.125,
    ]));
  it("cosine: half a wave down to what is left, exactly 1 at first, and the same as the cosine", () => {
    const found = factors(cosine({ to: 0.1 }), 100, [0, 25, 50, 75, 100, 120]);
    const wanted = [0, 0.25, 0.5, 0.75, 1, 1].map((x) => 0.1 + 0.45 * (1 + Math.cos(Math.PI * x)));
    // A power series to 1e-15 in place of Math.cos, whose bits differ between engines.
    found.forEach((value, i) => expect(value).toBeCloseTo(wanted[i]!, 13));
    expect(factors(cosine(), undefined, [5])).toEqual([1]);
  });
  it("warm-up: rises evenly to 1 and hands over to the next schedule, which then begins", () => {
    const schedule = warmUp({ steps: 4, next: cosine() });
    expect(factors(schedule, 14, [0, 1, 2, 3])).toEqual([0.25, 0.5, 0.75, 1]);
    expect(factors(schedule, 14, [4])[0]).toBeCloseTo(1, 13);
    expect(factors(schedule, 14, [9])[0]).toBeCloseTo(0.5, 13);
    expect(factors(schedule, 14, [14])[0]).toBeCloseTo(0, 13);
  });
  it("plateau: falls after so many validations without a better score, and remembers it as plain data", () => {
    const schedule = warmUp({ steps: 1, next: plateau({ patience: 2, factor: 0.1 }) });
    let memory = freshMemory;
    const seen = [0.5, 0.4, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6].map((score) => {
      memory = JSON.parse(JSON.stringify(observeScore(schedule, memory, score)));
      return scheduleFactor(schedule, { done: 5, steps: 100, memory });
    });
    [1, 1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.001].forEach((wanted, i) => expect(seen[i]).toBeCloseTo(wanted, 12));
    expect([needsScores(schedule), needsScores(warmUp({ steps: 3 }))]).toEqual([true, false]);
  });
});

it("options out of range are refused, and those that there are none of", () => {
  expect(() => stepDecay({ every: 0 })).toThrow("every is 0; it must be a whole number from 1 (stepDecay)");
  expect(() => stepDecay({ every: 1, factor: 2 })).toThrow("factor is 2; it must be a number from 0 to 1");
  expect(() => stepDecay({} as never)).toThrow("stepDecay needs every");
  expect(() => cosine({ to: -1 })).toThrow("to is -1");
  expect(() => warmUp({ steps: 1.5 })).toThrow("steps is 1.5");
  expect(() => warmUp({ steps: 1, after: cosine() } as never)).toThrow('warmUp has no option "after"');
  expect(() => plateau({ patience: 0 })).toThrow("patience is 0");
});
