/** Decoding step by step against the whole target at once, and searches against all targets of a small vocabulary. */
import { describe, expect, it } from "vitest";
import { gru, lstm } from "../../cell/index.js";
import { createReferenceExecutor } from "../../exec/reference/index.js";
import { createWasmExecutor } from "../../exec/wasm/index.js";
import {
  createDecoding,
  createPredictor,
  type DecoderOptions,
  decoder,
  embedding,
  initialParameters,
  linear,
  NetworkError,
  network,
  recurrent,
} from "../index.js";

const [END, BEGIN, V] = [4, 5, 6];

function translator(options: Partial<DecoderOptions> = {}) {
  const source = [embedding({ width: 3 }), recurrent({ cell: gru, units: 3, direction: "both" })];
  return network({
    input: { inputs: { source: { vocabulary: 7, beside: true }, target: { vocabulary: V } } },
    layers: [
      decoder({ source, target: [embedding({ width: 3 })], cell: gru, units: [4], ...options }),
      linear({ units: V }),
    ],
    loss: "crossEntropy",
  });
}

const variants: Partial<DecoderOptions>[] = [
  { attention: "additive", inputFeeding: true },
  { attention: "additive", inputFeeding: false },
  { attention: "general", cell: lstm, units: [3, 4] },
  { attention: "none" },
];

/** Weights large enough to have opinions. */
const parametersOf = (net: ReturnType<typeof translator>) =>
  new Map(
    [...initialParameters(net, 3)].map(([name, { shape, data }]) => [
      name,
      { shape, data: data.map((v) => 3 * v) },
    ]),
  );

const sources = [[1, 2, 3], [], [6], [0, 1, 2, 3, 4, 5, 6], [2, 2]];

describe.each([
  // float64 against float64, and float32 with its seven digits.
  ["reference", createReferenceExecutor, 10],
  ["wasm", createWasmExecutor, 4],
] as const)("decoding on %s", (_name, create, digits) => {
  it.each(variants)(
    "gives each token the probability that the whole target gives it, %j",
    async (options) => {
      const net = translator(options);
      const executor = await create();
      const parameters = parametersOf(net);
      const decoding = createDecoding(net, executor, { begin: BEGIN, end: END, parameters });
      const found = decoding.decode(sources, { width: 3, count: 3, maximumLength: 6 });
      const predictor = createPredictor(net, executor, { parameters });
      found.forEach((results, i) => {
        expect(results).toHaveLength(3);
        for (const { tokens, logProbability, ended, attention } of results) {
          const input = { source: sources[i]!, target: [BEGIN, ...tokens] };
          const [{ rows }] = predictor.predict([{ input }]) as [{ rows: number[][] }];
          const all = ended ? [...tokens, END] : tokens;
          const wanted = all.reduce((sum, token, t) => sum + Math.log(rows[t]![token]!), 0);
          expect(logProbability).toBeCloseTo(wanted, digits);
          expect(attention).toHaveLength(options.attention === "none" ? 0 : tokens.length);
          for (const weights of attention) {
            const sum = Array.from(weights).reduce((a, b) => a + b, 0);
            expect(weights).toHaveLength(sources[i]!.length);
            if (weights.length > 0) expect(sum).toBeCloseTo(1, digits);
          }
        }
      });
    },
  );
  it("gives the same whatever is decoded together", async () => {
    const net = translator();
    const decoding = createDecoding(net, await create(), {
      begin: BEGIN,
      end: END,
      parameters: parametersOf(net),
      batchSize: 3,
    });
    const search = { width: 2, maximumLength: 5 };
    const together = decoding.decode(sources, search);
    sources.forEach((source, i) => {
      expect(decoding.decode([source], search)).toEqual([together[i]]);
    });
  });
  it("finds the best of all targets where the beam is as wide as their number", async () => {
    const net = translator();
    const executor = await create();
    const parameters = parametersOf(net);
    const decoding = createDecoding(net, executor, { begin: BEGIN, end: END, parameters, never: [0] });
    const most = 3;
    const targets: number[][] = [];
    const grow = (tokens: number[]): void => {
      targets.push(tokens);
      if (tokens.length < most) for (const token of [1, 2, 3]) grow([...tokens, token]);
    };
    grow([]);
    const predictor = createPredictor(net, executor, { parameters });
    const options = { width: 64, count: 2, maximumLength: most, lengthPenalty: 0 };
    const found = decoding.decode(sources.slice(0, 3), options);
    found.forEach((results, i) => {
      const source = sources[i]!;
      const inputs = targets.map((tokens) => ({ input: { source, target: [BEGIN, ...tokens] } }));
      const scored = predictor.predict(inputs).map(({ rows }, k) => {
        const tokens = targets[k]!;
        const p = [...tokens, END].reduce((sum, token, t) => sum + Math.log(rows[t]![token]!), 0);
        return { tokens, p };
      });
      scored.sort((a, b) => b.p - a.p);
      expect(results.map(({ tokens }) => tokens)).toEqual(scored.slice(0, 2).map(({ tokens }) => tokens));
    });
  });
});

it("needs a network with a decoder, and sources of its vocabulary", async () => {
  const executor = await createReferenceExecutor();
  const other = network({ input: { width: 2 }, layers: [linear({ units: 2 })], loss: "crossEntropy" });
  expect(() => createDecoding(other, executor, { begin: 0, end: 1 })).toThrow(NetworkError);
  const net = translator();
  const parameters = initialParameters(net, 1);
  const decoding = createDecoding(net, executor, { begin: BEGIN, end: END, parameters });
  expect(() => decoding.decode([[9]], { maximumLength: 2 })).toThrow(
    'of the input "source" holds the token id 9',
  );
});
