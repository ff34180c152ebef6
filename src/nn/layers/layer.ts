/**
 * What a layer is: a frozen record that says what it does, and a row (LayerKind) that knows its parameters
 * and how it is built into a plan. Layers hold no weights; those live in a named tree (parameters.ts).
 */
import type { Cell } from "../../cell/cell.js";
import type { Initial } from "../../cell/equations.js";
import type { Builder, LoopValues, RecurrenceBody, RecurrenceOptions, Value } from "../../plan/index.js";

/**
 * What flows between layers: token ids (one-hot vectors), a vector per token, or a vector per sequence; into a layer that
 * begins a network of several inputs, all of them by name; and into one that reads several values of its network, those.
 */
export interface Shape {
  readonly over: "ids" | "tokens" | "sequences" | "inputs" | "values";
  /** Features; for ids the size of the vocabulary, for several inputs or values their number. */
  readonly width: number;
  /** Of several inputs, the shape of each. */
  readonly inputs?: Readonly<Record<string, InputShape>>;
  /** Of several values, the shape of each. */
  readonly values?: readonly NamedShape[];
  /** The input beside the network's own whose steps these are. Absent: they are the network's own. */
  readonly steps?: string;
}

/** The shape of a value of a network, and its name: "input", "linear1", "recurrent1.h". */
export interface NamedShape extends Shape {
  readonly name: string;
}

/** The shape of one of several inputs, and whose steps its own are. */
export interface InputShape extends Shape {
  /**
   * "step": one value per step of the sequence; "inside": a sequence at each step; "beside": another sequence;
   * "once": no steps.
   */
  readonly place: "step" | "inside" | "beside" | "once";
}

/** A value on its way through the network. */
export interface Activation {
  readonly shape: Shape;
  /** The values; for ids their index buffer. */
  readonly value: Value;
  /** After a recurrent layer: its output at each sequence's end, for pooling by the last state. */
  readonly last?: Value;
  /** Of several inputs, each by its name. */
  readonly inputs?: ReadonlyMap<string, PackedActivation>;
  /** Of several values, each. */
  readonly values?: readonly Activation[];
}

/** One of several inputs. */
export interface PackedActivation extends Activation {
  /** The packing that its tokens lie in. */
  readonly packing: string;
}

/**
 * How a block of a parameter starts: orthogonal, uniform within ±sqrt(6 / (rows + fanIn)) (Glorot), a number,
 * or uniform in [from, to).
 */
export type BlockStart =
  | { readonly orthogonal: true }
  | { readonly glorot: { readonly fanIn: number } }
  | Initial;

/**
 * A block of columns of a parameter, which the plan keeps in a buffer of its own: `w_u` of shape (H, H + X)
 * lies in `w_uc` and `w_ux`.
 */
export interface BlockSpec {
  readonly buffer: string;
  readonly columns: number;
  /** True if the buffer holds [columns, rows]: weights of token ids, whose rows are looked up. */
  readonly transposed: boolean;
  readonly start: BlockStart;
}

/** A parameter of the model as the API and the files see it. */
export interface ParameterSpec {
  /** Full name, for example "recurrent1.w_u". */
  readonly name: string;
  /** (H, H + X), or (H) for biases and vectors. */
  readonly shape: readonly number[];
  readonly blocks: readonly BlockSpec[];
  /** True for numbers of very different sizes, which no file may store in fewer bits. Absent: weights like any others. */
  readonly exact?: true;
}

/** What building a layer needs to know. */
export interface BuildContext {
  readonly builder: Builder;
  /** The packing that all tokens lie in. */
  readonly packing: string;
  /** The layer's name, the prefix of its parameters. */
  readonly name: string;
  /** Number of the layer, for random numbers. */
  readonly index: number;
  /** True while training: dropout acts. */
  readonly training: boolean;
  /** True if states that would start at zero are inputs. */
  readonly carried: boolean;
  /** Where recurrent layers leave their final states, by name ("recurrent1.c"). */
  readonly finals: Map<string, Value>;
  /** Values of other layers that states start at, by the names of their final values ("recurrent2.c"). Absent: none do. */
  readonly starts?: ReadonlyMap<string, Value>;
  /** There if somebody looks into the network. */
  readonly observer?: Observer;
  /** There if the network is read at one step alone: pooling over its own steps is given no other. Default: all steps. */
  readonly only?: OnlyStep;
  /** There if the plan is one step of a stream: recurrent layers leave their states here, by name. */
  readonly streamed?: Map<string, StreamedState>;
}

/** The first or the last step of each sequence, by the name of the input that marks it. */
export type OnlyStep = "isFirst" | "isLast";

/** A loop over time, as tools that look inside a network see it. */
export interface ObservedLoop {
  /** "recurrent1", "recurrent1.reverse", "decoder1". */
  readonly name: string;
  readonly packing: string;
  readonly reverse: boolean;
  /** The cell's name. */
  readonly cell: string;
  readonly units: number;
  readonly body: RecurrenceBody;
  /** The state that the layer hands on. */
  readonly output: string;
  /** The gate that is the weights of a source's steps, one number for each. Absent: there is none. */
  readonly attention?: string;
}

/** Somebody who looks into a network while it is built. */
export interface Observer {
  /** Of each loop: takes what it computes. */
  readonly loop: (loop: ObservedLoop) => LoopValues;
  /** Of each pooling by attention: takes the weight of every token of its packing. */
  readonly attention: (layer: Pick<ObservedLoop, "name" | "packing">, weights: Value) => void;
  /** Of a loop that attends: the loop with the weights, its gate α, as one row for each step. */
  readonly weights: (
    builder: Builder,
    loop: Omit<RecurrenceOptions, "initial">,
  ) => Pick<RecurrenceOptions, "body" | "inputs" | "widths">;
}

