/** SimpleRNN, LSTM, GRU, and Bidirectional around them: their options, weights and formulas. */
import type { Expr } from "../../cell/index.js";
import { type Direction, type Layer, pool, recurrent, type Tensor } from "../../nn/index.js";
import type { Mapping, Rows } from "../imported.js";
import {
  type CellActivations,
  type CellForm,
  gruForm,
  lstmForm,
  type StepWeights,
  simpleRnnForm,
} from "./cells.js";
import { fieldsOf, isObject, shown } from "./fields.js";
import {
  checkOptions,
  type LayerContext,
  type LayerRow,
  type MappedLayer,
  readActivation,
  titleOf,
} from "./mapped.js";
import { rowsOf, timesMatrix } from "./matrix.js";
import type { SourceTensor, Variable } from "./source.js";

/** A kind of recurrent layer. */
interface RecurrentKind {
  /** Options beside those that all have. */
  readonly options: readonly string[];
  readonly form: (activations: CellActivations, context: LayerContext) => CellForm;
}

const kinds: Readonly<Record<string, RecurrentKind>> = {
  SimpleRNN: { options: [], form: simpleRnnForm },
  LSTM: { options: ["recurrent_activation"], form: lstmForm },
  GRU: {
    options: ["recurrent_activation", "reset_after"],
    // Keras 2 wrote no reset_after where it was false.
    form: (activations, { fields }) => gruForm(activations, fields.flag("reset_after", false)),
  },
};

const options = [
  ...["units", "activation", "use_bias", "return_sequences", "return_state", "go_backwards"],
  ...["stateful", "unroll", "dropout", "recurrent_dropout", "time_major"],
];

/** The options of a recurrent layer. */
interface RecurrentConfig {
  readonly units: number;
  readonly form: CellForm;
  readonly bias: boolean;
  readonly sequences: boolean;
  readonly backwards: boolean;
}

function readConfig(context: LayerContext, kind: RecurrentKind): RecurrentConfig {
  const { fields, refuse, assume } = context;
  checkOptions(context, [...options, ...kind.options]);
  const inCell = (key: string): CellActivations["activation"] => {
    const found = readActivation(context, key);
    const { expression = (z: Expr): Expr => z } = found;
    if (!found.expression) refuse(`the ${key} ${found.name}, which needs the whole vector`);
    return { ...found, expression };
  };
  const activation = inCell("activation");
  // SimpleRNN has one activation.
  const gates = kind.options.includes("recurrent_activation") ? inCell("recurrent_activation") : activation;
  if (fields.flag("return_state", false)) refuse("return_state: it gives several results");
  if (fields.flag("time_major", false)) refuse("time_major");
  if (fields.flag("stateful", false))
    assume("is stateful there; here a state is carried by whoever runs the network, in a stream");
  for (const key of ["dropout", "recurrent_dropout"]) {
    const rate = fields.number(key, 0);
    if (rate > 0) assume(`has ${key} ${rate}, which acts in training only, and was left out`);
  }
  return {
    units: fields.size("units"),
    form: kind.form({ activation, recurrent: gates }, context),
    bias: fields.flag("use_bias", true),
    sequences: fields.flag("return_sequences", false),
    backwards: fields.flag("go_backwards", false),
  };
}

/** A direction of a layer: the variables' place in the file, and the prefix of our parameters' names. */
interface Pass {
  readonly part: string;
  readonly prefix: string;
  readonly reverse: boolean;
}

function variablesOf({ units: H, form, bias }: RecurrentConfig, X: number, part: string): Variable[] {
  const columns = form.blocks * H;
  const biasShape = form.biasRows === 1 ? [columns] : [form.biasRows, columns];
  return [
    { name: "kernel", shape: [X, columns], part },
    { name: "recurrent_kernel", shape: [H, columns], part },
    ...(bias ? [{ name: "bias", shape: biasShape, part }] : []),
  ];
}

