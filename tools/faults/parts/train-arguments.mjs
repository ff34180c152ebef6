// @ts-check
/**
 * The command that makes the run whose folder is then damaged: small, of the data and options that lie beside it.
 */

/** Arguments of the command line, without what each use adds. */
export const trainArguments = /** @type {const} */ ([
  "train",
  "classifier",
  "--train",
  "train.tsv",
  "--config",
  "good.json",
  "--out",
  "m.safetensors",
]);
