/** Points in time against dates worked out by hand, and against the platform's own calendar in UTC. */
import { describe, expect, it } from "vitest";
import {
  formatTime,
  parseTime,
  seasonOf,
  stepsBetween,
  stepText,
  type TimeStep,
  timeAfter,
  timeParts,
} from "../index.js";
import { stepOf } from "./time.js";

const month: TimeStep = { unit: "month", count: 1 };
const seconds = (count: number): TimeStep => ({ unit: "second", count });

describe("a time", () => {
  it.each([
    ["1970", 0],
    ["1970-02", 31 * 86_400],
    ["1969-12-31", -86_400],
    ["2016-07-01 14:00", Date.UTC(2016, 6, 1, 14) / 1000],
    ["2016-07-01T14:00:30.250Z", Date.UTC(2016, 6, 1, 14, 0, 30, 250) / 1000],
    ["2016-07-01 14:00+02:00", Date.UTC(2016, 6, 1, 12) / 1000],
    ["2016-07-01T14:00-0330", Date.UTC(2016, 6, 1, 17, 30) / 1000],
    // Years of two digits are years, not those of the last century.
    ["0050-01-01", -60_589_296_000],
    ["2000-02-29", Date.UTC(2000, 1, 29) / 1000],
  ])("%s is %d seconds after 1970", (text, wanted) => {
    expect(parseTime(text)).toBe(wanted);
  });
  it.each([
    "",
    "1/2/2016",
    "2016-13",
    "2016-02-30",
    "1900-02-29",
    "2016-1-1",
    "2016-01-01 25:00",
    "12",
    "noon",
  ])("%j is none", (text) => {
    expect(parseTime(text)).toBeUndefined();
  });
  it("has parts: Thursday the first of January 1970", () => {
    expect(timeParts(0)).toEqual({ year: 1970, month: 1, day: 1, weekday: 3, secondOfDay: 0 });
    expect(timeParts(-1)).toEqual({ year: 1969, month: 12, day: 31, weekday: 2, secondOfDay: 86_399 });
  });
  it("is written with as much as its step can change", () => {
    const at = (text: string) => parseTime(text)!;
    expect(formatTime(at("1961-03"), month)).toBe("1961-03");
    expect(formatTime(at("1961-03-31"), month)).toBe("1961-03-31");
    expect(formatTime(at("1961-03-31"), seconds(86_400))).toBe("1961-03-31");
    expect(formatTime(at("1961-03-31"), seconds(3600))).toBe("1961-03-31 00:00");
    expect(formatTime(at("1961-03-31 12:30:05"), seconds(1))).toBe("1961-03-31 12:30:05");
  });
});

describe("a step", () => {
  const times = (...texts: string[]): number[] => texts.map((text) => parseTime(text)!);
  it.each([
    [["2016-01", "2016-02", "2016-03"], month],
    [["2016-01-31", "2016-02-29", "2016-03-31"], month],
    [["2016", "2017", "2018"], { unit: "month", count: 12 }],
    [["2016-01", "2016-04", "2016-07", "2017-01"], { unit: "month", count: 3 }],
    [["2016-01-01", "2016-01-02", "2016-01-04", "2016-01-05"], seconds(86_400)],
    [["2016-01-01 00:00", "2016-01-01 00:15", "2016-01-01 00:30"], seconds(900)],
    [["2016-01-01"], undefined],
  ] as const)("of %j is %j", (texts, step) => {
    expect(stepOf(times(...texts))).toEqual(step);
  });
  it("goes over the ends of months and back", () => {
    const [end] = times("2015-12-31") as [number];
    for (let n = 0; n < 30; n++) {
      const later = timeAfter(end, month, n);
      expect(stepsBetween(end, later, month)).toBe(n);
      expect(timeParts(later).month).toBe(((11 + n) % 12) + 1);
    }
    expect(stepsBetween(end, end + 86_400, month)).not.toBe(0);
  });
  it("says how it is called and what most likely repeats", () => {
    const cases: [TimeStep, string, number][] = [
      [month, "1 month", 12],
      [{ unit: "month", count: 3 }, "3 months", 4],
      [{ unit: "month", count: 12 }, "1 year", 1],
      [seconds(3600), "1 hour", 24],
      [seconds(60), "1 minute", 60],
      [seconds(900), "15 minutes", 96],
      [seconds(86_400), "1 day", 7],
      [seconds(7 * 86_400), "1 week", 52],
      [seconds(7), "7 seconds", 1],
    ];
    for (const [step, text, season] of cases)
      expect([stepText(step), seasonOf(step)]).toEqual([text, season]);
  });
});
