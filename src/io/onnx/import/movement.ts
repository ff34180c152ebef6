/**
 * Operators that move what flows through the layers without changing it: transposing, reshaping, taking features apart and putting
 * them side by side; and the first or last step of sequences.
 */
import { MOST_DIMENSIONS } from "../tensors.js";
import { stepOf } from "./ends.js";
import { beside, selected } from "./items.js";
import { Unreadable } from "./unreadable.js";
import { hasSteps, rolledSteps, unrolledRemedy } from "./unrolled.js";
import {
  type Atom,
  alongAxis,
  axesOf,
  type Constant,
  constantOf,
  type Flow,
  featureAtoms,
  featureIndices,
  featuresOf,
  flowOf,
  inOrder,
  nameOf,
  numbersOf,
  openOf,
  place,
  type Read,
  type Reading,
  shapeText,
  sizeOf,
  sizesOf,
  withFeatures,
} from "./values.js";

/** The same value with other axes. */
const moved = (flow: Flow, dims: Flow["dims"]): Flow => ({ ...flow, dims });

const transpose = (flow: Flow, { attribute }: Reading): Flow => {
  const rank = flow.dims.length;
  const order = attribute("perm")?.ints ?? flow.dims.map((_, i) => rank - 1 - i);
  if (order.length !== rank || new Set(order.map((axis) => place(axis, rank))).size !== rank)
    throw new Unreadable(`transposes ${rank} axes to the order ${order.join(", ")}`);
  return moved(
    flow,
    order.map((axis) => flow.dims[place(axis, rank)]!),
  );
};

function unsqueeze(flow: Flow, reading: Reading): Flow {
  const given = axesOf(reading) ?? [];
  const rank = flow.dims.length + given.length;
  if (rank > MOST_DIMENSIONS) throw new Unreadable(`makes a value of ${rank} dimensions`);
  const axes = new Set(given.map((axis) => place(axis, rank)));
  const rest = [...flow.dims];
  return moved(
    flow,
    Array.from({ length: rank }, (_, i) => (axes.has(i) ? [] : (rest.shift() ?? []))),
  );
}

function squeeze(flow: Flow, reading: Reading): Flow {
  const sizes = sizesOf(flow);
  const given = axesOf(reading)?.map((axis) => place(axis, flow.dims.length));
  const drop = given ?? sizes.flatMap((size, i) => (size === 1 ? [i] : []));
  if (drop.some((i) => sizes[i] !== 1)) throw new Unreadable("squeezes an axis whose size is not 1");
  return moved(
    flow,
    flow.dims.filter((_, i) => !drop.includes(i)),
  );
}

/** The same values in other dimensions, where neighbouring axes are put together or features are taken apart. */
function reshape(flow: Flow, to: readonly number[], reading: Reading): Flow {
  const own = sizesOf(flow);
  const wanted = to.map((size, i) => (size === 0 ? own[i]! : size));
  const total = own.reduce((a, b) => a * b, 1);
  const known = wanted.filter((size) => size !== -1).reduce((a, b) => a * b, 1);
  const sizes = wanted.map((size) => (size === -1 ? total / known : size));
  const dims = to.length <= MOST_DIMENSIONS ? regrouped(flow, sizes) : undefined;
  if (dims) return moved(flow, dims);
  throw new Unreadable(
    `reshapes ${shapeText(own, reading.open)} to ${shapeText(to, reading.open)}, which takes apart what belongs together`,
  );
}

/** Atoms in groups of those sizes. Of features, an atom may be taken apart. */
function regrouped(flow: Flow, sizes: readonly number[]): Flow["dims"] | undefined {
  const rest = flow.dims.flat();
  const dims: Atom[][] = [];
  for (const size of sizes) {
    const group: Atom[] = [];
    let left = size;
    while (left !== 1) {
      const next = rest.shift();
      if (!next) return undefined;
      if (left % next.size === 0) {
        group.push(next);
        left /= next.size;
      } else if (next.kind === "feature" && next.size % left === 0) {
        const inner = next.size / left;
        group.push({ ...next, size: left, stride: next.stride * inner });
        rest.unshift({ ...next, size: inner });
        left = 1;
      } else return undefined;
    }
    dims.push(group);
  }
  return rest.length === 0 ? dims : undefined;
}

