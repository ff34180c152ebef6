/**
 * Networks as plain JSON, for model files: sizes and options of each layer, and every cell as its expression
 * graph, so that a file loads without the source of its cells and nothing in it is executed.
 */
import { type Cell, cellFromEquations } from "../cell/cell.js";
import { type CellGraph, fromGraph, toGraph } from "../cell/graph.js";
import { type LayerFields, NetworkError } from "./layer.js";
import { type LossName, losses } from "./losses.js";
import { kindOf, type Layer, layerKinds, type Network, type NetworkInput, network } from "./network.js";

/** A layer as data; a recurrent layer refers to its cell by number. */
export type LayerData = { readonly kind: string } & Readonly<Record<string, unknown>>;

/** A network as data. */
export interface NetworkData {
  readonly input: NetworkInput;
  readonly layers: readonly LayerData[];
  readonly loss: LossName;
  /** The cells of the layers, each once. */
  readonly cells: readonly CellGraph[];
}

/** Network -> data. */
export function networkData(net: Network): NetworkData {
  const cells: CellGraph[] = [];
  const cellNumber = (cell: Cell): number => {
    const graph = toGraph(cell.equations());
    const text = JSON.stringify(graph);
    const there = cells.findIndex((c) => JSON.stringify(c) === text);
    return there >= 0 ? there : cells.push(graph) - 1;
  };
  const layers = net.layers.map(({ layer }) => ({
    kind: layer.kind,
    ...kindOf(layer).write(layer, cellNumber),
  }));
  return { input: net.input, layers, loss: net.loss, cells };
}

/** Data -> network. @throws NetworkError or CellError if the data is not a network, saying where */
export function networkFromData(data: unknown): Network {
  const d = object(data, "the network");
  const cells = array(d["cells"], "cells").map((graph) => cellFromEquations(fromGraph(graph)));
  const kinds = Object.keys(layerKinds) as Layer["kind"][];
  const layers = array(d["layers"], "layers").map((item, i): Layer => {
    const fields = layerFields(object(item, `layer ${i}`), i, cells);
    return layerKinds[fields.oneOf("kind", kinds)].read(fields);
  });
  const loss = (Object.keys(losses) as LossName[]).find((name) => name === d["loss"]);
  if (!loss) {
    throw new NetworkError(`the model has the loss "${String(d["loss"])}", which this version does not know`);
  }
  const input = object(d["input"], "the input");
  const size = input["vocabulary"] ?? input["width"];
  if (typeof size !== "number") throw new NetworkError("the model does not say what its input is");
  return network({ input: "vocabulary" in input ? { vocabulary: size } : { width: size }, layers, loss });
}

function layerFields(
  layer: Readonly<Record<string, unknown>>,
  i: number,
  cells: readonly Cell[],
): LayerFields {
  const number = (key: string): number => {
    const value = layer[key];
    if (typeof value === "number" && Number.isFinite(value)) return value;
    throw new NetworkError(`layer ${i} of the model has no number "${key}"`);
  };
  return {
    number,
    oneOf(key, of) {
      const value = of.find((v) => v === layer[key]);
      if (value !== undefined) return value;
      const known = of.join(", ");
      throw new NetworkError(
        `layer ${i} of the model has ${key} "${String(layer[key])}"; it can be ${known}`,
      );
    },
    flag(key) {
      const value = layer[key];
      if (typeof value === "boolean") return value;
      throw new NetworkError(`layer ${i} of the model has no true or false "${key}"`);
    },
    numbers(key) {
      const value = object(layer[key], `"${key}" of layer ${i}`);
      for (const [name, of] of Object.entries(value)) {
        if (typeof of !== "number" || !Number.isFinite(of))
          throw new NetworkError(`layer ${i} of the model has no number "${name}" in "${key}"`);
      }
      return value as Record<string, number>;
    },
    optional: (key, read, absent) => (Object.hasOwn(layer, key) ? read(key) : absent),
    cell(key) {
      const cell = cells[number(key)];
      if (cell) return cell;
      throw new NetworkError(
        `layer ${i} of the model uses cell ${number(key)}, and the file has ${cells.length}`,
      );
    },
  };
}

function object(value: unknown, what: string): Record<string, unknown> {
  if (value !== null && typeof value === "object" && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new NetworkError(`${what} of the model should be an object, found ${typeof value}`);
}

function array(value: unknown, what: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw new NetworkError(`${what} of the model should be a list, found ${typeof value}`);
}
