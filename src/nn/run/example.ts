/**
 * What a caller brings: sequences, and what goes along with each.
 */

/** Of several inputs: the values of each; of one inside the steps, a list of values for every step. */
export type NamedValues = Readonly<Record<string, ArrayLike<number> | readonly ArrayLike<number>[]>>;

/** What goes in. */
export type ExampleInput = ArrayLike<number> | NamedValues;

/** One sequence with what goes along with it. */
export interface Example {
  /** Token ids, or step after step of `width` numbers; of a network with several inputs, each by its name. */
  readonly input: ExampleInput;
  /** Class indices or numbers: one row per step, or one for the sequence if the network pools. */
  readonly target?: ArrayLike<number>;
  /** Id in the data set, the key of random numbers; default: its index in the list. */
  readonly id?: number;
  /** How much the sequence counts in the loss, where training weighs sequences; default 1. */
  readonly weight?: number;
  /** Initial states where a layer takes given ones: "recurrent1.c" -> H numbers. */
  readonly states?: Readonly<Record<string, ArrayLike<number>>>;
}
