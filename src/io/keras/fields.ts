/** Reading JSON that someone else wrote: every value is asked for with its type, and what is wrong is said with its place. */
import { FileFormatError } from "../errors.js";
import { parseJsonText } from "../json.js";
import type { Json } from "./source.js";

/** Reads one object. Its methods throw a FileFormatError that names the key. */
export interface Fields {
  readonly json: Json;
  /** The file it is in. */
  readonly file: string;
  /** A whole number, 1 or more. */
  size(key: string): number;
  /** A number; `absent` where there is none or null. */
  number(key: string, absent: number): number;
  /** True or false; `absent` where there is none or null. */
  flag(key: string, absent: boolean): boolean;
  text(key: string): string;
  object(key: string): Json;
  list(key: string): readonly unknown[];
}

/** True for a JSON object. */
export function isObject(value: unknown): value is Json {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/**
 * Fields of a JSON object.
 *
 * @param at the file, and the place in it for messages: "layer lstm (LSTM)"
 * @throws FileFormatError if it is no object
 */
export function fieldsOf(value: unknown, at: { readonly file: string; readonly where: string }): Fields {
  const fail = (problem: string): FileFormatError =>
    new FileFormatError({ ...at, problem, remedy: "Save the model again with the tool that made it." });
  if (!isObject(value)) throw fail(`is ${shown(value)}, not an object`);
  const get = (key: string): unknown => (Object.hasOwn(value, key) ? value[key] : undefined);
  const must = <T>(key: string, is: (found: unknown) => found is T, what: string): T => {
    const found = get(key);
    if (is(found)) return found;
    throw fail(found === undefined ? `has no ${key}` : `has the ${key} ${shown(found)}, not ${what}`);
  };
  const or = <T>(key: string, absent: T, read: () => T): T => ((get(key) ?? null) === null ? absent : read());
  return {
    json: value,
    file: at.file,
    size: (key) => must(key, isSize, "a whole number from 1"),
    number: (key, absent) => or(key, absent, () => must(key, isNumber, "a number")),
    flag: (key, absent) => or(key, absent, () => must(key, isFlag, "true or false")),
    text: (key) => must(key, isText, "a text"),
    object: (key) => must(key, isObject, "an object"),
    list: (key) => must(key, isList, "a list"),
  };
}

const isSize = (v: unknown): v is number => typeof v === "number" && Number.isSafeInteger(v) && v >= 1;
const isNumber = (v: unknown): v is number => typeof v === "number" && Number.isFinite(v);
const isFlag = (v: unknown): v is boolean => typeof v === "boolean";
const isText = (v: unknown): v is string => typeof v === "string";
const isList = (v: unknown): v is readonly unknown[] => Array.isArray(v);

/** A value in a message: short, whatever it is. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** Parses JSON. @throws FileFormatError if it is none */
export function parseJson(text: string, at: { readonly file: string; readonly where: string }): unknown {
  const result = parseJsonText(text);
  if ("value" in result) return result.value;
  const problem = result.problem.replace(/ \(.*\)$/s, "");
  throw new FileFormatError({ ...at, problem, remedy: "Save the model again." });
}
