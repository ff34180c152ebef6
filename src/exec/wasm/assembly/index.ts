/**
 * The kernels' entry. Memory is imported; the driver lays out everything above `heapStart` and calls `run`
 * once per run of a plan. There is no AssemblyScript runtime: no allocation, no closures, no mutable globals.
 *
 * Kernels are exported too, so that they stay functions of their own: V8 tiers up function by function, and
 * with all of them inlined into the interpreter the first calls would wait for one large compilation.
 */
import { runRows } from "./interpreter";
import { address } from "./rows";
import { HEADER_PACKING, HEADER_STEPS } from "./table.generated";

export { elementwise } from "./elementwise";
export { columns, gather, scatterAdd } from "./gather";
export { apply, gradient } from "./gemm";
export { runLoop } from "./loops.generated";
export { tileColumn } from "./micro.generated";
export { pack } from "./pack";
export { random } from "./random";
export { reduce } from "./reduce";

/** First address behind the kernels' constants. */
export function heapStart(): usize {
  return __heap_base;
}

/** Runs a program: packs its parameters first if `repack`. */
export function run(header: usize, repack: i32): void {
  if (repack) runRows(address(header, HEADER_PACKING), header);
  runRows(address(header, HEADER_STEPS), header);
}
