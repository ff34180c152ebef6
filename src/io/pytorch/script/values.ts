/**
 * What values of a TorchScript program are while its code is followed: not numbers, but what makes them, and what each of
 * their axes goes along.
 */
import type { TensorData } from "../../dtypes.js";

/** What an axis of a tensor goes along: sequences, steps, features, layers and directions, or nothing. */
export type Axis = "batch" | "time" | "features" | "layers" | "one";

/** A tensor that depends on the input. */
export interface Flowing {
  readonly kind: "flowing";
  /** The value that it is, by its name in the network. */
  readonly value: string;
  readonly axes: readonly Axis[];
  /** Numbers along the features; of token ids 0. */
  readonly width: number;
  /** Of a recurrent module's output: its directions, until something else is made of it. */
  readonly directions?: number;
  /** Of token ids: the size of the vocabulary once an embedding has read them. */
  readonly ids?: true;
}

/** h_n of a recurrent module: the last states of all its layers and directions. */
export interface States {
  readonly kind: "states";
  /** Outputs of its layers, by their names in the network. */
  readonly layers: readonly string[];
  readonly directions: number;
  readonly width: number;
  readonly axes: readonly Axis[];
  /** Which of them, one or several side by side; undefined: all. */
  readonly chosen?: readonly number[];
}

/** A softmax over the steps of one number for each. */
export interface Weights {
  readonly kind: "weights";
  /** The scores, by their name in the network. */
  readonly score: string;
  readonly axes: readonly Axis[];
}

/** Values times such weights, not yet summed. */
export interface Weighted {
  readonly kind: "weighted";
  readonly score: string;
  readonly of: Flowing;
}

/** Probabilities of scores, where a network ends. */
export interface Ended {
  readonly kind: "ended";
  readonly by: "softmax" | "log_softmax";
  readonly of: Flowing;
}

/** A tensor of the file. */
export interface Parameter {
  readonly kind: "parameter";
  readonly tensor: TensorData;
  /** True if rows and columns change places. */
  readonly transposed?: true;
}

/** Anything that the code computes with. */
export type ScriptValue =
  | Flowing
  | States
  | Weights
  | Weighted
  | Ended
  | Parameter
  /** A tensor of zeros, as states start at. */
  | { readonly kind: "zeros" }
  /** A size that the file does not know: how many sequences, or steps. */
  | { readonly kind: "size"; readonly axis: Axis }
  | { readonly kind: "module"; readonly path: string }
  | { readonly kind: "function"; readonly name: string }
  /** What nothing depends on: types, devices, lengths. */
  | { readonly kind: "other"; readonly what: string }
  | { readonly kind: "list"; readonly items: readonly ScriptValue[] }
  | { readonly kind: "plain"; readonly value: number | string | boolean | null };

/** A number, a text, true, false or None. */
export const plainValue = (value: number | string | boolean | null): ScriptValue => ({
  kind: "plain",
  value,
});

/** What a value is, in words. */
export function valueText(value: ScriptValue): string {
  if (value.kind === "flowing") return `a value over (${value.axes.join(", ")})`;
  if (value.kind === "ended") return `a ${value.by}`;
  if (value.kind === "plain") return JSON.stringify(value.value);
  if (value.kind === "list") return `a list of ${value.items.length}`;
  return value.kind === "other" ? value.what : `a ${value.kind}`;
}
