/**
 * The terms of a cell's backward pass by name, in the order of the derivation: gradients of new states, gates and products, of
 * states before and the input, then of the parameters, weights by their blocks of columns. From the equations that
 * `printBackward` prints, so that a term is called as it is printed.
 */
import type { CellEquations } from "../../cell/equations.js";
import type { Expr } from "../../cell/expr.js";
import { opRow } from "../../cell/ops.js";
import { operand, type Page, write, writeEquations } from "../../cell/print.js";
import type { Backward } from "../../grad/backward.js";
import { derivedEquations } from "../../grad/print.js";

/** One gradient of the derivation. */
export interface Term {
  /** As code has it: "dΓu", "dz_u", "dc" for dc⟨t⟩, "dc_prev" for dc⟨t−1⟩, "dw_uc", "db_u". */
  readonly name: string;
  /** "dz_u = dΓu ∘ Γu ∘ (1 − Γu)". */
  readonly equation: string;
  /** The gradient at a step; of a weight dz, whose product with `factor`ᵀ it is. */
  readonly e: Expr;
  /** Of a block of a weight: what it multiplies. */
  readonly factor?: Expr;
  /** True for a parameter: summed over steps and sequences. */
  readonly summed: boolean;
}

/** A weight and its blocks, which may be given as one matrix. */
export interface WholeWeight {
  readonly name: string;
  readonly blocks: readonly Term[];
}

/** A derivation by name. */
export interface Terms {
  readonly derived: Backward;
  /** In the order of the derivation. */
  readonly all: readonly Term[];
  /** Weights of more than one block. */
  readonly whole: readonly WholeWeight[];
  /** An expression by the names of gates, states and terms. */
  readonly write: (e: Expr) => string;
  /** Named values of the forward step, old and new states among them: what equations are written with. */
  readonly forward: readonly Expr[];
  /** The new states by name. */
  readonly next: Readonly<Record<string, Expr>>;
}

/** The terms of a cell. @throws CellError naming the op if one has no derivative */
export function termsOf(equations: CellEquations): Terms {
  const { derived, page, values, parameters } = derivedEquations(equations, "unicode");
  const lines = writeEquations(page, [values, parameters]).flat();
  const place = new Map(lines.map(({ left }, i) => [left, i]));
  const equationOf = (left: string): string => `${left} = ${lines[place.get(left)!]?.right}`;
  // As written: a value may be complete before it is needed by one that is named earlier.
  const inOrder = [...values].sort((a, b) => place.get(a.left)! - place.get(b.left)!);
  const steps = inOrder.map(({ left, defines }): Term => {
    const name = left.replace("⟨t⟩", "").replace("⟨t−1⟩", "_prev");
    return { name, equation: equationOf(left), e: defines!, summed: false };
  });
  const whole: WholeWeight[] = [];
  const sums = equations.parameters.flatMap((parameter): Term[] => {
    const name = `d${parameter.name}`;
    const product = derived.products.find((p) => p.product.weight?.parameter === parameter.name);
    if (!product) {
      const bias = derived.products.find((p) => p.product.weight?.bias === parameter.name);
      const e = bias?.dz ?? derived.parameters[parameter.name];
      return e ? [{ name, equation: equationOf(name), e, summed: true }] : [];
    }
    const { dz: e } = product;
    const { args } = product.product;
    if (args.length === 1) return [{ name, equation: equationOf(name), e, factor: args[0]!, summed: true }];
    const blocks = args.map((factor, i) => {
      const block = `d${parameter.blocks[i]?.name}`;
      return { name: block, equation: blockEquation(page, block, [e, factor]), e, factor, summed: true };
    });
    whole.push({ name, blocks });
    return blocks;
  });
  const states = equations.states.flatMap((state) => {
    const old = [...derived.adjoints.keys()].find((e) => e.op === "state" && e.name === state);
    return [...(old ? [old] : []), equations.next[state]!];
  });
  const forward = [...new Set([...Object.values(equations.gates), ...states])];
  return {
    derived,
    all: [...steps, ...sums],
    whole,
    forward,
    next: equations.next,
    write: (e) => write(page, e).text,
  };
}

function blockEquation(page: Page, name: string, [dz, factor]: readonly [Expr, Expr]): string {
  const { notation } = page;
  return `${name} = ${notation.sumOverSteps(`${operand(page, dz, 4)} ${notation.transposed(operand(page, factor, 4))}`)}`;
}

/** True where a term's equation ends: at other terms, at what the forward step gave a name, and at products. */
export function isAtom({ all, forward }: Terms, e: Expr): boolean {
  const { kind } = opRow(e.op);
  return kind === "leaf" || e.op === "affine" || forward.includes(e) || all.some((term) => term.e === e);
}
