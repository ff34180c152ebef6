/** SimpleRNN, LSTM, GRU, and Bidirectional around them: their options, and what becomes of them. */
import type { Expr } from "../../cell/index.js";
import { type Direction, type Layer, pool, recurrent } from "../../nn/index.js";
import type { Rows } from "../imported.js";
import { type CellActivations, type CellForm, gruForm, lstmForm, simpleRnnForm } from "./cells.js";
import { fieldsOf, isObject, shown } from "./fields.js";
import {
  checkOptions,
  type LayerContext,
  type LayerRow,
  type MappedLayer,
  readActivation,
  titleOf,
} from "./mapped.js";
import { parametersOf, type RecurrentConfig, runOf, variablesOf } from "./recurrent-weights.js";

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
  "units",
  "activation",
  "use_bias",
  "return_sequences",
  "return_state",
  "go_backwards",
  "stateful",
  "unroll",
  "dropout",
  "recurrent_dropout",
  "time_major",
];

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
    assume("is stateful there; here the caller carries the state, in a stream");
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
        return all[0]!.map((_, t) => all.flatMap((part) => part[t]!));
      };
      return {
        parameters: prefixed.flatMap(({ parameters }) => parameters),
        mapped: prefixed.flatMap(({ mapped }) => mapped),
        stages: [{ name: titleOf(context.layer), layers: names, evaluate }],
      };
    },
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
