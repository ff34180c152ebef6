/**
 * A file of an export: a model is one, a network with a decoder two.
 */
import type { OnnxTensorInfo } from "../graph.js";
import type { ExportContext, OnnxState, RecurrentOperator } from "./context.js";

/** One file. */
export interface OnnxPart {
  /** "model"; of a network with a decoder "encoder" and "step". */
  readonly part: "model" | "encoder" | "step";
  readonly bytes: Uint8Array;
  readonly inputs: readonly OnnxTensorInfo[];
  readonly outputs: readonly OnnxTensorInfo[];
  /** The states that go in and come out, by the model's names. */
  readonly states: readonly OnnxState[];
  /** What the recurrent layers became. */
  readonly operators: readonly RecurrentOperator[];
}

/** Makes one file. */
export type MakePart = (name: OnnxPart["part"], build: (context: ExportContext) => void) => OnnxPart;
