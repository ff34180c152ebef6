/**
 * `unrolled/keras`: models of Keras (`.keras`, `.h5`) and of TensorFlow.js (model.json) as networks of ours, with what
 * a certificate compares them with.
 */
export { importKeras, type KerasOptions } from "./keras.js";
export { importTfjs, type TfjsOptions } from "./tfjs.js";
export type { ReadShard } from "./tfjs-weights.js";
