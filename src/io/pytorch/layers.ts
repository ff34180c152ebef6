/**
 * Modules of PyTorch as layers of ours: for each the layers, the module's own formula, and how its tensors become
 * parameters once the layers have their names.
 */
import { embedding, type Layer, linear, pool, recurrent } from "../../nn/index.js";
import { toFloat32 } from "../dtypes.js";
import type { Rows } from "../imported.js";
import { torchCells } from "./cells.js";
import { evaluateEmbedding, evaluateLinear, evaluateRecurrent } from "./evaluate.js";
import { pathText, type RecurrentModule } from "./modules.js";
import { type PyTorchOptions, poolings } from "./options.js";
import type { PlacedModule } from "./order.js";
import { type Filled, filled, readPass } from "./pass.js";

/** Layers of ours on the way. */
export interface Made {
  readonly layers: readonly Layer[];
  readonly name: string;
  readonly evaluate: (input: Rows) => Rows;
  /** Its parameters and where they are from, once its name is known. */
  readonly fill: (name: string) => Filled;
}

/** What a module does not tell. */
type LayerOptions = PyTorchOptions & { readonly isLastRecurrent: boolean };

/**
 * A module as layers; a recurrent one is several.
 *
 * @param options.isLastRecurrent whether pooling follows it, where there is some
 */
export function madeOf(each: PlacedModule, options: LayerOptions): Made[] {
  if (each.kind === "recurrent") return recurrentLayers(each, options);
  const { path, weight, bias, role, output } = each;
  if (role === "embedding") {
    const fill = (name: string): Filled => {
      const to = `${name}.w_e`;
      return filled([[to, weight.shape, toFloat32(weight)]], [{ from: weight.name, to, how: "as it is" }]);
    };
    return [
      { layers: [embedding({ width: output })], name: path, evaluate: evaluateEmbedding(weight), fill },
    ];
  }
  const fill = (name: string): Filled => {
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
  };
  return [
    {
      layers: [linear({ units: output })],
      name: pathText(path),
      evaluate: evaluateLinear(weight, bias),
      fill,
    },
  ];
}

function recurrentLayers(module: RecurrentModule, options: LayerOptions): Made[] {
  const { activation = "tanh", pooling = "none", isLastRecurrent } = options;
  const { gates, H, layers } = module;
  const row = torchCells.find(
    (each) => each.gates.length === gates && (each.nonlinearity ?? activation) === activation,
  )!;
  return layers.map((layer, number): Made => {
    const direction = layer.length === 2 ? "both" : "forward";
    const own = recurrent({ cell: row.cell, units: H, direction });
    const steps = evaluateRecurrent(layer, { gates, nonlinearity: activation });
    const pooled =
      isLastRecurrent && number === layers.length - 1 && pooling !== "none" ? pooling : undefined;
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
