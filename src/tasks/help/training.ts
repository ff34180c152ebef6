/**
 * What is said about the options of training, which all tasks share.
 */
import { trainingRows } from "../shared/options.js";
import type { HelpFor, OptionsOfTask } from "./help.js";

const group = "training" as const;

/** The texts, in the order in which they are shown. @param examples what a batch consists of: "sentences" */
export const trainingHelp = (examples: string): HelpFor<typeof trainingRows> => ({
  epochs: { group, text: "passes over the training data" },
  steps: { group, text: "training steps of the whole run, instead of {epochs}" },
  minutes: {
    group,
    text: "train for so long, instead of {epochs}: the first steps are measured, then the number of steps is fixed",
  },
  fixedAt: {
    group,
    text: "with {steps}, repeats a run of {minutes}: the step after which its number of steps was known",
  },
  patience: { group, text: "stop after so many epochs without a better validation score", usual: "never" },
  batchSize: { group, text: `${examples} per step` },
  accumulate: { group, text: "compute a step in so many parts, with less memory" },
  recompute: {
    group,
    text: "of sequences keep the states of every so many steps, and compute those between again: less memory, more time",
    usual: "keep all",
  },
  optimizer: { group, text: "how weights are updated" },
  schedule: {
    group,
    text: "how the learning rate changes: down along a cosine, or when validation stops getting better",
  },
  average: {
    group,
    text: "use an average of the weights over the steps, as in 0.999",
    usual: "none",
  },
  clip: { group, text: "largest norm of the gradients", usual: "none" },
  clipValue: { group, text: "largest size of each number of a gradient", usual: "none" },
  groups: { group, text: "parameters or layers that are trained differently, or not at all", usual: "none" },
  mostSkipped: {
    group,
    text: "stop after so many steps in a row whose gradients are not finite, and say why",
  },
  seed: { group, text: "of everything random" },
  threads: { group, text: "threads to train with; no bit depends on them" },
  executor: { group, text: "where to run", usual: "the WebAssembly executor" },
  worker: { group, text: "train in a worker, so that the calling thread stays free", usual: "on a page" },
  checkpoints: { group, text: "where checkpoints go, and how often", usual: "none are made" },
  resume: { group, text: "go on with a run from its checkpoint", usual: "begin a run" },
  anyTier: {
    group,
    text: "with {resume}: also where the tier of the kernels is another one, which rounds differently",
  },
  memoryLimit: { group, text: "most bytes that training may take", usual: "4 GiB" },
  onMemory: { group, text: "told once, before memory is taken, what it will be", usual: "nobody" },
  onWeights: {
    group,
    text: "told while initial weights are made, which takes seconds for thousands of units: the share that is there",
    usual: "nobody",
  },
  onProgress: { group, text: "told after every step and every epoch", usual: "nobody" },
  control: { group, text: "pauses training, and lets it go on", usual: "none" },
  signal: { group, text: "stops training; a checkpoint is made where they are kept", usual: "none" },
});

/** The options of every task. */
export const trainingOptions = {
  what: "train",
  rows: trainingRows,
  help: trainingHelp("examples"),
} satisfies OptionsOfTask;
