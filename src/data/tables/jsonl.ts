/**
 * JSON lines: one JSON object per line; blank lines are skipped. Values are kept as they are; checking them is
 * up to the reader of a column.
 */
import { parseJsonText } from "../../io/json.js";
import { DataError } from "../errors.js";
import { lines, type Source } from "../source.js";

/** One line's object. */
export interface JsonRow {
  readonly line: number;
  readonly value: Readonly<Record<string, unknown>>;
}

/**
 * The objects of a .jsonl source.
 *
 * @throws DataError naming the line that is not JSON or not an object, or if the bytes are not text
 */
export async function* jsonlRows(source: Source): AsyncGenerator<JsonRow> {
  for await (const { number: line, text } of lines(source)) {
    if (text.trim() === "") continue;
    const fail = (problem: string) =>
      new DataError({
        file: source.name,
        line,
        problem,
        remedy: 'A .jsonl has one JSON object on each line: {"text": "…", "label": "…"}.',
      });
    const result = parseJsonText(text);
    if ("problem" in result) throw fail(result.problem);
    const { value } = result;
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw fail(`holds ${kindOf(value)} instead of an object`);
    }
    yield { line, value: value as Record<string, unknown> };
  }
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : `a ${typeof value}`;
}
