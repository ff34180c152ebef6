/**
 * Notes are drawn with their probabilities, each by itself, and the same from the same place.
 */
import { describe, expect, it } from "vitest";
import { createNoteSampler } from "./note-sampling.js";

const draws = 4000;
const shares = (probabilities: readonly number[], options = {}): number[] => {
  const draw = createNoteSampler(options);
  const counts = probabilities.map(() => 0);
  for (let step = 0; step < draws; step++)
    for (const note of draw(probabilities, { seed: 1, sequence: 0, step })) counts[note]!++;
  return counts.map((n) => n / draws);
};
/** Four standard deviations of a share of so many draws. */
const tolerance = 4 * Math.sqrt(0.25 / draws);

describe("notes", () => {
  it("sound as often as they are probable; certain ones always, impossible ones never", () => {
    const probabilities = [0, 0.1, 0.5, 0.9, 1];
    shares(probabilities).forEach((share, i) => {
      expect(Math.abs(share - probabilities[i]!)).toBeLessThanOrEqual(i % 4 === 0 ? 0 : tolerance);
    });
  });

  it("at temperature T have the probability of z / T", () => {
    for (const temperature of [0.5, 2]) {
      const z = [-2, -0.5, 1];
      const found = shares(
        z.map((v) => 1 / (1 + Math.exp(-v))),
        { temperature },
      );
      found.forEach((share, i) => {
        const wanted = 1 / (1 + Math.exp(-z[i]! / temperature));
        expect(Math.abs(share - wanted)).toBeLessThanOrEqual(tolerance);
      });
    }
  });

  it("at temperature 0 are those that are more probable than not", () => {
    expect(
      createNoteSampler({ temperature: 0 })([0.4, 0.6, 0.5, 1], { seed: 1, sequence: 0, step: 0 }),
    ).toEqual([1, 3]);
  });

  it("are drawn independently of each other and of other steps", () => {
    const draw = createNoteSampler();
    let both = 0;
    let again = 0;
    let before = false;
    for (let step = 0; step < draws; step++) {
      const on = draw([0.5, 0.5], { seed: 1, sequence: 0, step });
      if (on.length === 2) both++;
      if (before && on.includes(0)) again++;
      before = on.includes(0);
    }
    for (const count of [both, again]) expect(Math.abs(count / draws - 0.25)).toBeLessThanOrEqual(tolerance);
  });

  it("no more than the most stay, the most probable ones, of equal ones the lower", () => {
    const draw = createNoteSampler({ most: 2 });
    expect(draw([1, 1, 1], { seed: 1, sequence: 0, step: 0 })).toEqual([0, 1]);
    for (let step = 0; step < 200; step++) {
      const on = draw([0.7, 0.8, 0.9], { seed: 2, sequence: 0, step });
      expect(on.length).toBeLessThanOrEqual(2);
    }
  });

  it("refuses what makes no sense", () => {
    expect(() => createNoteSampler({ temperature: -1 })).toThrow(
      "temperature is -1; it must be a number from 0",
    );
    expect(() => createNoteSampler({ most: 0 })).toThrow("most is 0; it must be a whole number from 1");
  });
});
