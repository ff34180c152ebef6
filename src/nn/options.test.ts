/**
 * Options of layers, networks and draws from callers without types: what there is none of, what makes no sense and what
 * would have no effect is refused by name, with the name that was probably meant.
 */
import { describe, expect, it } from "vitest";
import { gru, lstm } from "../cell/index.js";
import { OptionError } from "../options/index.js";
import {
  activation,
  beamSearch,
  createDecoding,
  createLongScorer,
  createNoteSampler,
  createPredictor,
  createSampler,
  createStream,
  createStreams,
  decoder,
  dropout,
  embedding,
  features,
  linear,
  network,
  pool,
  recurrent,
  stack,
} from "./index.js";

type Make = (options: never) => unknown;

const cell = gru;
const parts = { source: [], target: [], cell, units: [4] };
const net = { input: { width: 2 }, layers: [linear({ units: 1 })], loss: "squaredError" };
const model = { end: 0, start: 0, follow: () => [{ state: 0, following: { logProbabilities: [0, -1] } }] };
const search: Make = (options) => beamSearch(model, options);

/** A function, its options, and the message. */
const refused: readonly (readonly [string, Make, unknown, string])[] = [
  [
    "recurrent",
    recurrent,
    { cell, unit: 3, units: 3 },
    'recurrent has no option "unit"; did you mean units?',
  ],
  ["recurrent", recurrent, { cell }, "recurrent needs units, which must be a whole number from 1"],
  ["recurrent", recurrent, { cell: "gru", units: 3 }, 'cell is "gru"; it must be a cell (recurrent)'],
  [
    "recurrent",
    recurrent,
    { cell, units: 3, initialState: { h: "learned" } },
    'initialState is {"h":"learned"}; it must be zero, learned or given (recurrent)',
  ],
  [
    "recurrent",
    recurrent,
    { cell, units: 3, direction: "backward" },
    'direction is "backward"; it must be forward',
  ],
  ["recurrent", recurrent, { cell, units: 3, residual: 1 }, "residual is 1; it must be true or false"],
  [
    "recurrent",
    recurrent,
    { cell, units: 3, zoneout: 1 },
    "zoneout is 1; it must be a number from 0 to below 1, or",
  ],
  [
    "stack",
    stack,
    { cell, units: 3 },
    "units is 3; it must be a list of whole numbers from 1, at most 1000 of them (stack)",
  ],
  [
    "stack",
    stack,
    { cell, units: [3], initialstate: "zero" },
    'stack has no option "initialstate"; did you mean initialState?',
  ],
  ["linear", linear, { units: 2.5 }, "units is 2.5; it must be a whole number from 1 (linear)"],
  ["linear", linear, { units: 2, bias: false }, 'linear has no option "bias"; there are units, tied'],
  ["linear", linear, { units: 2, tied: true }, "tied is true; it must be a text"],
  ["embedding", embedding, { width: 0 }, "width is 0; it must be a whole number from 1 (embedding)"],
  ["embedding", embedding, { vocabulary: 9, width: 2 }, 'embedding has no option "vocabulary"'],
  ["dropout", dropout, { rate: 1 }, "rate is 1; it must be a number from 0 to below 1 (dropout)"],
  ["dropout", dropout, { rate: 0.1, mask: "word" }, 'mask is "word"; it must be value, sequence or token'],
  ["dropout", dropout, 0.5, "dropout takes its options as one object, and was given 0.5"],
  ["activation", activation, { by: "step" }, 'by is "step"; it must be relu, tanh,'],
  ["activation", activation, "relu", 'activation takes its options as one object, and was given "relu"'],
  ["pool", pool, { by: "sum" }, 'by is "sum"; it must be last, ends, mean, max, meanMax or attention (pool)'],
  ["pool", pool, { by: "mean", over: "time" }, 'pool has no option "over"; there are by'],
  [
    "features",
    features,
    { word: linear({ units: 2 }) },
    "it must be a list of objects, each a layer, at most 250 of them (features)",
  ],
  ["decoder", decoder, { ...parts, heads: 4 }, 'decoder has no option "heads"'],
  ["decoder", decoder, { ...parts, units: [] }, "units is []; it must be a list of whole numbers from 1"],
  [
    "decoder",
    decoder,
    { ...parts, units: [2.5] },
    "units is [2.5]; it must be a list of whole numbers from 1",
  ],
  ["decoder", decoder, { ...parts, units: [2, 2], dropout: 1 }, "dropout is 1; it must be a number from 0"],
  [
    "decoder",
    decoder,
    { ...parts, attention: "dot" },
    'attention is "dot"; it must be additive, general or none',
  ],
  [
    "decoder",
    decoder,
    { ...parts, attention: "general", attentionWidth: 3 },
    "attentionWidth is for attention additive, not for general; leave it out",
  ],
  ["decoder", decoder, { ...parts, attention: "none", inputFeeding: true }, "inputFeeding needs attention"],
  [
    "decoder",
    decoder,
    { ...parts, dropout: 0.1 },
    "dropout acts between the cells of a decoder, which has but one",
  ],
  ["network", network, { ...net, optimizer: 1 }, 'network has no option "optimizer"'],
  ["network", network, { ...net, loss: "mse" }, 'loss is "mse"; it must be binaryCrossEntropy,'],
  [
    "network",
    network,
    { ...net, quantiles: [0.5] },
    "quantiles is for loss pinball, not for squaredError; leave it out",
  ],
  ["network", network, { ...net, loss: "pinball" }, "loss pinball needs quantiles between 0 and 1"],
  ["network", network, { ...net, input: { features: 2 } }, 'the input of a network has no option "features"'],
  [
    "network",
    network,
    { ...net, input: {} },
    "the input of a network needs vocabulary, the number of token ids, or width",
  ],
  ["network", network, { ...net, input: { width: 0 } }, "width is 0; it must be a whole number from 1"],
  [
    "network",
    network,
    { ...net, input: { vocabulary: 5, width: 2 } },
    "vocabulary and width contradict each other",
  ],
  [
    "network",
    network,
    { ...net, input: { inputs: { a: { width: 1 }, b: { width: 1, besides: true } } } },
    'the input "b" of a network has no option "besides"; did you mean beside?',
  ],
  [
    "network",
    network,
    { ...net, input: { inputs: { a: { width: 1, inside: true, once: true } } } },
    "inside and once contradict each other",
  ],
  [
    "createSampler",
    createSampler,
    { temperatur: 1 },
    'createSampler has no option "temperatur"; did you mean temperature?',
  ],
  ["createSampler", createSampler, { repetitionWindow: 9 }, "repetitionWindow goes with repetitionPenalty"],
  ["createSampler", createSampler, { temperature: 0, topK: 3 }, "topK has no effect with temperature 0"],
  ["createSampler", createSampler, { topK: 1, topP: 0.9 }, "topP has no effect with topK 1"],
  ["createNoteSampler", createNoteSampler, { topK: 3 }, 'createNoteSampler has no option "topK"'],
  ["beamSearch", search, { maximumLength: 3, beam: 2 }, 'a beam search has no option "beam"'],
  ["beamSearch", search, { width: 2 }, "a beam search needs maximumLength"],
  [
    "beamSearch",
    search,
    { maximumLength: 3, coveragePenalty: 0.1 },
    "coveragePenalty needs weights of attention, and the model has none; leave it out",
  ],
];

