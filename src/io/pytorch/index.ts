/**
 * `unrolled/pytorch`: state dicts of PyTorch in and out. No Python is needed, and nothing in a file is executed.
 */
export { exportPyTorch, type PyTorchExport } from "./export.js";
export { importPyTorch } from "./import.js";
export type { StateDict } from "./modules.js";
export { type PyTorchOptions, pytorchChoices } from "./options.js";
export { readStateDict } from "./state-dict.js";
