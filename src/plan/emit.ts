/**
 * From expressions to steps: one step per node, into a buffer per node. The passes fuse them afterwards.
 * Products that are summed with other terms accumulate onto them instead of being added.
 */
import { type Expr, rowsOf, topological, type Width } from "../cell/expr.js";
import type { OpName } from "../cell/meanings.js";
import { opRow } from "../cell/ops.js";
import type { Builder, Value } from "./builder.js";
import { type Instruction, PlanError, type ReduceStep, type Space, type Start } from "./plan.js";

/** What stands for a leaf: a value, or token ids whose one-hot vectors it is. */
export type Operand = Value | { readonly ids: Value };

/** Everything that emitting needs to know about the surroundings. */
export interface EmitScope {
  readonly builder: Builder;
  readonly space: Space;
  /** Rows of what is over a source; absent where nothing is. */
  readonly source?: Space;
  /** Prefix of buffer names. */
  readonly prefix: string;
  readonly width: (symbol: Width) => number;
  /** Values of leaves and of nodes that have been computed. */
  readonly values: Map<Expr, Operand>;
  /** Parameters: blocks of weights ([H, columns]; [columns, H] where they multiply ids), vectors, scalars. */
  readonly parameters: Readonly<Record<string, Value>>;
  /** Name of a node for its buffer. */
  readonly nameOf: (e: Expr) => string;
}

/** True for token ids. */
export function isIds(operand: Operand): operand is { readonly ids: Value } {
  return "ids" in operand;
}

/** Emits everything that `roots` need and is not there yet. */
export function emitAll(scope: EmitScope, roots: readonly Expr[]): void {
  const order = topological(roots);
  const uses = new Map<Expr, number>();
  for (const e of order) for (const arg of e.args) uses.set(arg, (uses.get(arg) ?? 0) + 1);
  for (const root of roots) uses.set(root, (uses.get(root) ?? 0) + 1);
  const needed = neededNodes(scope, roots);
  // Inner sums of a chain are emitted with the chain's end: a product term can then start from the others.
  const ofProducts = new Set<Expr>();
  const inner = new Set<Expr>();
  for (const e of order) {
    const holdsProduct = (t: Expr): boolean =>
      t.op === "transposed" || (ofProducts.has(t) && isInner(t, uses));
    if (e.op !== "add" || !e.args.some(holdsProduct)) continue;
    ofProducts.add(e);
    if (needed.has(e)) for (const arg of e.args) if (isInner(arg, uses)) inner.add(arg);
  }
  for (const e of order) {
    if (needed.has(e) && !inner.has(e)) emitNode(scope, e, ofProducts.has(e) ? terms(e, uses) : []);
  }
}

/** The value of an emitted expression. @throws PlanError for token ids, which have no values */
export function valueOf(scope: EmitScope, e: Expr): Value {
  const operand = e.op === "parameter" ? scope.parameters[e.name!] : scope.values.get(e);
  if (!operand) throw new PlanError(`${scope.prefix}: the value of ${e.op} ${e.name ?? ""} is not there`);
  if (isIds(operand)) {
    throw new PlanError(
      `${scope.prefix}: the input is token ids; it can only be multiplied by weights (put an embedding before this cell)`,
    );
  }
  return operand;
}

function neededNodes(scope: EmitScope, roots: readonly Expr[]): Set<Expr> {
  const needed = new Set<Expr>();
  const open = [...roots];
  for (let e = open.pop(); e; e = open.pop()) {
    if (needed.has(e) || scope.values.has(e) || opRow(e.op).kind === "leaf") continue;
    needed.add(e);
    open.push(...e.args);
  }
  return needed;
}

const isInner = (e: Expr, uses: ReadonlyMap<Expr, number>): boolean =>
  (e.op === "add" || e.op === "transposed") && uses.get(e) === 1;

/** The terms of a sum in their order, taken through inner sums that nobody else uses. */
function terms(e: Expr, uses: ReadonlyMap<Expr, number>): Expr[] {
  const found: Expr[] = [];
  const open = [...e.args].reverse();
  for (let t = open.pop(); t; t = open.pop()) {
    if (t.op === "add" && isInner(t, uses)) open.push(...[...t.args].reverse());
    else found.push(t);
  }
  return found;
}

/** The rows that an expression is computed over. */
function spaceOf({ space, source, prefix }: EmitScope, e: Expr): Space {
  if (rowsOf(e) === "step") return space;
  if (source === undefined) throw new PlanError(`${prefix}: ${e.op} reads a source, and there is none here`);
  return source;
}

/** The ops that are neither elementwise nor leaves: from a node and the buffer of its value to steps. */
const emitters: Partial<Record<OpName, (scope: EmitScope, e: Expr, out: Value) => void>> = {
  affine: emitAffine,
  transposed: (scope, e, out) => emitTransposed(scope, e, out, "zero"),
  sumFeatures: reduction("sum", "features"),
  sumSource: reduction("sum", "segments"),
  logSumExpSource: reduction("logSumExp", "segments"),
  spread(scope, e, out) {
    const from = valueOf(scope, e.args[0]!).buffer;
    scope.builder.emit({ kind: "spread", space: spaceOf(scope, e), from, into: out.buffer });
  },
};

function reduction(
  op: ReduceStep["op"],
  along: ReduceStep["along"],
): (scope: EmitScope, e: Expr, out: Value) => void {
  return (scope, { args: [arg] }, out) => {
    const from = valueOf(scope, arg!).buffer;
    const space = spaceOf(scope, arg!);
    scope.builder.emit({ kind: "reduce", op, along, space, from, into: out.buffer, start: "zero" });
  };
}

