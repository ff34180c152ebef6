/**
 * Operators along the steps, and those that end a network: pooling, attention, softmax.
 */

import type { PoolWay } from "../modules/items.js";
import { attentionPart, joinPart, poolPart } from "../modules/made.js";
import {
  axisAt,
  type Call,
  flowing,
  numberOf,
  numbersOf,
  type Operator,
  type Operators,
} from "./operator.js";
import { ScriptError } from "./parse.js";
import { type Axis, type Flowing, type ScriptValue, valueText, type Weighted } from "./values.js";

/** A pooling over the steps, by the axis that the program names. */
function pooled(
  value: Flowing,
  by: PoolWay,
  { dim, keep, add }: { readonly dim: number; readonly keep: boolean; readonly add: Call["add"] },
): ScriptValue {
  const place = axisAt(value.axes, dim);
  if (value.axes[place] !== "time") throw new ScriptError(`takes the ${by} along the ${value.axes[place]}`);
  const name = add(by, poolPart(by, 1), [value.value]);
  const axes = value.axes.flatMap((axis, i): Axis[] => (i !== place ? [axis] : keep ? ["one"] : []));
  return { kind: "flowing", value: name, axes, width: value.width };
}

const reduce =
  (by: PoolWay): Operator =>
  ([value, dim, keep], { add, named }) => {
    if (value?.kind !== "flowing" || dim === undefined) return undefined;
    const kept = keep ?? named.get("keepdim");
    return pooled(value, by, {
      dim: numbersOf(dim)[0]!,
      keep: kept?.kind === "plain" && kept.value === true,
      add,
    });
  };

/** torch.max(x, dim) gives values and places. */
const max: Operator = (args, around) => {
  if (args[1]?.kind === "flowing") return undefined;
  const values = reduce("max")(args, around);
  return values && { kind: "list", items: [values, { kind: "other", what: "places of largest values" }] };
};

/** Pools of one window over all steps, of values whose steps come last. */
const adaptive =
  (by: PoolWay, several: boolean): Operator =>
  ([value, size], { add }) => {
    const own = flowing(value, "a pooling");
    if (numbersOf(size).some((each) => each !== 1)) throw new ScriptError("pools into several windows");
    const result = pooled(own, by, { dim: -1, keep: true, add });
    return several
      ? { kind: "list", items: [result, { kind: "other", what: "places of largest values" }] }
      : result;
  };

/** Over the steps: the weights of attention. Over the features: the network's head. */
const softmax =
  (logarithm: boolean): Operator =>
  ([value, dim]) => {
    const own = flowing(value, "a softmax");
    const axis = own.axes[axisAt(own.axes, numberOf(dim) ?? -1)];
    if (axis === "features") return { kind: "ended", by: logarithm ? "log_softmax" : "softmax", of: own };
    if (axis === "time" && !logarithm && own.width === 1)
      return { kind: "weights", score: own.value, axes: own.axes };
    throw new ScriptError(
      `takes a softmax along the ${axis}${axis === "time" ? ` of ${own.width} features` : ""}`,
    );
  };

/** Σ α⟨t⟩ h⟨t⟩. */
function attended({ score, of }: Weighted, { add }: Call, axes: readonly Axis[]): ScriptValue {
  const both = add("scores and vectors", joinPart("concatenate"), [score, of.value]);
  const means = add("attention", attentionPart(of.width), [both]);
  const value = add("attention, last", poolPart("last", 1), [means]);
  return { kind: "flowing", value, axes, width: of.width };
}

const sum: Operator = ([value, dim], around) => {
  if (value?.kind !== "weighted") return undefined;
  const { axes } = value.of;
  const place = axisAt(axes, numbersOf(dim)[0]);
  if (axes[place] !== "time") throw new ScriptError(`adds weighted steps up along the ${axes[place]}`);
  return attended(
    value,
    around,
    axes.filter((_, i) => i !== place),
  );
};

/** Weights with their steps in columns, times values. */
const bmm: Operator = ([weights, of], around) => {
  if (weights?.kind !== "weights" || of?.kind !== "flowing") return undefined;
  if (weights.axes.at(-1) !== "time" || of.axes.join() !== "batch,time,features")
    throw new ScriptError(`multiplies ${valueText(weights)} and ${valueText(of)}`);
  return attended({ kind: "weighted", score: weights.score, of }, around, ["batch", "one", "features"]);
};

/** A packed sequence is the sequence; what lies beyond its length is not there here. */
const pack: Operator = ([value]) => {
  const own = flowing(value, "a packed sequence");
  return { kind: "list", items: [own, { kind: "other", what: "sizes of batches" }] };
};
const pad: Operator = ([value]) => ({
  kind: "list",
  items: [flowing(value, "a padded sequence"), { kind: "other", what: "lengths" }],
});

/** The table. */
export const stepOperators: Operators = {
  "torch.mean": reduce("mean"),
  "torch.max": max,
  "torch.amax": reduce("max"),
  "torch.adaptive_avg_pool1d": adaptive("mean", false),
  "torch.adaptive_max_pool1d": adaptive("max", true),
  "torch.softmax": softmax(false),
  "torch._softmax": softmax(false),
  "torch.log_softmax": softmax(true),
  "torch.sum": sum,
  "torch.bmm": bmm,
  "torch._pack_padded_sequence": pack,
  "torch._pad_packed_sequence": pad,
};
