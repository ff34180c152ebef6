/**
 * The rows of all generators, by what they read and write: those of a unit's own options, and beside them the others', so
 * that an option of texts is refused for music by what it is for.
 */
import type { OptionRow, OptionTable } from "../../options/index.js";
import { eventRows } from "./events/options.js";
import { noteRows } from "./notes/options.js";
import { textRows } from "./text/options.js";
import { type TextUnit, textUnits } from "./text/tokens.js";

/** What a generator reads and writes: text by character, word or subword, piano-rolls by note, performances by event. */
export type GeneratorUnit = TextUnit | "note" | "event";

const music: Readonly<Record<string, OptionTable>> = { note: noteRows, event: eventRows };

/** The units. */
export const generatorUnits: readonly string[] = [...textUnits, ...Object.keys(music)];

/** The rows of a unit's own options. */
export const ownRows = (unit: string): OptionTable => music[unit] ?? textRows;

/** The rows of a unit. */
export function generatorRows(unit: string): OptionTable {
  const others = new Map<string, OptionRow>();
  for (const other of generatorUnits)
    for (const [key, row] of Object.entries(ownRows(other))) {
      const units = (others.get(key)?.needs?.["unit"] as readonly string[] | undefined) ?? [];
      const { by, defaults, required, ...rest } = row;
      others.set(key, { ...rest, needs: { unit: [...units, other] } });
    }
  return { ...Object.fromEntries(others), ...ownRows(unit) };
}
