/**
 * A cell prints itself: its equations in the notation of the notes, in the order in which they are computed,
 * and its parameters with their shapes. Everything comes from the expressions, so what is printed is what
 * runs. grad/print.ts writes the derived equations with the same pieces.
 */
import type { CellEquations, CellParameter } from "./equations.js";
import { type Expr, topological } from "./expr.js";
import { type Line, type Notation, type NotationName, notations } from "./notation.js";
import { opRow } from "./ops.js";

/** A text and how strongly it holds together: the strengths of the op table, and 4 for what is one piece. */
export interface Written {
  readonly text: string;
  readonly binds: number;
}

/** What the writer knows: how to write, and the names that have been given. It grows as equations are written. */
export interface Page {
  readonly notation: Notation;
  /** What stands for a value that has been defined. */
  readonly named: Map<Expr, string>;
  /** How leaves are written that are more than their name: incoming gradients. */
  readonly leaves: Map<Expr, Written>;
  /** Block of columns -> how it is written: a weight with one block is the block. */
  readonly blocks: ReadonlyMap<string, string>;
  /** Names that belong to the cell, so that none is given twice. */
  readonly taken: Set<string>;
  /** True to name every product (z_u) instead of only those that are used twice. */
  readonly nameProducts: boolean;
}

/** An equation to be: a name, the values its right side reads, and the right side. */
export interface Equation {
  readonly left: string;
  readonly reads: readonly Expr[];
  /** The value that the left side is from here on. */
  readonly defines?: Expr;
  readonly right: (page: Page) => string;
}

const atom = 4;

/**
 * A cell's equations as text: its gates and new states by name, then its parameters with their shapes and,
 * for weights, their blocks of columns. States, the input and candidates (names with a tilde) are written
 * with their time step, gates without, as in the notes.
 *
 * @example
 * printCell(rnn.equations());
 * // a⟨t⟩ = tanh(w_a [a⟨t−1⟩, x⟨t⟩] + b_a)
 * //
 * // w_a (H, H + X) = [w_aa : w_ax]
 * // b_a (H)
 * @param notation "unicode" (default) gives text, "latex" one aligned environment, to stand in mathematics
 */
export function printCell(equations: CellEquations, notation: NotationName = "unicode"): string {
  const { page, lines } = forward(equations, notation);
  const parameters = equations.parameters.map((p) => parameterLine(page.notation, p));
  return page.notation.document([lines, parameters]);
}

/** A cell's equations, and the page as it is after them: with all their names. */
export function forward(equations: CellEquations, notation: NotationName): { page: Page; lines: Line[] } {
  const { parameters, states, gates, next } = equations;
  const page: Page = {
    notation: notations[notation],
    named: new Map(),
    leaves: new Map(),
    blocks: new Map(
      parameters.flatMap((p) => p.blocks.map((b) => [b.name, p.blocks.length > 1 ? b.name : p.name])),
    ),
    taken: new Set([...states, ...parameters.map((p) => p.name), ...Object.keys(gates)]),
    nameProducts: false,
  };
  const order = topological([...Object.values(gates), ...Object.values(next)]);
  const place = new Map(order.map((e, i) => [e, i]));
  const results = [
    ...Object.entries(gates).map(([name, e]) => [gateName(page.notation, name), e] as const),
    ...Object.entries(next).map(([name, e]) => [page.notation.at(page.notation.name(name), "t"), e] as const),
  ].sort(([, a], [, b]) => place.get(a)! - place.get(b)!);
  const [lines = []] = writeEquations(page, [results.map(([left, e]) => definition(left, e))]);
  return { page, lines };
}

/** A gate by name; candidates are written c̃⟨t⟩. */
function gateName(notation: Notation, name: string): string {
  const text = notation.name(name);
  return name.normalize("NFD").includes("\u0303") ? notation.at(text, "t") : text;
}

/** The line `left = e`; from there on `e` is called `left`. */
export function definition(left: string, e: Expr): Equation {
  return { left, reads: [e], defines: e, right: (page) => write(page, e).text };
}

/**
 * Writes sections of equations in order. A value that would be written out more than once and is longer than
 * a few signs gets a line of its own before its first use, under the name that one of the equations gives it
 * or as z_u (the product of w_u), v1, v2, ... So the text is never much longer than the graph.
 */
export function writeEquations(page: Page, sections: readonly (readonly Equation[])[]): Line[][] {
  const equations = sections.flat();
  const uses = countUses(page, equations);
  const pending = new Map<Expr, string>();
  for (const { defines, left } of equations) if (defines && !pending.has(defines)) pending.set(defines, left);
  const sizes = new Map<Expr, number>();
  let lines: Line[] = [];
  const define = (e: Expr, left: string): void => {
    lines.push({ left, right: body(page, e).text });
    page.named.set(e, left);
  };
  // The number of ops that `e` adds to a line, after giving names to what needs them.
  const settle = (e: Expr, isLine: boolean): number => {
    if (page.named.has(e) || opRow(e.op).kind === "leaf") return 0;
    const known = sizes.get(e);
    if (known !== undefined) return known;
    const size = e.args.reduce((sum, arg) => sum + settle(arg, false), 1);
    sizes.set(e, size);
    if (isLine) return size;
    const product = e.op === "affine";
    const shared = uses.get(e)! > 1 && (product || size > 2);
    const isLong = size > LONGEST;
    if (!pending.has(e) && !shared && !isLong && !(product && page.nameProducts)) return size;
    define(e, pending.get(e) ?? (product ? productName(page, e) : freshName(page)));
    return 0;
  };
  return sections.map((section) => {
    lines = [];
    for (const { left, reads, defines, right } of section) {
      for (const e of reads) {
        // Arguments first, so that no chain of values is walked through by calls in calls.
        for (const inner of inside(page, e, sizes)) settle(inner, inner === defines);
        settle(e, e === defines);
      }
      if (defines && page.named.get(defines) === left) continue;
      // A leaf keeps its own name, unless it is written out as more than a name.
      if (
        defines &&
        !page.named.has(defines) &&
        (opRow(defines.op).kind !== "leaf" || page.leaves.has(defines))
      ) {
        define(defines, left);
      } else lines.push({ left, right: right(page) });
    }
    return lines;
  });
}

