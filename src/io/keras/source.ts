/** A model of Keras or TensorFlow.js as its file describes it, before anything of ours is made of it. */

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
  /** What a `.keras` file calls its weights: the class and, from the second on, a number: "lstm_1". */
  readonly variablesName: string;
}

/** The layers in the order in which data flows. */
export interface Topology {
  readonly layers: readonly SourceConfig[];
  /** What goes in, with the batch's size first: [null, null, 3]. */
  readonly inputShape: readonly (number | null)[] | undefined;
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
