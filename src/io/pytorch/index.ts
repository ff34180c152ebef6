/**
 * `unrolled/pytorch`: state dicts, modules and programs of PyTorch in, state dicts out. No Python is needed, and nothing in a file
 * is executed.
 */
export { exportPyTorch, type PyTorchExport, type PyTorchExportOptions } from "./export/export.js";
export type { TorchClass } from "./file/module-tree.js";
export {
  type PyTorchFile,
  type ReadPyTorchOptions,
  readPyTorch,
  readStateDict,
  type StateDict,
} from "./file/read.js";
export { importPyTorch } from "./import.js";
export type { PoolWay } from "./modules/items.js";
export { type PyTorchOptions, pytorchChoices } from "./options.js";
