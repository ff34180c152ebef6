/**
 * Layers that only arrange numbers: Flatten, Reshape, RepeatVector, the taking of one step. Steps that lie side by side in one
 * vector of the file are steps here all the same; what reads such a vector knows how (Dense), or is told that it cannot.
 */
import type { Rows } from "../../imported.js";
import { isObject, shown } from "../fields.js";
import { checkOptions, type LayerContext, type LayerRow, nothing, same, weightless } from "./mapped.js";
import { placeConvolution } from "./placed-convolution.js";
import type { Placer, Value } from "./placer.js";

const sideBySide = (rows: Rows): Rows => [rows.flat()];
const cut =
  (width: number) =>
  (rows: Rows): Rows => {
    const all = rows.flat();
    return Array.from({ length: all.length / width }, (_, t) => all.slice(t * width, (t + 1) * width));
  };

/** The steps of a value side by side. */
function flattened(context: LayerContext, input: Value): Value | undefined {
  if (input.over !== "tokens") return input;
  if (input.steps === undefined) {
    context.refuse(
      "puts all steps side by side, and the file does not say how many there are; save it with an input of a fixed number of steps",
    );
    return undefined;
  }
  return { ...input, flat: true };
}

const flattenRow: LayerRow = {
  mask: "ignores",
  readsFlat: true,
  read(context) {
    checkOptions(context, ["data_format"]);
    const [input] = context.inputs;
    if (!input) return nothing;
    // One step of vectors at a time, inside TimeDistributed.
    if (context.layer.distributed || input.over !== "tokens") return weightless(context, [], input, same);
    return weightless(context, [], flattened(context, input), input.flat ? same : sideBySide);
  },
};

const reshapeRow: LayerRow = {
  mask: "ignores",
  readsFlat: true,
  read(context) {
    checkOptions(context, ["target_shape"]);
    return reshaped(context, context.fields.json["target_shape"]);
  },
};

function reshaped(context: LayerContext, target: unknown): ReturnType<LayerRow["read"]> {
  const [input] = context.inputs;
  if (!input) return nothing;
  if (input.unshaped) {
    const { unshaped: _, ...value } = input;
    return weightless(context, [], value, same);
  }
  const sizes = Array.isArray(target) ? (target as readonly unknown[]) : [];
  const { steps, width } = input;
  const total = input.over === "tokens" ? (steps === undefined ? undefined : steps * width) : width;
  const known = sizes.reduce<number>(
    (product, n) => (typeof n === "number" && n > 0 ? product * n : product),
    1,
  );
  const [first, second] = sizes.map((n) => (n === -1 && total !== undefined ? total / known : n));
  if (sizes.length === 1) {
    if (input.over === "tokens" && input.flat !== true && width * (steps ?? 0) === first)
      return weightless(context, [], flattened(context, input), sideBySide);
    if (first === total) return weightless(context, [], input, same);
  }
  if (
    sizes.length === 2 &&
    input.over === "tokens" &&
    second === width &&
    (first === steps || (first === -1 && !input.flat))
  ) {
    const { flat, ...value } = input;
    return weightless(context, [], value, flat ? cut(width) : same);
  }
  const has = input.over === "tokens" ? `(${steps ?? "any"}, ${width})` : `(${width})`;
  context.refuse(
    `makes ${shown(target)} of ${has}: what was features of one step becomes another; it can be imported right after the input, or where it puts steps side by side`,
  );
  return nothing;
}

const repeatRow: LayerRow = {
  mask: "ignores",
  read(context) {
    checkOptions(context, ["n"]);
    const { fields, placer, needsSteps, refuse } = context;
    const n = fields.size("n");
    const [input] = context.inputs;
    if (!input) return nothing;
    if (input.over !== "sequences") {
      refuse("repeats one vector of a sequence, and reads one for each step");
      return nothing;
    }
    needsSteps(n, "RepeatVector");
    const ours = placer.repeat(input.ours);
    const output: Value = { ours, over: "tokens", width: input.width, steps: n };
    return weightless(context, [], output, ([row]) => new Array<readonly number[]>(n).fill(row!));
  },
};

