/** The names that a network's plans give to packings, inputs and outputs. */

/** The packing that a network's tokens lie in, and the data inputs and outputs of its plans. */
export const names = {
  packing: "batch",
  input: "input",
  target: "target",
  prediction: "out.prediction",
  loss: "out.loss",
  /** Input: the target of the step before, −1 at a first step, where a loss looks at it. */
  previousTarget: "target.previous",
  /** Input: the quantile that each output is of, where a loss looks at them. */
  quantiles: "quantiles",
  /** Output: z, the linear output of the last layer. */
  scores: "out.scores",
  /** Input: the weight of each row's loss, where training weighs sequences. */
  sampleWeight: "weight",
  /** Output: the weights of a source's rows at a step, of a network that attends to one. */
  attention: "out.attention",
  /** Prefix of what is made of a source before the first step: "memory.h", given to a plan of single steps. */
  memory: "memory.",
  /** Prefix of outputs that hold final states: "out.final.recurrent1.c". */
  final: "out.final.",
} as const;

/** The packing of an input whose sequences are not the network's own: "batch.characters". */
export const packingOf = (input: string): string => `${names.packing}.${input}`;

/** The plan's buffer of one of several inputs: "input.characters". */
export const inputName = (input: string): string => `${names.input}.${input}`;

/** Input of the plan: for every aligned row of a packing that is attended to, its row in that packing. */
export const rowOf = (packing: string): string => `${packing}.rowOf`;

/** Input of the plan: for every aligned row of a packing that is attended to, its step as a one-hot vector. */
export const stepOf = (packing: string): string => `${packing}.stepOf`;

/** Input of the plan: for every sequence its place in the packing of an input beside the network's own. */
export const placeBeside = (input: string): string => `${packingOf(input)}.placeOfSequence`;

/** An alignment, as a batch names it: rows of a packing in the order of the network's own sequences. */
export const alignmentOf = (packing: string): string => `${names.packing}:${packing}`;

/** Input of the plan: for every token the place of its own sequence in the packing of an input inside it. */
export const placeInside = (input: string): string => `${packingOf(input)}.placeOfToken`;

/** The state whose start an input of the plan is: "recurrent1.initial.c" -> "recurrent1.c". */
export const startedState = (input: string): string => input.replace(".initial.", ".");
