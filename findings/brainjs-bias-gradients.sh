#!/bin/sh
# brain.js: gradients of biases in its recurrent networks are those of one time step, not of all; in its GRU the gradients of
# weights are wrong too.
#
# Versions: brain.js 1.6.1, Node 20.20.2.
# Behaviour: a network reads four vectors, and the gradients that it computes are compared with central differences of its
# own loss. Of the simple network and the LSTM, matrices agree within the error of the differences. A bias is added in every
# step, and the rule for sums assigns a gradient where it should add to it, so that one step is left. All rules but that of the
# matrix product assign, and −z has no rule at all: in the GRU, where a gate is used twice, matrices are wrong as well.
# Here: rules accumulate (src/grad); `checkGradients` (docs/check-gradients.md) is for such mistakes, and
# bench/peers/brain.mjs measures this library's speed only.
#
# Output seen:
#   RNNTimeStep weight: off by 0.0 %
#   RNNTimeStep transition: off by 0.0 %
#   RNNTimeStep outputWeight: off by 0.0 %
#   RNNTimeStep bias: off by 63.3 %
#   RNNTimeStep outputBias: off by 65.5 %
#   LSTMTimeStep inputMatrix: off by 0.1 %
#   LSTMTimeStep cellActivationMatrix: off by 0.1 %
#   LSTMTimeStep outputWeight: off by 0.0 %
#   LSTMTimeStep inputBias: off by 87.5 %
#   LSTMTimeStep forgetBias: off by 100.0 %
#   LSTMTimeStep cellActivationBias: off by 74.6 %
#   LSTMTimeStep outputBias: off by 107.4 %
#   GRUTimeStep outputWeight: off by 0.0 %
#   GRUTimeStep updateGateBias: off by 100.0 %
#   GRUTimeStep cellWriteBias: off by 77.2 %
#   GRUTimeStep outputBias: off by 69.6 %
#   GRUTimeStep updateGateInputMatrix: off by 157.1 %
#   GRUTimeStep cellWriteInputMatrix: off by 28.3 %
. "$(dirname "$0")/lib.sh"
npm_packages brain.js@1.6.1
node --input-type=module - <<'JS'
import brain from "brain.js";
import { expect } from "./finding.mjs";

const sequence = [[0.1, 0.4], [0.5, 0.3], [0.2, 0.9], [0.8, 0.6]];

/** For each parameter: how far its gradient is from the difference quotient, as a share of the largest quotient. */
function errors(kind) {
  const net = new brain.recurrent[kind]({ inputSize: 2, outputSize: 2, hiddenLayers: [3] });
  net.train([sequence], { iterations: 0 });
  const parameters = { ...net.model.hiddenLayers[0], outputWeight: net.model.outputConnector, outputBias: net.model.output };
  // Weights by a formula, for they would be random.
  let n = 0;
  for (const matrix of Object.values(parameters)) matrix.weights = matrix.weights.map(() => 0.6 * Math.sin(++n));
  net.trainInput(sequence);
  net.backpropagate();
  const gradients = Object.entries(parameters).map(([name, { deltas }]) => [name, Array.from(deltas)]);
  // Half the squared error of each next vector: the loss whose derivative by the output is output − target.
  const loss = () => {
    let sum = 0;
    for (let t = 0; t + 1 < sequence.length; t++) {
      const { weights } = net.model.equations[t].runInput(Float64Array.from(sequence[t]));
      sequence[t + 1].forEach((target, k) => { sum += (weights[k] - target) ** 2 / 2; });
    }
    return sum;
  };
  return Object.fromEntries(gradients.map(([name, gradient]) => {
    const { weights } = parameters[name];
    const quotients = gradient.map((_, i) => {
      const [w, h] = [weights[i], 1e-3];
      weights[i] = w + h;
      const above = loss();
      weights[i] = w - h;
      const below = loss();
      weights[i] = w;
      return (above - below) / (2 * h);
    });
    const largest = Math.max(...quotients.map(Math.abs));
    return [name, Math.max(...quotients.map((q, i) => Math.abs(q - gradient[i]))) / largest];
  }));
}

for (const [kind, right, wrong] of [
  ["RNNTimeStep", ["weight", "transition", "outputWeight"], ["bias", "outputBias"]],
  ["LSTMTimeStep", ["inputMatrix", "cellActivationMatrix", "outputWeight"], ["inputBias", "forgetBias", "cellActivationBias", "outputBias"]],
  ["GRUTimeStep", ["outputWeight"], ["updateGateBias", "cellWriteBias", "outputBias", "updateGateInputMatrix", "cellWriteInputMatrix"]],
]) {
  const off = errors(kind);
  for (const name of [...right, ...wrong]) console.log(`${kind} ${name}: off by ${(100 * off[name]).toFixed(1)} %`);
  // Differences of float32 weights, with a step of 1e-3, are good to about 1e-3 of the largest.
  for (const name of right) expect(off[name] < 0.01, `${kind}: the gradient of ${name} is right`);
  for (const name of wrong) expect(off[name] > 0.2, `${kind}: the gradient of ${name} is wrong`);
}
JS
