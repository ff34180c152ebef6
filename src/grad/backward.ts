/**
 * Back-propagation through time, derived: from the equations of one step to the equations of its gradients,
 * by symbolic reverse mode over the op table. The result is expressions again, over the forward step's own
 * nodes, so it prints, plans and runs by the same code. Contributions are always added, never assigned.
 */
import { CellError, type Expr, rowsOf, topological } from "../cell/expr.js";
import { add, sumFeatures } from "../cell/functions.js";
import { widen } from "../cell/nodes.js";
import { opRow } from "../cell/ops.js";

/** The gradient of a product w [args] + b: dw = Σ dz [args]ᵀ and db = Σ dz, over all rows and steps. */
export interface ProductGradient {
  /** The forward product; its `weight` names parameter, bias and blocks. */
  readonly product: Expr;
  /** The gradient of the product's value. */
  readonly dz: Expr;
}

/** The derived equations of one step. */
export interface Backward {
  /** For each root the leaf that stands for the gradient that reaches it. */
  readonly incoming: Readonly<Record<string, Expr>>;
  /** The gradient of each state of the step before, by state name; absent where none flows. */
  readonly previous: Readonly<Record<string, Expr>>;
  /** The gradient of each input, by name; absent where none flows. */
  readonly inputs: Readonly<Record<string, Expr>>;
  /** Gradients of weights and biases. */
  readonly products: readonly ProductGradient[];
  /** Gradients of vector and scalar parameters, by name: to be summed over all rows and steps. */
  readonly parameters: Readonly<Record<string, Expr>>;
  /** Forward node -> its gradient, for printing and tracing. */
  readonly adjoints: ReadonlyMap<Expr, Expr>;
}

/**
 * Derives the gradients of a step.
 *
 * @param roots the values through which gradients come in, by name: the new states (and other outputs)
 * @throws CellError naming the op if one has no derivative
 */
export function backward(roots: Readonly<Record<string, Expr>>): Backward {
  const contributions = new Map<Expr, Expr>();
  const contribute = (to: Expr, gradient: Expr): void => {
    if (opRow(to.op).fixed) return;
    const fitted = fit(gradient, to);
    const before = contributions.get(to);
    contributions.set(to, before ? add(before, fitted) : fitted);
  };
  const incoming: Record<string, Expr> = {};
  for (const [name, root] of Object.entries(roots)) {
    if (rowsOf(root) === "source")
      throw new CellError(
        `"${name}" has the rows of a source, through which no gradient can come in; sum it`,
      );
    incoming[name] = Object.freeze({ op: "incoming" as const, args: [], width: root.width, name });
    contribute(root, incoming[name] as Expr);
  }
  const leaves: Record<"state" | "input" | "parameter", Record<string, Expr>> = {
    state: {},
    input: {},
    parameter: {},
  };
  const products: ProductGradient[] = [];
  const adjoints = new Map<Expr, Expr>();
  for (const y of topological(Object.values(roots)).reverse()) {
    const dy = contributions.get(y);
    if (!dy) continue;
    adjoints.set(y, dy);
    if (y.op === "state" || y.op === "input" || y.op === "parameter") {
      // Equations from a file may hold a leaf twice, as two nodes.
      const before = leaves[y.op][y.name!];
      leaves[y.op][y.name!] = before ? add(before, dy) : dy;
      continue;
    }
    if (y.op === "affine") products.push({ product: y, dz: dy });
    const { derivative } = opRow(y.op);
    if (!derivative) throw new CellError(`${y.op} has no derivative, so nothing can be trained through it`);
    derivative(y, dy).forEach((gradient, i) => {
      if (gradient) contribute(y.args[i]!, gradient);
    });
  }
  return {
    incoming,
    previous: leaves.state,
    inputs: leaves.input,
    products,
    parameters: leaves.parameter,
    adjoints,
  };
}

/** A gradient brought to the width of the value it belongs to. */
function fit(gradient: Expr, to: Expr): Expr {
  if (gradient.width === to.width) return gradient;
  return to.width === "1" ? sumFeatures(gradient) : widen(gradient, to.width);
}

/**
 * The forward values that backward reads and that must therefore be kept: the inputs and previous states it
 * names, what is multiplied by weights, and values that are expensive to compute. Cheap values (1 − Γu, Γr ∘ c)
 * are computed again from those, and so is everything over the rows of a source: to keep it for every step would
 * take the product of two lengths.
 *
 * @param backwardRoots everything backward computes
 * @param forward the nodes of the forward step
 */
export function valuesToKeep(backwardRoots: readonly Expr[], forward: ReadonlySet<Expr>): Set<Expr> {
  const keep = new Set<Expr>();
  const seen = new Set<Expr>();
  const open = [...backwardRoots].reverse();
  for (let e = open.pop(); e; e = open.pop()) {
    if (seen.has(e)) continue;
    seen.add(e);
    const row = opRow(e.op);
    const isForward = forward.has(e) && !row.fixed && e.op !== "parameter";
    if (isForward && (row.kind === "leaf" || (!row.cheap && rowsOf(e) === "step"))) keep.add(e);
    else open.push(...[...e.args].reverse());
  }
  return keep;
}
