/**
 * A cell's equations as plain JSON, for model files: a list of nodes that refer to each other by number.
 * Reading checks everything and executes nothing, so a file from anywhere can be opened.
 */
import type { CellEquations, CellParameter, Initial } from "./equations.js";
import { CellError, type Expr, topological, type WeightUse } from "./expr.js";
import type { OpName } from "./meanings.js";
import { checkNames } from "./names.js";
import { ops } from "./ops.js";
import { resultWidth } from "./shapes.js";

/** One node: its op, the numbers of its arguments, and what a leaf or product needs. */
export interface GraphNode {
  readonly op: OpName;
  readonly args?: readonly number[];
  readonly width: string;
  readonly name?: string;
  readonly value?: number;
  readonly weight?: WeightUse;
}

/** A cell as data. */
export interface CellGraph {
  readonly name: string;
  readonly states: readonly string[];
  readonly output: string;
  readonly parameters: readonly CellParameter[];
  readonly nodes: readonly GraphNode[];
  /** State and gate names -> node numbers. */
  readonly next: Readonly<Record<string, number>>;
  readonly gates: Readonly<Record<string, number>>;
}

/** Equations -> data. */
export function toGraph(cell: CellEquations): CellGraph {
  const order = topological([...Object.values(cell.gates), ...Object.values(cell.next)]);
  const number = new Map(order.map((e, i) => [e, i]));
  const refer = (named: Readonly<Record<string, Expr>>): Record<string, number> =>
    Object.fromEntries(Object.entries(named).map(([k, e]) => [k, number.get(e)!]));
  const nodes = order.map((e): GraphNode => {
    // In one order of keys whatever made the expression, so that a model that is saved again gives the same bytes.
    const { op, args, width, name, value, weight } = e;
    return {
      op,
      ...(args.length > 0 ? { args: args.map((a) => number.get(a)!) } : {}),
      width,
      ...(name === undefined ? {} : { name }),
      ...(value === undefined ? {} : { value }),
      ...(weight ? { weight: orderedWeight(weight) } : {}),
    };
  });
  const { name, states, output, parameters } = cell;
  return { name, states, output, parameters, nodes, next: refer(cell.next), gates: refer(cell.gates) };
}

function orderedWeight({ gate, parameter, bias, blocks }: WeightUse): WeightUse {
  return { gate, parameter, blocks, ...(bias === undefined ? {} : { bias }) };
}

/**
 * Data -> equations. Nothing is taken on trust: what comes back could have been traced from a step.
 *
 * @throws CellError if the data is not a cell, naming the node or field
 */
export function fromGraph(data: unknown): CellEquations {
  const g = record(data, "a cell");
  const name = text(g["name"], "the cell's name");
  const wrong = (what: string): CellError => new CellError(`cell "${name}" in the file is damaged: ${what}`);
  const states = list(g["states"], "states").map((s) => text(s, "a state's name"));
  const output = text(g["output"], "output");
  if (!states.includes(output)) throw wrong(`its output "${output}" is none of its states`);
  const parameters = list(g["parameters"], "parameters").map(readParameter);
  const exprs: Expr[] = [];
  const byName = new Map(parameters.map((p) => [p.name, p]));
  const scope: Scope = { states, parameters: byName, used: new Map(), exprs, wrong };
  const depths = new Map<Expr, number>();
  list(g["nodes"], "nodes").forEach((item, i) => {
    const expr = Object.freeze(readNode(scope, record(item, `node ${i}`), i));
    const depth = 1 + expr.args.reduce((most, arg) => Math.max(most, depths.get(arg) ?? 0), 0);
    if (depth > DEEPEST) throw wrong(`its values stand on each other more than ${DEEPEST} deep`);
    depths.set(expr, depth);
    exprs.push(expr);
  });
  const refer = (field: string): Record<string, Expr> =>
    Object.fromEntries(
      Object.entries(record(g[field], field)).map(([key, at]) => [key, nodeAt(scope, at, `${field}.${key}`)]),
    );
  const next = refer("next");
  for (const key of Object.keys(next)) {
    if (!states.includes(key)) throw wrong(`it gives a new value to "${key}", which is none of its states`);
  }
  for (const state of states) {
    if (!Object.hasOwn(next, state) || next[state]?.width !== "H") {
      throw wrong(`its state "${state}" has no new value of width H`);
    }
  }
  const equations = { name, states, output, parameters, next, gates: refer("gates") };
  checkNames(equations);
  return Object.freeze(equations);
}

