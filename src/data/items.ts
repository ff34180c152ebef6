/** Lists of data that a caller hands over: each of its kind, or refused by its place before anything is read of it. */
import { shown, spelled } from "../options/error.js";
import { type ItemKind, isList, isObject, listProblem } from "../options/items.js";
import { DataError } from "./errors.js";

/** @param name what the list is called, for messages @throws DataError naming the first item of another kind */
export function requireItems(items: unknown, kind: ItemKind, name = "data"): void {
  const problem = listProblem(items, kind);
  if (problem === undefined) return;
  throw new DataError({ file: name, problem, remedy: `Each is ${kind.one}.` });
}

/** Sources. */
export const sourceItems: ItemKind = {
  what: "sources",
  one: "a source, as textSource() makes one",
  takes: (item) => isObject(item) && typeof item["name"] === "string" && typeof item["stream"] === "function",
};

/** Piano-rolls. */
export const rollItems: ItemKind = {
  what: "piano-rolls",
  one: "a roll: for each step the list of its notes",
  takes: (item) => Array.isArray(item) && item.every(isList),
};

/** Pieces of music. */
export const pieceItems: ItemKind = {
  what: "pieces",
  one: "a piece, as readMidi() gives one",
  takes: (item) => isObject(item) && Array.isArray(item["notes"]) && typeof item["ticksPerBeat"] === "number",
};

/** One thing of a kind, as an argument. @throws DataError if it is another */
export function requireOne(value: unknown, kind: ItemKind, what: string): void {
  if (kind.takes(value)) return;
  throw new DataError({
    file: "data",
    problem: `${what} was given ${spelled(shown(value))}`,
    remedy: `Give ${kind.one}.`,
  });
}
