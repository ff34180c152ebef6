/** What a row for a kind of layer is given, and what it makes of a layer of the file. */
import type { LossName, Tensor } from "../../../nn/index.js";
import type { GivenOutput, Mapping, Rows, SourceLayer } from "../../imported.js";
import { type Fields, isObject, shown } from "../fields.js";
import type { Dialect, SourceConfig, SourceTensor, Variable } from "../source.js";
import { type Activation, activationOf, noActivation } from "./activations.js";
import type { Placer, Value } from "./placer.js";

/** What a row sees. */
export interface LayerContext {
  readonly layer: SourceConfig;
  /** Of its configuration. */
  readonly fields: Fields;
  /** What it reads; undefined after a layer that cannot be imported. */
  readonly inputs: readonly (Value | undefined)[];
  /** Initial states that are given by name. */
  readonly states: readonly (Value | undefined)[];
  /** What it is called with, as it stands in the file. */
  readonly given: unknown;
  readonly dialect: Dialect;
  /** True if what it gives is what the model gives: its activation is the loss's. */
  readonly last: boolean;
  /** Whether anything reads a result of it: what nothing reads has no place in a network. */
  readonly isRead: (output: number) => boolean;
  /** Where its weights are, within the layer of the file: "", "layer" inside a wrapper. */
  readonly part: string;
  readonly placer: Placer;
  /** Notes what cannot be imported: the whole list is reported at once. */
  readonly refuse: (what: string) => void;
  /** Notes what is taken for what the file does not tell, or is left out. */
  readonly assume: (what: string) => void;
  /** Says that the network has so many steps, and why. */
  readonly needsSteps: (steps: number | undefined, why: string) => void;
}

/** A layer's weights in our network, and its own formula. */
export interface BoundLayer {
  readonly parameters: readonly (readonly [name: string, tensor: Tensor])[];
  readonly mapped: readonly Mapping[];
  /** What of it can be compared alone, in a row; the first is given the layer's first input. */
  readonly stages: readonly SourceLayer[];
  /** What the layer gives of its inputs and, after those, its initial states. Absent: what the stages give in a row. */
  readonly evaluate?: (inputs: readonly Rows[]) => readonly Rows[];
}

/** What a layer of the file becomes. */
export interface MappedLayer {
  readonly outputs: readonly (Value | undefined)[];
  readonly variables: readonly Variable[];
  readonly bind: (weights: readonly SourceTensor[]) => BoundLayer;
  /** Of the network, where this is its last layer. */
  readonly loss?: LossName;
  /** What the file gives of that loss's predictions. Absent: the predictions. */
  readonly gives?: GivenOutput;
}

/** The row of a kind of layer. */
export interface LayerRow {
  readonly read: (context: LayerContext) => MappedLayer;
  /** True for what leaves predictions as they are: dropout, masks. */
  readonly passes?: true;
  /** True for what does the same to every step: it may stand inside TimeDistributed, and read steps that run backwards. */
  readonly stepwise?: true;
  /** True for what gives the same in whatever order it reads steps. */
  readonly anyOrder?: true;
  /** True for what reads steps that lie side by side in one vector. */
  readonly readsFlat?: true;
  /** How many values it reads; absent: one. */
  readonly reads?: "several" | "states";
  /** What it does of the mask that goes along with its input. Absent: its output has it as well. */
  readonly mask?: "obeys" | "ignores";
}

/** How a layer is called in messages and certificates: "memory (LSTM)". */
export const titleOf = ({ name, className }: SourceConfig): string => `${name} (${className})`;

/** What stands for a layer that cannot be imported, so that those after it are looked at all the same. */
export const nothing: MappedLayer = {
  outputs: [],
  variables: [],
  bind: () => ({ parameters: [], mapped: [], stages: [] }),
};

/** Options that make no difference to predictions. */
const silent =
  /^(name|trainable|dtype|batch_(input_)?shape|seed|unit_forget_bias|implementation|input_length|sparse|ragged|noise_shape|zero_output_for_mask|input_shape|quantization_config|\w+_(initializer|regularizer|constraint|init)|init|weights|[WUb]_(regularizer|constraint)|input_dtype|supports_masking)$/;

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

/** A variable of a layer, wherever in the file's layer it is. */
export function variable(
  { part }: LayerContext,
  name: string,
  shape: readonly number[],
  inside = "",
): Variable {
  return { name, shape, part: [part, inside].filter((each) => each !== "").join("/") };
}

/** An activation option. Refuses what cannot be imported, and goes on as if there were none. */
export function readActivation({ fields, dialect, refuse }: LayerContext, key: string): Activation {
  const value = fields.json[key];
  const found = activationOf(value, dialect);
  if (value === undefined) refuse(`the option ${key} is missing`);
  else if (!found) refuse(noActivation(key, value));
  return found ?? activationOf("linear", dialect)!;
}

/** What passes on what it is given. */
export const same = (rows: Rows): Rows => rows;

/** A layer without weights, whose formula for one input is given. @param names of the layers of ours that it became */
export function weightless(
  context: LayerContext,
  names: readonly string[],
  output: Value | undefined,
  evaluate: SourceLayer["evaluate"],
): MappedLayer {
  const bind: MappedLayer["bind"] = () => ({
    parameters: [],
    mapped: [],
    // What becomes nothing has nothing to compare alone.
    stages: names.length > 0 ? [{ name: titleOf(context.layer), layers: names, evaluate }] : [],
    ...(names.length > 0 || evaluate === same ? {} : { evaluate: ([rows]) => [evaluate(rows!)] }),
  });
  return { outputs: [output], variables: [], bind };
}
