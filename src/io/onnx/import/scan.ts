/**
 * A Scan of a foreign graph as a recurrent layer: its body, one step, becomes the equations of a cell. Products with weights become
 * the cell's, what is read of the input element by element goes through weights that change nothing, and results for each step that
 * are no state become one.
 */
import { type Cell, cell, type StepScope } from "../../../cell/cell.js";
import type { Expr } from "../../../cell/expr.js";
import {
  abs,
  add,
  div,
  exp,
  log,
  max,
  min,
  mul,
  neg,
  relu,
  sigmoid,
  softplus,
  sqrt,
  sub,
  tanh,
} from "../../../cell/functions.js";
import type { Tensor } from "../../../nn/index.js";
import { placeOf } from "../evaluate/graph.js";
import type { Numbers } from "../evaluate/numbers.js";
import type { OnnxGraph } from "../messages.js";
import { readNumbers } from "../tensors.js";
import type { Item, Starts } from "./items.js";
import { Unreadable } from "./unreadable.js";
import {
  type Atom,
  alongAxis,
  type Flow,
  featureAtoms,
  flowOf,
  isUniform,
  nameOf,
  place,
  type Reading,
  type Value,
} from "./values.js";

const unary: Readonly<Record<string, (a: Expr) => Expr>> = {
  Identity: (a) => a,
  Sigmoid: sigmoid,
  Tanh: tanh,
  Relu: relu,
  Exp: exp,
  Log: log,
  Sqrt: sqrt,
  Abs: abs,
  Neg: neg,
  Softplus: softplus,
  Softsign: (a) => div(a, add(1, abs(a))),
};

const binary: Readonly<Record<string, (a: Expr | number, b: Expr | number) => Expr>> = {
  Add: add,
  Sub: sub,
  Mul: mul,
  Div: div,
  Max: max,
  Min: min,
};

/** A value in the body: numbers that are known, the input as it comes, or an expression of width H. */
type Inner = { readonly numbers: Numbers } | { readonly input: Expr } | { readonly expr: Expr };

/** One step as equations, and the numbers of their parameters. */
interface Body {
  readonly graph: OnnxGraph;
  readonly H: number;
  readonly X: number;
  /** Numbers that the body reads of the graph around it. */
  readonly outer: (name: string) => Numbers | undefined;
  readonly states: readonly string[];
  readonly parameters: Map<string, Tensor>;
}

