/**
 * Numbers to check a backward pass with: a cell of a few units with random weights, a few short sequences, everything that the
 * forward pass computes on them in float64, and what comes in from outside. Plain lists, so that they can be written as JSON
 * and read elsewhere.
 */
import type { CellEquations } from "../../cell/equations.js";
import { type Bindings, evaluate, type Matrix, type Vector } from "../../cell/evaluate.js";
import type { Expr } from "../../cell/expr.js";
import { purposes, uniform } from "../../tensor/random.js";

/** What a backward pass is of: one step of one sequence, all steps of one, or several sequences. */
export type Over = "step" | "sequence" | "batch";

/** The values of a step in a case: H numbers; T × H; or B × T × H. */
export interface ValuesOver {
  readonly step: readonly number[];
  readonly sequence: readonly (readonly number[])[];
  readonly batch: readonly (readonly (readonly number[])[])[];
}

/** How large a case is. */
export interface CaseSizes {
  /** Input width; default 2. */
  readonly X?: number;
  /** Hidden width; default 3. */
  readonly H?: number;
  /** Steps of every sequence; default 3, and 1 for a step. */
  readonly T?: number;
  /** Sequences; default 2, and 1 unless the case is a batch. */
  readonly B?: number;
}

/** What a backward pass is given. */
export interface GradientCase<O extends Over = "step"> {
  readonly over: O;
  readonly sizes: Readonly<Record<"X" | "H" | "T" | "B", number>>;
  /** x⟨t⟩, of width X. */
  readonly x: ValuesOver[O];
  /** s⟨t−1⟩ of every state s by name; that of the first step is not zero. */
  readonly previous: Readonly<Record<string, ValuesOver[O]>>;
  /** The gates by the names that the cell gives them. */
  readonly gates: Readonly<Record<string, ValuesOver[O]>>;
  /** s⟨t⟩ of every state. */
  readonly states: Readonly<Record<string, ValuesOver[O]>>;
  /** Weights, H rows each: whole, `w_u`, and by blocks of columns, `w_uc` and `w_ux`. */
  readonly weights: Readonly<Record<string, readonly (readonly number[])[]>>;
  /** Biases and other parameters that are vectors; of one that is a single number a list of one. */
  readonly vectors: Readonly<Record<string, readonly number[]>>;
  /**
   * The gradient that reaches each new state. Of a step: all of it, from the layer above and from step t+1. Of sequences: what
   * the layer above sends, to the output at every step; what step t+1 sends is yours to add, and after the last step it is 0.
   */
  readonly incoming: Readonly<Record<string, ValuesOver[O]>>;
}

/** A step of a sequence as equations are evaluated on it. */
export interface CaseStep {
  readonly bindings: Bindings;
  /** Every node of the forward step. */
  readonly values: ReadonlyMap<Expr, Vector>;
}

/** A case with what the derivation is evaluated on: [sequence][step]. */
export interface WorkedCase<O extends Over> {
  readonly given: GradientCase<O>;
  readonly steps: readonly (readonly CaseStep[])[];
}

/** @param seed of the random numbers */
export function workedCase<O extends Over>(
  cell: CellEquations,
  { over, seed, sizes: { X = 2, H = 3, T = 3, B = 2 } = {} }: { over: O; seed: number; sizes?: CaseSizes },
): WorkedCase<O> {
  const sizes = { X, H, T: over === "step" ? 1 : T, B: over === "batch" ? B : 1 };
  let layer = 0;
  // Large enough that every term counts, small enough that nothing saturates: −0.9 to 0.9.
  const matrix = (rows: number, columns: number, sequence = 0): Matrix => {
    const place = { seed, purpose: purposes.synthetic, layer: layer++, sequence };
    return Array.from({ length: rows }, (_, r) =>
      Array.from({ length: columns }, (_, c) => 1.8 * uniform(place, r * columns + c) - 0.9),
    );
  };
  const blocks: Record<string, Matrix> = {};
  const vectors: Record<string, Vector> = {};
  const weights: Record<string, Matrix> = {};
  for (const { name, kind, blocks: columns } of cell.parameters) {
    if (kind !== "weight") {
      vectors[name] = matrix(1, kind === "scalar" ? 1 : H)[0]!;
      continue;
    }
    const parts = columns.map((block) => matrix(H, block.columns === "X" ? X : H));
    columns.forEach((block, i) => {
      blocks[block.name] = parts[i]!;
    });
    weights[name] = parts[0]!.map((_, r) => parts.flatMap((part) => part[r]!));
  }
  const steps = Array.from({ length: sizes.B }, (_, b): CaseStep[] => {
    let state = byName(cell.states, () => matrix(1, H, b)[0]!);
    const inputs = matrix(sizes.T, X, b);
    const outside = byName(cell.states, () => matrix(sizes.T, H, b));
    return inputs.map((x, t) => {
      const incoming = byName(cell.states, (s) =>
        over === "step" || s === cell.output ? outside[s]![t]! : Array<number>(H).fill(0),
      );
      const bindings = {
        widths: { X, H },
        input: { x },
        state,
        parameter: vectors,
        blocks,
        incoming,
      };
      const values = evaluate([...Object.values(cell.gates), ...Object.values(cell.next)], bindings);
      state = byName(cell.states, (s) => values.get(cell.next[s]!)!);
      return { bindings, values };
    });
  });
  const shaped = (of: (step: CaseStep) => Vector): ValuesOver[O] => {
    const all = steps.map((list) => list.map(of));
    return (over === "batch" ? all : over === "sequence" ? all[0] : all[0]?.[0]) as ValuesOver[O];
  };
  const given = {
    over,
    sizes,
    weights: { ...weights, ...blocks },
    vectors,
    x: shaped(({ bindings }) => bindings.input["x"]!),
    previous: byName(cell.states, (s) => shaped(({ bindings }) => bindings.state[s]!)),
    gates: byName(Object.keys(cell.gates), (gate) => shaped(({ values }) => values.get(cell.gates[gate]!)!)),
    states: byName(cell.states, (s) => shaped(({ values }) => values.get(cell.next[s]!)!)),
    incoming: byName(cell.states, (s) => shaped(({ bindings }) => bindings.incoming[s]!)),
  };
  return { given, steps };
}

const byName = <T>(names: readonly string[], of: (name: string) => T): Record<string, T> =>
  Object.fromEntries(names.map((name) => [name, of(name)]));
