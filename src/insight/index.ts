/** `unrolled/insight`: what happens inside a network, step by step, forward and backward. */
export { type ActivationName, type Activity, activations, type ValueActivity } from "./activity.js";
export { type DiagnosisOptions, diagnose } from "./diagnosis.js";
export type { Diagnosis, Finding, FindingKind, LayerDiagnosis, StepsOf } from "./diagnosis-record.js";
export type { GradientByDistance } from "./distance.js";
export { lengthsInWords, short, thresholds } from "./findings.js";
export * from "./gradients/index.js";
export * from "./memory/index.js";
export { diagnosisPage, type PageOptions, type ShownTrace } from "./page/page.js";
export {
  createTracer,
  type ExampleTrace,
  type LayerTrace,
  type LayerTraces,
  type TraceKind,
  type TraceRows,
  type Tracer,
  type TracerOptions,
  traceKinds,
} from "./trace.js";
export { traceToNpz } from "./trace-npz.js";
export { observedLoops } from "./trace-plan.js";
