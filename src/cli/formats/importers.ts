/**
 * The formats that `unrolled import` reads: one row per format. A format's code is loaded when such a file is
 * imported, so that the other commands stay light.
 */
import type { ImportRow } from "./import-row.js";
import { kerasImporter, tfjsImporter } from "./keras/import.js";
import { onnxImporter } from "./onnx/import.js";
import { pytorchImporter } from "./pytorch/import.js";

/** The formats by name. */
export const importers: Readonly<Record<string, ImportRow>> = {
  pytorch: pytorchImporter,
  keras: kerasImporter,
  tfjs: tfjsImporter,
  onnx: onnxImporter,
};
