/**
 * What an importer hands over: a network of ours with its parameters, where each number of the file went, and the
 * file's own layers as functions, by which certificate.ts finds out whether the two are the same. One shape for all
 * formats.
 */
import type { Network, Parameters } from "../nn/index.js";
import type { Reading, Rows } from "./reading.js";

export type { Rows } from "./reading.js";

/** Where a tensor of the file went. */
export interface Mapping {
  /** Its name in the file: "rnn.weight_ih_l0". */
  readonly from: string;
  /** What it became: "recurrent1.w_u, w_f, w_c, w_o (columns of x)". */
  readonly to: string;
  /** What was done to it on the way: "rows i, f, g, o", "summed with rnn.bias_hh_l0". */
  readonly how: string;
}

/**
 * A layer of the file. Layers follow each other: what one gives is what the next one takes, and what the last one gives
 * is the network's prediction ŷ.
 */
export interface SourceLayer {
  /** Its name in the file, with a part where it is several: "rnn, layer 0". */
  readonly name: string;
  /**
   * The layers of our network that do the same, in order: ["recurrent1", "pool1"]. Pooling by the last state stands
   * together with its recurrent layer. Empty for what belongs to the loss (softmax): it counts in the whole alone.
   */
  readonly layers: readonly string[];
  /**
   * What the layer gives for one sequence: the FILE's formula over the FILE's tensors in float64, written for itself.
   * It must not be made of the network or its parameters, or it would prove nothing.
   */
  readonly evaluate: (input: Rows) => Rows;
}

/** What goes in: the steps of one sequence; of a network with several inputs, each by its name. */
export type FileInput = Rows | Readonly<Record<string, Rows>>;

/** Inputs with the outputs that the file's maker says belong to them. */
export interface ExpectedOutput<Input extends FileInput = Rows> {
  readonly input: Input;
  /** What the file gives: a row for each step, or one row if the network pools. */
  readonly output: Rows;
}

/** What a file gives of its network's: the scores z, the predictions ŷ, or their logarithms. */
export type GivenOutput = "scores" | "prediction" | "log prediction";

/** What a file's own graph gives for sequences, computed by an evaluator that knows nothing of our network. */
export interface FileRun {
  /** Predictions ŷ of each sequence. */
  readonly outputs: readonly Rows[];
  /** z, what they are made of, where the graph has it. */
  readonly scores?: readonly Rows[];
  /** The values that stand where our layers' outputs do, by our layers' names, as far as the file has them. */
  readonly values: ReadonlyMap<string, readonly Rows[]>;
}

/** A file whose own graph can be run. */
export interface RunnableFile {
  /** The file's names for our layers. */
  readonly names: ReadonlyMap<string, string>;
  /** Steps that every sequence has; absent: any number. */
  readonly steps?: number;
  /** @throws FileFormatError if the graph does something that cannot be evaluated */
  run(inputs: readonly FileInput[]): FileRun;
}

/** A network out of a file of another tool. */
export interface Imported {
  /** Name of the format: "pytorch". */
  readonly format: string;
  readonly network: Network;
  readonly parameters: Parameters;
  readonly mapped: readonly Mapping[];
  readonly layers: readonly SourceLayer[];
  /** There if the file holds a graph that can be run; then `layers` is empty. */
  readonly graph?: RunnableFile;
  /** What is done with sequences before and after the network. Absent: nothing. */
  readonly reading?: Reading;
  /** Sentences on what the file does not tell, and what was taken for it. */
  readonly assumed: readonly string[];
  /** Absent: the file's maker gave none. */
  readonly expected?: readonly ExpectedOutput<FileInput>[];
  /** What these outputs are of the network's. Default: predictions. */
  readonly gives?: GivenOutput;
}
