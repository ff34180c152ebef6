/**
 * Networks as plain JSON, for model files: sizes and options of each layer, and every cell as its expression
 * graph, so that a file loads without the source of its cells and nothing in it is executed.
 */
import { cellFromEquations } from "../cell/cell.js";
import { type CellGraph, fromGraph, toGraph } from "../cell/graph.js";
import { NetworkError } from "./layer.js";
import { type Layer, type Network, type NetworkInput, network } from "./network.js";
import type { LossName } from "./losses.js";

/** A layer as data: a recurrent layer names its cell, whose graph stands once in `cells`. */
export type LayerData = { readonly kind: string } & Readonly<Record<string, unknown>>;

/** A network as data. */
export interface NetworkData {
  readonly input: NetworkInput;
  readonly layers: readonly LayerData[];
  readonly loss: LossName;
  readonly cells: readonly CellGraph[];
}

/** Network -> data. */
export function networkData(net: Network): NetworkData {
  const cells: CellGraph[] = [];
  const layers = net.layers.map(({ layer }): LayerData => {
    if (layer.kind !== "recurrent") return { ...layer };
    const graph = toGraph(layer.cell.equations());
    const text = JSON.stringify(graph);
    let at = cells.findIndex((c) => JSON.stringify(c) === text);
    if (at < 0) at = cells.push(graph) - 1;
    return { ...layer, cell: at };
  });
  return { input: net.input, layers, loss: net.loss, cells };
}

/** Data -> network. @throws NetworkError or CellError if the data is not a network, saying where */
export function networkFromData(data: unknown): Network {
  const d = object(data, "the network");
  const cells = array(d["cells"], "cells").map((graph) => cellFromEquations(fromGraph(graph)));
  const layers = array(d["layers"], "layers").map((item, i): Layer => {
    const layer = object(item, `layer ${i}`);
    const number = (key: string): number => {
      const value = layer[key];
      if (typeof value !== "number" || !Number.isFinite(value)) throw new NetworkError(`layer ${i} of the model has no number "${key}"`);
      return value;
    };
    const oneOf = <const T extends string>(key: string, of: readonly T[]): T => {
      const value = of.find((v) => v === layer[key]);
      if (value === undefined) throw new NetworkError(`layer ${i} of the model has ${key} "${String(layer[key])}"; it can be ${of.join(", ")}`);
      return value;
    };
    switch (oneOf("kind", ["embedding", "recurrent", "linear", "dropout", "pool"])) {
      case "embedding":
        return { kind: "embedding", width: number("width") };
      case "linear":
        return { kind: "linear", units: number("units") };
      case "dropout":
        return { kind: "dropout", rate: number("rate") };
      case "pool":
        return { kind: "pool", by: oneOf("by", ["last", "mean", "max"]) };
      case "recurrent": {
        const cell = cells[number("cell")];
        if (!cell) throw new NetworkError(`layer ${i} of the model uses cell ${String(layer["cell"])}, and the file has ${cells.length}`);
        const direction = oneOf("direction", ["forward", "reverse", "both"]);
        const initialState = oneOf("initialState", ["zero", "learned", "given"]);
        return { kind: "recurrent", cell, units: number("units"), direction, initialState, residual: layer["residual"] === true };
      }
    }
  });
  const loss = d["loss"];
  if (loss !== "binaryCrossEntropy" && loss !== "crossEntropy" && loss !== "squaredError") throw new NetworkError(`the model has the loss "${String(loss)}", which this version does not know`);
  const input = object(d["input"], "the input");
  const size = input["vocabulary"] ?? input["width"];
  if (typeof size !== "number") throw new NetworkError("the model does not say what its input is");
  return network({ input: "vocabulary" in input ? { vocabulary: size } : { width: size }, layers, loss });
}

function object(value: unknown, what: string): Record<string, unknown> {
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new NetworkError(`${what} of the model should be an object, found ${typeof value}`);
  return value as Record<string, unknown>;
}
function array(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value)) throw new NetworkError(`${what} of the model should be a list, found ${typeof value}`);
  return value;
}
