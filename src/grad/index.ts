/**
 * `unrolled/grad`: the derivation of backward equations from forward ones, and how they are printed.
 */
export { type Backward, backward, type ProductGradient, valuesToKeep } from "./backward.js";
export { printBackward } from "./print.js";