/** Some places of an axis of features. */
function featuresAt(flow: Flow, axis: number, at: readonly number[], keep: boolean, node: string): Flow {
  const group = flow.dims[axis]!;
  const atoms = featuresOf(flow);
  const first = atoms.indexOf(group[0]!);
  // The features in the order of the axes, of which those along this axis are picked.
  const before = atoms.slice(0, first < 0 ? atoms.length : first);
  const after = atoms.slice(before.length + group.length);
  const [outer, own, inner] = [before, group, after].map(featureIndices) as [number[], number[], number[]];
  const picked = at.map((i) => own[place(i, own.length)]!);
  const indices = outer.flatMap((o) => picked.flatMap((p) => inner.map((n) => o + p + n)));
  if (indices.length === 0) throw new Unreadable("takes none of the features");
  const sizes = [...before.map(({ size }) => size), at.length, ...after.map(({ size }) => size)];
  const fresh = featureAtoms(sizes);
  const item = selected(flow.item, indices, node);
  const dims = flow.dims.flatMap((atoms, i): (readonly Atom[])[] => {
    if (i !== axis) return [atoms];
    return keep ? [at.length === 1 ? [] : [{ kind: "feature", size: at.length, stride: 1 }]] : [];
  });
  return {
    ...flow,
    item,
    dims: withFeatures(
      dims,
      fresh.filter((_, i) => i !== before.length || (keep && at.length > 1)),
    ),
  };
}

const isFeatures = (group: readonly Atom[]): boolean =>
  group.length > 0 && group.every(({ kind }) => kind === "feature");

/** The atom of an axis of time, where it can be one. */
function timeOf(flow: Flow, axis: number, { axes }: Reading): Atom | undefined {
  const [atom, ...more] = flow.dims[axis]!;
  if (!atom || more.length > 0 || atom.kind !== "open" || atom === axes.batch) return undefined;
  if (flow.item.over === "sequences") return undefined;
  return axes.time === undefined || axes.time === atom ? atom : undefined;
}

/** One place of time: the first or the last, or one of steps that were written out. */
function stepAt(flow: Flow, axis: number, given: number, keep: boolean, reading: Reading): Flow {
  const atom = timeOf(flow, axis, reading)!;
  const at = given < 0 ? given + atom.size : given;
  const fixed = !reading.open.has(atom.size);
  const last = at === atom.size - 1;
  if (!last && at !== 0 && !fixed)
    throw new Unreadable(
      `takes the step ${given} of sequences of any length; only the first and the last can be taken`,
    );
  place(at, atom.size);
  if (last && reading.axes.lengths)
    throw new Unreadable("takes the last step of all steps, where sequences have lengths of their own");
  reading.axes.time ??= atom;
  const whole =
    flow.item.over === "raw" && axis !== flow.dims.length - 1
      ? alongAxis(flow, flow.dims.length - 1, "")
      : flow;
  const item = stepOf(whole.item, at, { steps: atom.size, fixed, node: nameOf(reading) });
  return {
    ...whole,
    item,
    dims: whole.dims.flatMap((group, i) => (i !== axis ? [group] : keep ? [[]] : [])),
  };
}

/** Steps in the opposite order. */
function flipped(flow: Flow, node: string): Flow {
  const { item } = flow;
  if (item.made.kind === "flip") return { ...flow, item: item.made.of };
  return { ...flow, item: { over: item.over, width: item.width, made: { kind: "flip", of: item, node } } };
}

function gather(flow: Flow, reading: Reading): Flow {
  const axis = place(reading.int("axis", 0), flow.dims.length);
  const indices = constantOf(reading.inputs[1], "places");
  const at = Array.from(indices.data);
  if (indices.dims.length > 1) throw new Unreadable("takes places in a shape of more than one axis");
  const keep = indices.dims.length > 0;
  const group = flow.dims[axis]!;
  if (group.length === 0 && at.length === 1) {
    place(at[0]!, 1);
    return keep
      ? flow
      : moved(
          flow,
          flow.dims.filter((_, i) => i !== axis),
        );
  }
  if (isFeatures(group)) return featuresAt(flow, axis, at, keep, nameOf(reading));
  if (at.length === 1 && timeOf(flow, axis, reading)) return stepAt(flow, axis, at[0]!, keep, reading);
  throw new Unreadable(`takes the places ${at.join(", ")} of an axis that is neither features nor steps`);
}

/** Numbers of an input, or of the attribute that older versions had instead. */
const listed = ({ inputs, attribute }: Reading, at: number, name: string): readonly number[] | undefined =>
  inputs[at] ? numbersOf(inputs[at], "places of a slice") : attribute(name)?.ints;

