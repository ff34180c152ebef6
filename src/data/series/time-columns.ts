/**
 * Which columns of a table hold the times of its rows: one, or several of which a time is made.
 */
import { valueOf } from "../tables/number.js";
import { isTime } from "./time-forms.js";

/** Names by which a column of times is recognised, in upper or lower case. */
const timeNames: readonly string[] = [
  "date",
  "time",
  "datetime",
  "timestamp",
  "ds",
  "period",
  "year",
  "month",
  "week",
  "day",
  "hour",
  "index",
];

/** The parts of a time that may have columns of their own, the longest first, by their names in lower case. */
const units: readonly (readonly string[])[] = [
  ["year", "yr", "yyyy"],
  ["month", "mon", "mm"],
  ["day", "dd", "dayofmonth"],
  ["hour", "hr", "hh"],
  ["minute", "min"],
  ["second", "sec"],
];

/** A table as texts. */
interface Texts {
  readonly names: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** How many rows are looked at. */
const LOOKED = 20;

/**
 * The columns of times, in the order in which a time is made of them; none if there are none.
 *
 * @param told the name of a column, several names with commas between them, or "none"; default: detected
 * @param column the place of a column by its name; it throws if there is none
 */
export function timeColumns(
  table: Texts,
  told: string | undefined,
  column: (name: string, what: string) => number,
): readonly number[] {
  const { names } = table;
  if (told === undefined) return found(table);
  if (names.includes(told)) return [column(told, "the times")];
  if (told === "none") return [];
  return told.split(",").map((name) => column(name.trim(), "the times"));
}

function found({ names, rows }: Texts): readonly number[] {
  const first = rows.slice(0, LOOKED);
  const small = names.map((name) => name.toLowerCase());
  const parts = units.map((called) => small.findIndex((name) => called.includes(name)));
  const end = parts.indexOf(-1);
  const several = parts.slice(0, end < 0 ? parts.length : end);
  const isWhole = (at: number): boolean => first.every((row) => Number.isInteger(valueOf(row[at]!)));
  if (several.length > 1 && several.every(isWhole)) return several;
  const areTimes = (at: number, isDate: (text: string) => boolean): boolean =>
    first.every((row) => isTime(row[at]!) && isDate(row[at]!));
  const at = (called: string): number => small.indexOf(called);
  const isOfDay = (text: string): boolean => /^\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(text);
  const [date, time] = [at("date"), at("time")];
  if (date >= 0 && time >= 0 && areTimes(date, () => true) && first.every((row) => isOfDay(row[time]!)))
    return [date, time];
  const named = small.findIndex((name, i) => timeNames.includes(name) && areTimes(i, () => true));
  if (named >= 0) return [named];
  const dashed = names.findIndex((_, i) =>
    areTimes(i, (text) => /\d[-/.]\d/.test(text) && !/^\d+\.\d+$/.test(text)),
  );
  return dashed < 0 ? [] : [dashed];
}

/** The time of a row as text. @param columns see {@link timeColumns} */
export function timeTexts(
  columns: readonly number[],
  names: readonly string[],
  row: readonly string[],
): string {
  const texts = columns.map((at) => row[at]!);
  if (texts.length < 2) return texts[0] ?? "";
  const isOfUnits = columns.every(
    (at, i) => units[i]?.includes(names[at]!.toLowerCase()) || /^\d+$/.test(row[at]!),
  );
  if (!isOfUnits) return texts.join(" ");
  const two = (text: string): string => text.padStart(2, "0");
  const [year = "", month = "", day = "01", ...clock] = texts;
  const date = `${year}-${two(month)}-${two(day)}`;
  if (clock.length === 0) return date;
  const [hour = "0", minute = "0", second] = clock;
  return `${date} ${two(hour)}:${two(minute)}${second === undefined ? "" : `:${two(second)}`}`;
}