/** Values of a cell that stand on each other: what is made of them goes down from one to the next. */
const DEEPEST = 4000;

/** What a node may refer to. */
interface Scope {
  readonly states: readonly string[];
  readonly parameters: ReadonlyMap<string, CellParameter>;
  /** Weights and biases that products have used (each belongs to one), and vectors and scalars that stand alone. */
  readonly used: Map<string, "product" | "alone">;
  /** The nodes read so far. */
  readonly exprs: readonly Expr[];
  readonly wrong: (what: string) => CellError;
}

function nodeAt({ exprs, wrong }: Scope, at: unknown, what: string): Expr {
  const expr = Number.isInteger(at) ? exprs[at as number] : undefined;
  if (!expr) throw wrong(`${what} refers to node ${JSON.stringify(at)}, which does not stand before it`);
  return expr;
}

function readNode(scope: Scope, n: Record<string, unknown>, i: number): Expr {
  const { wrong } = scope;
  const op = text(n["op"], `the op of node ${i}`) as OpName;
  if (!Object.hasOwn(ops, op)) throw wrong(`node ${i} has the op "${op}", which this version does not know`);
  const { arity, derived, kind } = ops[op];
  if (derived) throw wrong(`node ${i} has the op ${op}, which stands only in gradients`);
  if (kind === "source") throw wrong(`node ${i} has the op ${op}, which reads a source; a cell has none`);
  const args = list(n["args"] ?? [], `the arguments of node ${i}`).map((at) =>
    nodeAt(scope, at, `node ${i}`),
  );
  if (arity >= 0 && args.length !== arity) {
    throw wrong(`node ${i} (${op}) has ${args.length} arguments, not ${arity}`);
  }
  const read = special[op];
  const node = {
    op,
    args,
    ...(read ? read(scope, n, args, `node ${i} (${op})`) : { width: resultWidth(op, args) }),
  };
  if (n["width"] !== node.width) {
    throw wrong(`node ${i} (${op}) should have width ${node.width}, found ${JSON.stringify(n["width"])}`);
  }
  return node;
}

type ReadNode = (
  scope: Scope,
  n: Record<string, unknown>,
  args: readonly Expr[],
  what: string,
) => Pick<Expr, "width" | "name" | "value" | "weight">;

/** The ops that are more than their arguments: leaves and products. */
const special: Partial<Record<OpName, ReadNode>> = {
  input: ({ wrong }, n, _args, what) => {
    if (n["name"] !== "x") throw wrong(`${what} is not called x, as a cell's input is`);
    return { name: "x", width: "X" };
  },
  state: ({ states, wrong }, n, _args, what) => {
    const name = text(n["name"], `the name of ${what}`);
    if (!states.includes(name))
      throw wrong(`${what} reads the state "${name}", which the cell does not have`);
    return { name, width: "H" };
  },
  parameter: ({ parameters, used, wrong }, n, _args, what) => {
    const name = text(n["name"], `the name of ${what}`);
    const kind = parameters.get(name)?.kind;
    if (kind !== "vector" && kind !== "scalar")
      throw wrong(`${what} reads "${name}", which is no vector and no scalar of the cell`);
    if (used.get(name) === "product") throw wrong(`${what} reads "${name}", which is the bias of a product`);
    used.set(name, "alone");
    return { name, width: kind === "vector" ? "H" : "1" };
  },
  constant: ({ wrong }, n, _args, what) => {
    const value = n["value"];
    if (typeof value !== "number" || !Number.isFinite(value)) throw wrong(`${what} has no finite number`);
    return { value, width: "1" };
  },
  featureCount: ({ wrong }, n, _args, what) => {
    const name = n["name"];
    if (name !== "X" && name !== "H")
      throw wrong(`${what} counts the features of X or H, not of ${JSON.stringify(name)}`);
    return { name, width: "1" };
  },
  affine: (scope, n, args, what) => ({ weight: readWeight(scope, n["weight"], args, what), width: "H" }),
};

