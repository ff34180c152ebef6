/**
 * What the package publishes of files: bytes <-> named tensors <-> models.
 */

export {
  type Certificate,
  CertificateError,
  type CertificateExecutor,
  type CertificateRow,
  certificateLengths,
  certificateTolerances,
  certify,
  type Differences,
  type ExecutorFactories,
} from "./certificate.js";
export {
  type Dtype,
  dtypes,
  elementCount,
  type TensorData,
  tensorAs,
  tensorFrom,
  toFloat32,
  toFloat64,
  toInt32,
} from "./dtypes.js";
export { FileFormatError, type FileFormatProblem } from "./errors.js";
export type {
  ExpectedOutput,
  FileInput,
  FileRun,
  Imported,
  Mapping,
  Rows,
  RunnableFile,
  SourceLayer,
} from "./imported.js";
export { type JsonResult, parseJsonText } from "./json.js";
export { type ReadLimits, sizeText, usualLimits } from "./limits.js";
export {
  type ModelExtras,
  type ModelFile,
  modelFormat,
  readFiniteModel,
  readModel,
  requireFinite,
  type WriteModelOptions,
  writeModel,
} from "./model.js";
export { nameProblem } from "./names.js";
export { type NpzArray, writeNpy, writeNpz } from "./npz.js";
export { givenSteps, type Reading, readingIn, readingText, readSteps } from "./reading.js";
export { readSafetensors, type Safetensors, writeSafetensors } from "./safetensors.js";
export {
  dequantised,
  type Quantised,
  quantised,
  scaleName,
  type WeightStorage,
  weightStorages,
} from "./storage.js";
