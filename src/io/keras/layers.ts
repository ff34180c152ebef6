/**
 * The layers that can be imported, one row per class of Keras (and of TensorFlow.js, which has the same names). Sources:
 * keras.io/api/layers, and for what their configurations hold keras/src/layers.
 */
import {
  activation,
  dropout,
  embedding,
  linear,
  type Pooling,
  pool,
  type Shape,
  type Tensor,
} from "../../nn/index.js";
import type { Rows, SourceLayer } from "../imported.js";
import type { Activation } from "./activations.js";
import { shown } from "./fields.js";
import {
  checkOptions,
  type LayerContext,
  type LayerRow,
  type MappedLayer,
  readActivation,
  titleOf,
  weightless,
} from "./mapped.js";
import { timesMatrix } from "./matrix.js";
import { innerLayer, recurrentRows } from "./recurrent.js";

const same = (rows: Rows): Rows => rows;

const embeddingRow: LayerRow = {
  read(context) {
    const { fields, input, refuse, assume, layer } = context;
    checkOptions(context, ["input_dim", "output_dim", "mask_zero"]);
    const [vocabulary, width] = [fields.size("input_dim"), fields.size("output_dim")];
    if (input && input.over !== "ids") refuse("an Embedding after other layers");
    if (fields.flag("mask_zero", false))
      assume(
        "masks the id 0, with which sequences are padded: leave padding out, sequences have their own lengths here",
      );
    return {
      layers: [embedding({ width })],
      output: input && { over: "tokens", width },
      variables: [{ name: "embeddings", shape: [vocabulary, width], part: "" }],
      bind(weights, names) {
        const table = weights[0]!;
        const row = (id: number): number[] => Array.from(table.values.subarray(id * width, (id + 1) * width));
        const to = `${names[0]}.w_e`;
        return {
          parameters: [[to, { shape: table.shape, data: Float32Array.from(table.values) }]],
          mapped: [{ from: table.name, to, how: "as it is" }],
          stages: [
            {
              name: titleOf(layer),
              layers: names,
              evaluate: (ids) => ids.map(([id]) => row(id!)),
            },
          ],
        };
      },
    };
  },
};

const denseRow: LayerRow = { read: (context) => mapDense(context, "") };

function mapDense(context: LayerContext, part: string): MappedLayer {
  const { fields, input, refuse, layer } = context;
  checkOptions(context, ["units", "activation", "use_bias"]);
  const units = fields.size("units");
  const hasBias = fields.flag("use_bias", true);
  if (input?.over === "ids") refuse("reads token ids; put an Embedding before it");
  const output: Shape | undefined = input && { over: input.over, width: units };
  const after = afterwards(context, "activation", output);
  const X = input?.width ?? 1;
  return {
    layers: [linear({ units }), ...after.layers],
    output,
    variables: [
      { name: "kernel", shape: [X, units], part },
      ...(hasBias ? [{ name: "bias", shape: [units], part }] : []),
    ],
    ...(after.loss ? { loss: after.loss } : {}),
    bind([kernel, bias], [name = "", ...others]) {
      const { values } = kernel!;
      const b: readonly number[] = bias ? Array.from(bias.values) : new Array<number>(units).fill(0);
      const weight: Tensor = {
        shape: [units, X],
        data: Float32Array.from(
          { length: units * X },
          (_, k) => values[(k % X) * units + Math.floor(k / X)]!,
        ),
      };
      return {
        parameters: [
          [`${name}.w_ya`, weight],
          [`${name}.b_y`, { shape: [units], data: Float32Array.from(b) }],
        ],
        mapped: [
          { from: kernel!.name, to: `${name}.w_ya`, how: "transposed" },
          ...(bias ? [{ from: bias.name, to: `${name}.b_y`, how: "as it is" }] : []),
        ],
        stages: [
          {
            name: titleOf(layer),
            layers: [name],
            evaluate: (rows) => rows.map((x) => timesMatrix(x, kernel!).map((v, k) => v + b[k]!)),
          },
          ...after.stages(others),
        ],
      };
    },
  };
}

