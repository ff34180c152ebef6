/**
 * brain.js: its networks of time steps, which predict the next vector and therefore put a linear layer of width X behind
 * the recurrent one; one sequence at a time, so a batch is B sequences one after the other, each with an update of
 * its own. In JavaScript without WebAssembly; its GPU parts are left out of the installation.
 */
import brain from "brain.js";
import { inputs } from "../data.mjs";
import { serve } from "../protocol.mjs";

const { GRUTimeStep, LSTMTimeStep, RNNTimeStep } = brain.recurrent;
const kinds = { rnn: RNNTimeStep, gru: GRUTimeStep, lstm: LSTMTimeStep };
const note =
  "one sequence at a time, with a linear layer H to X behind the recurrent one (8 % more work for lstm, 39 % for rnn); " +
  "each number of a gradient is clipped by itself, and the update divides by a running mean of squares";
const leavesOut = "clipping to a norm";

await serve(({ cell, X, H, lengths }) => {
  const net = new kinds[cell]({ inputSize: X, outputSize: X, hiddenLayers: [H] });
  // T steps with a target each need T + 1 vectors.
  const data = lengths.map((T, i) => {
    const values = inputs(i, T + 1, X);
    return Array.from({ length: T + 1 }, (_, t) => Array.from(values.subarray(t * X, (t + 1) * X)));
  });
  const options = { iterations: 1, errorThresh: 1e-9, learningRate: 1e-4 };
  return { ready: { note, leavesOut }, run: () => net.train(data, options).error };
});
