/**
 * Operators that move what flows through the layers without changing it: transposing, reshaping, taking the directions of a
 * recurrent layer apart and putting them side by side, and the last step of a sequence.
 */
import { axesOf, sliced, within } from "./numbers.js";
import { MOST_DIMENSIONS } from "./tensors.js";
import {
  type Axis,
  type Constant,
  constantOf,
  type Flow,
  flowOf,
  list,
  nameOf,
  numbersOf,
  orderOf,
  place,
  product,
  type Read,
  type Reading,
  type Size,
  sizesOf,
  Unreadable,
} from "./values.js";
import { lastOf, wholeRows } from "./whole.js";

const one: readonly Axis[] = [{ kind: "one", size: 1 }];

const kindOf = (axes: readonly Axis[]): Axis["kind"] | undefined =>
  axes.length === 1 ? axes[0]?.kind : undefined;

function transpose(flow: Flow, reading: Reading): Flow {
  const order = orderOf(reading, flow.dims.length);
  return { ...flow, dims: order.map((axis) => flow.dims[axis]!) };
}

function unsqueeze(flow: Flow, reading: Reading): Flow {
  const axes = axesOf(reading);
  if (flow.dims.length + axes.length > MOST_DIMENSIONS)
    throw new Unreadable(`makes a value of ${flow.dims.length + axes.length} dimensions`);
  const dims = [...flow.dims];
  for (const axis of axes.map((v) => place(v, flow.dims.length + axes.length)).sort((x, y) => x - y))
    dims.splice(axis, 0, one);
  return { ...flow, dims };
}

function squeeze(flow: Flow, reading: Reading): Flow {
  const given = axesOf(reading).map((v) => place(v, flow.dims.length));
  const sizes = sizesOf(flow);
  const drop = given.length > 0 ? given : sizes.flatMap((size, i) => (size === 1 ? [i] : []));
  if (drop.some((i) => sizes[i] !== 1)) throw new Unreadable("squeezes an axis whose size is not 1");
  return { ...flow, dims: flow.dims.filter((_, i) => !drop.includes(i)) };
}

/** The same values in other dimensions, where neighbouring ones are put together or taken apart again. */
function reshape(flow: Flow, to: readonly Size[]): Flow {
  const own = sizesOf(flow);
  const wanted = to.map((size, i) => (size === 0 ? own[i]! : size));
  const atoms = flow.dims.flat().filter(({ kind }) => kind !== "one");
  // No more sizes than there are axes, but for sizes of 1.
  const dims = to.length <= own.length + 4 ? matched(wanted, atoms) : undefined;
  if (dims) return { ...flow, dims };
  throw new Unreadable(
    `reshapes (${own.join(", ")}) to (${to.join(", ")}), which takes apart what belongs together`,
  );
}

/** Groups of neighbouring axes of the wanted sizes; −1 stands for any. */
function matched(wanted: readonly Size[], atoms: readonly Axis[]): (readonly Axis[])[] | undefined {
  const [size, ...rest] = wanted;
  if (size === undefined) return atoms.length === 0 ? [] : undefined;
  for (let count = 0; count <= atoms.length; count++) {
    const group = atoms.slice(0, count);
    if (size !== -1 && product(group.map((axis) => axis.size)) !== size) continue;
    const others = matched(rest, atoms.slice(count));
    if (others) return [count === 0 ? one : group, ...others];
  }
  return undefined;
}

/** Parts of the stack by number: the directions of a layer, or layers. */
function rowsAt(flow: Flow, axis: number, at: readonly number[], keep: boolean): Flow {
  const all = flow.rows ?? [];
  const rows = at.map((i) => all[place(i, all.length)]!);
  if (rows.length === 0) throw new Unreadable("takes none of the directions of a recurrent layer");
  const stack: readonly Axis[] = [{ kind: "stack", size: rows.length }];
  const dims = flow.dims.flatMap((axes, i) => (i !== axis ? [axes] : keep ? [stack] : []));
  return { ...flow, rows, dims };
}

/** The last step of sequences that all have all steps. */
function lastStep(flow: Flow, axis: number, keep: boolean, reading: Reading): Flow {
  const whole = wholeRows(flow);
  const last = whole.chain.at(-1);
  if (flow.head || !last || last.layer.kind !== "recurrent" || last.layer.direction !== "forward")
    throw new Unreadable(
      "takes the last step of what is no forward recurrent layer; only there it is the last state",
    );
  const dims = whole.dims.flatMap((axes, i) => (i !== axis ? [axes] : keep ? [one] : []));
  return { kind: "flow", over: "sequences", dims, chain: [...whole.chain, lastOf(last, [nameOf(reading)])] };
}