function mapRecurrent(
  context: LayerContext,
  config: RecurrentConfig,
  direction: Direction,
  passes: readonly Pass[],
): MappedLayer {
  const { input, refuse } = context;
  if (input && input.over !== "tokens")
    refuse(
      `reads ${input.over === "ids" ? "token ids; put an Embedding before it" : "one vector per sequence"}`,
    );
  const { units: H, form, bias, sequences } = config;
  const X = input?.width ?? 1;
  const layers: Layer[] = [recurrent({ cell: form.cell, units: H, direction })];
  if (!sequences) layers.push(pool({ by: "last" }));
  const output = { over: sequences ? "tokens" : "sequences", width: passes.length * H } as const;
  if (!bias) context.assume("has no bias: ours is zero");
  return {
    layers,
    output: input && output,
    variables: passes.flatMap(({ part }) => variablesOf(config, X, part)),
    bind(weights, names) {
      const each = weights.length / passes.length;
      const parts = passes.map((pass, i) => ({ ...pass, own: weights.slice(i * each, (i + 1) * each) }));
      const prefixed = parts.map(({ prefix, own }) => parametersOf(config, own, `${names[0]}${prefix}`));
      const runs = parts.map(({ reverse, own }) => runOf(config, own, reverse));
      const evaluate = (rows: Rows): Rows => {
        const all = runs.map((run) => run(rows));
        return (all[0] as Rows).map((_, t) => all.flatMap((part) => part[t] as readonly number[]));
      };
      return {
        parameters: prefixed.flatMap(({ parameters }) => parameters),
        mapped: prefixed.flatMap(({ mapped }) => mapped),
        stages: [{ name: titleOf(context.layer), layers: names, evaluate }],
      };
    },
  };
}

/** Our parameters from a kernel, a recurrent kernel and a bias: transposed, and the state's columns first. */
function parametersOf(
  { units: H, form }: RecurrentConfig,
  [kernel, recurrentKernel, bias]: readonly SourceTensor[],
  prefix: string,
): { readonly parameters: (readonly [string, Tensor])[]; readonly mapped: Mapping[] } {
  const parameters: (readonly [string, Tensor])[] = [];
  for (const gate of form.gates) {
    const sign = gate.negated ? -1 : 1;
    const sources = [
      ...(gate.reads === "input" ? [] : [recurrentKernel as SourceTensor]),
      ...(gate.reads === "state" ? [] : [kernel as SourceTensor]),
    ];
    const columns = sources.flatMap(({ shape: [rows = 0, width = 0], values }) =>
      Array.from({ length: rows }, (_, i) => (j: number) => values[i * width + gate.block * H + j] as number),
    );
    const w = Float32Array.from({ length: H * columns.length }, (_, k) => {
      const at = columns[k % columns.length] as (j: number) => number;
      return sign * at(Math.floor(k / columns.length));
    });
    const b = Float32Array.from({ length: H }, (_, j) => {
      const rows = bias
        ? gate.bias.map((row) => bias.values[(row * form.blocks + gate.block) * H + j] as number)
        : [0];
      return sign * rows.reduce((total, v) => total + v, 0);
    });
    parameters.push([`${prefix}.w_${gate.ours}`, { shape: [H, columns.length], data: w }]);
    parameters.push([`${prefix}.b_${gate.ours}`, { shape: [H], data: b }]);
  }
  return { parameters, mapped: mappingOf(form, [kernel, recurrentKernel, bias], prefix) };
}

function mappingOf(
  form: CellForm,
  [kernel, recurrentKernel, bias]: readonly (SourceTensor | undefined)[],
  prefix: string,
): Mapping[] {
  const line = (
    from: SourceTensor | undefined,
    letter: "w" | "b",
    gates: readonly CellForm["gates"][number][],
    columns: string,
  ): Mapping[] => {
    if (!from) return [];
    const ours = gates.map(({ ours }) => `${letter}_${ours}`).join(", ");
    const letters = gates.map((g) => (g.negated ? `−${g.letter}` : g.letter)).join(", ");
    const blocks = form.blocks === 1 ? "" : `${letter === "w" ? "columns" : "parts"} ${letters}`;
    const how =
      [blocks, letter === "w" ? "transposed" : ""].filter((part) => part !== "").join(", ") || "as it is";
    const summed = gates.filter((g) => letter === "b" && g.bias.length > 1).map((g) => g.letter);
    const rows = summed.length > 0 ? `; its two rows summed for ${summed.join(", ")}` : "";
    return [{ from: from.name, to: `${prefix}.${ours}${columns}`, how: `${how}${rows}` }];
  };
  return [
    ...line(
      kernel,
      "w",
      form.gates.filter((g) => g.reads !== "state"),
      " (columns of x)",
    ),
    ...line(
      recurrentKernel,
      "w",
      form.gates.filter((g) => g.reads !== "input"),
      " (columns of the state)",
    ),
    ...line(bias, "b", form.gates, ""),
  ];
}

