/**
 * Networks as plain JSON, for model files: sizes and options of each layer, and every cell as its expression
 * graph, so that a file loads without the source of its cells and nothing in it is executed.
 */
import { type Cell, cellFromEquations } from "../cell/cell.js";
import { type CellGraph, fromGraph, toGraph } from "../cell/graph.js";
import { OptionError } from "../options/error.js";
import type { LayerFrom, Sources } from "./graph.js";
import type { FlatInput, NetworkInput } from "./input.js";
import { type LayerFields, type LayerRecord, NetworkError } from "./layers/layer.js";
import { kindOf, layerKinds, type NetworkLayer } from "./layers/table.js";
import type { LossName } from "./losses/loss.js";
import { losses } from "./losses/losses.js";
import { type Network, network } from "./network.js";

/** A layer as data; a recurrent layer refers to its cell by number. */
export type LayerData = { readonly kind: string } & Readonly<Record<string, unknown>>;

/** A network as data. */
export interface NetworkData {
  readonly input: NetworkInput;
  readonly layers: readonly LayerData[];
  readonly loss: LossName;
  /** Absent where the loss looks at none. */
  readonly quantiles?: readonly number[];
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
  const write = (layer: LayerRecord): LayerData => ({
    kind: layer.kind,
    ...kindOf(layer as NetworkLayer).write(layer as NetworkLayer, { cell: cellNumber, layer: write }),
  });
  const layers = net.layers.map(({ layer, from, states }) => ({
    ...write(layer),
    ...(from ? { from } : {}),
    ...(states ? { states } : {}),
  }));
  const { input, loss, quantiles } = net;
  return { input, layers, loss, ...(quantiles ? { quantiles } : {}), cells };
}

/** The earliest format of model files that has what a network is: earlier ones would take one that is a graph for a row. */
export const networkFormat = ({ layers }: Network): number =>
  layers.some(({ from, states }) => from !== undefined || states !== undefined) ? 3 : 1;

/** Data -> network. @throws NetworkError or CellError if the data is not a network, saying where */
export function networkFromData(data: unknown): Network {
  return asData("the network", () => readNetwork(data));
}

/** Makes what stands in a file: an option that cannot be is then data that cannot be. @param what for messages */
function asData<T>(what: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof OptionError) throw new NetworkError(`${what} of the model: ${error.message}`);
    throw error;
  }
}

function readNetwork(data: unknown): Network {
  const d = object(data, "the network");
  const cells = array(d["cells"], "cells").map((graph) => cellFromEquations(fromGraph(graph)));
  const layers = array(d["layers"], "layers").map((item, i) => readPlace(item, String(i), cells));
  const loss = (Object.keys(losses) as LossName[]).find((name) => name === d["loss"]);
  if (!loss) {
    throw new NetworkError(
      `the model has the loss ${JSON.stringify(d["loss"])}, which this version does not know`,
    );
  }
  const quantiles = Object.hasOwn(d, "quantiles") ? readQuantiles(d["quantiles"]) : undefined;
  const input = readInput(object(d["input"], "the input"));
  return network({ input, layers, loss, ...(quantiles ? { quantiles } : {}) });
}

function readQuantiles(value: unknown): number[] {
  const list = array(value, "quantiles");
  if (list.every((q) => typeof q === "number")) return list;
  throw new NetworkError("the quantiles of the model should be numbers");
}

function readInput(input: Readonly<Record<string, unknown>>): NetworkInput {
  if (!("inputs" in input)) return readFlat(input);
  const inputs = Object.entries(object(input["inputs"], "the inputs")).map(([name, of]) => {
    const fields = object(of, `the input "${name}"`);
    const place = (["inside", "beside", "once"] as const).find((key) => fields[key] === true);
    return [name, { ...readFlat(fields), ...(place ? { [place]: true } : {}) }] as const;
  });
  return { inputs: Object.fromEntries(inputs) };
}

function readFlat(input: Readonly<Record<string, unknown>>): FlatInput {
  const size = input["vocabulary"] ?? input["width"];
  if (typeof size !== "number") throw new NetworkError("the model does not say what its input is");
  return "vocabulary" in input ? { vocabulary: size } : { width: size };
}

/** A layer of a network with the names of what it reads. */
function readPlace(item: unknown, i: string, cells: readonly Cell[]): LayerFrom {
  const { optional, texts, named } = layerFields(object(item, `layer ${i}`), i, cells);
  return {
    layer: readLayer(item, i, cells),
    ...optional("from", (key): Sources => ({ from: texts(key) }), {}),
    ...optional("states", (key): Sources => ({ states: named(key) }), {}),
  };
}

/** @param i where the layer stands, for messages: "0", "0 word.1" */
function readLayer(item: unknown, i: string, cells: readonly Cell[]): NetworkLayer {
  const fields = layerFields(object(item, `layer ${i}`), i, cells);
  const kind = layerKinds[fields.oneOf("kind", Object.keys(layerKinds) as NetworkLayer["kind"][])];
  return asData(`layer ${i}`, () => kind.read(fields));
}

function layerFields(
  layer: Readonly<Record<string, unknown>>,
  i: string,
  cells: readonly Cell[],
): LayerFields {
  const number = (key: string): number => {
    const value = layer[key];
    if (typeof value === "number" && Number.isFinite(value)) return value;
    throw new NetworkError(`layer ${i} of the model has no number "${key}"`);
  };
  return {
    number,
    text(key) {
      const value = layer[key];
      if (typeof value === "string") return value;
      throw new NetworkError(`layer ${i} of the model has no text "${key}"`);
    },
    oneOf(key, of) {
      const value = of.find((v) => v === layer[key]);
      if (value !== undefined) return value;
      const known = of.join(", ");
      throw new NetworkError(
        `layer ${i} of the model has ${key} ${JSON.stringify(layer[key])}; it can be ${known}`,
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
    texts(key) {
      const list = array(layer[key], `"${key}" of layer ${i}`);
      if (list.every((each) => typeof each === "string")) return list;
      throw new NetworkError(`layer ${i} of the model has something other than texts in "${key}"`);
    },
    named(key) {
      const value = object(layer[key], `"${key}" of layer ${i}`);
      for (const [name, of] of Object.entries(value)) {
        if (typeof of !== "string")
          throw new NetworkError(`layer ${i} of the model has no text "${name}" in "${key}"`);
      }
      return value as Record<string, string>;
    },
    branches(key) {
      const branches = Object.entries(object(layer[key], `"${key}" of layer ${i}`));
      return Object.fromEntries(
        branches.map(([name, list]) => [
          name,
          array(list, `"${name}" of layer ${i}`).map((item, k) =>
            readLayer(item, `${i} ${name}.${k}`, cells),
          ),
        ]),
      );
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
