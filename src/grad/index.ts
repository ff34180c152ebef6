/**
 * `unrolled/grad`: the derivation of backward equations from forward ones.
 */
export { type Backward, type ProductGradient, backward, valuesToKeep } from "./backward.js";