/** Ops of a line, at most: what would be longer is written in several. */
const LONGEST = 100;

/** The values that a value is written out with, its arguments before it; what has a name or a size is left out. */
function inside(page: Page, e: Expr, sizes: ReadonlyMap<Expr, number>): Expr[] {
  const order: Expr[] = [];
  const seen = new Set<Expr>();
  const open: { readonly node: Expr; next: number }[] = [];
  const enter = (node: Expr): void => {
    if (seen.has(node) || page.named.has(node) || sizes.has(node) || opRow(node.op).kind === "leaf") return;
    seen.add(node);
    open.push({ node, next: 0 });
  };
  enter(e);
  for (let top = open.at(-1); top; top = open.at(-1)) {
    const arg = top.node.args[top.next++];
    if (arg) enter(arg);
    else order.push(open.pop()!.node);
  }
  return order;
}

/** How often each value would be written out; what is under a name counts where the name is defined. */
function countUses(page: Page, equations: readonly Equation[]): ReadonlyMap<Expr, number> {
  const uses = new Map<Expr, number>();
  const open = equations.flatMap(({ reads }) => reads);
  for (let e = open.pop(); e; e = open.pop()) {
    if (page.named.has(e)) continue;
    const before = uses.get(e) ?? 0;
    uses.set(e, before + 1);
    if (before === 0) open.push(...e.args);
  }
  return uses;
}

/** The name of a product's value: z_u for that of w_u, whatever else the cell calls z_u. */
export function productName({ taken, notation }: Page, product: Expr): string {
  let name = `z_${product.weight!.gate}`;
  while (taken.has(name)) name += "′";
  return notation.name(name);
}

function freshName({ taken, notation }: Page): string {
  let number = 1;
  while (taken.has(`v${number}`)) number++;
  taken.add(`v${number}`);
  return notation.name(`v${number}`);
}

/** A value by its name, or written out. */
export function write(page: Page, e: Expr): Written {
  const name = page.named.get(e);
  return name === undefined ? body(page, e) : { text: name, binds: atom };
}

/** A value for a place that needs at least this strength. */
export function operand(page: Page, e: Expr, least: number): string {
  const { text, binds } = write(page, e);
  return binds < least ? page.notation.group(text) : text;
}

/** What a weight multiplies: [c⟨t−1⟩, x⟨t⟩], or one value. */
export function factor(page: Page, args: readonly Expr[]): string {
  return args.length === 1
    ? operand(page, args[0]!, atom)
    : page.notation.stack(args.map((arg) => write(page, arg).text));
}

/** A value written out, its operands by name where they have one. */
function body(page: Page, e: Expr): Written {
  const { notation } = page;
  const { kind, sign, call, showsWidth } = opRow(e.op);
  if (kind === "leaf") return page.leaves.get(e) ?? leaf(notation, e);
  if (kind === "product") return product(page, e);
  if (sign) {
    const text = sign[notation.column];
    const last = operand(page, e.args.at(-1)!, sign.right);
    const whole =
      e.args.length === 1 ? `${text}${last}` : `${operand(page, e.args[0]!, sign.binds)} ${text} ${last}`;
    return { text: whole, binds: sign.binds };
  }
  const operands = e.args.map((arg) => write(page, arg).text).concat(showsWidth ? [e.width] : []);
  return { text: `${call?.[notation.column]}${notation.group(operands.join(", "))}`, binds: atom };
}

function leaf(notation: Notation, e: Expr): Written {
  if (e.value !== undefined) {
    const size = notation.number(Math.abs(e.value));
    return e.value < 0 || Object.is(e.value, -0)
      ? { text: `${notation.minus}${size}`, binds: 1 }
      : { text: size, binds: atom };
  }
  const name = notation.name(e.name ?? "");
  if (e.op === "parameter" || opRow(e.op).fixed) return { text: name, binds: atom };
  return { text: notation.at(name, e.op === "state" ? "t−1" : "t"), binds: atom };
}

/** w_u [c⟨t−1⟩, x⟨t⟩] + b_u, or w_ucᵀ dz_u. */
function product(page: Page, e: Expr): Written {
  const { notation, blocks } = page;
  const { parameter, bias, blocks: used } = e.weight!;
  const matrix =
    e.op === "affine" ? notation.name(parameter) : notation.transposed(notation.name(blocks.get(used[0]!)!));
  const text = `${matrix} ${factor(page, e.args)}`;
  return bias === undefined ? { text, binds: 2 } : { text: `${text} + ${notation.name(bias)}`, binds: 1 };
}

function parameterLine(notation: Notation, { name, kind, blocks }: CellParameter): Line {
  const columns = blocks.map((block) => block.columns).join(" + ");
  const dimensions = { weight: ["H", columns], vector: ["H"], scalar: ["1"] }[kind];
  const left = notation.shaped(notation.name(name), dimensions);
  return blocks.length > 1
    ? { left, right: notation.columns(blocks.map((b) => notation.name(b.name))) }
    : { left };
}
