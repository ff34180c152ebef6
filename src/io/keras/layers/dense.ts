/** Dense and convolutional layers, and the activations after them: the loss's own after the last layer, otherwise layers of ours. */
import { type LossName, linear, type Tensor } from "../../../nn/index.js";
import type { GivenOutput, Rows, SourceLayer } from "../../imported.js";
import { shown } from "../fields.js";
import type { SourceTensor } from "../source.js";
import { type Activation, activationLayers } from "./activations.js";
import {
  type BoundLayer,
  checkOptions,
  type LayerContext,
  type LayerRow,
  type MappedLayer,
  nothing,
  readActivation,
  titleOf,
  variable,
} from "./mapped.js";
import { timesMatrix } from "./matrix.js";
import { noConvolution, placeConvolution } from "./placed-convolution.js";
import type { Value } from "./placer.js";

/** What an activation after a value becomes. */
interface After {
  readonly value: Value | undefined;
  readonly loss?: LossName;
  readonly gives?: GivenOutput;
  readonly stages: readonly SourceLayer[];
}

/** The value, which is another one only in its name. */
const named = (value: Value, ours: string): Value => ({ ...value, ours });

/** Places an activation: the loss's own if the layer is the last, otherwise layers of ours. */
function afterwards(context: LayerContext, found: Activation, value: Value | undefined, what: string): After {
  const { name, evaluate, place, loss, gives } = found;
  const { placer, last, layer, refuse } = context;
  const stage = (layers: readonly string[]): SourceLayer => ({
    name: `${layer.name}, ${name}`,
    layers,
    evaluate: (rows) => rows.map((z) => evaluate(z)),
  });
  if (last && loss)
    return { value, loss, stages: name === "linear" ? [] : [stage([])], ...(gives ? { gives } : {}) };
  if (!value) return { value, stages: [] };
  if (!place) {
    refuse(
      `${what} ${name}: there is no layer that does this here; save the model without it, and apply it to what is predicted`,
    );
    return { value, stages: [] };
  }
  const before = placer.layers.length;
  const ours = place(placer, value.ours, value.width);
  // Several layers of ours may branch, and are then compared in the whole alone.
  const names = placer.layers.length === before + 1 ? [ours] : undefined;
  return {
    value: named(value, ours),
    ...(last ? { loss: "squaredError" as const } : {}),
    stages: name === "linear" ? [] : [stage(names ?? [BRANCHED])],
  };
}

/** What of it is the network's. */
const lossOf = ({ loss, gives }: After): Pick<MappedLayer, "loss" | "gives"> => ({
  ...(loss ? { loss } : {}),
  ...(gives ? { gives } : {}),
});

/** Stands for layers that are no row: what they do is not compared alone. */
export const BRANCHED = "";

/** Its input, if it is of vectors. */
function vectors({ inputs: [input], refuse }: LayerContext): Value | undefined {
  if (input?.over !== "ids") return input;
  refuse("reads token ids; put an Embedding before it");
  return undefined;
}

const denseRow: LayerRow = {
  stepwise: true,
  readsFlat: true,
  read(context) {
    const { fields, layer, placer } = context;
    checkOptions(context, ["units", "activation", "use_bias"]);
    const units = fields.size("units");
    const input = vectors(context);
    const activation = readActivation(context, "activation");
    if (!input) return nothing;
    if (input.flat) return flatDense(context, input, { units, activation });
    const name = placer.add(linear({ units }), input.ours);
    const after = afterwards(context, activation, { ...input, ours: name, width: units }, "the activation");
    const X = input.width;
    return {
      outputs: [after.value],
      variables: [
        variable(context, "kernel", [X, units]),
        ...(fields.flag("use_bias", true) ? [variable(context, "bias", [units])] : []),
      ],
      ...lossOf(after),
      bind: ([kernel, bias]) =>
        bound(
          kernel!,
          bias,
          { weight: `${name}.w_ya`, bias: `${name}.b_y`, shape: [units, X], how: "transposed" },
          [
            {
              name: titleOf(layer),
              layers: [name],
              evaluate: (rows) => rows.map((x) => plus(timesMatrix(x, kernel!), bias)),
            },
            ...after.stages,
          ],
        ),
    };
  },
};

const plus = (z: readonly number[], bias: SourceTensor | undefined): number[] =>
  bias ? z.map((v, k) => v + bias.values[k]!) : [...z];

interface Weights {
  readonly weight: string;
  readonly bias: string;
  /** Of our weight: outputs, inputs. */
  readonly shape: readonly [number, number];
  readonly how: string;
}

