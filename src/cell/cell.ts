/**
 * A recurrent cell as a value: the names of its states and one step, from the input and the states of the
 * step before to the new states, written as it stands on paper. The step is traced once, on first use, into
 * expressions; from there on a cell is data (CellEquations), and a user's cell is no different from ours.
 */

import type { CellEquations, CellParameter, Initial } from "./equations.js";
import { CellError, type Expr, lift, type Operand, topological } from "./expr.js";
import { add, mul, standardised } from "./functions.js";
import { checkNames, isUsable, nameRule } from "./names.js";
import { opRow } from "./ops.js";

/** The tools a step is written with, beside the functions of this folder. */
export interface Tools {
  /** The input x⟨t⟩, of width X. */
  readonly x: Expr;
  /**
   * w_g [args] + b_g, of width H: the concatenated form of the notes. Defines `w_g`, of shape
   * (H, sum of the arguments' widths), its columns in the order of the arguments, and `b_g`, of shape (H).
   */
  readonly affine: (gate: string, ...args: Operand[]) => Expr;
  /** w_g [args], without a bias. */
  readonly linear: (gate: string, ...args: Operand[]) => Expr;
  /** A parameter of width H that multiplies element by element (a diagonal weight), or any vector. */
  readonly vector: (name: string, initial?: Initial) => Expr;
  /** A parameter that is one number. */
  readonly scalar: (name: string, initial?: Initial) => Expr;
  /**
   * Layer normalisation of a value z of width H: g ∘ (z − μ) / √(σ² + 10⁻⁵) + k, with the mean μ and the variance σ²
   * over the features of each step's z. Defines the gain `g_name` and the bias `k_name`, of shape (H).
   * Source: Ba, Kiros and Hinton 2016, arXiv:1607.06450.
   *
   * @example
   * const u = sigmoid(layerNorm("u", linear("u", c, x))); // g_u, k_u; a bias b_u as well would have little to add
   * @throws CellError if the value has another width
   */
  readonly layerNorm: (name: string, value: Operand, start?: NormStart) => Expr;
}

/** Where the parameters of a layer normalisation start. */
export interface NormStart {
  /** Default 1. */
  readonly gain?: Initial;
  /** Default 0. */
  readonly bias?: Initial;
}

/** What a step returns: every state's new value and, under `gates`, the values worth a name. */
export type StepResult<S extends string> = { readonly [K in S]: Operand } & {
  readonly gates?: Readonly<Record<string, Expr>>;
};

/** What a step is given: the tools, and each state of the step before under its name. */
export type StepScope<S extends string> = Tools & { readonly [K in S]: Expr };

/** The description of a cell. */
export interface CellOptions<S extends string> {
  /** Names of the states, for example ["a", "c"]. Each has width H and starts at zero unless a layer says otherwise. */
  readonly states: readonly S[];
  /** The state that the layer above reads. */
  readonly output: NoInfer<S>;
  /** Starting values of biases by gate name, for example {f: 1} for a forget gate; default 0. */
  readonly bias?: Readonly<Record<string, number>>;
}

/** A cell. `equations()` traces it on first use. */
export interface Cell {
  readonly name: string;
  readonly states: readonly string[];
  readonly output: string;
  /** @throws CellError if the step cannot be traced, naming the cell and what would be right */
  equations(): CellEquations;
}

const reserved = new Set(["x", "affine", "linear", "vector", "scalar", "layerNorm", "gates"]);

/**
 * Defines a cell.
 *
 * @example
 * const rnn = cell("rnn", { states: ["a"], output: "a" }, ({ a, x, affine }) => ({
 *   a: tanh(affine("a", a, x)), // a⟨t⟩ = tanh(w_a [a⟨t−1⟩, x⟨t⟩] + b_a)
 * }));
 * @param name the cell's name in files and messages
 * @param options its states, its output and where biases start
 * @param step the equations of one time step
 * @throws CellError at once if a name is not usable, and on first use if the step is not right
 */
