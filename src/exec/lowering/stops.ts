/**
 * A run that stops on its way: the table is run in parts, each of some top-level steps. While a part runs, the threads'
 * headers name its first row, and the row behind its last one is an end. A run without stops knows nothing of this.
 */
import type { Machine } from "./machine.js";
import type { Headers } from "./slots.js";
import * as t from "./table.js";

/** Where a program's table lies. */
export interface PlacedTable {
  readonly headers: Headers;
  /** Address of the first row of every top-level step, and of the end behind the last one. */
  readonly rows: readonly number[];
}

/**
 * Runs the steps from `from` up to the one before `to`.
 *
 * @param run runs the table, as its headers have it
 */
export function runPart(
  machine: Machine,
  { headers, rows }: PlacedTable,
  { from, to, run }: { readonly from: number; readonly to: number; readonly run: () => void },
): void {
  const behind = rows[to]! / 4 + t.ROW_KIND;
  const kind = machine.memory.ints[behind]!;
  beginAt(machine, headers, rows[from]!);
  machine.memory.ints[behind] = t.END;
  try {
    run();
  } finally {
    machine.memory.ints[behind] = kind;
    beginAt(machine, headers, rows[0]!);
  }
}

/** Tells all threads the row with which they begin. */
function beginAt({ memory: { ints } }: Machine, { address, stride, threads }: Headers, row: number): void {
  for (let thread = 0; thread < threads; thread++)
    ints[(address + thread * stride) / 4 + t.HEADER_STEPS] = row;
}
