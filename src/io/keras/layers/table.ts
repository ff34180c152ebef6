/**
 * The layers that can be imported, one row per class of Keras (and of TensorFlow.js, which has the same names). Sources:
 * keras.io/api/layers, and for what their configurations hold keras/src/layers.
 */
import { dropout, embedding, type Pooling } from "../../../nn/index.js";
import { shown } from "../fields.js";
import { attentionRows } from "./attention.js";
import { denseRows } from "./dense.js";
import { checkOptions, type LayerRow, nothing, same, titleOf, variable, weightless } from "./mapped.js";
import { mergeRows } from "./merge.js";
import { normaliseRows } from "./normalise.js";
import { innerLayer, recurrentRows } from "./recurrent.js";
import { shapeRows } from "./shapes.js";

const embeddingRow: LayerRow = {
  read(context) {
    const { fields, inputs, refuse, layer, placer } = context;
    checkOptions(context, ["input_dim", "output_dim", "mask_zero"]);
    const [vocabulary, width] = [fields.size("input_dim"), fields.size("output_dim")];
    const [input] = inputs;
    if (input && input.over !== "ids")
      refuse("reads what other layers give; it can be imported right after an input");
    const masks = fields.flag("mask_zero", false);
    if (input?.over !== "ids") return nothing;
    if (input.width > vocabulary)
      refuse(`has ${vocabulary} ids, and another layer reads the same input with ${input.width}`);
    const ours = placer.add(embedding({ width }), input.ours);
    const output = {
      ...input,
      over: "tokens" as const,
      ours,
      width,
      ...(masks ? { mask: titleOf(layer) } : {}),
    };
    return {
      outputs: [output],
      variables: [variable(context, "embeddings", [vocabulary, width])],
      bind([table]) {
        const row = (id: number): number[] =>
          Array.from(table!.values.subarray(id * width, (id + 1) * width));
        const to = `${ours}.w_e`;
        return {
          parameters: [[to, { shape: table!.shape, data: Float32Array.from(table!.values) }]],
          mapped: [{ from: table!.name, to, how: "as it is" }],
          stages: [{ name: titleOf(layer), layers: [ours], evaluate: (ids) => ids.map(([id]) => row(id!)) }],
        };
      },
    };
  },
};

const timeDistributedRow: LayerRow = {
  stepwise: true,
  read(context) {
    checkOptions(context, ["layer"]);
    const { inputs, layer, refuse } = context;
    const inner = innerLayer(context, "layer");
    const { className } = inner.layer;
    const row = rowOf(className);
    if (!row?.stepwise && !(className === "Flatten" || row?.passes)) {
      refuse(
        row
          ? `wraps ${className}, which would read sequences inside steps; import it as a model of its own`
          : `wraps ${unknownClass(className)}`,
      );
      return nothing;
    }
    const [input] = inputs;
    if (input && input.over !== "tokens") refuse("has no steps to distribute over");
    const title = { ...layer, className: `TimeDistributed ${className}`, distributed: true } as const;
    const part = [context.part, "layer"].filter((each) => each !== "").join("/");
    return row!.read({ ...inner, layer: title, part });
  },
};

function dropoutRow(mask: "value" | "sequence"): LayerRow {
  return {
    passes: true,
    stepwise: true,
    readsFlat: true,
    read(context) {
      const { fields, inputs, refuse, placer } = context;
      checkOptions(context, ["rate", "p"]);
      // Keras 1 called it p.
      const rate = fields.number("rate", fields.number("p", 0));
      const [input] = inputs;
      if (!(rate >= 0 && rate <= 1)) refuse(`the rate ${rate}; it is at least 0 and below 1`);
      if (!input) return nothing;
      const acts = rate > 0 && rate < 1 && input.over !== "ids" && !input.flat;
      if (rate > 0 && !acts)
        context.assume(
          `drops ${input.over === "ids" ? "token ids" : input.flat ? "values of steps side by side" : "everything"} while training, and was left out`,
        );
      if ((fields.json["noise_shape"] ?? null) !== null)
        context.assume(
          `has the noise_shape ${shown(fields.json["noise_shape"])}, which was left out: values are dropped one by one`,
        );
      const bySequence = mask === "sequence" && input.over === "tokens";
      const name = acts
        ? placer.add(dropout({ rate, mask: bySequence ? "sequence" : "value" }), input.ours)
        : undefined;
      return weightless(context, name ? [name] : [], name ? { ...input, ours: name } : input, same);
    },
  };
}

