/**
 * What the description of a recurrent layer says: its cells, one upon the other, and what it gives. What becomes of it stands in
 * recurrent.ts.
 */
import type { Expr } from "../../../cell/index.js";
import { fieldsOf, isObject } from "../fields.js";
import { countedName } from "../topology.js";
import { type CellActivations, type CellForm, gruForm, lstmForm, simpleRnnForm } from "./cells.js";
import { checkOptions, type LayerContext, readActivation, titleOf } from "./mapped.js";
import type { RecurrentConfig } from "./recurrent-weights.js";

/** A kind of cell. */
interface CellKind {
  /** Options beside those that all have. */
  readonly options: readonly string[];
  readonly form: (activations: CellActivations, context: LayerContext) => CellForm;
}

const simpleRnn: CellKind = { options: [], form: simpleRnnForm };
const lstm: CellKind = { options: ["recurrent_activation"], form: lstmForm };
const gru: CellKind = {
  options: ["recurrent_activation", "reset_after"],
  // Keras 2 wrote no reset_after where it was false.
  form: (activations, { fields }) => gruForm(activations, fields.flag("reset_after", false)),
};

/** Layers by class, and the cells that RNN takes. Those with CuDNN in their names have the usual activations, and need no saying. */
export const layerKinds: Readonly<Record<string, CellKind>> = {
  SimpleRNN: simpleRnn,
  LSTM: lstm,
  GRU: gru,
  CuDNNLSTM: lstm,
  CuDNNGRU: gru,
};
const cellKinds: Readonly<Record<string, CellKind>> = {
  SimpleRNNCell: simpleRnn,
  LSTMCell: lstm,
  GRUCell: gru,
};

/** What layers of CuDNN do not say, for it is always so. */
const cudnnOptions = {
  activation: "tanh",
  recurrent_activation: "sigmoid",
  use_bias: true,
};

/** Options of cells. */
export const cellOptions = ["units", "activation", "use_bias", "dropout", "recurrent_dropout"];
/** Options of layers. */
export const layerOptions = [
  "return_sequences",
  "return_state",
  "go_backwards",
  "stateful",
  "unroll",
  "time_major",
];

/** A layer: cells one upon the other, and what it gives. */
export interface Layered {
  readonly levels: readonly Level[];
  readonly sequences: boolean;
  readonly state: boolean;
  readonly backwards: boolean;
}

/** One of its cells. */
export interface Level {
  readonly config: RecurrentConfig;
  /** Where its weights are, within the layer of the file. */
  readonly part: string;
}

function readCell(context: LayerContext, kind: CellKind, others: readonly string[]): RecurrentConfig {
  const { fields, refuse, assume } = context;
  checkOptions(context, [...cellOptions, ...kind.options, ...others]);
  const inCell = (key: string): CellActivations["activation"] => {
    const found = readActivation(context, key);
    const { expression = (z: Expr): Expr => z } = found;
    if (!found.expression)
      refuse(
        `the ${key} ${found.name} needs the whole vector; inside a cell, those can be imported that do not`,
      );
    return { ...found, expression };
  };
  const activation = inCell("activation");
  // SimpleRNN has one activation.
  const gates = kind.options.includes("recurrent_activation") ? inCell("recurrent_activation") : activation;
  for (const key of ["dropout", "recurrent_dropout"]) {
    const rate = fields.number(key, 0);
    if (rate > 0) assume(`has ${key} ${rate}, which acts in training only, and was left out`);
  }
  const bias = fields.flag("use_bias", true);
  if (!bias) assume("has no bias: ours is zero");
  return {
    units: fields.size("units"),
    form: kind.form({ activation, recurrent: gates }, context),
    bias,
  };
}

/** Reads a recurrent layer's options. @returns undefined if it is none that can be imported */
export function readLayered(context: LayerContext): Layered | undefined {
  const { fields, layer, refuse, assume } = context;
  const levels = levelsOf(context);
  if (!levels) return undefined;
  if (fields.flag("time_major", false))
    refuse("the option time_major true: its steps come before its sequences; build it with steps second");
  if (fields.flag("stateful", false))
    assume("is stateful there; here the caller carries the state, in a stream");
  if (layer.distributed)
    refuse(
      "it would read sequences inside steps (TimeDistributed); import the layers in it as a model of their own",
    );
  return {
    levels,
    sequences: fields.flag("return_sequences", false),
    state: fields.flag("return_state", false),
    backwards: fields.flag("go_backwards", false),
  };
}

function levelsOf(context: LayerContext): readonly Level[] | undefined {
  const { layer, fields, refuse } = context;
  const kind = Object.hasOwn(layerKinds, layer.className) ? layerKinds[layer.className] : undefined;
  if (kind && layer.className.startsWith("CuDNN")) {
    const json = { ...fields.json, ...cudnnOptions, ...(kind === gru ? { reset_after: true } : {}) };
    const usual = fieldsOf(json, { file: fields.file, where: `layer ${titleOf(layer)}` });
    const config = readCell({ ...context, fields: usual }, kind, layerOptions);
    return [{ config: { ...config, cudnn: true }, part: "" }];
  }
  if (kind) return [{ config: readCell(context, kind, layerOptions), part: "cell" }];
  if (layer.className !== "RNN") return undefined;
  // TensorFlow.js has the options of the cell among those of the layer once more.
  checkOptions(context, [
    ...layerOptions,
    ...cellOptions,
    "cell",
    "cells",
    "recurrent_activation",
    "reset_after",
  ]);
  const at = { file: fields.file, where: `layer ${titleOf(layer)}` };
  const one = fields.json["cell"];
  const stacked = isObject(one) && one["class_name"] === "StackedRNNCells" && isObject(one["config"]);
  const cells = Array.isArray(one) ? one : stacked ? fieldsOf(one["config"], at).list("cells") : [one];
  const used = new Map<string, number>();
  const levels = cells.map((cell): Level | undefined => {
    const inner = fieldsOf(cell, at);
    const className = inner.text("class_name");
    const cellKind = Object.hasOwn(cellKinds, className) ? cellKinds[className] : undefined;
    if (!cellKind) {
      refuse(`a cell of the class ${className}; ${Object.keys(cellKinds).join(", ")} can be imported`);
      return undefined;
    }
    const count = used.get(className) ?? 0;
    used.set(className, count + 1);
    const config = fieldsOf(inner.object("config"), { ...at, where: `${at.where}, ${className}` });
    const own = {
      ...context,
      fields: config,
      refuse: (what: string) => refuse(`${className} in it: ${what}`),
    };
    const part = cells.length > 1 || stacked ? `cell/cells/${countedName(className, count)}` : "cell";
    return { config: readCell(own, cellKind, []), part };
  });
  return levels.every((level) => level !== undefined) ? levels : undefined;
}
