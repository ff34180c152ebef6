/**
 * The formats that `unrolled export` writes: one row per format. A format's code is loaded when a model is exported to
 * it, so that the other commands stay light.
 */
import type { ExportRow } from "./export-row.js";
import { onnxExporter } from "./onnx/export.js";
import { pytorchExporter } from "./pytorch/export.js";
import { standaloneExporter } from "./standalone/export.js";

/** The formats by name. */
export const exporters: Readonly<Record<string, ExportRow>> = {
  pytorch: pytorchExporter,
  js: standaloneExporter,
  onnx: onnxExporter,
};