/** The new states, and the results of the step after them, as expressions. */
function stepOf({ graph, H, X, outer, states, parameters }: Body, scope: StepScope<string>): readonly Expr[] {
  const values = new Map<string, Inner>();
  const names = graph.inputs.map(({ name = "" }) => name);
  states.forEach((state, i) => {
    values.set(names[i] ?? "", { expr: scope[state]! });
  });
  values.set(names[states.length] ?? "", { input: scope.x });
  for (const tensor of graph.initializers) {
    const numbers = readNumbers(tensor);
    if ("problem" in numbers)
      throw new Unreadable(`has a body whose tensor "${tensor.name ?? ""}" ${numbers.problem}`);
    values.set(tensor.name ?? "", { numbers });
  }
  let count = 0;
  const find = (name: string): Inner => {
    const known = values.get(name);
    if (known) return known;
    const numbers = outer(name);
    if (numbers) return { numbers };
    throw new Unreadable(`has a body that reads "${name}", which is not known`);
  };
  const weighted = (weights: Float32Array, columns: number, of: Expr): Expr => {
    const gate = `m${++count}`;
    parameters.set(`w_${gate}`, { shape: [H, columns], data: weights });
    return scope.linear(gate, of);
  };
  const vector = ({ data }: Numbers): Expr | number => {
    if (data.length === 1) return data[0]!;
    if (data.length !== H)
      throw new Unreadable(`has a body that computes with ${data.length} numbers, and states of ${H}`);
    const name = `v${++count}`;
    parameters.set(name, { shape: [H], data: Float32Array.from(data) });
    return scope.vector(name);
  };
  const plain = (of: Inner): Expr | number => {
    if ("expr" in of) return of.expr;
    if ("numbers" in of) return vector(of.numbers);
    if (X !== H)
      throw new Unreadable(`has a body that reads ${X} features element by element, and states of ${H}`);
    const identity = new Float32Array(H * H);
    for (let i = 0; i < H; i++) identity[i * (H + 1)] = 1;
    return weighted(identity, X, of.input);
  };
  const expr = (of: Inner): Expr => {
    const found = plain(of);
    return typeof found === "number" ? add(found, 0) : found;
  };
  for (const node of graph.nodes) {
    const op = node.op ?? "";
    const inputs = node.inputs.map(find);
    const [a, b] = inputs;
    const fail = (): never => {
      throw new Unreadable(`has a body with ${placeOf(node)}, which no equation of a cell stands for`);
    };
    const out = ((): Inner => {
      if (op === "Identity" && a) return a;
      if (op === "Constant") {
        const tensor = node.attributes.find(({ tensor: of }) => of)?.tensor;
        const numbers = tensor && readNumbers(tensor);
        return numbers && !("problem" in numbers) ? { numbers } : fail();
      }
      if (Object.hasOwn(unary, op) && a) return { expr: unary[op]!(expr(a)) };
      if (Object.hasOwn(binary, op) && a && b) return { expr: binary[op]!(plain(a), plain(b)) };
      if (op === "MatMul" && a && b && "numbers" in b && !("numbers" in a)) {
        const columns = "input" in a ? X : H;
        const { dims, data } = b.numbers;
        if (dims.join() !== [columns, H].join()) return fail();
        const weights = Float32Array.from(
          { length: H * columns },
          (_, k) => data[(k % columns) * H + Math.floor(k / columns)]!,
        );
        return { expr: weighted(weights, columns, "input" in a ? a.input : a.expr) };
      }
      return fail();
    })();
    values.set(node.outputs[0] ?? "", out);
  }
  return graph.outputs.map(({ name = "" }) => expr(find(name)));
}

/** A cell of the body's equations whose output is one of its results. */
function cellOf(body: Body, result: number): Cell {
  const all = body.graph.outputs.map((_, i) => (i < body.states.length ? body.states[i]! : `z${i}`));
  return cell("scan", { states: all, output: all[result]! }, (scope) => {
    const next = stepOf({ ...body, parameters: new Map() }, scope);
    return Object.fromEntries(all.map((state, i) => [state, next[i]!]));
  });
}

