/**
 * Operators that move axes and choose along them, of which no number is changed.
 */
import { poolPart } from "../modules/made.js";
import { axisAt, flowing, numberOf, numbersOf, type Operator, type Operators } from "./operator.js";
import { ScriptError } from "./parse.js";
import type { Axis, Flowing, ScriptValue, States } from "./values.js";

type Shaped = Extract<ScriptValue, { readonly axes: readonly Axis[] }>;
const isShaped = (value: ScriptValue | undefined): value is Shaped => value !== undefined && "axes" in value;

/** Changes the axes of a value. */
const reshaped =
  (axes: (value: Shaped, args: readonly ScriptValue[]) => readonly Axis[] | undefined): Operator =>
  ([value, ...args]) => {
    if (value?.kind === "parameter" || !isShaped(value)) return undefined;
    const next = axes(value, args);
    return next && { ...value, axes: next };
  };

const swapped: Operator = ([value, a, b], around) => {
  if (value?.kind === "parameter") return { ...value, transposed: true };
  return reshaped(({ axes }) => {
    const [first, second] = [a, b].map((each) => axisAt(axes, numberOf(each))) as [number, number];
    return axes.map((axis, i) => (i === first ? axes[second]! : i === second ? axes[first]! : axis));
  })([value!], around);
};

const isFull = (value: ScriptValue | undefined): boolean => {
  const end = numberOf(value);
  return (
    value === undefined ||
    (value.kind === "plain" && value.value === null) ||
    (end !== undefined && end > 2 ** 53)
  );
};

/** One of an axis: the last step, a state of a layer. */
const select: Operator = ([value, dim, index], { add }) => {
  const at = numberOf(index);
  if (value?.kind === "list" || at === undefined || !isShaped(value)) return undefined;
  const place = axisAt(value.axes, numberOf(dim));
  const axes = value.axes.filter((_, i) => i !== place);
  const axis = value.axes[place];
  if (axis === "one") return { ...value, axes };
  if (value.kind === "states" && axis === "layers") {
    const own = at < 0 ? value.layers.length * value.directions + at : at;
    return ofStates({ ...value, axes, chosen: [own] }, add);
  }
  if (value.kind === "flowing" && axis === "time" && at === -1) {
    // Of one direction the last step is the last state.
    const by = (value.directions ?? 1) === 1 ? "last" : "ends";
    const name = add(by, poolPart(by, 1), [value.value]);
    return { kind: "flowing", value: name, axes, width: value.width };
  }
  throw new ScriptError(
    `takes number ${at} along the ${axis} of a value; of steps the last one is read (-1)`,
  );
};

/** States of one layer as a value: both directions side by side, or the only one. */
export function ofStates(
  states: States,
  add: (what: string, part: ReturnType<typeof poolPart>, from: readonly string[]) => string,
): ScriptValue {
  const { layers, directions, width, chosen = [], axes } = states;
  const layer = Math.floor((chosen[0] ?? 0) / directions);
  const whole = chosen.length === directions && chosen.every((each, i) => each === layer * directions + i);
  if (!whole) return states;
  const value = add("last", poolPart("last", directions), [layers[layer]!]);
  return { kind: "flowing", value, axes, width: width * directions };
}

/** All axes but those of size 1. */
const squeeze: Operator = ([value, dim], around) => {
  if (
    value?.kind === "states" &&
    value.layers.length * value.directions === 1 &&
    value.axes[0] === "layers" &&
    numberOf(dim) === 0
  )
    return select([value, dim!, { kind: "plain", value: 0 }], around);
  return reshaped((own) => {
    if (dim === undefined) return own.axes.filter((axis) => axis !== "one");
    const places = numbersOf(dim).map((each) => axisAt(own.axes, each));
    return own.axes.filter((axis, i) => {
      if (!places.includes(i)) return true;
      if (axis === "one" || (axis === "features" && "width" in own && own.width === 1)) return false;
      // A size that is not 1 stays as it is; whether a batch has one sequence, the file cannot know.
      return true;
    });
  })([value!], around);
};

