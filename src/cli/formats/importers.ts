/**
 * The formats that `unrolled import` reads: one row per format. What a format needs is loaded when a file of it is
 * imported, so that the other commands stay light.
 */
import type { Option } from "commander";
import type { Imported } from "../../io/index.js";
import { kerasImporter, tfjsImporter } from "./keras/import.js";
import { onnxImporter } from "./onnx/import.js";
import { pytorchImporter } from "./pytorch/import.js";

/** A file to import. */
export interface ImportRequest {
  /** Its path; what lies beside it is found by it. */
  readonly file: string;
  readonly bytes: Uint8Array;
  /** What was chosen of the row's own options, by commander's names for them. */
  readonly chosen: Readonly<Record<string, unknown>>;
}

/** The row of a format. */
export interface ImportRow {
  /** For the help: "state dicts of PyTorch (.pt, .pth, .safetensors)". */
  readonly describes: string;
  /** Whether a file looks like one of this format; `bytes` is all of it. Of several rows that say so, the first is taken. */
  readonly recognises: (file: string, bytes: Uint8Array) => boolean;
  /** Options of this format. Rows may share one: the same flags, described once. */
  readonly options: readonly Option[];
  /** @throws FileFormatError, NetworkError or DataError saying what cannot be imported and what would be right */
  readonly read: (request: ImportRequest) => Promise<Imported>;
}

/** The formats by name. */
export const importers: Readonly<Record<string, ImportRow>> = {
  pytorch: pytorchImporter,
  keras: kerasImporter,
  tfjs: tfjsImporter,
  onnx: onnxImporter,
};
