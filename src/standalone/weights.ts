/** Weights as texts of a module: base64, which a module reads without anything but `atob`. */

import { dequantised, quantised } from "../io/index.js";
import { type Network, NetworkError, type Parameters } from "../nn/index.js";
import { literal } from "./identifiers.js";

/** How a module holds its matrices. */
export type StandaloneWeights = "float32" | "int8";

/** Weights as a module holds them, and as it reads them. */
export interface WrittenWeights {
  /** The text of an object: from each parameter's name to a function that reads it. */
  readonly code: string;
  readonly needs: readonly string[];
  /** What the module computes with. */
  readonly parameters: Parameters;
}

/** @throws NetworkError if a weight is not finite */
export function writeWeights(
  net: Network,
  parameters: Parameters,
  weights: StandaloneWeights,
): WrittenWeights {
  const read = new Map(parameters);
  const lines = net.parameters.map(({ name, shape, exact }) => {
    const { data } = parameters.get(name) as { readonly data: Float32Array };
    const odd = data.findIndex((value) => !Number.isFinite(value));
    if (odd >= 0)
      throw new NetworkError(
        `the parameter ${name} holds ${data[odd]} at place ${odd}; a module needs finite weights`,
      );
    if (weights === "float32" || exact || shape.length !== 2)
      return `  ${literal(name)}: () => floats("${base64(littleEndian(data))}"),`;
    const small = quantised(shape, data);
    read.set(name, { shape, data: dequantised(small) });
    const numbers = new Uint8Array(small.numbers);
    return `  ${literal(name)}: () => rows("${base64(numbers)}", "${base64(littleEndian(small.scales))}"),`;
  });
  return {
    code: ["const stored = {", ...lines, "};"].join("\n"),
    needs: weights === "int8" ? ["rows", "floats"] : ["floats"],
    parameters: read,
  };
}

function littleEndian(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => view.setFloat32(4 * i, value, true));
  return bytes;
}

/** Bytes that are turned into a text at once: a multiple of 3, so that pieces join without padding. */
const PIECE = 3 * 8192;

function base64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += PIECE)
    pieces.push(btoa(String.fromCharCode(...bytes.subarray(at, at + PIECE))));
  return pieces.join("");
}
