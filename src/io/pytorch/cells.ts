/**
 * The cells that PyTorch and we both have, one row each, with the order in which PyTorch stacks the rows of their gates.
 * This is the one place where gates have numbers. Both directions, import and export, read this table.
 *
 * Source: the documentation of torch.nn.LSTM, GRU and RNN ("W_ii|W_if|W_ig|W_io", "W_ir|W_iz|W_in").
 */
import { type Cell, gruResetAfter, lstm, rnn, rnnRelu } from "../../cell/index.js";

/** A block of H rows of PyTorch's weights. */
export type TorchGate =
  /** One gate of ours: columns of the state, then of x, and one bias, the sum of PyTorch's two. */
  | { readonly torch: string; readonly gate: string }
  /** Two of ours, since PyTorch multiplies what comes of the state by a gate, its bias too, before it adds the rest. */
  | { readonly torch: string; readonly ofInput: string; readonly ofState: string };

/** The row of a cell. */
export interface TorchCell {
  /** The class in torch.nn. */
  readonly module: "LSTM" | "GRU" | "RNN";
  /** nn.RNN's argument `nonlinearity`; the other classes have none. */
  readonly nonlinearity?: "tanh" | "relu";
  readonly cell: Cell;
  /** In PyTorch's order. */
  readonly gates: readonly TorchGate[];
}

/** The rows. */
export const torchCells: readonly TorchCell[] = [
  {
    module: "LSTM",
    cell: lstm,
    gates: [
      { torch: "i", gate: "u" },
      { torch: "f", gate: "f" },
      { torch: "g", gate: "c" },
      { torch: "o", gate: "o" },
    ],
  },
  {
    module: "GRU",
    cell: gruResetAfter,
    gates: [
      { torch: "r", gate: "r" },
      { torch: "z", gate: "z" },
      { torch: "n", ofInput: "nx", ofState: "nh" },
    ],
  },
  { module: "RNN", nonlinearity: "tanh", cell: rnn, gates: [{ torch: "h", gate: "a" }] },
  { module: "RNN", nonlinearity: "relu", cell: rnnRelu, gates: [{ torch: "h", gate: "a" }] },
];