function slice(flow: Flow, reading: Reading): Flow {
  const [starts = [], ends = []] = [listed(reading, 1, "starts"), listed(reading, 2, "ends")];
  const axes = listed(reading, 3, "axes") ?? starts.map((_, i) => i);
  const steps = listed(reading, 4, "steps") ?? starts.map(() => 1);
  let out = flow;
  axes.forEach((given, i) => {
    const axis = place(given, out.dims.length);
    const [size, step] = [sizesOf(out)[axis]!, steps[i]!];
    const clip = (n: number): number => Math.min(Math.max(n < 0 ? n + size : n, 0), size);
    const [from, to] = [clip(starts[i]!), clip(ends[i]!)];
    if (step === 1 && from === 0 && to === size) return;
    const group = out.dims[axis]!;
    const places =
      step > 0
        ? stepped(from, to, step)
        : stepped(Math.min(clip(starts[i]!), size - 1), ends[i]! < -size ? -1 : to, step);
    if (isFeatures(group)) out = featuresAt(out, axis, places, true, nameOf(reading));
    else if (places.length === 1 && timeOf(out, axis, reading))
      out = stepAt(out, axis, places[0]!, true, reading);
    else if (step === -1 && places.length === size && timeOf(out, axis, reading)) {
      reading.axes.time ??= timeOf(out, axis, reading);
      out = flipped(out.item.over === "raw" ? alongAxis(out, out.dims.length - 1, "") : out, nameOf(reading));
    } else
      throw new Unreadable(
        `takes the part ${starts[i]} to ${ends[i]} of an axis that is neither features nor one step of sequences`,
      );
  });
  return out;
}

function stepped(from: number, to: number, step: number): number[] {
  const count = Math.max(Math.ceil((to - from) / step), 0);
  if (count > 2 ** 20) throw new Unreadable(`takes ${count} places`);
  return Array.from({ length: count }, (_, i) => from + i * step);
}

/** Values side by side: their features are. */
function concat(flows: readonly Flow[], reading: Reading): Flow {
  const [first] = flows as readonly [Flow, ...Flow[]];
  const axis = place(reading.int("axis", 0), first.dims.length);
  const openAlike = flows.every(
    ({ dims }) =>
      dims.length === first.dims.length &&
      dims.every((group, i) => i === axis || sizeOf(group) === sizeOf(first.dims[i]!)),
  );
  const along = flows.map(({ dims }) => dims[axis]!);
  const time = reading.axes.time;
  if (openAlike && time && flows.length === time.size && along.every((group) => group.length === 0)) {
    const item = rolledSteps(flows.map((flow) => inOrder(flow, nameOf(reading)).item));
    const fresh = featureAtoms(featuresOf(first).map(({ size }) => size));
    if (!item && flows.some((flow) => hasSteps(flow.item)))
      throw new Unreadable(
        `puts together steps that were written out one by one and were not recognised as a layer; ${unrolledRemedy}`,
      );
    if (item)
      return {
        kind: "flow",
        item,
        dims: withFeatures(
          first.dims.map((group, i) => (i === axis ? [time] : group)),
          fresh,
        ),
      };
  }
  if (!openAlike || along.some((group) => group.some(({ kind }) => kind === "open")))
    throw new Unreadable("joins sequences or batches");
  if (flows.some(({ item }) => item.over !== first.item.over || item.over === "ids" || item.over === "raw"))
    throw new Unreadable("puts side by side values for each step and values for each sequence");
  const opens = flows.map((flow) => openOf(flow));
  if (
    opens.some((atoms) => atoms.some((atom, i) => atom !== opens[0]![i]) || atoms.length !== opens[0]!.length)
  )
    throw new Unreadable("puts side by side values whose steps or sequences are not the same");
  // Features as they would lie if each value came after the one before it; then in the order of the axes.
  const starts = flows.map((_, k) => flows.slice(0, k).reduce((sum, { item }) => sum + item.width, 0));
  const sides = flows.map((flow) => {
    const atoms = featuresOf(flow);
    const group = flow.dims[axis]!;
    const at =
      group.length > 0
        ? atoms.indexOf(group[0]!)
        : flow.dims
            .slice(0, axis)
            .flat()
            .filter(({ kind }) => kind === "feature").length;
    return { outer: atoms.slice(0, at), own: group, inner: atoms.slice(at + group.length) };
  });
  const indices = featureIndices(sides[0]!.outer).flatMap((_, o) =>
    sides.flatMap(({ outer, own, inner }, k) =>
      featureIndices(own).flatMap((a) =>
        featureIndices(inner).map((b) => starts[k]! + featureIndices(outer)[o]! + a + b),
      ),
    ),
  );
  const { outer, inner } = sides[0]!;
  const size = along.reduce((sum, group) => sum + sizeOf(group), 0);
  const fresh = featureAtoms([...outer.map((a) => a.size), size, ...inner.map((a) => a.size)]);
  const item = selected(beside(flows.map((flow) => flow.item)), indices, nameOf(reading));
  const dims = first.dims.map((group, i): readonly Atom[] =>
    i === axis ? [{ kind: "feature", size, stride: 1 }] : group,
  );
  return { kind: "flow", item, dims: withFeatures(dims, fresh) };
}

