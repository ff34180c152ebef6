/** `unrolled/insight`: what happens inside a network, step by step, forward and backward. */
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
