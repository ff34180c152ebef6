/**
 * Fields of plain data that was read from a file, against rows: the kinds are those of options, and an object has fields of its
 * own. What stands in a file may be anything, so that nothing is taken for what it is called.
 */
import { shown, spelled } from "./error.js";
import { fits, type ValueKind, wanted } from "./value.js";

/** What a field can be: a value of a kind, an object with fields, a list of such objects; perhaps null, perhaps absent. */
export type FieldRow = (
  | ValueKind
  | { readonly fields: Readonly<Record<string, FieldRow>> }
  | { readonly each: FieldRow }
  | { readonly entries: FieldRow }
) & {
  readonly orNull?: boolean;
  readonly optional?: boolean;
};

/** True for an object that is no list. */
export const isPlainObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * What is wrong with fields, as a sentence without its end: "step is "7"; it must be a whole number from 0". Undefined if nothing
 * is. Fields that have no row are left alone.
 *
 * @param name of the field that the value is; "" for the whole
 */
export function fieldProblem(value: unknown, row: FieldRow, name = ""): string | undefined {
  if (value === undefined) return row.optional ? undefined : `${name} is missing`;
  if (value === null && row.orNull) return undefined;
  const is = (what: string): string =>
    `${name === "" ? "it" : name} is ${spelled(shown(value))}; it must be ${what}${row.orNull ? ", or null" : ""}`;
  const inside = (key: string): string => (name === "" ? key : `${name}.${key}`);
  if ("each" in row) {
    if (!Array.isArray(value)) return is("a list");
    for (const [i, item] of value.entries()) {
      const problem = fieldProblem(item, row.each, `${name}[${i}]`);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
  if (!("fields" in row || "entries" in row)) return fits(value, row) ? undefined : is(wanted(row));
  if (!isPlainObject(value)) return is("an object");
  const fields =
    "fields" in row ? row.fields : Object.fromEntries(Object.keys(value).map((key) => [key, row.entries]));
  for (const [key, inner] of Object.entries(fields)) {
    const problem = fieldProblem(Object.hasOwn(value, key) ? value[key] : undefined, inner, inside(key));
    if (problem !== undefined) return problem;
  }
  return undefined;
}
