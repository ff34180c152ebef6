/**
 * The derived equations print themselves: back-propagation through time of a cell, by its gates' names, in
 * the order in which it is computed, from the incoming gradients to those of the weights. Written with the
 * pieces of cell/print.ts, from the expressions that `backward` derives, so what is printed is what runs.
 */
import type { CellEquations } from "../cell/equations.js";
import type { NotationName } from "../cell/notation.js";
import {
  definition,
  type Equation,
  factor,
  forward,
  operand,
  type Page,
  productName,
  type Written,
  writeEquations,
} from "../cell/print.js";
import { type Backward, backward } from "./backward.js";

const remark =
  'For t = T … 1. "From step t+1" is what that step gives for its ⟨t−1⟩; at t = T it is 0, unless the final state is read.';

/**
 * The gradients of one step of a cell as text. `d` before a name is the gradient of the loss by that value:
 * for the new states first, then gate by gate (z_u is the product w_u [..] + b_u before its activation), then
 * for the states of the step before and the input, then for the parameters, summed over steps and sequences.
 * What reaches a state is what the layer above sends (∂L/∂a⟨t⟩) plus what the step after it sends; after the
 * last step that is zero, or the gradient of whoever reads the final state.
 *
 * @example
 * printBackward(rnn.equations());
 * // da⟨t⟩   = ∂L/∂a⟨t⟩ + (da⟨t⟩ from step t+1)
 * // dz_a    = da⟨t⟩ ∘ (1 − a⟨t⟩ ∘ a⟨t⟩)
 * // da⟨t−1⟩ = w_aaᵀ dz_a
 * // dx⟨t⟩   = w_axᵀ dz_a
 * //
 * // dw_a = Σ_t dz_a [a⟨t−1⟩, x⟨t⟩]ᵀ
 * // db_a = Σ_t dz_a
 * @param notation "unicode" (default) gives text, "latex" one aligned environment, to stand in mathematics
 * @throws CellError naming the op if one has no derivative
 */
export function printBackward(equations: CellEquations, notation: NotationName = "unicode"): string {
  const { page, values, parameters } = derivedEquations(equations, notation);
  return page.notation.document(writeEquations(page, [values, parameters]), remark);
}

/** The derived equations of a cell before they are written. */
export interface DerivedEquations {
  readonly derived: Backward;
  /** With the names of the forward step; it takes on those of gradients as the equations are written. */
  readonly page: Page;
  /** Gradients of one step: new states, gates and products as they are complete, then states before and inputs. */
  readonly values: readonly Equation[];
  /** Gradients of the parameters, in the cell's order. */
  readonly parameters: readonly Equation[];
}

/** Derives a cell's gradients and names them. @throws CellError naming the op if one has no derivative */
export function derivedEquations(equations: CellEquations, notation: NotationName): DerivedEquations {
  const derived = backward(equations.next);
  const page = { ...forward(equations, notation).page, nameProducts: true };
  for (const state of equations.states) {
    page.leaves.set(derived.incoming[state]!, incoming(page, equations, derived, state));
  }
  const values = [...ofResults(page, derived), ...ofLeaves(page, equations, derived)];
  return { derived, page, values, parameters: ofParameters(page, equations, derived) };
}

const d = (text: string): string => `d${text}`;

/** What reaches a new state: from whoever reads it now, and from the next step. */
function incoming({ notation }: Page, { output }: CellEquations, derived: Backward, state: string): Written {
  const name = notation.at(notation.name(state), "t");
  const isCarried = derived.previous[state] !== undefined;
  const parts = [
    ...(state === output || !isCarried ? [notation.fromOutside(name)] : []),
    ...(isCarried ? [notation.fromNextStep(d(name))] : []),
  ];
  return { text: parts.join(" + "), binds: parts.length > 1 ? 1 : 4 };
}

/** New states, gates and products, in the order in which their gradients are complete. */
function ofResults(page: Page, { adjoints }: Backward): Equation[] {
  return [...adjoints].flatMap(([y, dy]) => {
    const name = page.named.get(y) ?? (y.op === "affine" ? productName(page, y) : undefined);
    return name === undefined ? [] : [definition(d(name), dy)];
  });
}

/** The states of the step before, and the inputs. */
function ofLeaves({ notation }: Page, { states }: CellEquations, { previous, inputs }: Backward): Equation[] {
  const before = states
    .filter((s) => previous[s])
    .map((s) => [notation.at(notation.name(s), "t−1"), previous[s]] as const);
  const now = Object.entries(inputs).map(([name, e]) => [notation.at(notation.name(name), "t"), e] as const);
  return [...before, ...now].map(([name, e]) => definition(d(name), e!));
}

/** Weights, biases, vectors and scalars, in the cell's order: sums over all steps. */
function ofParameters({ notation }: Page, cell: CellEquations, derived: Backward): Equation[] {
  return cell.parameters.flatMap(({ name }): Equation[] => {
    const left = d(notation.name(name));
    const multiplied = derived.products.find(({ product }) => product.weight?.parameter === name);
    if (multiplied) {
      const { dz, product } = multiplied;
      const right = (page: Page): string =>
        notation.sumOverSteps(`${operand(page, dz, 4)} ${notation.transposed(factor(page, product.args))}`);
      return [{ left, reads: [dz, ...product.args], right }];
    }
    const added = derived.products.find(({ product }) => product.weight?.bias === name);
    const e = added?.dz ?? derived.parameters[name];
    return e ? [{ left, reads: [e], right: (page) => notation.sumOverSteps(operand(page, e, 2)) }] : [];
  });
}
