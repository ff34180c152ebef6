/** Decoders: gradients through encoder, attention and cells, batches, streams of data, and what is refused. */
import { describe, expect, it } from "vitest";
import { gru, lstm } from "../../cell/index.js";
import { createWasmExecutor } from "../../exec/wasm/index.js";
import { networkData, networkFromData } from "../build/index.js";
import { agreeWithReference, checkGradients, examplesFor, sameBitsInAnyBatch } from "../gradient.cases.js";
import {
  type DecoderOptions,
  decoder,
  dropout,
  embedding,
  linear,
  NetworkError,
  type NetworkInput,
  type NetworkOptions,
  network,
  pool,
  recurrent,
} from "../index.js";

const input = { inputs: { source: { vocabulary: 6, beside: true }, target: { vocabulary: 5 } } } as const;
const encoder = [embedding({ width: 3 }), recurrent({ cell: gru, units: 2, direction: "both" })];

const translator = (options: Partial<DecoderOptions> = {}): NetworkOptions => ({
  input,
  layers: [
    decoder({ source: encoder, target: [embedding({ width: 3 })], cell: gru, units: [3], ...options }),
    linear({ units: 4 }),
  ],
  loss: "crossEntropy",
});

/** Target lengths; those of the sources fall as these rise, down to none. */
const lengths = [4, 0, 5, 1];

const variants: readonly Partial<DecoderOptions>[] = [
  { attention: "none" },
  ...(["additive", "general"] as const).flatMap((attention) =>
    [false, true].map((inputFeeding) => ({ attention, inputFeeding })),
  ),
  { attention: "additive", attentionWidth: 5 },
  { cell: lstm, units: [3, 2] },
  { cell: lstm, units: [2, 3], attention: "none" },
  { target: [] },
  { target: [], inputFeeding: false },
  { source: [recurrent({ cell: lstm, units: 3 })] },
];

describe("gradients of decoders agree with central differences", () => {
  it.each(variants)("%j", async (options) => {
    expect(await checkGradients(translator(options), lengths)).toBeGreaterThan(50);
  });
  it("under dropout in the source, in the target and between cells", async () => {
    const dropped = translator({
      source: [embedding({ width: 3 }), dropout({ rate: 0.3 }), ...encoder.slice(1), dropout({ rate: 0.2 })],
      target: [embedding({ width: 3 }), dropout({ rate: 0.3, mask: "token" })],
      units: [3, 3, 2],
      dropout: 0.4,
    });
    expect(await checkGradients(dropped, lengths, true)).toBeGreaterThan(50);
  });
  it("of vectors in place of tokens, and of one vector for the whole target", async () => {
    const vectors: NetworkOptions = {
      input: { inputs: { source: { width: 2, beside: true }, target: { width: 2 } } },
      layers: [
        decoder({ source: encoder.slice(1), target: [], cell: gru, units: [3] }),
        pool({ by: "last" }),
        linear({ units: 2 }),
      ],
      loss: "squaredError",
    };
    expect(await checkGradients(vectors, lengths)).toBeGreaterThan(50);
  });
});

describe("a decoder in a batch", () => {
  it.each(variants.slice(0, 5))("has the reference's losses and gradients, %j", async (options) => {
    const net = network(translator(options));
    // float32 keeps seven digits; sums here have at most some fifty terms.
    await agreeWithReference(createWasmExecutor, net, examplesFor(net, lengths), 2e-5);
  });
  it.each(variants.slice(0, 5))("gives the same bits in any batch, %j", async (options) => {
    const net = network(translator(options));
    await sameBitsInAnyBatch(createWasmExecutor, net, examplesFor(net, lengths));
  });
});

it("is the same after it was written as data", () => {
  for (const options of [...variants, { units: [3, 2], dropout: 0.25 }]) {
    const net = network(translator(options));
    const read = networkFromData(JSON.parse(JSON.stringify(networkData(net))));
    expect(read.parameters).toEqual(net.parameters);
    expect(networkData(read)).toEqual(networkData(net));
  }
});

it("names its parameters, and gives each block of the lowest cell's input its columns", () => {
  const { parameters } = network(translator());
  const shapes = Object.fromEntries(parameters.map(({ name, shape }) => [name, shape]));
  expect(shapes).toMatchObject({
    "decoder1.source.embedding1.w_e": [6, 3],
    "decoder1.target.embedding1.w_e": [5, 3],
    "decoder1.1.w_u": [3, 3 + 3 + 3],
    "decoder1.1.w_0_c": [3, 4],
    "decoder1.u_e": [3, 4],
    "decoder1.w_e": [3, 3],
    "decoder1.v_e": [3],
    "decoder1.w_h": [3, 3 + 4],
    "decoder1.b_h": [3],
  });
  const blocks = parameters.find(({ name }) => name === "decoder1.1.w_u")?.blocks;
  expect(blocks?.map(({ buffer, columns }) => [buffer, columns])).toEqual([
    ["decoder1.1.w_uc", 3],
    ["decoder1.1.w_ux.y", 3],
    ["decoder1.1.w_ux.fed", 3],
  ]);
});

describe("what does not fit is refused", () => {
  it.each([
    [{ source: [...encoder, pool({ by: "last" })] }, "decoder1.source must give a vector for every step"],
    [
      { target: [embedding({ width: 2 }), recurrent({ cell: gru, units: 2, direction: "both" })] },
      "decoder1.target.recurrent1 reads in both directions",
    ],
  ] as [Partial<DecoderOptions>, string][])("%j", (options, message) => {
    const make = (): unknown => network(translator(options));
    expect(make).toThrow(NetworkError);
    expect(make).toThrow(message);
  });
  it.each([
    [
      { inputs: { source: { vocabulary: 3 }, target: { vocabulary: 3 } } },
      "found source (step), target (step)",
    ],
    [{ inputs: { from: { vocabulary: 3, beside: true }, target: { vocabulary: 3 } } }, "found from (beside)"],
    [{ vocabulary: 3 }, "decoder1 reads several inputs by name"],
  ] as [NetworkInput, string][])("the input %j", (other, message) => {
    expect(() => network({ ...translator(), input: other })).toThrow(message);
  });
});