/** x[:, -1] and x[:, -1, :], as operations of Keras 3 and of TensorFlow. */
const itemRow: LayerRow = {
  mask: "ignores",
  read(context) {
    const { inputs, given, placer, refuse, fields } = context;
    const [input] = inputs;
    if (!input) return nothing;
    const slices = slicesIn(given) ?? slicesIn(fields.json["key"]);
    const [batch, step, features = everything] = slices ?? [];
    const takesLast = step === -1;
    if (input.over === "tokens" && isWhole(batch) && takesLast && isWhole(features)) {
      const ours = input.backwards ? undefined : placer.pool("ends", input.ours);
      if (!ours) {
        refuse("takes the last step of what runs backwards");
        return nothing;
      }
      const output: Value = { ours, over: "sequences", width: input.width };
      return weightless(context, [], output, (rows) => [rows.at(-1)!]);
    }
    refuse("takes a part of a value; the last step, x[:, -1], can be imported");
    return nothing;
  },
};

interface Slice {
  readonly start: unknown;
  readonly stop: unknown;
  readonly step: unknown;
}
const everything: Slice = { start: undefined, stop: undefined, step: undefined };
const isSlice = (value: unknown): value is Slice => isObject(value) && "start" in value && "stop" in value;
const isWhole = (value: unknown): boolean =>
  isSlice(value) &&
  [value.start, value.stop].every((each) => (each ?? undefined) === undefined) &&
  (value.step ?? 1) === 1;

/** The parts that are taken, axis by axis: Keras 3 has { class_name: "__slice__" }, TensorFlow { start, stop, step }. */
function slicesIn(value: unknown): readonly unknown[] | undefined {
  if (isObject(value)) {
    if ("args" in value) return slicesIn(Array.isArray(value["args"]) ? value["args"][1] : undefined);
    return undefined;
  }
  if (!Array.isArray(value)) return undefined;
  // TensorFlow's operation has its slices among the named arguments of its one tensor.
  const named = Array.isArray(value[0]) ? (value[0] as readonly unknown[])[3] : value[3];
  if (isObject(named) && Array.isArray(named["slice_spec"])) return named["slice_spec"].map(plainSlice);
  return value.map(plainSlice);
}

const plainSlice = (value: unknown): unknown =>
  isObject(value) && value["class_name"] === "__slice__" ? value["config"] : value;

/** A dimension of 1 after the input: x[..., None]. */
const expandRow: LayerRow = {
  read(context) {
    const [input] = context.inputs;
    if (!input) return nothing;
    if (input.unshaped) {
      const { unshaped: _, ...value } = input;
      return weightless(context, [], value, same);
    }
    context.refuse(
      "adds an axis; right after an input of numbers it can be imported, so that each number is a step",
    );
    return nothing;
  },
};

/** What reads a vector of steps side by side, and has no way of its own to do so, is given it as one: a convolution puts it together. */
export function putTogether(placer: Placer, { ours, steps = 1, width }: Value): Value | undefined {
  const size = steps * width;
  const name = placeConvolution(placer, { units: size, kernel: steps, padding: "causal" }, ours);
  if (name === undefined) return undefined;
  const data = new Float32Array(size * size);
  for (let i = 0; i < size; i++) data[i * size + i] = 1;
  placer.constant(`${name}.w`, { shape: [size, size], data });
  placer.constant(`${name}.b`, { shape: [size], data: new Float32Array(size) });
  return { ours: placer.pool("ends", name), over: "sequences", width: size };
}

/** Numbers that are put together by a matrix of ones and zeros, at most. */
export const MOST_TOGETHER = 2048;

/** The rows. */
export const shapeRows: Readonly<Record<string, LayerRow>> = {
  Flatten: flattenRow,
  Reshape: reshapeRow,
  RepeatVector: repeatRow,
  GetItem: itemRow,
  SlicingOpLambda: itemRow,
  ExpandDims: expandRow,
};
