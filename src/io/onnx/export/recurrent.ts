/**
 * A recurrent layer in ONNX: each direction an operator or a Scan; two directions side by side; the layer's input added if it
 * is residual. Dropout does not act, and zoneout is its expectation, as at every prediction.
 */

import { zoneOut } from "../../../cell/regularise.js";
import type { RecurrentLayer } from "../../../nn/index.js";
import { type Activation, type ExportContext, lazily } from "./context.js";
import { nativeOf } from "./native.js";
import { nativePass } from "./native-node.js";
import { scanPass } from "./scan.js";

/** Puts a recurrent layer into the graph. */
export function exportRecurrent(
  layer: RecurrentLayer,
  input: Activation,
  context: ExportContext,
): Activation {
  const { graph, name } = context;
  const equations = zoneOut(layer.cell.equations(), layer.zoneout);
  const native = nativeOf(equations);
  const both = layer.direction === "both";
  const directions = both ? ["forward", "reverse"] : [layer.direction];
  const results = directions.map((direction) => {
    const prefix = both ? `${name}.${direction}` : name;
    const shape = lazily(() =>
      graph.node("Concat", [input.steps.batchSize(), graph.whole([layer.units])], { axis: 0 }),
    );
    const initial = startingStates(layer, input, context, { prefix, shape });
    const zeros = lazily(() => graph.node("ConstantOfShape", [shape()]));
    const pass = { layer, input, context, prefix, reverse: direction === "reverse", initial, zeros };
    const result = native ? nativePass(native, pass) : scanPass(equations, pass);
    const operator = native?.operator ?? "Scan";
    context.operators.push({ layer: prefix, cell: layer.cell.name, operator });
    if (!context.inside) endingStates(layer, input, context, { prefix, finals: result.finals });
    return result;
  });
  const together = (values: readonly string[]): string =>
    values.length === 1 ? values[0]! : graph.node("Concat", values, { axis: -1 });
  const shape = { over: "tokens", width: layer.units * directions.length } as const;
  const output = together(results.map((result) => result.output));
  if (layer.residual) return { shape, steps: input.steps, value: graph.node("Add", [output, input.value]) };
  const last = together(results.map(({ finals }) => finals.get(equations.output)!));
  return { shape, steps: input.steps, value: output, last };
}

const isInput = ({ initialState }: RecurrentLayer, { stream }: ExportContext): boolean =>
  stream || initialState === "given";

function startingStates(
  layer: RecurrentLayer,
  { steps }: Activation,
  context: ExportContext,
  { prefix, shape }: { readonly prefix: string; readonly shape: () => string },
): ReadonlyMap<string, string> {
  const { graph, parameters, starts } = context;
  if (starts)
    return new Map(
      layer.cell.states.flatMap((state) => {
        const start = starts.get(`${prefix}.${state}`);
        return start === undefined ? [] : [[state, start] as const];
      }),
    );
  if (isInput(layer, context))
    return new Map(
      layer.cell.states.map((state) => {
        const info = { type: "float32", shape: [steps.batch, layer.units] } as const;
        return [state, graph.input({ name: initialName(prefix, state), ...info })];
      }),
    );
  if (layer.initialState === "zero") return new Map();
  return new Map(
    layer.cell.states.map((state) => {
      const vector = parameters.whole(`${prefix}.initial_${state}`);
      return [state, graph.node("Expand", [vector, shape()])];
    }),
  );
}

const initialName = (prefix: string, state: string): string => `${prefix}.${state}.initial`;

/** The final states as outputs of the graph, and what is known of where they start. */
function endingStates(
  layer: RecurrentLayer,
  { steps }: Activation,
  context: ExportContext,
  { prefix, finals }: { readonly prefix: string; readonly finals: ReadonlyMap<string, string> },
): void {
  const { parameters, states } = context;
  for (const state of layer.cell.states) {
    const [name, output] = [`${prefix}.${state}`, `${prefix}.${state}.final`];
    context.finals.set(output, {
      value: finals.get(state)!,
      shape: [steps.batch, layer.units],
    });
    const learned = (): number[] => [...parameters.tensor(`${prefix}.initial_${state}`).data];
    states.push({
      name,
      output,
      width: layer.units,
      ...(isInput(layer, context) ? { input: initialName(prefix, state) } : {}),
      ...(layer.initialState === "given" || context.starts?.has(name)
        ? {}
        : { start: layer.initialState === "learned" ? learned() : 0 }),
    });
  }
}