/** A matrix of the file, transposed, and its bias. */
function bound(
  kernel: SourceTensor,
  bias: SourceTensor | undefined,
  { weight, bias: biasName, shape: [units, X], how }: Weights,
  stages: readonly SourceLayer[],
): BoundLayer {
  const transposed: Tensor = {
    shape: [units, X],
    data: Float32Array.from(
      { length: units * X },
      (_, k) => kernel.values[(k % X) * units + Math.floor(k / X)]!,
    ),
  };
  const b = bias ? Float32Array.from(bias.values) : new Float32Array(units);
  return {
    parameters: [
      [weight, transposed],
      [biasName, { shape: [units], data: b }],
    ],
    mapped: [
      { from: kernel.name, to: weight, how },
      ...(bias ? [{ from: bias.name, to: biasName, how: "as it is" }] : []),
    ],
    stages,
  };
}

/** All steps side by side into one product: a convolution as long as the sequence, of which the last step has seen them all. */
function flatDense(
  context: LayerContext,
  input: Value,
  { units, activation }: { readonly units: number; readonly activation: Activation },
): MappedLayer {
  const { fields, placer, layer, needsSteps } = context;
  const { steps = 1, width } = input;
  needsSteps(input.steps, "Flatten");
  const name = placeConvolution(placer, { units, kernel: steps, padding: "causal" }, input.ours);
  if (name === undefined) {
    context.refuse(noConvolution);
    return nothing;
  }
  const last = placer.pool("ends", name);
  const after = afterwards(
    context,
    activation,
    { ours: last, over: "sequences", width: units },
    "the activation",
  );
  const X = steps * width;
  return {
    outputs: [after.value],
    variables: [
      variable(context, "kernel", [X, units]),
      ...(fields.flag("use_bias", true) ? [variable(context, "bias", [units])] : []),
    ],
    ...lossOf(after),
    bind([kernel, bias]) {
      const stages: SourceLayer[] = [
        {
          name: titleOf(layer),
          layers: [BRANCHED],
          evaluate: (rows) => rows.map((x) => plus(timesMatrix(x, kernel!), bias)),
        },
        ...after.stages,
      ];
      const how = "transposed; all steps side by side";
      return bound(kernel!, bias, { ...convolutionNames(name), shape: [units, X], how }, stages);
    },
  };
}

/** The names of a convolution's parameters: its weights have the taps side by side, from the earliest step to the latest. */
const convolutionNames = (name: string): Pick<Weights, "weight" | "bias"> => ({
  weight: `${name}.w`,
  bias: `${name}.b`,
});

const convolutionRow: LayerRow = {
  mask: "ignores",
  read(context) {
    const { fields, layer, placer, refuse } = context;
    checkOptions(context, [
      "filters",
      "kernel_size",
      "strides",
      "padding",
      "dilation_rate",
      "groups",
      "activation",
      "use_bias",
      "data_format",
      "rank",
    ]);
    const one = (key: string, absent: number): number => {
      const value = fields.json[key] ?? absent;
      const size = Array.isArray(value) && value.length === 1 ? value[0] : value;
      if (typeof size === "number" && Number.isSafeInteger(size) && size >= 1) return size;
      refuse(`the option ${key} ${shown(value)}, which is no whole number from 1`);
      return 1;
    };
    const units = fields.size("filters");
    const [kernel, dilation] = [one("kernel_size", 1), one("dilation_rate", 1)];
    for (const key of ["strides", "groups"])
      if (one(key, 1) !== 1)
        refuse(
          `the option ${key} ${shown(fields.json[key])}: ${key === "strides" ? "it gives fewer steps than it reads" : "its features are cut into parts"}; 1 can be imported`,
        );
    if ((fields.json["data_format"] ?? "channels_last") !== "channels_last")
      refuse("the option data_format channels_first; channels_last can be imported");
    const padding = fields.json["padding"] ?? "valid";
    const whole = kernel === 1 && padding === "valid";
    if (padding !== "same" && padding !== "causal" && !whole)
      refuse(
        `the option padding ${shown(padding)}: it gives ${(kernel - 1) * dilation} steps fewer than it reads; "same" and "causal" can be imported`,
      );
    const activation = readActivation(context, "activation");
    const input = vectors(context);
    if (input?.over !== "tokens") {
      if (input) refuse("reads one vector per sequence, and needs steps");
      return nothing;
    }
    const causal = padding === "causal" || whole;
    const name = placeConvolution(
      placer,
      { units, kernel, dilation, padding: causal ? "causal" : "same" },
      input.ours,
    );
    if (name === undefined) {
      refuse(noConvolution);
      return nothing;
    }
    const after = afterwards(context, activation, { ...input, ours: name, width: units }, "the activation");
    const X = input.width;
    return {
      outputs: [after.value],
      variables: [
        variable(context, "kernel", [kernel, X, units]),
        ...(fields.flag("use_bias", true) ? [variable(context, "bias", [units])] : []),
      ],
      ...lossOf(after),
      bind([w, bias]) {
        // As TensorFlow pads: one more behind than before, if they are not as many.
        const before = causal ? (kernel - 1) * dilation : Math.floor(((kernel - 1) * dilation) / 2);
        const taps = Array.from({ length: kernel }, (_, k): SourceTensor => {
          const size = X * units;
          return { name: "", shape: [X, units], values: w!.values.subarray(k * size, (k + 1) * size) };
        });
        const evaluate = (rows: Rows): Rows =>
          rows.map((_, t) =>
            plus(
              taps.reduce((sum, tap, k) => {
                const row = rows[t - before + k * dilation];
                return row ? timesMatrix(row, tap).map((v, i) => v + sum[i]!) : sum;
              }, new Array<number>(units).fill(0)),
              bias,
            ),
          );
        const stages = [{ name: titleOf(layer), layers: [name], evaluate }, ...after.stages];
        return bound(
          w!,
          bias,
          { ...convolutionNames(name), shape: [units, kernel * X], how: "transposed" },
          stages,
        );
      },
    };
  },
};

