/**
 * The weights of CuDNNLSTM and CuDNNGRU as those of LSTM and GRU: each gate's kernels are stored transposed, and input and state
 * have biases of their own. Source: convert_rnn_weights in Keras 2's engine/saving.py (convert_gru_weights, convert_lstm_weights).
 */
import type { SourceTensor } from "../source.js";

/** @param weights kernel (X, G·H), recurrent kernel (H, G·H) and bias (2·G·H) @param rows of the bias that it has in the other form */
export function plainWeights(weights: readonly SourceTensor[], rows: 1 | 2): SourceTensor[] {
  const [kernel, recurrent, bias] = weights as [SourceTensor, SourceTensor, SourceTensor];
  const [X = 0, columns = 0] = kernel.shape;
  const H = recurrent.shape[0]!;
  const byGate = (
    tensor: SourceTensor,
    from: (i: number, j: number) => readonly [row: number, column: number],
  ) => {
    const values = new Float64Array(tensor.values.length);
    for (let i = 0; i < tensor.shape[0]!; i++)
      for (let k = 0; k < columns; k++) {
        const gate = Math.floor(k / H);
        const [row, column] = from(i, k % H);
        values[i * columns + k] = tensor.values[row * columns + gate * H + column]!;
      }
    return { ...tensor, values };
  };
  const both = Float64Array.from(bias.values);
  const summed = both.subarray(0, columns).map((v, k) => v + both[columns + k]!);
  return [
    byGate(kernel, (i, j) => [Math.floor((i + X * j) / H), (i + X * j) % H]),
    byGate(recurrent, (i, j) => [j, i]),
    rows === 2
      ? { ...bias, shape: [2, columns], values: both }
      : { ...bias, shape: [columns], values: summed },
  ];
}