const unsqueeze: Operator = ([value, dim]) => {
  if (!isShaped(value)) return undefined;
  const index = numberOf(dim) ?? 0;
  const at = index < 0 ? value.axes.length + 1 + index : index;
  // Numbers for each step without features are features of one.
  const plain = value.kind === "flowing" && !value.axes.includes("features") && value.width === 1;
  const axis: Axis = plain && at === value.axes.length ? "features" : "one";
  return { ...value, axes: [...value.axes.slice(0, at), axis, ...value.axes.slice(at)] };
};

/** To another shape, which is one that leaves values where they are. */
const view: Operator = ([value, shape, ...more], around) => {
  if (value?.kind === "states") return statesView(value, shape);
  if (!isShaped(value)) return undefined;
  const items = shape?.kind === "list" ? shape.items : [shape!, ...more];
  const left = value.axes.filter((axis) => axis !== "one");
  const kept = items.filter((item) => numberOf(item) !== 1);
  if (kept.length === left.length && left.length > 0) {
    const fits = kept.every((item, i) => {
      const size = numberOf(item);
      if (item.kind === "size") return item.axis === left[i];
      return (
        size === -1 ||
        (left[i] === "features" && "width" in value && size === value.width) ||
        left[i] === "batch"
      );
    });
    if (fits)
      return {
        ...value,
        axes: items.map((item) => (numberOf(item) === 1 ? "one" : left[kept.indexOf(item)]!)),
      };
  }
  // One row for each step of each sequence, as a loss wants it, and the other way round.
  if (
    left.join() === "batch,time,features" &&
    kept.length === 2 &&
    numberOf(kept[1]) === ("width" in value ? value.width : -1)
  )
    throw new ScriptError("puts the steps of all sequences below each other (view)");
  return around.call("unread.view", [value, ...items]);
};

/** h_n.view(layers, directions, batch, hidden). */
function statesView(value: States, shape: ScriptValue | undefined): ScriptValue | undefined {
  const items = shape?.kind === "list" ? shape.items : [];
  const [layers, directions] = items.map(numberOf);
  if (items.length !== 4 || layers !== value.layers.length || directions !== value.directions)
    return undefined;
  throw new ScriptError("takes the last states apart by view; h_n[-2] and h_n[-1] are read");
}

const flatten: Operator = ([value], around) => {
  const own = flowing(value, "flatten");
  const left = own.axes.filter((axis) => axis !== "one");
  if (left.length === 2 && left[0] === "batch") return { ...own, axes: left };
  return around.call("unread.flatten", [own]);
};

const permute: Operator = ([value, order, ...more], around) =>
  reshaped(({ axes }) => {
    const places =
      order?.kind === "list" ? numbersOf(order) : [order!, ...more].map((each) => numberOf(each)!);
    return places.map((place) => axes[axisAt(axes, place)]!);
  })([value!], around);

const itself: Operator = ([value]) => value;

/** The table. */
export const shapeOperators: Operators = {
  "torch.transpose": swapped,
  "torch.swapaxes": swapped,
  "torch.t": swapped,
  "torch.numpy_T": swapped,
  "torch.permute": permute,
  "torch.select": select,
  "torch.slice": ([value, dim, start, end]) => {
    const from = numberOf(start);
    if ((from === undefined || from === 0) && isFull(end)) return value;
    if (
      value?.kind === "states" &&
      value.axes[axisAt(value.axes, numberOf(dim))] === "layers" &&
      isFull(end)
    ) {
      const all = value.layers.length * value.directions;
      const chosen = Array.from({ length: all }, (_, i) => i).slice(from);
      return { ...value, chosen };
    }
    throw new ScriptError(`takes a part of an axis, from ${from ?? 0} on; a network here has no such layer`);
  },
  "torch.squeeze": squeeze,
  "torch.unsqueeze": unsqueeze,
  "torch.view": view,
  "torch.reshape": view,
  "torch.flatten": flatten,
  "torch.contiguous": itself,
  "torch.detach": itself,
  "torch.clone": itself,
  "torch.to": itself,
  "torch.float": itself,
  "torch.type_as": itself,
  "torch.expand_as": itself,
  "torch.alias": itself,
  "torch._cast_Float": itself,
};

/** Values side by side, or states of both directions. */
export const concatenated = (items: readonly ScriptValue[]): readonly (Flowing | States)[] =>
  items.map((item) => {
    if (item.kind === "flowing" || item.kind === "states") return item;
    throw new ScriptError("puts something beside a value that does not depend on the input");
  });
