/** Check my backward: somebody's own gradients of a cell against the derived ones. */
export type { CaseSizes, GradientCase, Over, ValuesOver } from "./case.js";
export {
  checkGradients,
  type GradientCheck,
  type GradientCheckOptions,
  gradientCase,
  gradientMistakes,
  gradientTerms,
  type TermCheck,
} from "./check.js";
export type { GivenTerms } from "./own-terms.js";
export { printGradientCheck } from "./report.js";
export type { FoundMistake } from "./search.js";
export type { Numbers } from "./shape-mistakes.js";
