/**
 * `unrolled/plan`: plans as data, the builder that layers and losses write them with, and the passes.
 */
export { type Access, access, leafAccess } from "./access.js";
export type { LoopValues, RecurrenceBody, RecurrenceOptions, RecurrenceResult } from "./body.js";
export { Builder, type Gradient, type ParameterBuffer, type Value } from "./builder.js";
export { type Cost, cost } from "./cost.js";
export type { Operand } from "./emit.js";
export { assign, map } from "./map.js";
export { loopValues } from "./observe.js";
export * from "./operations.js";
export { optimise, type Pass, passes, stepPasses } from "./passes/index.js";
export * from "./plan.js";
export { printPlan, spaceSymbol } from "./print.js";
export { recurrence } from "./recurrence.js";
export { recurrenceStep } from "./step.js";
export { verify } from "./verify.js";
