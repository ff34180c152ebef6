/**
 * A cell's equations as plain JSON, for model files: a list of nodes that refer to each other by number.
 * Reading checks everything and executes nothing, so a file from anywhere can be opened.
 */
import type { CellEquations, CellParameter, Initial } from "./cell.js";
import { type Expr, type OpName, type WeightUse, CellError, topological } from "./expr.js";
import { ops } from "./ops.js";

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
    Object.fromEntries(Object.entries(named).map(([k, e]) => [k, number.get(e) as number]));
  const nodes = order.map((e): GraphNode => {
    const { args, ...rest } = e;
    return args.length > 0 ? { ...rest, args: args.map((a) => number.get(a) as number) } : rest;
  });
  const { name, states, output, parameters } = cell;
  return { name, states, output, parameters, nodes, next: refer(cell.next), gates: refer(cell.gates) };
}

/** Data -> equations. @throws CellError if the data is not a cell, naming the node or field */
export function fromGraph(data: unknown): CellEquations {
  const g = record(data, "a cell");
  const name = text(g["name"], "the cell's name");
  const wrong = (what: string): CellError => new CellError(`cell "${name}" in the file is damaged: ${what}`);
  const states = list(g["states"], "states").map((s) => text(s, "a state's name"));
  const output = text(g["output"], "output");
  if (states.length === 0 || !states.includes(output)) throw wrong(`its output "${output}" is none of its states`);
  const parameters = list(g["parameters"], "parameters").map(readParameter);
  const known = new Set(parameters.map((p) => p.name));
  const exprs: Expr[] = [];
  list(g["nodes"], "nodes").forEach((item, i) => {
    const n = record(item, `node ${i}`);
    const op = text(n["op"], `the op of node ${i}`);
    if (!Object.hasOwn(ops, op)) throw wrong(`node ${i} has the op "${op}", which this version does not know`);
    const row = ops[op as OpName];
    const args = (n["args"] === undefined ? [] : list(n["args"], `the arguments of node ${i}`)).map((a) => {
      const arg = exprs[a as number];
      if (!Number.isInteger(a) || !arg) throw wrong(`node ${i} refers to node ${String(a)}, which does not stand before it`);
      return arg;
    });
    if (row.arity >= 0 && args.length !== row.arity) throw wrong(`node ${i} (${op}) has ${args.length} arguments, not ${row.arity}`);
    const weight = n["weight"] === undefined ? undefined : readWeight(n["weight"], i);
    if ((row.kind === "product") !== (weight !== undefined)) throw wrong(`node ${i} (${op}) and its weight do not fit`);
    if (weight && (!known.has(weight.parameter) || (weight.bias !== undefined && !known.has(weight.bias)))) {
      throw wrong(`node ${i} uses the parameter ${weight.parameter}, which is not listed`);
    }
    if (weight && weight.blocks.length !== args.length) throw wrong(`node ${i} has ${args.length} arguments for ${weight.blocks.length} blocks`);
    const leafName = n["name"] === undefined ? undefined : text(n["name"], `the name of node ${i}`);
    if (op === "state" && !states.includes(leafName ?? "")) throw wrong(`node ${i} reads the state "${leafName}", which the cell has not`);
    if (op === "parameter" && !known.has(leafName ?? "")) throw wrong(`node ${i} reads the parameter "${leafName}", which is not listed`);
    const value = n["value"];
    if (op === "constant" && typeof value !== "number") throw wrong(`node ${i} is a constant without a number`);
    exprs.push(
      Object.freeze({
        op: op as OpName,
        args,
        width: text(n["width"], `the width of node ${i}`),
        ...(leafName === undefined ? {} : { name: leafName }),
        ...(typeof value === "number" ? { value } : {}),
        ...(weight ? { weight } : {}),
      }),
    );
  });
  const refer = (field: string): Record<string, Expr> =>
    Object.fromEntries(
      Object.entries(record(g[field], field)).map(([key, at]) => {
        const expr = exprs[at as number];
        if (!expr) throw wrong(`${field}.${key} refers to node ${String(at)}, which does not exist`);
        return [key, expr];
      }),
    );
  const next = refer("next");
  for (const state of states) if (next[state]?.width !== "H") throw wrong(`its state "${state}" has no new value of width H`);
  return Object.freeze({ name, states, output, parameters, next, gates: refer("gates") });
}

function readParameter(data: unknown, i: number): CellParameter {
  const p = record(data, `parameter ${i}`);
  const name = text(p["name"], `the name of parameter ${i}`);
  const kind = p["kind"];
  if (kind !== "weight" && kind !== "vector" && kind !== "scalar") throw new CellError(`parameter ${name} is of unknown kind ${String(kind)}`);
  const blocks = list(p["blocks"], `the blocks of ${name}`).map((b, j) => {
    const block = record(b, `block ${j} of ${name}`);
    return { name: text(block["name"], "a block's name"), columns: text(block["columns"], "a block's columns"), input: block["input"] === true };
  });
  return { name, kind, blocks, initial: readInitial(p["initial"], name) };
}

function readInitial(data: unknown, name: string): Initial {
  if (typeof data === "number") return data;
  const range = record(data, `the start of ${name}`);
  if (typeof range["from"] === "number" && typeof range["to"] === "number") return { from: range["from"], to: range["to"] };
  throw new CellError(`parameter ${name} does not say how it starts`);
}

function readWeight(data: unknown, i: number): WeightUse {
  const w = record(data, `the weight of node ${i}`);
  return {
    gate: text(w["gate"], "a gate"),
    parameter: text(w["parameter"], "a parameter"),
    blocks: list(w["blocks"], "blocks").map((b) => text(b, "a block's name")),
    ...(w["bias"] === undefined ? {} : { bias: text(w["bias"], "a bias") }),
  };
}

function record(value: unknown, what: string): Record<string, unknown> {
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new CellError(`${what} should be an object, found ${typeof value}`);
  return value as Record<string, unknown>;
}
function list(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value)) throw new CellError(`${what} should be a list, found ${typeof value}`);
  return value;
}
function text(value: unknown, what: string): string {
  if (typeof value !== "string") throw new CellError(`${what} should be text, found ${typeof value}`);
  return value;
}
