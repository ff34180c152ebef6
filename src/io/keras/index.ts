/**
 * `unrolled/keras`: models of Keras (`.keras`, `.h5`) and of TensorFlow.js (model.json) as networks of ours, with what
 * a certificate compares them with.
 */
export { importKeras } from "./keras.js";
export { importTfjs } from "./tfjs.js";
export type { ReadShard } from "./tfjs-weights.js";
