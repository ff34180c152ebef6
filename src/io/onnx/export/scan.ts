/**
 * One direction of a layer as a Scan over the cell's equations, for every cell that is no operator of ONNX. What reads the
 * input alone is computed over all steps at once, outside of it. The body holds the states where a sequence has no step: in
 * reverse they wait for its end, forward they stay at it.
 */
import type { CellEquations } from "../../../cell/equations.js";
import { type Expr, topological } from "../../../cell/expr.js";
import { NetworkError } from "../../../nn/index.js";
import type { GraphBuilder } from "../graph.js";
import { writeEquations } from "./equations.js";
import type { Pass, PassResult } from "./pass.js";

/** Puts the Scan into the graph. */
export function scanPass(equations: CellEquations, pass: Pass): PassResult {
  const { input, layer, prefix, reverse, context, zeros } = pass;
  const { graph } = context;
  const { steps } = input;
  const body = graph.body(prefix);
  const scanned: string[] = [];
  const rows = (name: string, value: string, of: { type: "float32" | "bool"; width: number }): string => {
    scanned.push(value);
    return body.input({ name: `${prefix}.${name}`, type: of.type, shape: [steps.batch, of.width] });
  };
  const old = new Map(
    equations.states.map((state) => {
      const shape = [steps.batch, layer.units];
      return [state, body.input({ name: `${prefix}.${state}.old`, type: "float32", shape })] as const;
    }),
  );
  const read = reading(equations, pass, { body, old, rows });
  const mask =
    steps.lengths === undefined ? undefined : rows("mask", steps.mask(), { type: "bool", width: 1 });
  const [next, output] = steppedBody(equations, pass, { body, old, read, mask });
  const shape = [steps.batch, layer.units];
  for (const state of equations.states)
    body.output(next(state), { name: `${prefix}.${state}.new`, type: "float32", shape });
  body.output(output, { name: `${prefix}.output`, type: "float32", shape });
  const direction = Number(reverse);
  const starts = equations.states.map((state) => pass.initial.get(state) ?? zeros());
  const results = graph.nodes("Scan", [...starts, ...scanned], {
    attributes: {
      body: body.graph(),
      num_scan_inputs: scanned.length,
      scan_input_directions: scanned.map(() => direction),
      scan_output_directions: [direction],
    },
    outputs: equations.states.length + 1,
  });
  return {
    output: results[equations.states.length]!,
    finals: new Map(equations.states.map((state, i) => [state, results[i]!])),
  };
}

interface Body {
  readonly body: GraphBuilder;
  readonly old: ReadonlyMap<string, string>;
}

/** Where the body finds the input and what products make of it. */
interface Reading {
  /** The input itself, where something else than a product with weights reads it. */
  readonly x: string | undefined;
  /** Of a product: what it makes of the input and its bias. */
  readonly projected: ReadonlyMap<Expr, string>;
}

function reading(
  equations: CellEquations,
  { input, prefix, layer, context }: Pass,
  {
    rows,
  }: Body & {
    readonly rows: (name: string, value: string, of: { type: "float32"; width: number }) => string;
  },
): Reading {
  const { graph, parameters } = context;
  const ids = input.shape.over === "ids";
  const nodes = topological(Object.values(equations.next));
  const products = nodes.filter(({ args, op }) => op === "affine" && args.some((arg) => arg.op === "input"));
  const projected = products.map((e) => {
    const { blocks, gate, bias } = e.weight!;
    const parts = e.args.flatMap((arg, i) => {
      if (arg.op !== "input") return [];
      const weight = parameters.block(`${prefix}.${blocks[i]}`);
      return [
        ids ? graph.node("Gather", [weight, input.value]) : graph.node("MatMul", [input.value, weight]),
      ];
    });
    if (bias !== undefined) parts.push(parameters.whole(`${prefix}.${bias}`));
    const sum = parts.reduce((a, b) => graph.node("Add", [a, b]));
    return [e, rows(`${gate}.input`, sum, { type: "float32", width: layer.units })] as const;
  });
  const elsewhere = nodes.some(({ op, args }) => op !== "affine" && args.some((arg) => arg.op === "input"));
  if (elsewhere && ids)
    throw new NetworkError(
      `${prefix}: the input is token ids, and the cell reads it beside products with weights; put an embedding before it`,
    );
  const x = elsewhere ? rows("x", input.value, { type: "float32", width: input.shape.width }) : undefined;
  return { x, projected: new Map(projected) };
}

/** The equations in the body: the new value of each state, and of the output, where there is a step. */
function steppedBody(
  equations: CellEquations,
  { layer, prefix, input, context }: Pass,
  { body, old, read, mask }: Body & { readonly read: Reading; readonly mask: string | undefined },
): readonly [next: (state: string) => string, output: string] {
  const { parameters } = context;
  const value = writeEquations(Object.values(equations.next), {
    graph: body,
    widths: { X: input.shape.width, H: layer.units },
    leaf: ({ op, name = "" }) =>
      op === "parameter" ? parameters.whole(`${prefix}.${name}`) : (op === "state" ? old.get(name) : read.x)!,
    product: (e, args) => {
      const { blocks, bias } = e.weight!;
      const projected = read.projected.get(e);
      const terms = e.args.flatMap((arg, i) =>
        arg.op === "input"
          ? []
          : [body.node("MatMul", [args[i]!, parameters.block(`${prefix}.${blocks[i]}`)])],
      );
      if (projected !== undefined) terms.push(projected);
      else if (bias !== undefined) terms.push(parameters.whole(`${prefix}.${bias}`));
      return terms.reduce((a, b) => body.node("Add", [a, b]));
    },
  });
  const fresh = (state: string): string => value(equations.next[state]!);
  if (mask === undefined) return [fresh, fresh(equations.output)];
  const kept = (state: string): string => body.node("Where", [mask, fresh(state), old.get(state)!]);
  // As ONNX's own operators: zeros after a sequence's end.
  return [kept, body.node("Where", [mask, fresh(equations.output), body.number(0)])];
}