function readWeight(scope: Scope, data: unknown, args: readonly Expr[], what: string): WeightUse {
  const { parameters, used, wrong } = scope;
  const w = record(data, `the weight of ${what}`);
  const gate = text(w["gate"], `the gate of ${what}`);
  const [parameter, bias] = [`w_${gate}`, `b_${gate}`];
  const blocks = list(w["blocks"], `the blocks of ${what}`).map((b) => text(b, `a block of ${what}`));
  if (w["parameter"] !== parameter || ![undefined, bias].includes(w["bias"] as string | undefined)) {
    throw wrong(`${what} is the product of ${gate}, whose parameters are called ${parameter} and ${bias}`);
  }
  const weight = { gate, parameter, blocks, ...(w["bias"] === undefined ? {} : { bias }) };
  const listed = parameters.get(parameter);
  if (listed?.kind !== "weight")
    throw wrong(`${what} multiplies by "${parameter}", which is no weight of the cell`);
  if (weight.bias && parameters.get(bias)?.kind !== "vector")
    throw wrong(`${what} adds "${bias}", which is no vector of the cell`);
  for (const name of weight.bias ? [parameter, bias] : [parameter]) {
    if (used.has(name)) throw wrong(`${what} uses ${name}, which is used elsewhere already`);
    used.set(name, "product");
  }
  const found = args.map((arg, i) => `${blocks[i]} ${arg.width} ${arg.op === "input"}`);
  const expected = listed.blocks.map((b) => `${b.name} ${b.columns} ${b.input}`);
  if (found.join() !== expected.join() || blocks.length !== args.length) {
    throw wrong(`${what} and the blocks of columns of ${parameter} do not fit`);
  }
  return weight;
}

function readParameter(data: unknown, i: number): CellParameter {
  const p = record(data, `parameter ${i}`);
  const name = text(p["name"], `the name of parameter ${i}`);
  const kind = p["kind"];
  if (kind !== "weight" && kind !== "vector" && kind !== "scalar") {
    throw new CellError(`parameter ${name} is of unknown kind ${JSON.stringify(kind)}`);
  }
  const blocks = list(p["blocks"], `the blocks of ${name}`).map((b, j) => {
    const block = record(b, `block ${j} of ${name}`);
    const columns = text(block["columns"], `the columns of block ${j} of ${name}`);
    if (columns !== "X" && columns !== "H")
      throw new CellError(`block ${j} of ${name} has ${columns} columns, not X or H`);
    return {
      name: text(block["name"], `the name of block ${j} of ${name}`),
      columns,
      input: block["input"] === true,
    };
  });
  if ((kind === "weight") !== blocks.length > 0) {
    throw new CellError(`parameter ${name} is a ${kind} and has ${blocks.length} blocks of columns`);
  }
  return { name, kind, blocks, initial: readInitial(p["initial"], name) };
}

function readInitial(data: unknown, name: string): Initial {
  if (Number.isFinite(data)) return data as number;
  const { from, to } = record(data, `the start of ${name}`);
  if (Number.isFinite(from) && Number.isFinite(to)) return { from: from as number, to: to as number };
  throw new CellError(`parameter ${name} does not say how it starts`);
}

function record(value: unknown, what: string): Record<string, unknown> {
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new CellError(`${what} should be an object, found ${kindOf(value)}`);
  }
  return value as Record<string, unknown>;
}
function list(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value)) throw new CellError(`${what} should be a list, found ${kindOf(value)}`);
  return value;
}
function text(value: unknown, what: string): string {
  if (typeof value !== "string") throw new CellError(`${what} should be text, found ${kindOf(value)}`);
  return value;
}
function kindOf(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "a list" : typeof value;
}