function poolRow(
  by: Pooling,
  evaluate: (column: readonly number[]) => number,
  mask: "obeys" | "ignores",
): LayerRow {
  return {
    mask,
    anyOrder: true,
    read(context) {
      checkOptions(context, ["data_format", "keepdims"]);
      const { fields, inputs, refuse, placer } = context;
      if (fields.flag("keepdims", false))
        refuse("the option keepdims true: it gives one step; without it, it can be imported");
      if ((fields.json["data_format"] ?? "channels_last") !== "channels_last")
        refuse(
          "the option data_format channels_first: it pools over the features; channels_last can be imported",
        );
      const [input] = inputs;
      if (input && input.over !== "tokens") refuse("has no steps to pool");
      if (context.layer.distributed) refuse("would pool inside steps (TimeDistributed)");
      if (input?.over !== "tokens") return nothing;
      const name = placer.pool(by, input.ours);
      return weightless(context, [name], { ours: name, over: "sequences", width: input.width }, (rows) => [
        rows[0]!.map((_, k) => evaluate(rows.map((row) => row[k]!))),
      ]);
    },
  };
}

/** What acts while training only and has no counterpart of ours. */
function trainingOnly(options: readonly string[]): LayerRow {
  return {
    passes: true,
    stepwise: true,
    readsFlat: true,
    read(context) {
      checkOptions(context, options);
      context.assume("acts in training only, and was left out");
      return weightless(context, [], context.inputs[0], same);
    },
  };
}

const maskingRow: LayerRow = {
  passes: true,
  read(context) {
    checkOptions(context, ["mask_value"]);
    const [input] = context.inputs;
    return weightless(context, [], input && { ...input, mask: titleOf(context.layer) }, same);
  },
};

/** Layers that pass on what they are given. */
const passingRow: LayerRow = {
  passes: true,
  stepwise: true,
  readsFlat: true,
  read(context) {
    checkOptions(context, []);
    return weightless(context, [], context.inputs[0], same);
  },
};

const average = (column: readonly number[]): number =>
  column.reduce((total, v) => total + v, 0) / column.length;

/** The rows by class. */
export const layerRows: Readonly<Record<string, LayerRow>> = {
  Embedding: embeddingRow,
  ...recurrentRows,
  ...denseRows,
  TimeDistributed: timeDistributedRow,
  ...normaliseRows,
  ...attentionRows,
  ...mergeRows,
  ...shapeRows,
  Dropout: dropoutRow("value"),
  SpatialDropout1D: dropoutRow("sequence"),
  GlobalAveragePooling1D: poolRow("mean", average, "obeys"),
  GlobalMaxPooling1D: poolRow("max", (column) => column.reduce((most, v) => Math.max(most, v)), "ignores"),
  Masking: maskingRow,
  GaussianNoise: trainingOnly(["stddev", "sigma"]),
  GaussianDropout: trainingOnly(["rate", "p"]),
  AlphaDropout: trainingOnly(["rate", "p"]),
  ActivityRegularization: trainingOnly(["l1", "l2"]),
  Identity: passingRow,
};

/** The row of a class. */
export const rowOf = (className: string): LayerRow | undefined =>
  Object.hasOwn(layerRows, className) ? layerRows[className] : undefined;

/** Why there is no way round for some classes; of the others the nearest is said. */
const advice: Readonly<Record<string, string>> = {
  Lambda: "it holds a program in Python, which is not run; save the model without it",
  ConvLSTM1D: "a cell that convolves; there are LSTM, GRU and SimpleRNN",
  ConvLSTM2D: "a cell that convolves; there are LSTM, GRU and SimpleRNN",
  MultiHeadAttention: "attention of several heads; Attention and AdditiveAttention can be imported",
  MaxPooling1D: "it gives fewer steps than it reads; GlobalMaxPooling1D can be imported",
  AveragePooling1D: "it gives fewer steps than it reads; GlobalAveragePooling1D can be imported",
  TextVectorization: "it reads texts; save a model from the Embedding on, and turn texts into ids before it",
  StringLookup: "it reads texts; save a model from the Embedding on, and turn texts into ids before it",
  Permute: "it puts features in the place of steps",
  Dot: "it makes products of steps with steps; Attention can be imported",
};

/** Says that a class cannot be imported, why, and what is near. */
export function unknownClass(className: string): string {
  const why = Object.hasOwn(advice, className) ? advice[className] : undefined;
  if (why) return `a ${className}, which cannot be imported: ${why}`;
  return `a ${className}, which cannot be imported; save the part of the model around it, or build it of ${Object.keys(
    layerRows,
  )
    .filter(
      (name) =>
        !/^(TFOpLambda|SlicingOpLambda|GetItem|BatchNormalizationV1|Convolution1D|CuDNN\w+)$/.test(name),
    )
    .join(", ")}`;
}
