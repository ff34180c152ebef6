/**
 * `unrolled/tasks/help`: the options of all tasks, as rows and in words, for what is made of them: command lines, forms,
 * documentation. It is no part of what a browser needs to train or predict.
 */

export { classifierOptions } from "./classifier.js";
export { forecasterOptions } from "./forecaster.js";
export { generatorOptions, optionsOfUnit } from "./generator.js";
export {
  type DefaultStyle,
  defaultText,
  type HelpFor,
  type OptionGroup,
  type OptionHelp,
  type OptionsOfTask,
} from "./help.js";
export { taggerOptions } from "./tagger.js";
export { trainingOptions } from "./training.js";
export { translatorOptions } from "./translator.js";
