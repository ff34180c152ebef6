/**
 * From numbers to words: what stands out in a diagnosis, and what to try. One row per kind of finding. Advice names
 * options by their keys, in braces.
 */
import type { Network } from "../nn/index.js";
import { spelled } from "../options/error.js";
import { activations, type ValueActivity } from "./activity.js";
import type { Diagnosis, Finding, LayerDiagnosis } from "./diagnosis-record.js";

/** From where on something stands out. */
export const thresholds = {
  /**
   * The gradient over the longest distance, in units of that at the loss: a thousandth is less than the noise of the steps
   * near by, which are added to it, so what lies so far back is not learned.
   */
  vanishing: 1e-3,
  /** A thousand times: one step far back then decides where all weights go, and clipping takes the others away. */
  exploding: 1e3,
  /** Share of the values of a tanh at its ends: more than half of the gradient's ways are all but closed. */
  saturated: 0.5,
  /** Share of the values of a gate at one of its ends: it is a constant, and its weights learn nothing. */
  stuck: 0.9,
  /** Share of the zeros of a ReLU. */
  silent: 0.9,
} as const;

const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** A number for people: 0.031, 1,200, 3.1e-9, −0.5. */
export const short = (value: number): string => {
  const size = Math.abs(value);
  const plain = size === 0 || (size >= 1e-3 && size < 1e5);
  const text = plain
    ? Number(size.toPrecision(2)).toLocaleString("en-US", { maximumFractionDigits: 6 })
    : size.toExponential(1);
  return value < 0 ? `−${text}` : text;
};

/** How long examples are: "80 steps each", or "3 to 40 steps, half of them up to 12". */
export const lengthsInWords = ({ shortest, median, longest }: Diagnosis["lengths"]): string =>
  shortest === longest
    ? `${longest} step${longest === 1 ? "" : "s"} each`
    : `${shortest} to ${longest} steps, half of them up to ${median}`;

/** All that stands out, layer by layer. */
export function findingsOf(net: Network, layers: readonly LayerDiagnosis[]): readonly Finding[] {
  const found = layers.flatMap((layer) => [
    ...gradientFindings(net, layer),
    ...layer.values.flatMap((value) => valueFindings(net, layer, value)),
    ...deadUnits(layer),
  ]);
  return found.map((finding) => ({
    ...finding,
    advice: finding.templates.map((template) => spelled(template)),
  }));
}

/** A finding whose advice has not been written out. */
type Unspelled = Omit<Finding, "advice">;

function gradientFindings(net: Network, layer: LayerDiagnosis): Unspelled[] {
  const { name, gradient, gated } = layer;
  if (!gradient) return [];
  const { perStep, overall, mean } = gradient;
  const steps = mean.length - 1;
  const over = `${short(overall)} of what it is at the loss over ${steps} step${steps === 1 ? "" : "s"}`;
  if (overall < thresholds.vanishing) {
    return [
      {
        kind: "vanishing",
        layer: name,
        text: `The gradient vanishes: with every step back it shrinks to ${percent(perStep)}, and it is ${over}. What stands so far back is not learned by this way.`,
        templates: [...shortcuts(net), ...memory(gated)],
      },
    ];
  }
  if (overall <= thresholds.exploding) return [];
  return [
    {
      kind: "exploding",
      layer: name,
      text: `The gradient explodes: it is multiplied by ${short(perStep)} with every step, and is ${short(overall)} times what it is at the loss over ${steps} steps.`,
      templates: [
        "clip the gradients at a smaller norm ({clip} 1, or 0.1)",
        "a smaller learning rate, a third of it ({learningRate})",
        gated
          ? "a cell whose memory is bounded: {cell} gru or lstm rather than lstmNotes"
          : "a cell with gates ({cell} gru or lstm), or tanh in place of ReLU ({cell} rnn)",
      ],
    },
  ];
}

/** Ways around the recurrence. */
function shortcuts(net: Network): string[] {
  const pooling = net.layers.flatMap(({ layer }) => (layer.kind === "pool" ? [layer.by] : []))[0];
  if (pooling === "last") return ["pooling that sees every step: {pooling} max or attention"];
  if (pooling !== undefined)
    return [
      `nothing, if it predicts well: pooling by ${pooling} hands the gradient to every step directly, around the recurrence`,
    ];
  const attends = net.layers.some(({ layer }) => layer.kind === "decoder" && layer.attention !== "none");
  return attends ? ["nothing, if it predicts well: attention reaches the source around the recurrence"] : [];
}

const memory = (gated: boolean): string[] =>
  gated
    ? [
        "a forget gate that starts open, so that memory lasts: a bias of 1 or more (the cell lstm has 1; in a cell of your own, bias: { f: 2 })",
        "training longer, or shorter sequences",
      ]
    : [
        "a cell with a gated memory: {cell} lstm or gru",
        "a cell whose units keep their memory each for itself ({cell} indRnn)",
      ];

function valueFindings(net: Network, { name: layer }: LayerDiagnosis, value: ValueActivity): Unspelled[] {
  const { name, activation, low, high } = value;
  const { words } = activations[activation];
  if (activation === "relu") {
    if (low <= thresholds.silent) return [];
    return [
      {
        kind: "silent",
        layer,
        text: `${name} is 0 at ${percent(low)} of its values, where ReLU passes no gradient.`,
        templates: ["a smaller learning rate ({learningRate})", "tanh in place of ReLU ({cell} rnn)"],
      },
    ];
  }
  if (activation === "tanh") {
    if (low + high <= thresholds.saturated) return [];
    return [
      {
        kind: "saturated",
        layer,
        text: `${name} is saturated: ${percent(low + high)} of its values are beyond ±${activations.tanh.high}, where tanh passes less than a tenth of the gradient.`,
        templates: [
          "a smaller learning rate ({learningRate})",
          "a cell with layer normalisation ({cell} lstmLayerNorm)",
          ...("width" in net.input ? ["inputs of mean 0 and deviation 1, if they are not so already"] : []),
        ],
      },
    ];
  }
  const [share, end] = low > high ? [low, words.low] : [high, words.high];
  if (share <= thresholds.stuck) return [];
  return [
    {
      kind: "stuck",
      layer,
      text: `The gate ${name} is ${end} at ${percent(share)} of its values: it hardly chooses, and its weights hardly learn.`,
      templates: [
        "another start of its bias, in a cell of your own (bias: { … })",
        "a simpler cell, if it predicts as well without this gate ({cell} gru, minGru or rnn)",
        "a smaller learning rate ({learningRate})",
      ],
    },
  ];
}

function deadUnits({ name, dead, units, deviations }: LayerDiagnosis): Unspelled[] {
  if (dead.length === 0) return [];
  const listed =
    dead
      .slice(0, 8)
      .map((f) => f + 1)
      .join(", ") + (dead.length > 8 ? ", …" : "");
  const all = dead.length === deviations.length;
  return [
    {
      kind: "dead",
      layer: name,
      text: `${dead.length} of ${deviations.length} units hardly vary (${dead.length === 1 ? "unit" : "units"} ${listed}): what follows sees a constant.`,
      templates: [
        ...(all ? [] : [`fewer units ({units} ${units - dead.length})`]),
        "a smaller learning rate ({learningRate}), or another seed ({seed})",
      ],
    },
  ];
}