function gatherFlow(flow: Flow, reading: Reading): Flow {
  const axis = place(reading.int("axis", 0), flow.dims.length);
  const indices = constantOf(reading.inputs[1], "places");
  const at = numbersOf(indices, "places");
  const kind = kindOf(flow.dims[axis]!);
  const keep = indices.dims.length > 0;
  if (kind === "stack") return rowsAt(flow, axis, at, keep);
  if (kind === "open" && at.length === 1 && at[0] === -1 && isTime(flow, axis, reading))
    return lastStep(flow, axis, keep, reading);
  throw new Unreadable(
    `takes the places ${at.join(", ")} of an axis that is neither directions nor the last step`,
  );
}

function sliceFlow(flow: Flow, reading: Reading): Flow {
  let out = flow;
  for (const [axis, bounds] of sliced(reading, flow.dims.length)) {
    const axes = out.dims[axis]!;
    const [size] = [sizesOf(out)[axis]!];
    const [from, to] = typeof size === "number" ? within(bounds, size) : bounds;
    if (from === 0 && (to === size || to >= 2 ** 31 - 1)) continue;
    if (kindOf(axes) === "stack") {
      out = rowsAt(
        out,
        axis,
        Array.from({ length: to - from }, (_, i) => from + i),
        true,
      );
    } else if (bounds[0] === -1 && bounds[1] >= 2 ** 31 - 1 && isTime(out, axis, reading)) {
      out = lastStep(out, axis, true, reading);
    } else
      throw new Unreadable(
        `takes the part ${bounds.join(" to ")} of an axis that is neither directions nor the last step`,
      );
  }
  return out;
}

const isTime = (flow: Flow, axis: number, { axes }: Reading): boolean =>
  flow.dims[axis]?.length === 1 && flow.dims[axis]?.[0] === axes.time;

function concat(flows: readonly Flow[], { int }: Reading): Flow {
  const [first] = flows as readonly [Flow, ...Flow[]];
  const axis = place(int("axis", 0), first.dims.length);
  const rows = flows.flatMap((flow) => flow.rows ?? []);
  const sameKind = flows.every(({ dims }) => dims.map(kindOf).join() === first.dims.map(kindOf).join());
  if (flows.some((flow) => !flow.rows || flow.over !== first.over || flow.head) || !sameKind)
    throw new Unreadable("puts side by side what are not the directions of a recurrent layer");
  const kind = kindOf(first.dims[axis]!) ?? "feature";
  const sizes = flows.map((flow) => sizesOf(flow)[axis]!);
  if (kind === "open" || sizes.some((size) => typeof size !== "number"))
    throw new Unreadable("joins sequences or batches");
  const size = (sizes as number[]).reduce((a, b) => a + b, 0);
  const dims = first.dims.map((axes, i) => (i === axis ? [{ kind, size } as const] : axes));
  return { ...first, rows, dims };
}

/** Split along the stack. */
function split(flow: Flow, reading: Reading): readonly Flow[] {
  const axis = place(reading.int("axis", 0), flow.dims.length);
  if (kindOf(flow.dims[axis]!) !== "stack")
    throw new Unreadable("splits an axis that is not the directions of a recurrent layer");
  const count = reading.node.outputs.length;
  const each = (flow.rows?.length ?? 0) / count;
  return Array.from({ length: count }, (_, k) =>
    rowsAt(
      flow,
      axis,
      Array.from({ length: each }, (_, i) => k * each + i),
      true,
    ),
  );
}

const shapeOf = (flow: Flow): Constant => list(sizesOf(flow));

/** Rows of operators whose first input flows through the layers. */
export const onFlows: Readonly<Record<string, Read>> = {
  Identity: ({ inputs }) => [flowOf(inputs[0])],
  Cast: ({ inputs }) => [flowOf(inputs[0])],
  Dropout: ({ inputs }) => [flowOf(inputs[0])],
  Shape: ({ inputs }) => [shapeOf(flowOf(inputs[0]))],
  Transpose: (reading) => [transpose(flowOf(reading.inputs[0]), reading)],
  Squeeze: (reading) => [squeeze(flowOf(reading.inputs[0]), reading)],
  Unsqueeze: (reading) => [unsqueeze(flowOf(reading.inputs[0]), reading)],
  Reshape: ({ inputs }) => [reshape(flowOf(inputs[0]), [...constantOf(inputs[1], "a shape").data])],
  Gather: (reading) => [gatherFlow(flowOf(reading.inputs[0]), reading)],
  Slice: (reading) => [sliceFlow(flowOf(reading.inputs[0]), reading)],
  Concat: (reading) => [concat(reading.inputs.map(flowOf), reading)],
  Split: (reading) => split(flowOf(reading.inputs[0]), reading),
};