/** An activation after a layer: the loss's own if the layer is the last, otherwise a layer of ours. */
function afterwards(
  context: LayerContext,
  key: string,
  output: Shape | undefined,
): Pick<MappedLayer, "layers" | "loss"> & { readonly stages: (names: readonly string[]) => SourceLayer[] } {
  const found: Activation = readActivation(context, key);
  const { name, evaluate, layer: by, loss } = found;
  const stages = (names: readonly string[]): SourceLayer[] => [
    {
      name: `${context.layer.name}, ${name}`,
      layers: names,
      evaluate: (rows) => rows.map((z) => evaluate(z)),
    },
  ];
  if (context.last && loss && output)
    return { layers: [], loss, stages: name === "linear" ? () => [] : stages };
  if (name === "linear") return { layers: [], stages: () => [] };
  if (!by)
    context.refuse(
      `${key} ${name} ${loss ? "before the last layer" : "as a layer"}: ours are relu, tanh, sigmoid, softplus, softsign, elu, silu and Keras 2's hard_sigmoid`,
    );
  return {
    layers: by ? [activation({ by })] : [],
    ...(context.last ? { loss: "squaredError" } : {}),
    stages,
  };
}

const activationRow: LayerRow = {
  read(context) {
    checkOptions(context, ["activation"]);
    const { stages, ...after } = afterwards(context, "activation", context.input);
    const bind: MappedLayer["bind"] = (_weights, names) => ({
      parameters: [],
      mapped: [],
      stages: stages(names),
    });
    return { ...after, output: context.input, variables: [], bind };
  },
};

const timeDistributedRow: LayerRow = {
  read(context) {
    checkOptions(context, ["layer"]);
    const inner = innerLayer(context, "layer");
    if (context.input && context.input.over !== "tokens")
      context.refuse("there are no steps to distribute over");
    if (inner.layer.className !== "Dense") {
      context.refuse(`wraps ${inner.layer.className}; Dense can be imported`);
      return weightless(context, [], undefined, same);
    }
    const title = { ...context.layer, className: "TimeDistributed Dense" };
    return mapDense({ ...inner, layer: title }, "layer");
  },
};

function dropoutRow(mask: "value" | "sequence"): LayerRow {
  return {
    passes: true,
    read(context) {
      checkOptions(context, ["rate"]);
      const { fields, input, refuse } = context;
      const rate = fields.number("rate", 0);
      if (!(rate >= 0 && rate < 1)) refuse(`the rate ${rate}; it is at least 0 and below 1`);
      if (input?.over === "ids") refuse("drops token ids");
      if ((fields.json["noise_shape"] ?? null) !== null)
        context.assume(
          `its noise_shape ${shown(fields.json["noise_shape"])} was left out: values are dropped one by one`,
        );
      const layers = rate > 0 && rate < 1 ? [dropout({ rate, mask })] : [];
      return weightless(context, layers, input, same);
    },
  };
}

function poolRow(by: Pooling, evaluate: (column: readonly number[]) => number): LayerRow {
  return {
    read(context) {
      checkOptions(context, ["data_format", "keepdims"]);
      const { fields, input, refuse } = context;
      if (fields.flag("keepdims", false)) refuse("keepdims");
      if ((fields.json["data_format"] ?? "channels_last") !== "channels_last")
        refuse("data_format channels_first");
      if (input && input.over !== "tokens") refuse("there are no steps to pool");
      const output = input && ({ over: "sequences", width: input.width } as const);
      return weightless(context, [pool({ by })], output, (rows) => [
        rows[0]!.map((_, k) => evaluate(rows.map((row) => row[k]!))),
      ]);
    },
  };
}

/** What acts while training only and has no counterpart of ours. */
function trainingOnly(options: readonly string[]): LayerRow {
  return {
    passes: true,
    read(context) {
      checkOptions(context, options);
      context.assume("acts in training only, and was left out");
      return weightless(context, [], context.input, same);
    },
  };
}

const maskingRow: LayerRow = {
  passes: true,
  read(context) {
    checkOptions(context, ["mask_value"]);
    const value = shown(context.fields.json["mask_value"] ?? 0);
    context.assume(
      `masks steps of ${value}, with which sequences are padded: leave padding out, sequences have their own lengths here`,
    );
    return weightless(context, [], context.input, same);
  },
};

/** The rows by class. */
export const layerRows: Readonly<Record<string, LayerRow>> = {
  Embedding: embeddingRow,
  ...recurrentRows,
  Dense: denseRow,
  TimeDistributed: timeDistributedRow,
  Activation: activationRow,
  Dropout: dropoutRow("value"),
  SpatialDropout1D: dropoutRow("sequence"),
  GlobalAveragePooling1D: poolRow(
    "mean",
    (column) => column.reduce((total, v) => total + v, 0) / column.length,
  ),
  GlobalMaxPooling1D: poolRow("max", (column) => column.reduce((most, v) => Math.max(most, v))),
  Masking: maskingRow,
  GaussianNoise: trainingOnly(["stddev"]),
  GaussianDropout: trainingOnly(["rate"]),
  ActivityRegularization: trainingOnly(["l1", "l2"]),
};
