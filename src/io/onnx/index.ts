/**
 * `unrolled/onnx`: models as ONNX files, and ONNX files of recurrent networks as models.
 */
export type { OnnxState, RecurrentOperator } from "./export/context.js";
export { exportOnnx, type OnnxExportOptions, type OnnxSource } from "./export/export.js";
export type { OnnxPart } from "./export/part.js";
export type { Dims, OnnxTensorInfo } from "./graph.js";
export {
  importOnnx,
  loadOnnx,
  type OnnxHead,
  type OnnxImport,
  type OnnxImportOptions,
} from "./import/import.js";
export type { ElementType } from "./messages.js";
export { readOnnxTensor } from "./tensor-file.js";
