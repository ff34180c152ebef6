/** What a row for a kind of layer is given, and what it makes of a layer of the file. */
import type { Layer, LossName, Shape, Tensor } from "../../nn/index.js";
import type { Mapping, SourceLayer } from "../imported.js";
import { type Activation, activationOf, noActivation } from "./activations.js";
import { type Fields, isObject, shown } from "./fields.js";
import type { Dialect, SourceConfig, SourceTensor, Variable } from "./source.js";

/** What a row sees. */
export interface LayerContext {
  readonly layer: SourceConfig;
  /** Of its configuration. */
  readonly fields: Fields;
  /** What comes in; undefined after a layer that cannot be imported. */
  readonly input: Shape | undefined;
  readonly dialect: Dialect;
  /** True if no layer after it does anything to predictions: its activation is the loss's. */
  readonly last: boolean;
  /** Notes what cannot be imported: the whole list is reported at once. */
  readonly refuse: (what: string) => void;
  /** Notes what is taken for what the file does not tell, or is left out. */
  readonly assume: (what: string) => void;
}

/** A layer's weights in our network, and its own formula. */
export interface BoundLayer {
  readonly parameters: readonly (readonly [name: string, tensor: Tensor])[];
  readonly mapped: readonly Mapping[];
  readonly stages: readonly SourceLayer[];
}

/** What a layer of the file becomes. */
export interface MappedLayer {
  /** None, one or several of ours. */
  readonly layers: readonly Layer[];
  readonly output: Shape | undefined;
  readonly variables: readonly Variable[];
  /** @param names of our layers in the network */
  readonly bind: (weights: readonly SourceTensor[], names: readonly string[]) => BoundLayer;
  /** Of the network, where this is its last layer. */
  readonly loss?: LossName;
}

/** The row of a kind of layer. */
export interface LayerRow {
  readonly read: (context: LayerContext) => MappedLayer;
  /** True for what leaves predictions as they are: dropout, masks. */
  readonly passes?: true;
}

/** How a layer is called in messages and certificates: "memory (LSTM)". */
export const titleOf = ({ name, className }: SourceConfig): string => `${name} (${className})`;

/** Options that make no difference to predictions. */
const silent =
  /^(name|trainable|dtype|batch_(input_)?shape|seed|unit_forget_bias|implementation|input_length|sparse|ragged|noise_shape|zero_output_for_mask|\w+_(initializer|regularizer|constraint))$/;

/** Refuses options that are neither among `read` nor without effect, unless they are off. */
export function checkOptions({ fields, refuse }: LayerContext, read: readonly string[]): void {
  for (const [key, value] of Object.entries(fields.json)) {
    if (read.includes(key) || silent.test(key) || value === null || value === false) continue;
    refuse(`the option ${key} ${shown(value)} is not known`);
  }
}

/** Refuses numbers that are not floating-point, and says what becomes of those that are not float32. */
export function checkPrecision({ fields, refuse, assume }: LayerContext): void {
  const dtype = fields.json["dtype"];
  const config = isObject(dtype) && dtype["class_name"] === "DTypePolicy" ? dtype["config"] : undefined;
  const policy = isObject(config) ? config["name"] : dtype;
  if (policy === undefined || policy === null || policy === "float32") return;
  if (typeof policy === "string" && /^(mixed_)?b?float(16|64)$/.test(policy))
    assume(`computes in ${policy} there, and in float32 here`);
  else refuse(`the precision ${shown(policy)}`);
}

/** An activation option. Refuses what cannot be imported, and goes on as if there were none. */
export function readActivation({ fields, dialect, refuse }: LayerContext, key: string): Activation {
  const value = fields.json[key];
  const found = activationOf(value, dialect);
  if (value === undefined) refuse(`the option ${key} is missing`);
  else if (!found) refuse(noActivation(key, value));
  return found ?? activationOf("linear", dialect)!;
}

/** A layer that becomes nothing, or one of ours without weights, whose formula is given. */
export function weightless(
  context: LayerContext,
  layers: readonly Layer[],
  output: Shape | undefined,
  evaluate: SourceLayer["evaluate"],
): MappedLayer {
  const bind: MappedLayer["bind"] = (_weights, names) => ({
    parameters: [],
    mapped: [],
    // What becomes nothing has nothing to compare; a stage without layers is part of the loss (imported.ts).
    stages: names.length > 0 ? [{ name: titleOf(context.layer), layers: names, evaluate }] : [],
  });
  return { layers, output, variables: [], bind };
}
