/**
 * Times as tables write them: ISO 8601, and dates with the day or the month first, whose order only the whole column shows.
 */
import { parseZoned, type ZonedTime } from "./time.js";

/** In which order a column writes its dates. */
export type TimeForm = "year first" | "day first" | "month first";

const clock = String.raw`(?:[T ,]\s*(\d{1,2}):(\d{2})(?::(\d{2}(?:[.,]\d+)?))?\s?([AaPp][Mm])?\s?(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?`;
const shapes = () => ({
  dayOrMonth: new RegExp(String.raw`^(\d{1,2})([/.-])(\d{1,2})\2(\d{4})${clock}$`),
  year: new RegExp(String.raw`^(\d{4})[/.](\d{1,2})[/.](\d{1,2})${clock}$`),
  compact: /^((?:19|20)\d{2})(\d{2})(\d{2})$/,
});
let made: ReturnType<typeof shapes> | undefined;

/** A time in a form; undefined if it is none. */
export function timeIn(form: TimeForm, text: string): ZonedTime | undefined {
  const trimmed = text.trim();
  const iso = parseZoned(trimmed);
  if (iso) return iso;
  made ??= shapes();
  const parts = made.dayOrMonth.exec(trimmed);
  if (parts) {
    const [, a, , b, year, ...rest] = parts;
    if (form === "year first") return undefined;
    return form === "day first" ? isoOf([year, b, a], rest) : isoOf([year, a, b], rest);
  }
  const [, year, month, day, ...rest] = made.year.exec(trimmed) ?? made.compact.exec(trimmed) ?? [];
  return year === undefined ? undefined : isoOf([year, month, day], rest);
}

const two = (text = "0"): string => text.padStart(2, "0");

function isoOf(
  [year, month, day]: readonly (string | undefined)[],
  [hour, minute, second, half, zone = ""]: readonly (string | undefined)[],
): ZonedTime | undefined {
  const date = `${year}-${two(month)}-${two(day)}`;
  if (hour === undefined) return parseZoned(date);
  if (half !== undefined && (Number(hour) < 1 || Number(hour) > 12)) return undefined;
  const of12 = (Number(hour) % 12) + (half?.toLowerCase() === "pm" ? 12 : 0);
  const at = `${two(half === undefined ? hour : String(of12))}:${minute}`;
  return parseZoned(`${date} ${at}${second === undefined ? "" : `:${second}`}${zone}`);
}

/** Whether a text is a time in any form. */
export const isTime = (text: string): boolean =>
  (["day first", "month first"] as const).some((form) => timeIn(form, text) !== undefined);

/**
 * The form of a column: days above 12 show it, or points between the parts, which are written with the day first; or that only
 * one order rises or falls all the way, or goes in equal steps.
 *
 * @returns undefined if either order could be meant
 */
export function formOf(texts: readonly string[]): TimeForm | undefined {
  made ??= shapes();
  const { dayOrMonth } = made;
  const open = texts.filter((text) => dayOrMonth.test(text.trim()));
  // What is written in another way is named by the reader.
  if (2 * open.length <= texts.length) return "year first";
  const reads = (form: TimeForm): boolean => open.every((text) => timeIn(form, text) !== undefined);
  const [day, month] = [reads("day first"), reads("month first")];
  if (day !== month) return day ? "day first" : "month first";
  if (!day || open.every((text) => text.includes("."))) return "day first";
  const times = (form: TimeForm): number[] => texts.map((text) => timeIn(form, text)?.seconds ?? Number.NaN);
  const tests: readonly ((times: readonly number[]) => boolean)[] = [isMonotone, isEven];
  for (const test of tests) {
    const [asDay, asMonth] = [test(times("day first")), test(times("month first"))];
    if (asDay !== asMonth) return asDay ? "day first" : "month first";
  }
  return undefined;
}

const differences = (times: readonly number[]): number[] => times.slice(1).map((time, i) => time - times[i]!);

const isMonotone = (times: readonly number[]): boolean => {
  const steps = differences(times);
  return steps.every((step) => step > 0) || steps.every((step) => step < 0);
};

const isEven = (times: readonly number[]): boolean => new Set(differences(times)).size === 1;
