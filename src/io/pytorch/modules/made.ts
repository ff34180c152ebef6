/**
 * Modules of PyTorch, and what stands between them, as layers of ours: for each the layers, the module's own formula, and how
 * its tensors become parameters once the layers have their names.
 */
import {
  activation,
  embedding,
  type Layer,
  linear,
  NetworkError,
  pool,
  recurrent,
} from "../../../nn/index.js";
import { toFloat32 } from "../../dtypes.js";
import type { Rows } from "../../imported.js";
import { torchCells } from "../cells.js";
import {
  evaluateActivation,
  evaluateEmbedding,
  evaluateLast,
  evaluateLinear,
  evaluateMax,
  evaluateMean,
  evaluateRecurrent,
} from "../evaluate.js";
import { type Filled, filled, readPass } from "../pass.js";
import { pathText } from "./fail.js";
import { type Item, itemText, type PoolWay } from "./items.js";
import { isEmbedding } from "./order.js";
import type { MatrixModule, RecurrentModule } from "./types.js";

/** Layers of ours on the way. */
export interface Made {
  readonly layers: readonly Layer[];
  /** Its name in the file, or of what it is. */
  readonly name: string;
  readonly evaluate: (input: Rows) => Rows;
  /** Its parameters and where they are from, once its name is known. */
  readonly fill: (name: string) => Filled;
}

/** What items do not tell. */
export interface MakingOptions {
  /** nn.RNN's nonlinearity, where the file does not tell. */
  readonly activation: "tanh" | "relu";
}

const nothing: Filled = { parameters: new Map(), mapped: [] };

/** PyTorch's ways to pool, of so many directions. */
const poolings: Readonly<Record<PoolWay, (directions: number) => (rows: Rows) => Rows>> = {
  last: evaluateLast,
  mean: () => evaluateMean,
  max: () => evaluateMax,
};

/** Items as layers; a recurrent module is several, and what pools its last one stands with it. */
export function madeOf(items: readonly Item[], options: MakingOptions): Made[] {
  const made: Made[] = [];
  items.forEach((item, i) => {
    if (item.kind === "recurrent") {
      const next = items[i + 1];
      made.push(...recurrentLayers(item, next?.kind === "pool" ? next.by : undefined, options));
    } else if (item.kind === "matrix") {
      made.push(isEmbedding(item, i === 0) ? embeddingLayer(item) : linearLayer(item));
    } else if (item.kind === "activation") {
      const layers = [activation({ by: item.by })];
      made.push({ layers, name: item.name, evaluate: evaluateActivation(item.by), fill: () => nothing });
    } else if (item.kind === "pool" && items[i - 1]?.kind !== "recurrent") {
      const layers = [pool({ by: item.by })];
      made.push({ layers, name: item.by, evaluate: poolings[item.by](1), fill: () => nothing });
    } else if (item.kind !== "pool") throw new NetworkError(`${itemText(item)} is no layer here`);
  });
  return made;
}

function embeddingLayer({ path, weight }: MatrixModule): Made {
  return {
    layers: [embedding({ width: weight.shape[1]! })],
    name: pathText(path),
    evaluate: evaluateEmbedding(weight),
    fill(name) {
      const to = `${name}.w_e`;
      return filled([[to, weight.shape, toFloat32(weight)]], [{ from: weight.name, to, how: "as it is" }]);
    },
  };
}

function linearLayer({ path, weight, bias }: MatrixModule): Made {
  const output = weight.shape[0]!;
  return {
    layers: [linear({ units: output })],
    name: pathText(path),
    evaluate: evaluateLinear(weight, bias),
    fill(name) {
      const [w, b] = [`${name}.w_ya`, `${name}.b_y`];
      return filled(
        [
          [w, weight.shape, toFloat32(weight)],
          [b, [output], bias ? toFloat32(bias) : new Float32Array(output)],
        ],
        [
          { from: weight.name, to: w, how: "as it is" },
          bias ? { from: bias.name, to: b, how: "as it is" } : { from: "(no bias)", to: b, how: "zeros" },
        ],
      );
    },
  };
}

function recurrentLayers(
  module: RecurrentModule,
  pooling: PoolWay | undefined,
  { activation: otherwise }: MakingOptions,
): Made[] {
  const { gates, H, layers, nonlinearity = otherwise } = module;
  const row = torchCells.find(
    (each) => each.gates.length === gates && (each.nonlinearity ?? nonlinearity) === nonlinearity,
  )!;
  return layers.map((layer, number): Made => {
    const direction = layer.length === 2 ? "both" : "forward";
    const own = recurrent({ cell: row.cell, units: H, direction });
    const steps = evaluateRecurrent(layer, { gates, nonlinearity });
    const pooled = number === layers.length - 1 ? pooling : undefined;
    const reduce = pooled && poolings[pooled](layer.length);
    const fill = (name: string): Filled => {
      const passes = layer.map((pass, i) =>
        readPass(pass, row, direction === "both" ? `${name}.${i === 0 ? "forward" : "reverse"}` : name),
      );
      return {
        parameters: new Map(passes.flatMap(({ parameters }) => [...parameters])),
        mapped: passes.flatMap(({ mapped }) => mapped),
      };
    };
    return {
      layers: pooled ? [own, pool({ by: pooled })] : [own],
      name: `${pathText(module.path)}, layer ${number}${pooled ? `, ${pooled}` : ""}`,
      evaluate: reduce ? (input) => reduce(steps(input)) : steps,
      fill,
    };
  });
}
