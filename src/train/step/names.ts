/**
 * How the plans of training call what they have beside the network's own: the contract between the plans (plan.ts,
 * gradients.ts, update.ts) and whoever runs them.
 */

/** Names of inputs, outputs and slots. */
export const trainingNames = {
  /** Input: the weight of each sequence's loss in the objective, 1 / B. */
  weight: "train.weight",
  /** Input: the weight of each class, where there are any. */
  classWeights: "train.classWeights",
  /** Inputs of a step in several runs: 1 to go on with the gradients of the run before; 1 to update the weights. */
  keep: "train.keep",
  apply: "train.apply",
  /** Prefix of the optimiser's numbers of this step. */
  number: "train.",
  /** Output: the sum of all losses of the batch. */
  loss: "out.loss",
  /** Output: the gradients' global norm before clipping. */
  norm: "out.norm",
  /** Prefix of what goes on from step to step: "slot.m.recurrent1.w_uc". */
  slot: "slot.",
  /** Prefix of averaged weights. */
  average: "slot.average.",
  /** Prefix of gradients that are added up from run to run. */
  sum: "slot.sum.",
  /** Prefix of gradients that another plan reads: "gradient.recurrent1.w_uc". */
  gradient: "gradient.",
} as const;

/** Names of a training plan's inputs and outputs that hand gradients from piece to piece. */
export const handedNames = {
  /** Prefix of inputs: the gradient that the later pieces give to a state in which this one ends. */
  final: "train.dFinal.",
  /** Prefix of outputs: the gradient of a state from which this one began. */
  initial: "out.dInitial.",
} as const;
