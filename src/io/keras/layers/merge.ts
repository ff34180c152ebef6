/** Layers and operations that make one value of several: Add, Concatenate and the like, and sums with numbers. */
import type { Joining } from "../../../nn/index.js";
import type { Rows } from "../../imported.js";
import { isObject, shown } from "../fields.js";
import { checkOptions, type LayerContext, type LayerRow, type MappedLayer, nothing } from "./mapped.js";
import { noConvolution } from "./placed-convolution.js";
import type { Value } from "./placer.js";
import { MOST_TOGETHER, putTogether } from "./shapes.js";

type Combine = (rows: readonly (readonly number[])[]) => number[];

const elementwise =
  (of: (a: number, b: number) => number): Combine =>
  (rows) =>
    rows[0]!.map((_, k) => rows.map((row) => row[k]!).reduce((a, b) => of(a, b)));

const combines: Readonly<Record<Joining, Combine>> = {
  add: elementwise((a, b) => a + b),
  subtract: elementwise((a, b) => a - b),
  multiply: elementwise((a, b) => a * b),
  maximum: elementwise((a, b) => Math.max(a, b)),
  minimum: elementwise((a, b) => Math.min(a, b)),
  average: (rows) => rows[0]!.map((_, k) => rows.reduce((sum, row) => sum + row[k]!, 0) / rows.length),
  concatenate: (rows) => rows.flat(),
};

/** Values that can be joined: alike in their steps, and of one width where they are joined element by element. */
function alike(context: LayerContext, by: Joining): readonly Value[] | undefined {
  const { inputs, refuse, placer } = context;
  if (inputs.some((value) => value === undefined)) return undefined;
  let values = inputs as readonly Value[];
  if (values.some(({ over }) => over === "ids")) {
    refuse("joins token ids; put an Embedding before it");
    return undefined;
  }
  const flats = values.filter(({ flat }) => flat);
  const alikeFlats =
    flats.length === values.length && values.every(({ width }) => width === values[0]!.width);
  if (flats.length > 0 && !(alikeFlats && by !== "concatenate")) {
    if (flats.some(({ steps = 1, width }) => steps * width > MOST_TOGETHER)) {
      refuse(`joins more than ${MOST_TOGETHER} numbers of steps side by side (Flatten) with others`);
      return undefined;
    }
    for (const { steps } of flats) context.needsSteps(steps, "Flatten");
    const together = values.map((value) => (value.flat ? putTogether(placer, value) : value));
    if (together.some((value) => value === undefined)) {
      refuse(noConvolution);
      return undefined;
    }
    values = together as readonly Value[];
  }
  const steps = values.find(({ over }) => over === "tokens");
  if (steps && values.some(({ over }) => over === "sequences")) {
    if (by === "concatenate") {
      refuse("puts vectors of each step beside vectors of each sequence; put a RepeatVector between them");
      return undefined;
    }
    // Keras spreads what has no steps over those of the others.
    values = values.map((value) =>
      value.over === "tokens" ? value : { ...steps, ours: placer.repeat(value.ours), width: value.width },
    );
  }
  const [first, ...others] = values as readonly [Value, ...Value[]];
  for (const other of others) {
    if (first.backwards !== other.backwards) {
      refuse("joins steps that run backwards (go_backwards) with steps that do not");
      return undefined;
    }
    if (by !== "concatenate" && first.width !== other.width) {
      refuse(`joins vectors of ${first.width} and ${other.width} numbers; of one width they can be imported`);
      return undefined;
    }
  }
  return values;
}

function joined(context: LayerContext, by: Joining): MappedLayer {
  const { inputs, placer, refuse } = context;
  if (inputs.length < 2) {
    refuse(`joins ${inputs.length} value; two or more can be imported`);
    return nothing;
  }
  const values = alike(context, by);
  if (!values) return nothing;
  const width = by === "concatenate" ? values.reduce((sum, value) => sum + value.width, 0) : values[0]!.width;
  const ours = placer.join(
    by,
    values.map((value) => value.ours),
  );
  const { mask: _, held: __, ...first } = values[0]!;
  const held = values.every((value) => value.held === true);
  // Keras masks what any of the inputs masks (Concatenate: what all mask).
  const mask = values.find((value) => value.mask !== undefined)?.mask;
  const spread = inputs.map((value) => value?.over === "sequences" && values[0]!.over === "tokens");
  const evaluate = (all: readonly Rows[]): Rows[] => [
    all[spread.indexOf(false)]!.map((_, t) => combines[by](all.map((rows, i) => rows[spread[i] ? 0 : t]!))),
  ];
  return {
    outputs: [{ ...first, ours, width, ...(mask === undefined ? {} : { mask }), ...(held ? { held } : {}) }],
    variables: [],
    bind: () => ({ parameters: [], mapped: [], stages: [], evaluate }),
  };
}

