/**
 * `unrolled/standalone`: a model as one module of JavaScript that needs nothing, this package included. Loading and
 * predicting do not load it.
 */
export { type StandaloneOptions, standaloneModule } from "./module.js";
export type { StandaloneWeights } from "./weights.js";
