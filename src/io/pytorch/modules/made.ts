/**
 * Modules of PyTorch, and what stands between them, as layers of ours: for each what it reads, the layers, the module's own
 * formula, and how its tensors become parameters once the layers have their names.
 */
import {
  type ActivationName,
  activation,
  embedding,
  join,
  linear,
  type NetworkLayer,
  normalise,
  pool,
  recurrent,
  scale,
} from "../../../nn/index.js";
import { toFloat32 } from "../../dtypes.js";
import type { Rows } from "../../imported.js";
import { torchCells } from "../cells.js";
import {
  evaluateActivation,
  evaluateAttention,
  evaluateEmbedding,
  evaluateEnds,
  evaluateJoin,
  evaluateLast,
  evaluateLinear,
  evaluateMax,
  evaluateMean,
  evaluateNormalise,
  evaluateRecurrent,
  evaluateScale,
} from "../evaluate.js";
import { type Filled, filled, readPass } from "../pass.js";
import { attentionMean } from "./attention.js";
import { pathText } from "./fail.js";
import type { JoinWay, PoolWay } from "./items.js";
import { scaleOf } from "./norms.js";
import type { MatrixModule, NormModule, RecurrentModule } from "./types.js";

/** A value on its way through the file's network: what makes it, and from what. */
export interface Made {
  /** Its name in the file, or of what it is; values that others read have names of their own. */
  readonly name: string;
  /** Names of the values that it reads: "input", or what was made before. */
  readonly from: readonly string[];
  readonly layer: NetworkLayer;
  readonly evaluate: (inputs: readonly Rows[]) => Rows;
  /** Its parameters and where they are from, once its name is known. */
  readonly fill: (name: string) => Filled;
  /** How many features it takes, if it says so. */
  readonly input?: number;
  /** Of an embedding, how many ids there are. */
  readonly vocabulary?: number;
}

/** A value without what it reads. */
export type Part = Omit<Made, "from" | "name">;

const nothing: Filled = { parameters: new Map(), mapped: [] };
const without = (layer: NetworkLayer, evaluate: Part["evaluate"]): Part => ({
  layer,
  evaluate,
  fill: () => nothing,
});
const one =
  (of: (rows: Rows) => Rows): Part["evaluate"] =>
  ([rows = []]) =>
    of(rows);

/** nn.Embedding. */
export const embeddingPart = ({ weight }: Pick<MatrixModule, "weight">): Part => ({
  layer: embedding({ width: weight.shape[1]! }),
  vocabulary: weight.shape[0]!,
  evaluate: one(evaluateEmbedding(weight)),
  fill(name) {
    const to = `${name}.w_e`;
    return filled([[to, weight.shape, toFloat32(weight)]], [{ from: weight.name, to, how: "as it is" }]);
  },
});

/** nn.Linear. */
export function linearPart({ weight, bias }: Pick<MatrixModule, "weight" | "bias">): Part {
  const units = weight.shape[0]!;
  return {
    layer: linear({ units }),
    input: weight.shape[1]!,
    evaluate: one(evaluateLinear(weight, bias)),
    fill(name) {
      const [w, b] = [`${name}.w_ya`, `${name}.b_y`];
      return filled(
        [
          [w, weight.shape, toFloat32(weight)],
          [b, [units], bias ? toFloat32(bias) : new Float32Array(units)],
        ],
        [
          { from: weight.name, to: w, how: "as it is" },
          bias ? { from: bias.name, to: b, how: "as it is" } : { from: "(no bias)", to: b, how: "zeros" },
        ],
      );
    },
  };
}

/** nn.BatchNorm1d in inference, as a gain and a shift, or nn.LayerNorm. */
export function normPart(module: NormModule): Part {
  const { width, names } = module;
  const [from, all] = [names.join(", "), Float64Array.from({ length: width }, () => 1)];
  const [gain, shift] =
    module.over === "batch" ? scaleOf(module) : [module.gamma ?? all, module.beta ?? new Float64Array(width)];
  const how =
    module.over === "batch"
      ? "gain and shift of inference, with running mean and variance in them"
      : "as they are";
  const fill = (name: string): Filled =>
    filled(
      [
        [`${name}.g`, [width], Float32Array.from(gain)],
        [`${name}.k`, [width], Float32Array.from(shift)],
      ],
      [{ from, to: `${name}.g, k`, how }],
    );
  const epsilon = module.epsilon ?? 1e-5;
  return module.over === "batch"
    ? { layer: scale(), evaluate: one(evaluateScale({ ...module, epsilon })), fill, input: width }
    : {
        layer: normalise({ epsilon }),
        evaluate: one(evaluateNormalise({ ...module, epsilon })),
        fill,
        input: width,
      };
}

