// What the package publishes of files: bytes <-> named tensors.
export {
  type Dtype,
  dtypes,
  elementCount,
  type TensorData,
  tensorFrom,
  toFloat32,
  toFloat64,
  toInt32,
} from "./dtypes.js";
export { FileFormatError, type FileFormatProblem } from "./errors.js";
export { type ModelExtras, type ModelFile, modelFormat, readModel, writeModel } from "./model.js";
export { type NpzArray, writeNpy, writeNpz } from "./npz.js";
export { readSafetensors, type Safetensors, writeSafetensors } from "./safetensors.js";