/** A layer that is nothing but an activation. */
function activationRow(of: (context: LayerContext) => Activation | undefined): LayerRow {
  return {
    stepwise: true,
    read(context) {
      const found = of(context);
      const input = vectors(context);
      if (!found) return nothing;
      const after = afterwards(context, found, input, "the activation");
      const bind: MappedLayer["bind"] = () => ({ parameters: [], mapped: [], stages: after.stages });
      return { outputs: [after.value], variables: [], bind, ...lossOf(after) };
    },
  };
}

/** A layer with the same number for each feature of all steps: alpha · x below 0. */
const preluRow: LayerRow = {
  stepwise: true,
  read(context) {
    const { fields, placer, layer, refuse } = context;
    checkOptions(context, ["shared_axes"]);
    const input = vectors(context);
    if (!input) return nothing;
    const shared = fields.json["shared_axes"];
    const overSteps = Array.isArray(shared) && shared.includes(1);
    if (input.over === "tokens" && !overSteps)
      refuse("it has a slope for each step; with shared_axes=[1], one for each feature, it can be imported");
    if (Array.isArray(shared) && shared.includes(input.over === "tokens" ? 2 : 1))
      refuse("shared_axes with the features: LeakyReLU has one slope for all");
    const { width } = input;
    const relu = placer.activation("relu", input.ours);
    const below = placer.scale(input.ours, width, 0, 0);
    const above = placer.scale(relu, width, 0, 0);
    const ours = placer.join("add", [below, above]);
    return {
      outputs: [{ ...input, ours }],
      variables: [variable(context, "alpha", input.over === "tokens" ? [1, width] : [width])],
      bind([alpha]) {
        const values = Float32Array.from(alpha!.values);
        const evaluate = (rows: Rows): Rows =>
          rows.map((x) => x.map((v, k) => (v > 0 ? v : alpha!.values[k]! * v)));
        return {
          parameters: [
            [`${below}.g`, { shape: [width], data: values }],
            [`${above}.g`, { shape: [width], data: values.map((v) => 1 - v) }],
          ],
          mapped: [{ from: alpha!.name, to: `${below}.g, ${above}.g`, how: "as it is, and 1 − it" }],
          stages: [{ name: titleOf(layer), layers: [BRANCHED], evaluate }],
        };
      },
    };
  },
};

/** The rows. */
export const denseRows: Readonly<Record<string, LayerRow>> = {
  Dense: denseRow,
  Conv1D: convolutionRow,
  Convolution1D: convolutionRow,
  PReLU: preluRow,
  Activation: activationRow((context) => {
    checkOptions(context, ["activation"]);
    return readActivation(context, "activation");
  }),
  ...Object.fromEntries(
    Object.entries(activationLayers).map(([name, { options, of }]) => [
      name,
      activationRow((context) => {
        checkOptions(context, options);
        const { fields, inputs, refuse } = context;
        const found = of(fields.json, inputs[0]?.over === "tokens" ? 3 : 2);
        const written = options.map((key) => `${key} ${shown(fields.json[key] ?? null)}`).join(", ");
        if (!found)
          refuse(
            name === "Softmax"
              ? `the option ${written}: it is taken over the steps; over the features, axis -1, it can be imported`
              : `the options ${written}: a threshold or a list of numbers, where plain numbers can be imported`,
          );
        return found;
      }),
    ]),
  ),
};