/** One direction over a sequence, by Keras' step; what it gives has the order of the input. */
function runOf(
  { units: H, form, bias: hasBias, sequences }: RecurrentConfig,
  [kernel, recurrentKernel, bias]: readonly SourceTensor[],
  reverse: boolean,
): (rows: Rows) => Rows {
  const zeros = (): number[] => new Array<number>(form.blocks * H).fill(0);
  const weights: StepWeights = {
    input: (x) => timesMatrix(x, kernel as SourceTensor),
    state: (h) => timesMatrix(h, recurrentKernel as SourceTensor),
    bias: hasBias ? rowsOf(bias as SourceTensor) : [zeros(), zeros()],
  };
  return (rows) => {
    let states = Array.from({ length: form.states }, () => new Array<number>(H).fill(0));
    const outputs = (reverse ? [...rows].reverse() : rows).map((x) => {
      states = form.step(x, states, weights);
      return states[0] as number[];
    });
    if (!sequences) return [states[0] as number[]];
    return reverse ? outputs.reverse() : outputs;
  };
}

function recurrentRow(kind: RecurrentKind): LayerRow {
  return {
    read(context) {
      const config = readConfig(context, kind);
      if (config.backwards && config.sequences)
        context.refuse("go_backwards with return_sequences: it gives its steps in reverse order");
      const pass = { part: "cell", prefix: "", reverse: config.backwards };
      return mapRecurrent(context, config, config.backwards ? "reverse" : "forward", [pass]);
    },
  };
}

/** The options that decide what the wrapped layers compute: those of both directions must be the same. */
const compared = [...options, "recurrent_activation", "reset_after"].filter((key) => key !== "go_backwards");

const bidirectional: LayerRow = {
  read(context) {
    const { fields, layer, refuse } = context;
    checkOptions(context, ["layer", "backward_layer", "merge_mode"]);
    // Keras' null keeps the two directions apart, which makes two results.
    const { merge_mode: mode = "concat" } = fields.json;
    if (mode !== "concat") refuse(`merge_mode ${shown(mode)}; "concat" can be imported`);
    const inner = innerLayer(context, "layer");
    const kind = Object.hasOwn(kinds, inner.layer.className) ? kinds[inner.layer.className] : undefined;
    if (!kind) {
      refuse(`wraps ${inner.layer.className}; ${Object.keys(kinds).join(", ")} can be imported`);
      return {
        layers: [],
        output: undefined,
        variables: [],
        bind: () => ({ parameters: [], mapped: [], stages: [] }),
      };
    }
    const config = readConfig(inner, kind);
    if (config.backwards) refuse("its forward layer has go_backwards");
    if (isObject(fields.json["backward_layer"])) {
      const other = innerLayer(context, "backward_layer");
      const differs = compared.find(
        (key) => JSON.stringify(other.fields.json[key]) !== JSON.stringify(inner.fields.json[key]),
      );
      if (other.layer.className !== inner.layer.className) refuse("its two layers are of different classes");
      else if (differs !== undefined) refuse(`its two layers differ in ${differs}`);
    }
    const title = { ...layer, className: `${layer.className} ${inner.layer.className}` };
    return mapRecurrent({ ...inner, layer: title }, config, "both", [
      { part: "forward_layer/cell", prefix: ".forward", reverse: false },
      { part: "backward_layer/cell", prefix: ".reverse", reverse: true },
    ]);
  },
};

/** What a wrapper wraps, as a layer in the wrapper's place. */
export function innerLayer(context: LayerContext, key: string): LayerContext {
  const { fields, layer, refuse, assume } = context;
  const at = { file: fields.file, where: `layer ${titleOf(layer)}` };
  const inner = fieldsOf(fields.object(key), at);
  const className = inner.text("class_name");
  return {
    ...context,
    layer: { ...layer, className },
    fields: fieldsOf(inner.object("config"), { ...at, where: `${at.where}, ${className}` }),
    refuse: (what) => refuse(`${className} in it: ${what}`),
    assume,
  };
}

/** The rows. */
export const recurrentRows: Readonly<Record<string, LayerRow>> = {
  ...Object.fromEntries(Object.entries(kinds).map(([name, kind]) => [name, recurrentRow(kind)])),
  Bidirectional: bidirectional,
};
