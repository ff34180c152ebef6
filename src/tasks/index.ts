/**
 * `unrolled/tasks`: what people come for, each with the verbs train, evaluate, predict, save and load.
 */

export { type Baseline, majorityBaseline, naiveBayesBaseline } from "./baselines.js";
export {
  type Classification,
  type Classifier,
  type ClassifierEvaluation,
  type ClassifierOptions,
  classifier,
} from "./classifier.js";
