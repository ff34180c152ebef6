/**
 * Pooling over steps in ONNX, one row for each way: only steps that a sequence has count, and one without steps gives zeros.
 */
import type { Pooling } from "../../../nn/index.js";
import type { Activation, ExportContext } from "./context.js";
import { LOWEST } from "./equations.js";

type Row = (input: Activation, context: ExportContext) => string;

const counted = ({ value, steps }: Activation, { graph }: ExportContext, otherwise: number): string =>
  graph.node("Where", [steps.mask(), value, graph.number(otherwise)]);

const sum: Row = (input, context) => {
  const { graph } = context;
  return graph.node("ReduceSum", [counted(input, context, 0), graph.whole([0])], { keepdims: 0 });
};

/** The vector of the last step. */
function atEnd({ value, steps }: Activation, { graph }: ExportContext): string {
  const only = graph.node("Where", [steps.atEnd(), value, graph.number(0)]);
  return graph.node("ReduceSum", [only, graph.whole([0])], { keepdims: 0 });
}

const mean: Row = (input, context) =>
  context.graph.node("Div", [sum(input, context), input.steps.atLeastOne()]);

const largest: Row = (input, context) => {
  const { graph } = context;
  const found = graph.node("ReduceMax", [counted(input, context, LOWEST)], { axes: [0], keepdims: 0 });
  return graph.node("Where", [input.steps.any(), found, graph.number(0)]);
};

const rows: Readonly<Record<Pooling, Row>> = {
  last: (input, context) => input.last ?? atEnd(input, context),
  ends: atEnd,
  mean,
  max: largest,
  meanMax: (input, context) =>
    context.graph.node("Concat", [mean(input, context), largest(input, context)], { axis: -1 }),
  attention(input, context) {
    const { graph, parameters, name } = context;
    const inner = graph.node("MatMul", [input.value, parameters.block(`${name}.w_a`)]);
    const hidden = graph.node("Tanh", [graph.node("Add", [inner, parameters.whole(`${name}.b_a`)])]);
    // v_a as a column.
    const value = graph.node("MatMul", [hidden, parameters.block(`${name}.v_a`)]);
    const scores = counted({ ...input, value }, context, LOWEST);
    const weights = graph.node("Softmax", [scores], { axis: 0 });
    return sum({ ...input, value: graph.node("Mul", [weights, input.value]) }, context);
  },
};

/** Puts pooling into the graph: [time, batch, W] -> [batch, W′]. */
export function exportPool(by: Pooling, input: Activation, context: ExportContext): string {
  return rows[by](input, context);
}
