/**
 * What a loss is: its name, what it is built with, and the columns of its row in the table (losses.ts).
 */
import type { Builder, Value } from "../../plan/index.js";
import type { ParameterSpec } from "../layers/layer.js";

/** How a loss looks at targets. */
export interface LossOptions {
  /**
   * ε: so much of a target's weight is spread evenly over all classes (Szegedy et al. 2016), or moves a target of
   * 0 or 1 halfway to ½. Default 0. Only for targets that are probabilities.
   */
  readonly smoothing?: number;
}

/** The name of a loss. */
export type LossName =
  | "binaryCrossEntropy"
  | "crossEntropy"
  | "squaredError"
  | "meanSquaredError"
  | "pinball"
  | "crf";

/** What the loss of a network is built with, beside z and the target. */
export interface LossContext {
  readonly packing: string;
  /** One of the loss's own parameters. */
  readonly parameter: (name: string) => Value;
  /** The input of each step's target at the step before; −1 at a first step. */
  readonly previous: () => Value;
  /** For each output the quantile that it is of, one row. */
  readonly quantiles: () => Value;
}

/** The row of a loss. */
export interface LossRow {
  /** What a target is: the index of a class, or a number per output. */
  readonly target: "class" | "numbers";
  /** The equations, for printing. */
  readonly equation: string;
  /**
   * Why the rows of a sequence cannot be taken one by one, to follow the loss's name: they are neither streamed nor
   * weighed by class. Absent: they can.
   */
  readonly joint?: string;
  /** Of a joint loss: the loss that stands for it where one row is taken alone. */
  readonly alone?: LossName;
  /** Parameters of its own, for an output of so many values. Absent: none. */
  readonly parameters?: (width: number) => readonly ParameterSpec[];
  /** Linear output z -> prediction ŷ = g₂(z). */
  readonly predict: (builder: Builder, z: Value, context: LossContext) => Value;
  /** True if outputs are quantiles of the targets, which the network then names. Default false. */
  readonly quantiles?: true;
  /** Targets are probabilities, which smoothing can spread. */
  readonly smooth: boolean;
  /** Linear output z and target y -> the loss of each row, width 1. */
  readonly loss: (builder: Builder, z: Value, y: Value, options: LossOptions, context: LossContext) => Value;
}
