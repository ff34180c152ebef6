/**
 * A model of Keras or TensorFlow.js as its file describes it, before anything of ours is made of it: layers that are called
 * with what other calls gave, models inside models taken apart.
 */

/** A tensor of the file. */
export interface SourceTensor {
  /** Where it is in the file. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Row-major. */
  readonly values: Float32Array | Float64Array;
}

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** A layer as it is configured. */
export interface SourceConfig {
  readonly name: string;
  /** "LSTM". */
  readonly className: string;
  readonly config: Json;
  readonly weights: WeightsPlace;
  /** True inside TimeDistributed, which gives it one step at a time. */
  readonly distributed?: true;
}

/** Where the weights of a layer are. */
export interface WeightsPlace {
  /** In what Keras 3 writes: "layers/lstm_1", "layers/sequential/layers/dense". */
  readonly path: string;
  /** Elsewhere: the names from the model's own down to the layer's, "model", "inner", "dense". */
  readonly names: readonly string[];
}

/** A result of a call. */
export interface ValueRef {
  /** Its place in the list of calls. */
  readonly call: number;
  /** Which of the results: a recurrent layer gives states after its output. */
  readonly output: number;
}

/** A layer that is called. Inputs of the model are calls of InputLayer with nothing. */
export interface Call {
  readonly layer: SourceConfig;
  readonly inputs: readonly ValueRef[];
  /** Initial states, where they are given by name. */
  readonly states: readonly ValueRef[];
  /** All that it is called with, as it stands in the file: operations have constants among it. */
  readonly given: unknown;
}

/** A model as a graph of calls, each after those that it reads. */
export interface Topology {
  readonly calls: readonly Call[];
  /** What the model gives, by the names of the layers that give it. */
  readonly outputs: readonly (ValueRef & { readonly name: string })[];
}

/** Whose definitions hold where two versions differ: TensorFlow.js keeps to Keras 2. */
export type Dialect = "keras2" | "keras3";

/** A variable that a layer must bring. */
export interface Variable {
  /** "kernel". */
  readonly name: string;
  readonly shape: readonly number[];
  /** The part of the layer that has it: "", "cell", "forward_layer/cell". */
  readonly part: string;
}

/**
 * The weights of a layer, in the order of its variables.
 *
 * @throws FileFormatError if there are fewer or more
 */
export type WeightReader = (
  layer: SourceConfig,
  variables: readonly Variable[],
) => readonly SourceTensor[] | Promise<readonly SourceTensor[]>;