export function cell<const S extends string>(
  name: string,
  options: CellOptions<S>,
  step: (scope: StepScope<S>) => StepResult<S>,
): Cell {
  const { states, output } = options;
  checkStates(name, states);
  for (const state of states) {
    if (reserved.has(state) || !isUsable(state)) {
      throw new CellError(
        `cell "${name}": "${state}" cannot name a state (${nameRule}, and not ${[...reserved].join(", ")})`,
      );
    }
  }
  if (new Set(states).size < states.length) throw new CellError(`cell "${name}" names a state twice`);
  if (!states.includes(output)) {
    throw new CellError(
      `cell "${name}": its output "${output}" is none of its states (${states.join(", ")})`,
    );
  }
  let traced: CellEquations | undefined;
  return Object.freeze({
    name,
    states,
    output,
    equations: () => {
      traced ??= trace(name, options, step);
      return traced;
    },
  });
}

/** What a plan is made of in reasonable time. */
const MOST_STATES = 2000;

function checkStates(name: string, { length }: readonly string[]): void {
  if (length === 0) throw new CellError(`cell "${name}" has no states; a recurrent cell has at least one`);
  if (length > MOST_STATES)
    throw new CellError(`cell "${name}" has ${length} states; it can have ${MOST_STATES}, each of any width`);
}

/**
 * A cell whose equations are known already: one that was read from a model file.
 *
 * @throws CellError if it has no state, or too many
 */
export function cellFromEquations(equations: CellEquations): Cell {
  const { name, states, output } = equations;
  checkStates(name, states);
  return Object.freeze({ name, states, output, equations: () => equations });
}

function trace<S extends string>(
  name: string,
  options: CellOptions<S>,
  step: (scope: StepScope<S>) => StepResult<S>,
): CellEquations {
  const parameters = new Map<string, CellParameter>();
  const define = (parameter: CellParameter): void => {
    if (parameters.has(parameter.name)) {
      throw new CellError(
        `cell "${name}" defines the parameter ${parameter.name} twice; give one of the gates another name`,
      );
    }
    parameters.set(parameter.name, Object.freeze(parameter));
  };
  const leaf = (op: "input" | "state" | "parameter", of: string, width: string): Expr =>
    Object.freeze({ op, args: [], width, name: of });

  const leafOf = leafFinder();
  const product = (gate: string, operands: Operand[], bias: boolean): Expr => {
    const args = operands.map(lift);
    if (args.length === 0)
      throw new CellError(`cell "${name}": affine("${gate}") has nothing to multiply; give it c, x`);
    for (const arg of args) {
      if (arg.width === "1")
        throw new CellError(
          `cell "${name}": w_${gate} cannot multiply a single number; use scalar or vector`,
        );
    }
    const parameter = `w_${gate}`;
    const blocks = blockNames(parameter, args, leafOf);
    define({
      name: parameter,
      kind: "weight",
      blocks: args.map((arg, i) => ({
        name: blocks[i]!,
        columns: arg.width,
        input: arg.op === "input",
      })),
      initial: 0,
    });
    if (bias) define({ name: `b_${gate}`, kind: "vector", blocks: [], initial: options.bias?.[gate] ?? 0 });
    const weight = { gate, parameter, blocks, ...(bias ? { bias: `b_${gate}` } : {}) };
    return Object.freeze({ op: "affine" as const, args, width: "H", weight });
  };
  const vector: Tools["vector"] = (of, initial = 0) => {
    define({ name: of, kind: "vector", blocks: [], initial });
    return leaf("parameter", of, "H");
  };
  const tools: Tools = {
    x: leaf("input", "x", "X"),
    affine: (gate, ...args) => product(gate, args, true),
    linear: (gate, ...args) => product(gate, args, false),
    vector,
    scalar: (of, initial = 0) => {
      define({ name: of, kind: "scalar", blocks: [], initial });
      return leaf("parameter", of, "1");
    },
    layerNorm: (of, value, { gain = 1, bias = 0 } = {}) => {
      const z = lift(value);
      if (z.width !== "H")
        throw new CellError(
          `cell "${name}": layerNorm("${of}") normalises a value of width H, not ${z.width}; bring it there with linear`,
        );
      return add(mul(vector(`g_${of}`, gain), standardised(z)), vector(`k_${of}`, bias));
    },
  };
  const previous = Object.fromEntries(options.states.map((s) => [s, leaf("state", s, "H")]));
  const result = step({ ...tools, ...previous } as StepScope<S>);
  if (!result || typeof result !== "object") {
    throw new CellError(
      `cell "${name}": the step returned ${String(result)}; it returns its new states, { ${options.states.join(", ")} }`,
    );
  }
  const next: Record<string, Expr> = {};
  for (const state of options.states) {
    const value: Operand | undefined = result[state];
    if (value === undefined)
      throw new CellError(`cell "${name}": the step does not return its state "${state}"`);
    const expr = lift(value);
    next[state] = expr;
    if (expr.width !== "H") {
      throw new CellError(
        `cell "${name}": the new "${state}" has width ${expr.width}; a state has width H (use affine or linear)`,
      );
    }
  }
  const known = new Set<string>(options.states);
  for (const key of Object.keys(result)) {
    if (key !== "gates" && !known.has(key)) {
      throw new CellError(
        `cell "${name}": the step returns "${key}", which is none of its states (${options.states.join(", ")}); put gates under "gates"`,
      );
    }
  }
  for (const gate of Object.keys(options.bias ?? {})) {
    if (!parameters.has(`b_${gate}`))
      throw new CellError(`cell "${name}": the options name a bias b_${gate} that no affine defines`);
  }
  const gates = Object.fromEntries(
    Object.entries(result.gates ?? {}).map(([gate, value]) => [gate, lift(value)]),
  );
  const { states, output } = options;
  const equations = {
    name,
    states,
    output,
    parameters: [...parameters.values()],
    next,
    gates: inOrder(gates, next),
  };
  checkNames(equations);
  const nodes = topological(Object.values({ ...next, ...gates }));
  const reads = nodes.find((e) => opRow(e.op).kind === "source");
  if (reads)
    throw new CellError(
      `cell "${name}" uses ${reads.op}; a cell reads no source, which is for decoders to attend to`,
    );
  const endless = nodes.find((e) => e.value !== undefined && !Number.isFinite(e.value));
  if (endless)
    throw new CellError(
      `cell "${name}": the number ${endless.value} stands in its equations; numbers must be finite`,
    );
  return Object.freeze(equations);
}