function split(flow: Flow, reading: Reading): readonly Flow[] {
  const axis = place(reading.int("axis", 0), flow.dims.length);
  const [size, count] = [sizesOf(flow)[axis]!, reading.node.outputs.length];
  const each = Math.ceil(size / count);
  const sizes =
    listed(reading, 1, "split") ?? Array.from({ length: count }, (_, i) => Math.min(each, size - i * each));
  const group = flow.dims[axis]!;
  if (count === 1) return [flow];
  if (!isFeatures(group)) throw new Unreadable("splits an axis that is not of features");
  let from = 0;
  return sizes.map((n) => {
    const at = Array.from({ length: n }, (_, i) => from + i);
    from += n;
    return featuresAt(flow, axis, at, true, nameOf(reading));
  });
}

function flatten(flow: Flow, reading: Reading): Flow {
  const rank = flow.dims.length;
  const given = reading.int("axis", 1);
  const axis = given === rank ? rank : place(given, rank);
  return moved(flow, [flow.dims.slice(0, axis).flat(), flow.dims.slice(axis).flat()]);
}

/** A flow in a larger shape, where only sizes of 1 are added. */
function expand(flow: Flow, to: readonly number[], reading: Reading): Flow {
  const own = sizesOf(flow);
  const rank = Math.max(own.length, to.length);
  const wide = [...new Array<readonly Atom[]>(rank - own.length).fill([]), ...flow.dims];
  const same = wide.every((group, i) => {
    const wanted = to[i - rank + to.length] ?? 1;
    return wanted === 1 || wanted === sizeOf(group);
  });
  if (same) return moved(flow, wide);
  throw new Unreadable(`repeats ${shapeText(own, reading.open)} to ${shapeText(to, reading.open)}`);
}

const shapeConstant = (flow: Flow, reading: Reading): Constant => {
  const clip = (n: number): number =>
    Math.min(Math.max(n < 0 ? n + flow.dims.length : n, 0), flow.dims.length);
  const sizes = sizesOf(flow).slice(
    clip(reading.int("start", 0)),
    clip(reading.int("end", flow.dims.length)),
  );
  return sizeConstant(sizes, [sizes.length], reading);
};

/** Sizes as a constant of a shape. */
export const sizeConstant = (
  sizes: readonly number[],
  dims: readonly number[],
  { open }: Pick<Reading, "open">,
): Constant => ({
  kind: "constant",
  numbers: { type: 7, dims, data: Float64Array.from(sizes) },
  varies: sizes.some((size) => [...open.keys()].some((prime) => size % prime === 0)),
});

const first = ({ inputs }: Reading): Flow => flowOf(inputs[0]);

/** Rows of operators whose first input flows through the layers. */
export const onFlows: Readonly<Record<string, Read>> = {
  Identity: ({ inputs }) => [inputs[0]!],
  Cast: ({ inputs }) => [inputs[0]!],
  CastLike: ({ inputs }) => [inputs[0]!],
  Dropout: ({ inputs }) => [inputs[0]!],
  Shape: (reading) => [shapeConstant(first(reading), reading)],
  Size: (reading) => [sizeConstant([sizeOf(first(reading).dims.flat())], [], reading)],
  Transpose: (reading) => [transpose(first(reading), reading)],
  Squeeze: (reading) => [squeeze(first(reading), reading)],
  Unsqueeze: (reading) => [unsqueeze(first(reading), reading)],
  Reshape: (reading) => [
    reshape(
      first(reading),
      reading.inputs[1] ? numbersOf(reading.inputs[1], "a shape") : (reading.attribute("shape")?.ints ?? []),
      reading,
    ),
  ],
  Flatten: (reading) => [flatten(first(reading), reading)],
  Expand: (reading) => [expand(first(reading), numbersOf(reading.inputs[1], "a shape"), reading)],
  Gather: (reading) => [gather(first(reading), reading)],
  Slice: (reading) => [slice(first(reading), reading)],
  Concat: (reading) => [concat(reading.inputs.map(flowOf), reading)],
  Split: (reading) => split(first(reading), reading),
};
