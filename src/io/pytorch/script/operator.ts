/**
 * What operators are: functions from what a call is given to what it gives, one row per name in the tables of this folder.
 */
import type { TensorData } from "../../dtypes.js";
import type { TorchClass } from "../file/module-tree.js";
import type { Part } from "../modules/made.js";
import { ScriptError } from "./parse.js";
import { type Axis, type Flowing, type ScriptValue, valueText } from "./values.js";

/** A program. */
export interface Program {
  readonly code: ReadonlyMap<string, string>;
  readonly classes: ReadonlyMap<string, TorchClass>;
  readonly tensors: ReadonlyMap<string, TensorData>;
}

/** What a call can see and do. */
export interface Call {
  /** Arguments by name. */
  readonly named: ReadonlyMap<string, ScriptValue>;
  /** Adds a part of the network. @param what it is called where it belongs to no module @returns its name */
  readonly add: (what: string, part: Part, from: readonly string[]) => string;
  /** Calls another operator. */
  readonly call: (name: string, args: readonly ScriptValue[]) => ScriptValue;
}

/** The row of an operator. Undefined: it does not know what to do with these, and its code may tell. */
export type Operator = (args: readonly ScriptValue[], call: Call) => ScriptValue | undefined;

/** A table of operators by their names in the code: "torch.relu". */
export type Operators = Readonly<Record<string, Operator>>;

/** A value that depends on the input. @throws ScriptError if it is something else */
export function flowing(value: ScriptValue | undefined, what: string): Flowing {
  if (value?.kind === "flowing") return value;
  throw new ScriptError(
    `gives ${what} ${value ? valueText(value) : "nothing"}, where a value of the network should be`,
  );
}

/** A whole number; undefined if it is something else. */
export const numberOf = (value: ScriptValue | undefined): number | undefined =>
  value?.kind === "plain" && typeof value.value === "number" ? value.value : undefined;

/** True or false; undefined if it is something else. */
export const flagOf = (value: ScriptValue | undefined): boolean | undefined =>
  value?.kind === "plain" && typeof value.value === "boolean" ? value.value : undefined;

/** Numbers in a list. */
export const numbersOf = (value: ScriptValue | undefined): readonly number[] =>
  value?.kind === "list"
    ? value.items.map((item) => numberOf(item) ?? Number.NaN)
    : [numberOf(value) ?? Number.NaN];

/** Place of an axis, counted from the end if it is negative. */
export function axisAt(axes: readonly Axis[], index: number | undefined): number {
  const at = index === undefined ? -1 : index < 0 ? axes.length + index : index;
  if (axes[at] !== undefined) return at;
  throw new ScriptError(`names the axis ${index} of a value over (${axes.join(", ")})`);
}
