/**
 * What modules are: records of their tensors. How they are found stands in modules.ts, what they become in made.ts.
 */
import type { TensorData } from "../../dtypes.js";

/** One direction of one layer of a recurrent module. */
export interface TorchPass {
  /** (G·H, X). */
  readonly weightIh: TensorData;
  /** (G·H, H). */
  readonly weightHh: TensorData;
  /** (G·H) each; undefined of a module with bias=False. */
  readonly biases: { readonly ih: TensorData; readonly hh: TensorData } | undefined;
}

/** A layer of a recurrent module: forward alone, or forward and reverse. */
export type TorchLayer = readonly [TorchPass] | readonly [TorchPass, TorchPass];

/** A recurrent module. */
export interface RecurrentModule {
  readonly kind: "recurrent";
  readonly path: string;
  readonly layers: readonly TorchLayer[];
  /** Number of blocks of H rows: 4 for LSTM, 3 for GRU, 1 for RNN. */
  readonly gates: number;
  readonly H: number;
  readonly input: number;
  readonly output: number;
  /** nn.RNN's, if the file tells. */
  readonly nonlinearity?: "tanh" | "relu";
  /** True of nn.LSTMCell, nn.GRUCell and nn.RNNCell, which a loop calls step by step. */
  readonly cell?: true;
}

/** A linear module, or an embedding where there is no bias: which, its class or its place tells. */
export interface MatrixModule {
  readonly kind: "matrix";
  readonly path: string;
  readonly weight: TensorData;
  readonly bias: TensorData | undefined;
  /** If the file tells. */
  readonly role: "embedding" | "linear" | undefined;
}

/** nn.BatchNorm1d in inference, or nn.LayerNorm. */
export interface NormModule {
  readonly kind: "norm";
  readonly path: string;
  readonly width: number;
  readonly over: "batch" | "features";
  /** Undefined: ones. */
  readonly gamma: Float64Array | undefined;
  /** Undefined: zeros. */
  readonly beta: Float64Array | undefined;
  readonly mean?: Float64Array;
  readonly variance?: Float64Array;
  /** If the file tells. */
  readonly epsilon: number | undefined;
  /** Of its tensors. */
  readonly names: readonly string[];
}

/** A module without parameters, whose class the file tells. */
export interface PlainModule {
  readonly kind: "plain";
  readonly path: string;
  /** "torch.nn.modules.activation.ReLU". */
  readonly name: string;
  /** "ReLU". */
  readonly class: string;
  readonly made: ReadonlyMap<string, unknown>;
}

/** Any module. */
export type TorchModule = RecurrentModule | MatrixModule | NormModule | PlainModule;