describe("those of what runs a network", () => {
  const small = network({ input: { width: 1 }, layers: [linear({ units: 1 })], loss: "squaredError" });
  it.each<[string, (home: never, options: never) => unknown, object, string]>([
    [
      "createPredictor",
      (home, options) => createPredictor(small, home, options),
      { batchsize: 3 },
      "did you mean batchSize?",
    ],
    [
      "createPredictor",
      (home, options) => createPredictor(small, home, options),
      { rows: 1 },
      "rows is 1; it must be",
    ],
    [
      "createStream",
      (home, options) => createStream(small, home, options),
      { count: 3 },
      'no option "count"',
    ],
    [
      "createStreams",
      (home, options) => createStreams(small, home, options),
      { count: 0 },
      "count is 0; it must be a whole",
    ],
    [
      "createLongScorer",
      (home, options) => createLongScorer(small, home, options),
      { lanes: 2 },
      'no option "lanes"',
    ],
    [
      "createDecoding",
      (home, options) => createDecoding(small, home, options),
      { begin: 1 },
      "createDecoding needs end",
    ],
  ])("%s", (_, make, options, message) => {
    // No executor is asked before the options are right.
    expect(() => make(undefined as never, options as never)).toThrow(OptionError);
    expect(() => make(undefined as never, options as never)).toThrow(message);
  });
});

describe("options are refused by name", () => {
  it.each(refused)("%s", (_, make, options, message) => {
    expect(() => make(options as never)).toThrow(OptionError);
    expect(() => make(options as never)).toThrow(message);
  });

  it("of a layer that is none, and of a cell that a rate does nothing to", () => {
    const layers = [{ kind: "conv", units: 3 }];
    expect(() => network({ ...net, layers } as never)).toThrow(
      'there is no layer "conv"; a network is made of what',
    );
    expect(() => recurrent({ cell: lstm, units: 3, zoneout: { h: 0.1 } })).toThrow(
      'zoneout names "h", which is not a state of lstm (a, c)',
    );
  });
});

describe("options that change nothing are no contradiction", () => {
  it.each<[string, () => unknown]>([
    [
      "a sampler with all at their defaults",
      () => createSampler({ temperature: 1, topK: 1, topP: 1, typical: 1 }),
    ],
    ["what is undefined", () => linear({ units: 2, tied: undefined } as never)],
    [
      "a decoder without attention that feeds nothing back",
      () => decoder({ ...parts, attention: "none", inputFeeding: false }),
    ],
  ])("%s", (_, make) => expect(make).not.toThrow());
});
