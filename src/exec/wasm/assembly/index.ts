/**
 * The kernels' entry. Memory is imported; the driver lays out everything above `heapStart` and calls `run`
 * once per run of a plan. There is no AssemblyScript runtime: no allocation, no closures, no mutable globals.
 */
import { runRows } from "./interpreter";
import { address } from "./rows";
import { HEADER_PACKING, HEADER_STEPS } from "./table.generated";

/** First address behind the kernels' constants. */
export function heapStart(): usize {
  return __heap_base;
}

/** Runs a program: packs its parameters first if `repack`. */
export function run(header: usize, repack: i32): void {
  if (repack) runRows(address(header, HEADER_PACKING), header);
  runRows(address(header, HEADER_STEPS), header);
}
