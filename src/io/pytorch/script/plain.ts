/**
 * Operators on numbers, sizes and types, which decide what a program does: they are worked out.
 */
import { flagOf, numberOf, type Operator, type Operators } from "./operator.js";
import { plainValue, type ScriptValue } from "./values.js";

const isNone = (value: ScriptValue | undefined): boolean =>
  value === undefined || (value.kind === "plain" && value.value === null);

/** Of two numbers. */
const compare =
  (of: (a: number, b: number) => boolean, same: boolean): Operator =>
  ([a, b]) => {
    const [left, right] = [numberOf(a), numberOf(b)];
    if (left !== undefined && right !== undefined) return plainValue(of(left, right));
    // Texts, true and false; and a size that is not known is equal to itself.
    if (a?.kind === "plain" && b?.kind === "plain") return plainValue((a.value === b.value) === same);
    if (a?.kind === "size" && b?.kind === "size" && a.axis === b.axis) return plainValue(same);
    return undefined;
  };

const itself: Operator = ([a]) => a;
const other: Operator = () => ({ kind: "other", what: "something that no value depends on" });

/** The table. */
export const plainOperators: Operators = {
  "torch.__is__": ([a, b]) => plainValue(isNone(a) && isNone(b)),
  "torch.__isnot__": ([a, b]) => plainValue(!(isNone(a) && isNone(b))),
  "torch.__not__": ([a]) => (flagOf(a) === undefined ? undefined : plainValue(!flagOf(a))),
  "torch.__contains__": ([list, a]) =>
    list?.kind === "list" && a?.kind === "plain"
      ? plainValue(list.items.some((item) => item.kind === "plain" && item.value === a.value))
      : undefined,
  "torch.eq": compare((a, b) => a === b, true),
  "torch.ne": compare((a, b) => a !== b, false),
  "torch.lt": compare((a, b) => a < b, false),
  "torch.gt": compare((a, b) => a > b, false),
  "torch.le": compare((a, b) => a <= b, true),
  "torch.ge": compare((a, b) => a >= b, true),
  "torch.dim": ([a]) => (a !== undefined && "axes" in a ? plainValue(a.axes.length) : undefined),
  "torch.len": ([a]) =>
    a?.kind === "list"
      ? plainValue(a.items.length)
      : a !== undefined && "axes" in a
        ? { kind: "size", axis: a.axes[0]! }
        : undefined,
  "torch.size": ([a, index], { call }) => {
    if (a === undefined || !("axes" in a)) return undefined;
    if (index === undefined)
      return { kind: "list", items: a.axes.map((_, i) => call("torch.size", [a, plainValue(i)])) };
    const axis = a.axes.at(numberOf(index) ?? 0)!;
    if (axis === "one") return plainValue(1);
    return axis === "features" && "width" in a ? plainValue(a.width) : { kind: "size", axis };
  },
  "ops.prim.NumToTensor": itself,
  "torch.Int": itself,
  int: itself,
  float: itself,
  bool: itself,
  "ops.aten.Int": itself,
  "ops.prim.dtype": other,
  "ops.prim.device": other,
  "ops.prim.data": itself,
  "torch.device": other,
  "torch.format": other,
  "torch.warn": other,
  "torch.list": itself,
  "ops.prim.RaiseException": other,
  "torch.zeros": () => ({ kind: "zeros" }),
  "torch.zeros_like": () => ({ kind: "zeros" }),
  "torch.new_zeros": () => ({ kind: "zeros" }),
};
