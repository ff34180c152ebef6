/**
 * Numbers about music on pieces small enough to count by hand, and the baselines against their formulas.
 */
import { describe, expect, it } from "vitest";
import { musicBaselines } from "./baselines.js";
import { musicDistance, musicStatistics } from "./statistics.js";

describe("statistics", () => {
  it("of two pieces, counted by hand", () => {
    // C E, C E, (silence), C F  and, in F# major, F# alone.
    const found = musicStatistics([[[60, 64], [60, 64], [], [60, 65]], [[66]]]);
    expect(found).toMatchObject({ pieces: 2, steps: 5, sounding: 4 / 5, chordSize: 7 / 4, inKey: 1 });
    expect(found.pitchClasses).toEqual([3 / 7, 0, 0, 0, 2 / 7, 1 / 7, 1 / 7, 0, 0, 0, 0, 0]);
    // Of the four notes that have a step before, two sound in it; of three steps with one before, one is the same.
    expect(found.held).toBe(2 / 4);
    expect(found.repeated).toBe(1 / 3);
  });

  it("a chromatic run is in no key: seven of twelve notes", () => {
    expect(musicStatistics([Array.from({ length: 12 }, (_, i) => [60 + i])]).inKey).toBe(7 / 12);
  });

  it("of nothing are zeros, and far from music", () => {
    expect(musicStatistics([])).toMatchObject({ steps: 0, sounding: 0, chordSize: 0, inKey: 0 });
    const [some, none] = [musicStatistics([[[60], [62]]]), musicStatistics([[[], []]])];
    expect(musicDistance(some, some)).toEqual({
      sounding: 0,
      chordSize: 0,
      inKey: 0,
      held: 0,
      repeated: 0,
      pitchClasses: 0,
    });
    expect(musicDistance(some, none)).toMatchObject({
      sounding: 1,
      chordSize: 1,
      pitchClasses: 0.5,
      repeated: 1,
    });
  });
});

describe("baselines", () => {
  it("are the likelihoods of their formulas", () => {
    const train = [[[60], [60], [60], []]];
    const { frequencies, lastStep } = musicBaselines(train, [[[60], [60], []]]);
    // Note 60 sounds in 2 of 3 predicted steps, always after itself; the other 87 in none.
    const others = -87 * Math.log(1 - 1 / 5);
    expect(frequencies.nllPerStep).toBeCloseTo((-Math.log(3 / 5) - Math.log(2 / 5)) / 2 + others, 12);
    expect(lastStep.nllPerStep).toBeCloseTo((-Math.log(3 / 5) - Math.log(2 / 5)) / 2 + others, 12);
    expect(lastStep.interval.low).toBeCloseTo(lastStep.nllPerStep, 12);
  });

  it("the step before tells more than frequencies where notes are held", () => {
    const roll = Array.from({ length: 40 }, (_, t) => [t % 20 < 10 ? 60 : 72]);
    const { frequencies, lastStep } = musicBaselines([roll], [roll]);
    expect(lastStep.nllPerStep).toBeLessThan(frequencies.nllPerStep - 0.5);
  });

  it("need a step to judge by", () => {
    expect(() => musicBaselines([], [[[60]]])).toThrow("no piece has a step after its first");
  });
});
