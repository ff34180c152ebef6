/**
 * Equations as nodes of an ONNX graph: one row for each op of the cell language. Values are rows of features; those over
 * a source's rows have the source's steps before them.
 */
import { type Expr, topological } from "../../../cell/expr.js";
import type { OpName } from "../../../cell/meanings.js";
import type { GraphBuilder } from "../graph.js";

/** What equations read. */
export interface EquationScope {
  readonly graph: GraphBuilder;
  /** The numbers of widths' symbols. */
  readonly widths: Readonly<Record<string, number>>;
  /** The value of an input, a state or a parameter. */
  readonly leaf: (e: Expr) => string;
  /** w [args] + b. Absent: the equations have no products. @param args the values of its arguments */
  readonly product?: (e: Expr, args: readonly string[]) => string;
  /** Where a source is read: true where a sequence has a step, bool [time, batch, 1], and if it has any, bool [batch, 1]. */
  readonly source?: { readonly mask: () => string; readonly any: () => string };
}

type Row = (scope: EquationScope, args: readonly string[], e: Expr) => string;

/** An op that is one operator of ONNX. */
const same =
  (op: string): Row =>
  ({ graph }, args) =>
    graph.node(op, args);

const FLOAT = 1;
const leaf: Row = ({ leaf: read }, _args, e) => read(e);
const flag = (graph: GraphBuilder, condition: string): string =>
  graph.node("Cast", [condition], { to: FLOAT });

/** Below every score: in place of those that do not count. Minus infinity would make NaN of a row without any. */
export const LOWEST = -3.4e38;

/** What only derivatives contain, and no graph that predicts. */
const derivative: Row = (_scope, _args, { op }) => {
  throw new Error(`${op} stands only in derivatives, which are not exported`);
};

const rows: Readonly<Record<OpName, Row>> = {
  input: leaf,
  state: leaf,
  parameter: leaf,
  incoming: derivative,
  constant: ({ graph }, _args, e) => graph.number(e.value!),
  featureCount: ({ graph, widths }, _args, e) => graph.number(widths[e.name!]!),
  affine: ({ product }, args, e) => product!(e, args),
  transposed: derivative,
  widen: derivative,
  sumFeatures: ({ graph }, [a = ""]) => graph.node("ReduceSum", [a, graph.whole([-1])], { keepdims: 1 }),
  spread: ({ graph }, [a = ""]) => graph.node("Unsqueeze", [a, graph.whole([0])]),
  sumSource: ({ graph, source }, [a = ""]) => {
    const counted = graph.node("Where", [source?.mask() ?? "", a, graph.number(0)]);
    return graph.node("ReduceSum", [counted, graph.whole([0])], { keepdims: 0 });
  },
  logSumExpSource: ({ graph, source }, [a = ""]) => {
    const counted = graph.node("Where", [source?.mask() ?? "", a, graph.number(LOWEST)]);
    const sum = graph.node("ReduceLogSumExp", [counted], { axes: [0], keepdims: 0 });
    return graph.node("Where", [source?.any() ?? "", sum, graph.number(0)]);
  },
  add: same("Add"),
  sub: same("Sub"),
  mul: same("Mul"),
  div: same("Div"),
  neg: same("Neg"),
  sigmoid: same("Sigmoid"),
  tanh: same("Tanh"),
  relu: same("Relu"),
  exp: same("Exp"),
  log: same("Log"),
  sqrt: same("Sqrt"),
  abs: same("Abs"),
  softplus: same("Softplus"),
  max: same("Max"),
  min: same("Min"),
  greater: ({ graph }, args) => flag(graph, graph.node("Greater", args)),
  select: ({ graph }, [condition = "", a = "", b = ""]) =>
    graph.node("Where", [graph.node("Greater", [condition, graph.number(0)]), a, b]),
  erf: same("Erf"),
  isFinite: ({ graph }, [a = ""]) => {
    const endless = graph.node("Or", [graph.node("IsInf", [a]), graph.node("IsNaN", [a])]);
    return flag(graph, graph.node("Not", [endless]));
  },
};

/** Puts the nodes of equations into a graph, each once, and gives the value of any of them. */
export function writeEquations(roots: readonly Expr[], scope: EquationScope): (e: Expr) => string {
  const made = new Map<Expr, string>();
  for (const e of topological(roots)) {
    const args = e.args.map((arg) => made.get(arg)!);
    made.set(e, rows[e.op](scope, args, e));
  }
  return (e) => made.get(e)!;
}
