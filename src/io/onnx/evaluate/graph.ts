/**
 * Evaluates an ONNX graph as it stands, node by node, in float64: what an import is compared with. It shares nothing with our
 * networks or with what the import makes of the graph. An operator or an attribute that it does not know is refused by name.
 */
import type { Budget } from "../../limits.js";
import type { OnnxGraph, OnnxNode } from "../messages.js";
import { readNumbers } from "../tensors.js";
import { type Around, callOf, callProblem, type OperatorRow } from "./call.js";
import { EvaluationError, type Numbers } from "./numbers.js";
import { operatorRows } from "./operators.js";

/** How to evaluate. */
export interface Evaluation {
  /** The version of ONNX's own operators. */
  readonly opset: number;
  /** Tensors by name: the graph's inputs. */
  readonly feeds: ReadonlyMap<string, Numbers>;
  /** The nodes to compute. Default: all. */
  readonly nodes?: ReadonlySet<OnnxNode>;
  /** Counts what is made. */
  readonly budget?: Budget;
}

/** "LSTM at "/rnn/LSTM"". */
export const placeOf = ({ name, op, outputs }: OnnxNode): string =>
  `${op} at ${name ? `"${name}"` : `the node that gives "${outputs.find(Boolean) ?? ""}"`}`;

const ownDomains = new Set(["", "ai.onnx"]);

/** The row of a node's operator; undefined if it is not known. */
export const rowOf = ({ op = "", domain = "" }: OnnxNode): OperatorRow | undefined =>
  ownDomains.has(domain) && Object.hasOwn(operatorRows, op) ? operatorRows[op] : undefined;

/** Why a node cannot be evaluated whatever it is given, to follow its place; undefined if it can. */
export function nodeProblem(node: OnnxNode): string | undefined {
  const row = rowOf(node);
  return row ? callProblem(row, node) : "is not among the operators that are read";
}

/** Values of a graph's tensors by name. @throws EvaluationError naming the node that cannot be evaluated */
export function evaluateGraph(graph: OnnxGraph, evaluation: Evaluation): ReadonlyMap<string, Numbers> {
  const values = new Map<string, Numbers>();
  run(graph, evaluation, values);
  return values;
}

function run(graph: OnnxGraph, evaluation: Evaluation, values: Map<string, Numbers>): void {
  const { opset, feeds, nodes, budget } = evaluation;
  for (const tensor of graph.initializers) {
    const read = readNumbers(tensor);
    if ("problem" in read) throw new EvaluationError(`the tensor "${tensor.name ?? ""}" ${read.problem}`);
    values.set(tensor.name ?? "", read);
  }
  for (const [name, value] of feeds) values.set(name, value);
  for (const node of graph.nodes) {
    if (nodes && !nodes.has(node)) continue;
    const around: Around = {
      opset,
      take: (numbers) => budget?.take(8 * numbers, placeOf(node), "makes more and more numbers"),
      run(inner, given) {
        const own = new Map(values);
        run(inner, { opset, feeds: given, ...(budget ? { budget } : {}) }, own);
        return inner.outputs.map(({ name = "" }) => valueOf(name, own));
      },
    };
    try {
      const problem = nodeProblem(node);
      if (problem !== undefined) throw new EvaluationError(problem);
      const inputs = node.inputs.map((name) => (name === "" ? undefined : valueOf(name, values)));
      const given = rowOf(node)!.run(callOf(node, inputs, around));
      node.outputs.forEach((name, i) => {
        if (name !== "" && given[i]) values.set(name, given[i]);
      });
    } catch (error) {
      if (error instanceof EvaluationError) throw new EvaluationError(`${placeOf(node)} ${error.message}`);
      throw error;
    }
  }
}

function valueOf(name: string, values: ReadonlyMap<string, Numbers>): Numbers {
  const value = values.get(name);
  if (value) return value;
  throw new EvaluationError(`reads "${name}", which nothing gives`);
}
