/**
 * The body of a recurrence: what it is given, what it gives, and the scope in which its equations are emitted.
 * The loop over a sequence (recurrence.ts) and the single step of a stream (step.ts) both start from it.
 */
import { type Expr, rowsOf, topological } from "../cell/expr.js";
import type { Backward } from "../grad/backward.js";
import type { Builder, Value } from "./builder.js";
import { type EmitScope, isIds, type Operand } from "./emit.js";
import { PlanError } from "./plan.js";

/** The equations of one step: the new value of each state, and named values worth a readable buffer name. */
export interface RecurrenceBody {
  readonly states: readonly string[];
  readonly next: Readonly<Record<string, Expr>>;
  readonly gates?: Readonly<Record<string, Expr>>;
}

/**
 * What a loop computes at every step, by name, for those who look into it: filled while the loop is emitted, the gradients
 * while the loop back is. All of it is per token. How it is filled comes along (observe.ts), so that programs in which nobody
 * looks do not load it.
 */
export interface LoopValues {
  readonly gates: Map<string, Value>;
  readonly states: Map<string, Value>;
  /** The gradients of gates and states, under their names. Absent where none flows. */
  readonly gradients: Map<string, Value>;
  /** Emits, inside the loop, what no state is made of, and notes the values of all gates and states. */
  readonly noteValues: (
    scope: EmitScope,
    of: { readonly body: RecurrenceBody; readonly states: Readonly<Record<string, Value>> },
  ) => void;
  /** The equations of the gradients, by name. */
  readonly gradientsOf: (body: RecurrenceBody, derived: Backward) => Readonly<Record<string, Expr>>;
  /** Emits them, inside the loop back, and notes them. */
  readonly noteGradients: (scope: EmitScope, gradients: Readonly<Record<string, Expr>>) => void;
}

/** What a recurrence is given. */
export interface RecurrenceOptions {
  /** Prefix of buffer names. */
  readonly name: string;
  readonly body: RecurrenceBody;
  readonly packing: string;
  /** The packing of the source that the body reads: its inputs over source rows lie in aligned:packing:source. */
  readonly source?: string;
  /** True to run from the last step to the first; default false. */
  readonly reverse?: boolean;
  /**
   * The body's inputs by name: values of space tokens, token ids, or values of space sequences, which are the same
   * at every step (masks) and take no gradient; of a source's rows, values of space aligned.
   */
  readonly inputs: Readonly<Record<string, Operand>>;
  /** Blocks of weights, biases, vectors and scalars by name. */
  readonly parameters: Readonly<Record<string, Value>>;
  /** Initial states: a value of space sequences or rows:1, or a number. */
  readonly initial: Readonly<Record<string, Value | number>>;
  /** Width symbols -> numbers, for example {X: 64, H: 128}. */
  readonly widths: Readonly<Record<string, number>>;
  /** Takes what the loop computes. Absent: nobody looks, and a gate that no state is made of is not computed. */
  readonly observed?: LoopValues;
}

/** What a recurrence gives: each state at every step (space tokens) and after the last (space sequences). */
export interface RecurrenceResult {
  readonly states: Readonly<Record<string, Value>>;
  readonly final: Readonly<Record<string, Value>>;
}

/** The scope of a body's equations over the tokens of its packing, and their nodes in order of computation. */
export function bodyScope(
  builder: Builder,
  options: RecurrenceOptions,
): { scope: EmitScope; nodes: readonly Expr[] } {
  const { name, body, packing, parameters, source, observed } = options;
  const nodes = topological(Object.values({ ...body.next, ...(observed ? body.gates : {}) }));
  const names = new Map(Object.entries({ ...body.gates, ...body.next }).map(([k, e]) => [e, k]));
  const scope: EmitScope = {
    builder,
    space: `tokens:${packing}`,
    ...(source === undefined ? {} : { source: `aligned:${packing}:${source}` }),
    prefix: name,
    width: (symbol) => widthOf(symbol, options),
    values: bindInputs(builder, nodes, options),
    parameters,
    nameOf: (e) => names.get(e) ?? (e.op === "affine" ? `z_${e.weight?.gate}` : e.op),
  };
  return { scope, nodes };
}

/** Input leaves -> operands. */
function bindInputs(
  builder: Builder,
  nodes: readonly Expr[],
  options: RecurrenceOptions,
): Map<Expr, Operand> {
  const { inputs, name } = options;
  const values = new Map<Expr, Operand>();
  for (const e of nodes) {
    if (e.op !== "input") continue;
    const operand = inputs[e.name!];
    if (!operand) throw new PlanError(`${name}: the input "${e.name}" is missing`);
    if (rowsOf(e) === "source") checkSource(e, operand, options);
    if (!isIds(operand) && operand.space.startsWith("sequences:") && builder.needsGradient(operand))
      throw new PlanError(
        `${name}: the input "${e.name}" is one value per sequence and cannot be trained; give it one per token`,
      );
    values.set(e, operand);
  }
  return values;
}

function checkSource(e: Expr, operand: Operand, { name, packing, source }: RecurrenceOptions): void {
  if (source === undefined)
    throw new PlanError(
      `${name}: the input "${e.name}" is over a source's rows; say which packing is the source`,
    );
  if (isIds(operand) || operand.space !== `aligned:${packing}:${source}`)
    throw new PlanError(
      `${name}: the input "${e.name}" is over the source's rows; its value must be of aligned:${packing}:${source}`,
    );
}

function widthOf(symbol: string, { widths, name }: RecurrenceOptions): number {
  const width = symbol === "1" ? 1 : widths[symbol];
  if (width === undefined) throw new PlanError(`${name}: the width ${symbol} has no number`);
  return width;
}
