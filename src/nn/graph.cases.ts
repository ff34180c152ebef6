/**
 * For tests: networks that are more than a row, of every kind of layer between others and every way to name a value.
 */
import { gru, lstm, rnn } from "../cell/index.js";
import {
  activation,
  attention,
  convolution,
  dropout,
  embedding,
  join,
  linear,
  type NetworkOptions,
  normalise,
  pool,
  recurrent,
  repeat,
  scale,
} from "./index.js";

const one = recurrent({ cell: lstm, units: 3 });
/** Every way to join. */
export const joiningNames = [
  "add",
  "subtract",
  "multiply",
  "average",
  "maximum",
  "minimum",
  "concatenate",
] as const;

/** The network of the documentation: a way around a recurrent layer. */
export const around = (by: (typeof joiningNames)[number] = "add"): NetworkOptions => ({
  input: { width: 3 },
  layers: [
    one,
    { layer: linear({ units: 3 }), from: ["input"] },
    { layer: join({ by }), from: ["recurrent1", "linear1"] },
    linear({ units: 2 }),
  ],
  loss: "squaredError",
});

/** From a sequence through a vector to a sequence again, the second one starting where the first one ends. */
const coder: NetworkOptions = {
  input: { width: 2 },
  layers: [
    recurrent({ cell: lstm, units: 3, direction: "both" }),
    pool({ by: "ends" }),
    normalise(),
    linear({ units: 4 }),
    repeat(),
    { layer: dropout({ rate: 0.25 }), from: ["repeat1"] },
    {
      layer: recurrent({ cell: lstm, units: 3 }),
      from: ["dropout1"],
      states: { a: "recurrent1.forward.a", c: "recurrent1.reverse.c" },
    },
    { layer: join({ by: "concatenate" }), from: ["recurrent2", "input"] },
    scale({ trained: true }),
    { layer: linear({ units: 2 }), from: ["scale1"] },
  ],
  loss: "squaredError",
};

/** A source beside the network's own steps, whose end the others start at, and a vector that is there once. */
const beside: NetworkOptions = {
  input: {
    inputs: {
      source: { vocabulary: 5, beside: true },
      target: { width: 2 },
      whole: { width: 2, once: true },
    },
  },
  layers: [
    { layer: embedding({ width: 3 }), from: ["input.source"] },
    recurrent({ cell: gru, units: 3 }),
    { layer: pool({ by: "max" }), from: ["recurrent1"] },
    { layer: join({ by: "concatenate" }), from: ["pool1", "input.whole"] },
    repeat(),
    { layer: join({ by: "concatenate" }), from: ["repeat1", "input.target"] },
    { layer: recurrent({ cell: gru, units: 3 }), from: ["join2"], states: { c: "recurrent1.c" } },
    pool({ by: "last" }),
    { layer: join({ by: "multiply" }), from: ["pool2", "recurrent2.c"] },
    linear({ units: 2 }),
  ],
  loss: "meanSquaredError",
};

/** The networks, by what they are. */
export const graphs: readonly (readonly [string, NetworkOptions])[] = [
  ...joiningNames.map((by) => [`joined by ${by}`, around(by)] as const),
  ["a sequence out of a vector, from states of another layer", coder],
  ["an input beside the steps, and one that is there once", beside],
  [
    "two directions as two layers, added, and their ends",
    {
      input: { vocabulary: 6 },
      layers: [
        recurrent({ cell: rnn, units: 3 }),
        { layer: recurrent({ cell: rnn, units: 3, direction: "reverse" }), from: ["input"] },
        { layer: join({ by: "add" }), from: ["recurrent1", "recurrent2"] },
        normalise({ epsilon: 0.1 }),
        scale({ trained: true }),
        pool({ by: "last" }),
        linear({ units: 3 }),
      ],
      loss: "crossEntropy",
    },
  ],
  [
    "a value that is joined with itself, and pooled at its last step",
    {
      input: { width: 2 },
      layers: [
        linear({ units: 3 }),
        { layer: join({ by: "multiply" }), from: ["linear1", "linear1"] },
        pool({ by: "last" }),
        linear({ units: 2 }),
      ],
      loss: "squaredError",
    },
  ],
  ...(["dot", "scaledDot", "additive"] as const).map((score): readonly [string, NetworkOptions] => [
    `attention to its own steps, with ${score} scores`,
    {
      input: { width: 2 },
      layers: [
        linear({ units: 3 }),
        attention({ score }),
        normalise(),
        pool({ by: "max" }),
        linear({ units: 2 }),
      ],
      loss: "squaredError",
    },
  ]),
  [
    "attention to another layer's steps",
    {
      input: { vocabulary: 5 },
      layers: [
        recurrent({ cell: gru, units: 3 }),
        { layer: recurrent({ cell: rnn, units: 4, direction: "reverse" }), from: ["input"] },
        { layer: linear({ units: 3 }), from: ["recurrent2"] },
        { layer: attention({ score: "additive" }), from: ["recurrent1", "recurrent2", "linear1"] },
        linear({ units: 2 }),
      ],
      loss: "crossEntropy",
    },
  ],
  [
    "attention to an input beside the steps",
    {
      input: { inputs: { source: { width: 3, beside: true }, target: { width: 2 } } },
      layers: [
        { layer: recurrent({ cell: gru, units: 3, direction: "both" }), from: ["input.source"] },
        {
          layer: recurrent({ cell: gru, units: 3 }),
          from: ["input.target"],
          states: { c: "recurrent1.forward.c" },
        },
        { layer: linear({ units: 3 }), from: ["recurrent1"] },
        { layer: attention({ score: "dot" }), from: ["recurrent2", "recurrent1", "linear1"] },
        { layer: join({ by: "concatenate" }), from: ["attention1", "recurrent2"] },
        linear({ units: 2 }),
      ],
      loss: "squaredError",
    },
  ],
  [
    "convolutions, one with a way around it",
    {
      input: { width: 2 },
      layers: [
        convolution({ units: 3, kernel: 3 }),
        activation({ by: "gelu" }),
        convolution({ units: 3, kernel: 2, dilation: 2, padding: "causal" }),
        { layer: join({ by: "add" }), from: ["convolution2", "activation1"] },
        convolution({ units: 3, kernel: 4 }),
        recurrent({ cell: gru, units: 3 }),
        pool({ by: "meanMax" }),
        linear({ units: 2 }),
      ],
      loss: "squaredError",
    },
  ],
];