/** Reads a Scan. */
export function readScan(reading: Reading, outer: Body["outer"]): readonly Value[] {
  const { inputs, attribute, int, axes, opset } = reading;
  const graph = attribute("body")?.graph;
  const old = opset < 9;
  const all = old ? inputs.slice(1) : inputs;
  const count = int("num_scan_inputs", 0);
  if (!graph || count !== 1) throw new Unreadable(`goes over ${count} sequences at once; one can be read`);
  const n = all.length - 1;
  const given = flowOf(all[n]);
  const axis = old ? 1 : place(attribute("scan_input_axes")?.ints[0] ?? 0, given.dims.length);
  const last = given.dims.length - 1;
  const flow = last > axis ? alongAxis(given, last, nameOf(reading)) : ofOne(given);
  const time = flow.dims[axis]!;
  const rest = flow.dims.filter((_, i) => i !== axis);
  const batch = rest.flat().filter(({ kind }) => kind === "open");
  const [t, b] = [time[0], batch[0]];
  if (
    time.length > 1 ||
    batch.length > 1 ||
    (t && t.kind !== "open") ||
    (axes.time && axes.time !== t) ||
    (b && axes.batch && axes.batch !== b)
  )
    throw new Unreadable("goes over something else than the steps of sequences");
  axes.time ??= t;
  axes.batch ??= b;
  const X = flow.item.width;
  const starts = all.slice(0, n).map((value) => startOf(value, flow));
  const H = starts[0]?.length ?? X;
  if (starts.some(({ length }) => length !== H)) throw new Unreadable("has states of different widths");
  const states = starts.map((_, i) => `s${i}`);
  const reverse = (attribute(old ? "directions" : "scan_input_directions")?.ints[0] ?? 0) === 1;
  const outward = attribute("scan_output_directions")?.ints ?? [];
  if (outward.some((way) => (way === 1) !== reverse))
    throw new Unreadable("gives its results in another order than the steps");
  if ((attribute("scan_output_axes")?.ints ?? []).some((at) => at !== 0))
    throw new Unreadable("gives its steps along another axis than the first");
  const pass = (result: number): Item => {
    const parameters = new Map<string, Tensor>();
    const body: Body = { graph, H, X, outer, states, parameters };
    const own = cellOf(body, result);
    // The equations once more, for the numbers of their parameters, in the same order.
    cell("scan", { states: own.states, output: own.output }, (scope) => {
      const next = stepOf(body, scope);
      return Object.fromEntries(own.states.map((state, i) => [state, next[i]!]));
    }).equations();
    const learned = new Map(own.states.map((state, i) => [state, starts[i] ?? new Float32Array(H)]));
    const zero = starts.every((start) => start.every((v) => v === 0));
    const from: Starts = zero ? { kind: "zero" } : { kind: "learned", values: learned };
    const initial = zero
      ? []
      : [...learned].map(([state, data]) => [`initial_${state}`, { shape: [H], data }] as const);
    return {
      over: "tokens",
      width: H,
      made: {
        kind: "pass",
        place: { cell: own, gates: [], peepholes: [], states: own.states },
        units: H,
        reverse,
        parameters: new Map([...parameters, ...initial]),
        from: [flow.item],
        starts: from,
        nodes: [nameOf(reading)],
        mapped: [],
      },
    };
  };
  const features: readonly Atom[] = H === 1 ? [] : featureAtoms([H]);
  const shape = rest.map((group) => (group.some(({ kind }) => kind === "feature") ? features : group));
  return graph.outputs.map((_, i): Flow => {
    const of = pass(i);
    if (i >= n)
      return {
        kind: "flow",
        item: of,
        dims: old ? [shape[0] ?? [], time, ...shape.slice(1)] : [time, ...shape],
      };
    const state = of.made.kind === "pass" ? of.made.place.cell.output : "";
    return {
      kind: "flow",
      item: { over: "sequences", width: H, made: { kind: "end", of, state } },
      dims: shape,
    };
  });
}

/** A sequence of single numbers. */
function ofOne(flow: Flow): Flow {
  const { item } = flow;
  if (item.over === "raw") item.over = "tokens";
  if (item.over !== "tokens" || item.width !== 1)
    throw new Unreadable("goes over single numbers of what are vectors");
  return flow;
}

/** The numbers at which a state starts, the same for every sequence. */
function startOf(value: Value | undefined, { item }: Flow): Float32Array {
  if (value?.kind !== "constant") {
    const name =
      value?.kind === "given"
        ? value.name
        : value?.kind === "flow" && value.item.made.kind === "input"
          ? value.item.made.name
          : undefined;
    throw new Unreadable(
      name === undefined
        ? "starts from states that another layer gives"
        : `starts from the graph's input "${name}", and the file does not hold it; give it with the option weights`,
    );
  }
  const { dims, data } = value.numbers;
  if (isUniform(value.numbers) && value.varies)
    return new Float32Array(dims.at(-1) ?? item.width).fill(data[0] ?? 0);
  const H = dims.at(-1) ?? 1;
  const row = Float32Array.from(data.subarray(0, H));
  if (data.every((v, k) => Math.fround(v) === row[k % H])) return row;
  throw new Unreadable("starts every sequence of the batch from other fixed numbers");
}
