// @ts-check
/**
 * The adding problem (Hochreiter and Schmidhuber 1997) at T = 200, on the trainer that the command line uses: how long until
 * the mean squared error on unseen sequences is below 0.01? Each step brings a number from [0, 1) and a marker; two
 * numbers are marked, one in either half, and the target at the end is their sum. Always answering 1 gives 0.167.
 * Run it after `npm run build`: node bench/adding.mjs [--steps 200] [--units 64] [--minutes 5] [--seed 1]
 *   [--examples 10000] [cell...]
 * (default: gru lstm lstmNotes). Every cell trains for its minutes, or until the error is below 0.001.
 */
import { parseArgs } from "node:util";
import { createWasmExecutor } from "unrolled/exec/wasm";
import { createPredictor, initialParameters, linear, network, pool, recurrent } from "unrolled/nn";
import { adam, fit, mse } from "unrolled/train";
import { cellOf } from "./ours/networks.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    steps: { type: "string", default: "200" },
    units: { type: "string", default: "64" },
    minutes: { type: "string", default: "5" },
    seed: { type: "string", default: "1" },
    examples: { type: "string", default: "10000" },
  },
});
const T = Number(values.steps);
const seed = Number(values.seed);
const cells = positionals.length > 0 ? positionals : ["gru", "lstm", "lstmNotes"];

/** A linear congruential generator of numbers in [0, 1) (Numerical Recipes). */
function generator(/** @type {number} */ start) {
  let state = start >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Sequences of the adding problem. */
function adding(/** @type {number} */ count, /** @type {number} */ start) {
  const next = generator(start);
  return Array.from({ length: count }, (_, id) => {
    const input = new Float32Array(2 * T);
    for (let t = 0; t < T; t++) input[2 * t] = next();
    const half = Math.floor(T / 2);
    const marked = [Math.floor(next() * half), half + Math.floor(next() * (T - half))];
    for (const t of marked) input[2 * t + 1] = 1;
    return { id, input, target: [marked.reduce((sum, t) => sum + /** @type {number} */ (input[2 * t]), 0)] };
  });
}

const [train, valid, test] = [
  adding(Number(values.examples), 2 * seed),
  adding(500, 1_000_003),
  adding(1000, 2_000_003),
];
const errorOf = (
  /** @type {readonly { rows: readonly (readonly number[])[] }[]} */ predictions,
  /** @type {typeof test} */ examples,
) =>
  mse({
    truth: examples.map(({ target }) => /** @type {number} */ (target[0])),
    predicted: predictions.map(({ rows }) => /** @type {number} */ (rows[0]?.[0])),
  });

for (const name of cells) {
  const cell = cellOf(name);
  const net = network({
    input: { width: 2 },
    layers: [recurrent({ cell, units: Number(values.units) }), pool({ by: "last" }), linear({ units: 1 })],
    loss: "squaredError",
  });
  const executor = await createWasmExecutor({ tier: "fastest" });
  // Training leaves its weights here, also when it is ended early.
  const session = executor.session();
  let solved = "";
  let reached = Number.POSITIVE_INFINITY;
  const enough = new AbortController();
  const options = {
    parameters: initialParameters(net, seed),
    executor: session,
    train,
    batchSize: 50,
    seed,
    optimizer: adam({ learningRate: 0.002 }),
    clip: 1,
    minutes: Number(values.minutes),
    valid: {
      examples: valid,
      score: (/** @type {readonly any[]} */ predictions) => -errorOf(predictions, valid),
    },
  };
  let parameters;
  let last = { step: 0, seconds: 0 };
  try {
    const result = await fit(net, {
      ...options,
      signal: enough.signal,
      onProgress({ step, seconds, valid: score, epoch }) {
        last = { step, seconds };
        if (score === undefined) return;
        console.error(
          `${name} epoch ${epoch}: validation MSE ${(-score).toFixed(5)} after ${seconds.toFixed(0)} s`,
        );
        if (-score < reached) reached = -score;
        if (-score < 0.01 && solved === "") solved = `solved after ${step} steps, ${seconds.toFixed(0)} s`;
        if (-score < 0.001) enough.abort();
      },
    });
    parameters = result.parameters;
  } catch (error) {
    if (!enough.signal.aborted) throw error;
  }
  const predictor = createPredictor(net, session, parameters ? { parameters } : {});
  const error = errorOf(predictor.predict(test), test);
  console.log(
    `${name}, ${values.units} units, T=${T}, ${executor.tier}, Node ${process.version}: test MSE ${error.toFixed(5)} after ${last.step} steps, ${last.seconds.toFixed(0)} s; ${solved || `not solved (best validation ${reached.toFixed(5)})`}`,
  );
  executor.dispose();
}
