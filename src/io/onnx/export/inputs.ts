/**
 * The inputs of a network's graph: ids (int32) or vectors (float32) over [time, batch], and the lengths of the sequences.
 */

import { type InputShape, inputShape } from "../../../nn/build/index.js";
import type { NetworkInput, Shape } from "../../../nn/index.js";
import type { GraphBuilder } from "../graph.js";
import { type Activation, type Steps, stepsOf } from "./context.js";

/** The name of the only input. */
const single = "input";

/** Declares the inputs. @param stream true if sequences have no lengths: every one has all steps */
export function exportInputs(graph: GraphBuilder, input: NetworkInput, stream: boolean): Activation {
  const shape = inputShape(input);
  const own: Own = { steps: undefined };
  if (!("inputs" in input)) return declare(graph, single, shape, { stream, own });
  const entries = Object.entries(shape.inputs ?? {});
  const [once, others] = [true, false].map((is) =>
    entries.filter(([, { place }]) => (place === "once") === is),
  );
  const inputs = new Map(
    (others ?? []).map(([name, of]) => [name, declare(graph, name, of, { stream, own })]),
  );
  for (const [name, of] of once ?? []) {
    const value = graph.input({ name, type: "float32", shape: ["batch", of.width] });
    inputs.set(name, { shape: of, value, steps: own.steps! });
  }
  return { ...inputs.values().next().value!, steps: own.steps!, shape, inputs };
}

/** The steps that several inputs share, once the first has been declared. */
interface Own {
  steps: Steps | undefined;
}

/** One input with its lengths. */
export function declare(
  graph: GraphBuilder,
  name: string,
  shape: Shape | InputShape,
  { stream, own }: { readonly stream: boolean; readonly own: Own },
): Activation {
  const inside = "place" in shape && shape.place === "inside";
  const prefix = name === single || ("place" in shape && shape.place === "step") ? "" : `${name}.`;
  const outer = ["time", "batch"];
  const rows = inside ? [`${prefix}time`, ...outer] : [`${prefix}time`, "batch"];
  const features = shape.over === "ids" ? [] : [shape.width];
  const type = shape.over === "ids" ? "int32" : "float32";
  const value = graph.input({ name, type, shape: [...rows, ...features] });
  if (!inside && prefix === "" && own.steps) return { shape, value, steps: own.steps };
  const lengths = (): string =>
    graph.input({ name: `${prefix}lengths`, type: "int32", shape: inside ? outer : ["batch"] });
  const steps = stepsOf(graph, value, {
    time: `${prefix}time`,
    batch: "batch",
    ...(stream ? {} : { lengths: lengths() }),
  });
  if (!inside && prefix === "") own.steps = steps;
  return { shape, value, steps };
}
