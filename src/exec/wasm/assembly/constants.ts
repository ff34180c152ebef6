/**
 * Numbers in static memory, read with v128.load32_splat: a splat of a literal is materialised anew in
 * every turn of a loop by V8, twice as slow on Node 24. Never written.
 */

/** 1. */
export const ONE = memory.data<f32>([1]);
/** +∞. */
export const INFINITY = memory.data<f32>([Infinity]);
/** −∞. */
export const MINUS_INFINITY = memory.data<f32>([-Infinity]);
/** A row of zeros as wide as the widest tile: what products without a start start from. */
export const ZEROS = memory.data<f32>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);
/** Four masks of 16 bytes: the lanes below n mod 4, for n = 0 to 3. */
export const MASKS = memory.data<i32>([0, 0, 0, 0, -1, 0, 0, 0, -1, -1, 0, 0, -1, -1, -1, 0]);