/** A layer; its class is an operation's as well, which may have a number in one place. */
function mergeRow(by: Joining): LayerRow {
  return {
    reads: "several",
    stepwise: true,
    readsFlat: true,
    read(context) {
      checkOptions(context, ["axis"]);
      const constant = context.inputs.length === 1 ? constantIn(context.given) : undefined;
      if (constant) return withNumber(context, by, constant);
      const axis = context.fields.json["axis"] ?? -1;
      const [first] = context.inputs;
      const rank = first?.over === "tokens" && !first.flat ? 3 : 2;
      if (by === "concatenate" && axis !== -1 && axis !== rank - 1) {
        context.refuse(
          `the option axis ${shown(axis)} puts steps one after the other; -1, the features, can be imported`,
        );
        return nothing;
      }
      return joined(context, by);
    },
  };
}

interface Constant {
  readonly value: number;
  /** True where the number stands before the tensor. */
  readonly first: boolean;
}

/** The number among an operation's arguments. */
function constantIn(given: unknown): Constant | undefined {
  if (isObject(given)) {
    const args = Array.isArray(given["args"]) ? (given["args"] as readonly unknown[]) : [];
    const at = args.findIndex((each) => typeof each === "number");
    return at < 0 ? undefined : { value: args[at] as number, first: at === 0 };
  }
  if (!Array.isArray(given)) return undefined;
  const item = (Array.isArray(given[0]) ? given[0] : given) as readonly unknown[];
  if (item[0] === "_CONSTANT_VALUE" && typeof item[2] === "number") return { value: item[2], first: true };
  const named = item[3];
  return isObject(named) && typeof named["y"] === "number" ? { value: named["y"], first: false } : undefined;
}

function withNumber(context: LayerContext, by: Joining, { value, first }: Constant): MappedLayer {
  const [input] = context.inputs;
  const ways: Partial<Record<Joining, readonly [g: number, k: number]>> = {
    add: [1, value],
    subtract: first ? [-1, value] : [1, -value],
    multiply: [value, 0],
  };
  const way = ways[by];
  if (!way || !input || input.over === "ids") {
    if (input) context.refuse(`joins a value with the number ${value}`);
    return nothing;
  }
  const [g, k] = way;
  const ours = context.placer.scale(input.ours, input.width, g, k);
  return {
    outputs: [{ ...input, ours }],
    variables: [],
    bind: () => ({
      parameters: [],
      mapped: [],
      stages: [
        {
          name: `${context.layer.name}, ${by} ${value}`,
          layers: [ours],
          evaluate: (rows) => rows.map((row) => row.map((v) => g * v + k)),
        },
      ],
    }),
  };
}

/** TensorFlow's operations by the names of their functions. */
const functions: Readonly<Record<string, Joining>> = {
  "__operators__.add": "add",
  "math.add": "add",
  "math.multiply": "multiply",
  "math.subtract": "subtract",
  "math.maximum": "maximum",
  "math.minimum": "minimum",
};

const operationRow: LayerRow = {
  reads: "several",
  stepwise: true,
  readsFlat: true,
  read(context) {
    const name = context.fields.json["function"];
    const by = typeof name === "string" && Object.hasOwn(functions, name) ? functions[name] : undefined;
    const { function: _, ...options } = context.fields.json;
    if (by) return mergeRow(by).read({ ...context, fields: { ...context.fields, json: options } });
    context.refuse(
      `the operation ${shown(name)} of TensorFlow; ${Object.keys(functions).join(", ")} can be imported`,
    );
    return nothing;
  },
};

/** The rows. */
export const mergeRows: Readonly<Record<string, LayerRow>> = {
  Add: mergeRow("add"),
  Subtract: mergeRow("subtract"),
  Multiply: mergeRow("multiply"),
  Average: mergeRow("average"),
  Maximum: mergeRow("maximum"),
  Minimum: mergeRow("minimum"),
  Concatenate: mergeRow("concatenate"),
  TFOpLambda: operationRow,
};