/** A state that a stream keeps from step to step. */
export interface StreamedState {
  /** The plan's buffer, of role "state". */
  readonly value: Value;
  /** Where a stream starts: a number, the parameter of one row, or undefined if the caller must say. */
  readonly start: Value | number | undefined;
}

/** A list of layers, as the option of one. */
export const layerList = {
  kind: "list",
  of: { kind: "object", what: "a layer" },
  least: 0,
  most: 250,
} as const;

/** What all layers have; which there are, and what each holds, stands in single.ts and table.ts. */
export interface LayerRecord {
  readonly kind: string;
}

/** The row of a layer kind. */
export interface LayerKind<L> {
  /** The shape it gives. @throws NetworkError if it cannot take this shape, saying what would fit */
  readonly output: (layer: L, input: Shape, name: string) => Shape;
  readonly parameters: (layer: L, input: Shape, name: string) => readonly ParameterSpec[];
  /** Parameters of other layers that it uses as they are. Absent: none. */
  readonly borrows?: (layer: L, input: Shape) => readonly Pick<ParameterSpec, "name" | "shape">[];
  /** The layers that stand inside it, by name. Absent: none. */
  readonly inside?: (layer: L) => Readonly<Record<string, readonly LayerRecord[]>>;
  /** True if it reads several inputs, and nothing else. Default: it reads one. */
  readonly severalInputs?: true;
  /** How many values of its network it reads, those that its place names. Absent: one. */
  readonly reads?: (layer: L) => { readonly least: number; readonly most: number };
  readonly build: (layer: L, input: Activation, context: BuildContext) => Activation;
  /**
   * What it makes of inputs beside the network's own, once for each example and before any step: values over the rows
   * or the sequences of such an input, by name. A plan of single steps is given them. Absent: nothing.
   */
  readonly memory?: (layer: L, input: Activation, context: BuildContext) => Readonly<Record<string, Value>>;
  /**
   * Initial states that every example brings along: plan inputs with their widths. Absent: none.
   *
   * @param carried true if states that would start at zero are given too
   */
  readonly given?: (
    layer: L,
    name: string,
    carried: boolean,
  ) => readonly { readonly name: string; readonly width: number }[];
  /**
   * The states that it keeps from step to step, by the names of their final values: other layers may read those, and it may
   * start at what other layers give. Absent: none.
   */
  readonly states?: (layer: L, name: string) => readonly NamedShape[];
  /** Why a layer cannot run step by step, to follow its name: "reads …". Absent or undefined: it can. */
  readonly wholeSequence?: (layer: L) => string | undefined;
  /** Why a layer cannot go on from the state of a batch before, to follow its name: "starts …". Absent or undefined: it can. */
  readonly freshStart?: (layer: L) => string | undefined;
  /** Why a sequence cannot be computed piece by piece, to follow its name. Absent: as `freshStart` says. */
  readonly inPieces?: (layer: L) => string | undefined;
  /** The layer's fields as JSON, beside its kind. A cell is stored apart and referred to by number. */
  readonly write: (layer: L, to: LayerWriter) => Readonly<Record<string, unknown>>;
  /** The layer from such fields. @throws NetworkError naming the field that is wrong */
  readonly read: (fields: LayerFields) => L;
}

/** What a layer's fields refer to. */
export interface LayerWriter {
  /** The number of a cell in the file. */
  readonly cell: (cell: Cell) => number;
  /** A layer inside this one, as data. */
  readonly layer: (layer: LayerRecord) => Readonly<Record<string, unknown>>;
}

/** Checked access to the fields of a layer in a model file. */
export interface LayerFields {
  readonly number: (key: string) => number;
  readonly text: (key: string) => string;
  readonly oneOf: <const T extends string>(key: string, of: readonly T[]) => T;
  readonly flag: (key: string) => boolean;
  /** Numbers by name. */
  readonly numbers: (key: string) => Readonly<Record<string, number>>;
  /** Texts in a list. */
  readonly texts: (key: string) => readonly string[];
  /** Texts by name. */
  readonly named: (key: string) => Readonly<Record<string, string>>;
  /** A field that files from before it do not have: read as told if it is there, else what they meant. */
  readonly optional: <T>(key: string, read: (key: string) => T, absent: T) => T;
  readonly cell: (key: string) => Cell;
  /** Lists of layers by name. */
  readonly branches: (key: string) => Readonly<Record<string, readonly LayerRecord[]>>;
}

/** A network that cannot be: which layer, and what would fit. */
export class NetworkError extends Error {
  override readonly name = "NetworkError";
}

/** The plan's buffer of one block of a parameter. @param trained default true */
export function blockBuffer(
  builder: Builder,
  spec: ParameterSpec,
  block: BlockSpec,
  trained?: boolean,
): Value {
  const rows = spec.shape.length === 1 ? 1 : spec.shape[0]!;
  return block.transposed
    ? builder.parameter(block.buffer, block.columns, rows, trained)
    : builder.parameter(block.buffer, rows, block.columns, trained);
}

/** The shape of a layer's input that it gives as well. @throws NetworkError if it is of token ids */
export function needsVectors(input: Shape, name: string): Shape {
  if (input.over !== "ids") return input;
  throw new NetworkError(`${name} needs vectors, not token ids; put an embedding before it`);
}

/** A bias or another vector of one width. */
export function vectorSpec(name: string, width: number, start: Initial): ParameterSpec {
  return { name, shape: [width], blocks: [{ buffer: name, columns: width, transposed: false, start }] };
}