/** Gates in the order in which they are computed; where that leaves a choice, as the author listed them. */
function inOrder(
  gates: Readonly<Record<string, Expr>>,
  next: Readonly<Record<string, Expr>>,
): Record<string, Expr> {
  const order = topological(Object.values(gates).concat(Object.values(next)));
  const place = new Map(order.map((e, i) => [e, i]));
  return Object.fromEntries(Object.entries(gates).sort(([, a], [, b]) => place.get(a)! - place.get(b)!));
}

/** w_uc, w_ux: the gate's name and what the block multiplies; numbered where that is not one name. */
function blockNames(parameter: string, args: readonly Expr[], leafOf: (e: Expr) => Leaf): string[] {
  const names = args.map((arg, i) => {
    const leaf = leafOf(arg);
    return arg.name ?? (typeof leaf === "string" ? leaf : (innermostState(arg) ?? String(i)));
  });
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return names.map((n, i) => (counts.get(n) === 1 ? parameter + n : `${parameter}${n}${i}`));
}

/** The only state or input that a value depends on; undefined: none; null: several. */
type Leaf = string | undefined | null;

/** Tells of values what they depend on, each value once: products stand on products. */
function leafFinder(): (e: Expr) => Leaf {
  const known = new Map<Expr, Leaf>();
  const own = ({ op, name, args }: Expr): Leaf => {
    if (op === "input" || op === "state") return name;
    let found: Leaf;
    for (const arg of args) {
      const leaf = known.get(arg);
      if (leaf === undefined || leaf === found) continue;
      found = found === undefined ? leaf : null;
    }
    return found;
  };
  return (e) => {
    // Most have been asked about before: only what is new is walked through.
    const open = [e];
    for (let top = open.at(-1); top; top = open.at(-1)) {
      const missing: readonly Expr[] = known.has(top) ? [] : top.args.filter((arg) => !known.has(arg));
      if (missing.length > 0) open.push(...missing);
      else known.set(open.pop()!, own(top));
    }
    return known.get(e);
  };
}

/** For a gated state such as r ∘ c: the state that is a factor itself. */
function innermostState(arg: Expr): string | undefined {
  const factors = arg.op === "mul" ? arg.args.filter((e) => e.op === "state" || e.op === "input") : [];
  return factors.length === 1 ? factors[0]?.name : undefined;
}
