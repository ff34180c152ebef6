/**
 * All operators that are read.
 */
import { layerOperators } from "./layers.js";
import type { Operators } from "./operator.js";
import { plainOperators } from "./plain.js";
import { shapeOperators } from "./shapes.js";
import { stepOperators } from "./steps.js";

/** By their names in the code. */
export const operators: Operators = {
  ...plainOperators,
  ...shapeOperators,
  ...layerOperators,
  ...stepOperators,
  // Products with weights, and with the weights of attention.
  "torch.matmul": (args, call) =>
    layerOperators["torch.matmul"]!(args, call) ?? stepOperators["torch.bmm"]!(args, call),
};