/** @param sum the terms, of a sum with products among them */
function emitNode(scope: EmitScope, e: Expr, sum: readonly Expr[]): void {
  const { builder, prefix, values } = scope;
  const [arg] = e.args;
  if (e.op === "spread" && arg?.op === "parameter") {
    // One row serves all rows, those of a source too.
    values.set(e, valueOf(scope, arg));
    return;
  }
  const out = builder.buffer(`${prefix}.${scope.nameOf(e)}`, spaceOf(scope, e), scope.width(e.width));
  values.set(e, out);
  const emit = emitters[e.op];
  if (emit) return emit(scope, e, out);
  const products = sum.filter((t) => t.op === "transposed" && !scope.values.has(t));
  if (products.length > 0) {
    const rest = sum.filter((t) => !products.includes(t));
    if (rest.length > 0) emitSum(scope, rest, out);
    products.forEach((t, i) => emitTransposed(scope, t, out, rest.length + i > 0 ? "accumulate" : "zero"));
    return;
  }
  emitElementwise(scope, e, out);
}

function emitElementwise(scope: EmitScope, e: Expr, out: Value): void {
  const inputs: string[] = [];
  const program: Instruction[] = [];
  const constants = e.args.filter((a) => opRow(a.op).fixed);
  const values = e.args.filter((a) => !opRow(a.op).fixed);
  for (const arg of values) inputs.push(valueOf(scope, arg).buffer);
  for (const arg of constants) program.push(constantOf(scope, arg));
  const register = (arg: Expr): number =>
    opRow(arg.op).fixed ? inputs.length + constants.indexOf(arg) : values.indexOf(arg);
  program.push({ op: e.op as Instruction["op"], args: e.args.map(register) });
  const outputs = [{ buffer: out.buffer, register: inputs.length + program.length - 1 }];
  const { space, width } = out;
  scope.builder.emit({ kind: "elementwise", space, width, inputs, program, outputs });
}

/** The number of a leaf that is known already. */
function constantOf(scope: EmitScope, { value, name }: Expr): Instruction {
  return { op: "constant", args: [], value: value ?? scope.width(name!) };
}

function emitSum(scope: EmitScope, parts: readonly Expr[], out: Value): void {
  const constants = parts.filter((part) => opRow(part.op).fixed);
  const inputs = parts.filter((part) => !opRow(part.op).fixed).map((part) => valueOf(scope, part).buffer);
  const program: Instruction[] = constants.map((c) => constantOf(scope, c));
  let total = 0;
  for (let i = 1; i < parts.length; i++) {
    program.push({ op: "add", args: [total, i] });
    total = inputs.length + program.length - 1;
  }
  const outputs = [{ buffer: out.buffer, register: total }];
  const { space, width } = out;
  scope.builder.emit({ kind: "elementwise", space, width, inputs, program, outputs });
}

/** Whether values depend on a state; kept, since products stand on products. */
const known = /* @__PURE__ */ new WeakMap<Expr, boolean>();

function readsState(e: Expr): boolean {
  const open = [e];
  for (let top = open.at(-1); top; top = open.at(-1)) {
    const missing: readonly Expr[] = known.has(top) ? [] : top.args.filter((arg) => !known.has(arg));
    if (missing.length > 0) open.push(...missing);
    else {
      open.pop();
      known.set(top, top.op === "state" || top.args.some((arg) => known.get(arg)));
    }
  }
  return known.get(e)!;
}

/** Products whose operand does not depend on a state come first, so that they can leave the loop. */
function emitAffine(scope: EmitScope, e: Expr, out: Value): void {
  const { bias, blocks } = e.weight!;
  const fromInput = (arg: Expr): boolean => !readsState(arg);
  const order = [...e.args.keys()].sort(
    (i, j) => Number(fromInput(e.args[j]!)) - Number(fromInput(e.args[i]!)) || i - j,
  );
  let start: Start = bias === undefined ? "zero" : { row: parameter(scope, bias).buffer };
  for (const i of order) {
    const arg = e.args[i]!;
    const b = parameter(scope, blocks[i]!).buffer;
    const operand = scope.values.get(arg);
    if (operand && isIds(operand)) {
      const index = operand.ids.buffer;
      scope.builder.emit({
        kind: "gather",
        axis: "rows",
        space: scope.space,
        from: b,
        index,
        into: out.buffer,
        start,
      });
    } else {
      const a = valueOf(scope, arg).buffer;
      const outputs = [{ b, transpose: true, c: out.buffer, start }];
      scope.builder.emit({ kind: "gemm", form: "apply", space: scope.space, a, outputs });
    }
    start = "accumulate";
  }
}

function emitTransposed(scope: EmitScope, e: Expr, out: Value, start: Start): void {
  const a = valueOf(scope, e.args[0]!).buffer;
  const b = parameter(scope, e.weight!.blocks[0]!).buffer;
  const outputs = [{ b, transpose: false, c: out.buffer, start }];
  scope.builder.emit({ kind: "gemm", form: "apply", space: scope.space, a, outputs });
}

function parameter(scope: EmitScope, name: string): Value {
  const value = scope.parameters[name];
  if (!value) throw new PlanError(`${scope.prefix}: the parameter ${name} is missing`);
  return value;
}