/** A gain and a shift that are the same for all features: x · factor + summand. */
export function multiplyPart(width: number, factor: number, summand: number): Part {
  return {
    layer: scale(),
    evaluate: one((rows) => rows.map((row) => row.map((x) => x * factor + summand))),
    fill: (name) =>
      filled(
        [
          [`${name}.g`, [width], new Float32Array(width).fill(factor)],
          [`${name}.k`, [width], new Float32Array(width).fill(summand)],
        ],
        [
          {
            from: `(times ${factor}, plus ${summand})`,
            to: `${name}.g, k`,
            how: "the same for all features",
          },
        ],
      ),
  };
}

/** The first features of a value. */
export const firstPart = (width: number, first: number): Part => ({
  layer: linear({ units: first }),
  evaluate: one((rows) => rows.map((row) => row.slice(0, first))),
  fill: (name) =>
    filled(
      [
        [
          `${name}.w_ya`,
          [first, width],
          Float32Array.from({ length: first * width }, (_, i) => Number(i % width === Math.floor(i / width))),
        ],
        [`${name}.b_y`, [first], new Float32Array(first)],
      ],
      [{ from: `(the first ${first} features)`, to: `${name}.w_ya, b_y`, how: "ones and zeros" }],
    ),
});

/** A function, element by element. @param alpha where it differs from what it is by default */
export const activationPart = (by: ActivationName, alpha?: number): Part =>
  without(activation({ by, ...(alpha === undefined ? {} : { alpha }) }), one(evaluateActivation(by, alpha)));

/** Several values as one. */
export const joinPart = (by: JoinWay): Part => without(join({ by }), evaluateJoin(by));

/** One vector of all steps. @param directions of the layer that it pools */
export const poolPart = (by: PoolWay, directions: number): Part =>
  without(pool({ by }), one(poolings[by](directions)));

const poolings: Readonly<Record<PoolWay, (directions: number) => (rows: Rows) => Rows>> = {
  last: evaluateLast,
  ends: () => evaluateEnds,
  mean: () => evaluateMean,
  max: () => evaluateMax,
};

/** The layers of a recurrent module, one after the other. @param otherwise nn.RNN's nonlinearity where the file does not tell */
export function recurrentParts(module: RecurrentModule, otherwise: "tanh" | "relu"): readonly Part[] {
  const { gates, H, layers, nonlinearity = otherwise } = module;
  const row = torchCells.find(
    (each) => each.gates.length === gates && (each.nonlinearity ?? nonlinearity) === nonlinearity,
  )!;
  return layers.map((layer): Part => {
    const direction = layer.length === 2 ? "both" : "forward";
    return {
      layer: recurrent({ cell: row.cell, units: H, direction }),
      input: layer[0].weightIh.shape[1]!,
      evaluate: one(evaluateRecurrent(layer, { gates, nonlinearity })),
      fill(name) {
        const passes = layer.map((pass, i) =>
          readPass(pass, row, direction === "both" ? `${name}.${i === 0 ? "forward" : "reverse"}` : name),
        );
        return {
          parameters: new Map(passes.flatMap(({ parameters }) => [...parameters])),
          mapped: passes.flatMap(({ mapped }) => mapped),
        };
      },
    };
  });
}

/** A softmax over the steps of scores, one for each, and the sum of vectors so weighted: of scores and vectors side by side. */
export function attentionPart(width: number): Part {
  const columns = width + 1;
  const chosen = (column: (row: number) => number): Float32Array =>
    Float32Array.from({ length: width * columns }, (_, i) =>
      Number(i % columns === column(Math.floor(i / columns))),
    );
  return {
    layer: recurrent({ cell: attentionMean, units: width }),
    evaluate: one(evaluateAttention),
    fill: (name) =>
      filled(
        [
          [`${name}.w_e`, [width, columns], chosen(() => 0)],
          [`${name}.b_e`, [width], new Float32Array(width)],
          [`${name}.w_v`, [width, columns], chosen((row) => row + 1)],
          [`${name}.b_v`, [width], new Float32Array(width)],
        ],
        [{ from: "(softmax over the steps)", to: `${name}.w_e, b_e, w_v, b_v`, how: "ones and zeros" }],
      ),
  };
}

/** What a layer of a recurrent module is called: "lstm, layer 1". */
export const layerName = (path: string, number: number): string => `${pathText(path)}, layer ${number}`;
