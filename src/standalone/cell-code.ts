/**
 * A cell as a function of JavaScript: its equations as products and as loops over the features. As few loops as can be:
 * first every product whose factors are known, then all elementwise values that follow from them in one loop, and so on.
 * A value gets an array of its own if a product reads it, if it is read twice, or if the cell's author gave it a name.
 */

import { topological } from "../cell/expr.js";
import { type CellEquations, type Expr, opRow, printCell } from "../cell/index.js";
import { bare, expressions } from "./expressions.js";
import { identifiers, inComment, literal } from "./identifiers.js";

/** Identifiers that stand around a cell's equations, or in them. */
const around = ["w", "H", "X", "i", "x", "s", "product", "sigmoid", "softplus", "erf", "step"];

/** What is known of a cell while it is written. */
interface Writer {
  /** The identifier of a leaf, or of a value that has been given one. */
  readonly names: ReadonlyMap<Expr, string>;
  /** Values that are kept under a name. */
  readonly kept: ReadonlySet<Expr>;
  /** The identifiers of parameters. */
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * The text of `function name(w, H, X)`, which gives the step of the cell: a function that takes the states, which it
 * changes, and the input.
 *
 * @param equations with what happens to states at prediction in them (zoneout)
 * @param printed the equations that the comment shows
 */
export function cellCode(equations: CellEquations, name: string, printed: CellEquations): string {
  const roots = Object.values(equations.next);
  const order = topological(roots);
  const kept = keptValues(equations, order);
  const fresh = identifiers(around);
  const names = new Map<Expr, string>();
  const states = new Map(equations.states.map((state) => [state, fresh.fresh(state)]));
  const parameters = new Map(equations.parameters.map((p) => [p.name, fresh.fresh(p.name)]));
  for (const e of order) {
    if (e.op === "input") names.set(e, "x");
    if (e.op === "state") names.set(e, states.get(e.name!)!);
    if (e.op === "parameter") names.set(e, parameters.get(e.name!)!);
  }
  for (const e of order) if (kept.has(e)) names.set(e, fresh.fresh(nameOf(equations, e)));
  const writer: Writer = { names, kept, parameters };
  const lines = stepLines(writer, order);
  // A state that takes the old value of another must have it before that one is overwritten.
  const sources = equations.states.map((state) => {
    const next = equations.next[state]!;
    const source = names.get(next)!;
    if (next.op !== "state") return { state, source };
    const copy = fresh.fresh(`${state}_t`);
    lines.push(`const ${copy} = ${source}.slice();`);
    return { state, source: copy };
  });
  const used = new Set(order.flatMap((e) => [e.name, e.weight?.parameter, e.weight?.bias]));
  const constants = equations.parameters
    .filter((p) => used.has(p.name))
    .map((p) => `const ${parameters.get(p.name)} = w(${literal(p.name)});`);
  const arrays = order
    .filter((e) => kept.has(e) && e.width !== "1")
    .map((e) => `const ${names.get(e)} = new Float64Array(${e.width});`);
  const unpacked = equations.states.map((state) => {
    const own = states.get(state)!;
    return own === state ? own : `${literal(state)}: ${own}`;
  });
  return [
    "/**",
    ...inComment(`The cell ${oneLine(printed.name)}:\n\n${printCell(printed)}`)
      .split("\n")
      .map((line) => ` * ${line}`.trimEnd()),
    " */",
    `function ${name}(w, H, X) {`,
    ...[...constants, ...arrays].map((line) => `  ${line}`),
    "  return function step(s, x) {",
    `    const { ${unpacked.join(", ")} } = s;`,
    ...lines.map((line) => `    ${line}`),
    ...sources.map(({ state, source }) => `    ${states.get(state)}.set(${source});`),
    "  };",
    "}",
  ].join("\n");
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ");

/** Products and sums, and the elementwise values that are worth a name. */
function keptValues({ next, gates }: CellEquations, order: readonly Expr[]): Set<Expr> {
  const uses = new Map<Expr, number>();
  const kept = new Set<Expr>();
  const named = new Set(Object.values(gates));
  for (const e of order)
    for (const arg of e.args) {
      uses.set(arg, (uses.get(arg) ?? 0) + 1);
      // A number that is the same for all features is worked out before the loop over them.
      if (e.op === "affine" || (arg.width === "1" && e.width !== "1")) kept.add(arg);
    }
  for (const root of Object.values(next)) kept.add(root);
  return new Set(
    order.filter((e) => {
      const { kind } = opRow(e.op);
      if (kind === "leaf") return false;
      return kind !== "elementwise" || kept.has(e) || named.has(e) || (uses.get(e) ?? 0) > 1;
    }),
  );
}

/** What a value is called: as its gate, as the new value of its state, or as the product of its weight. */
function nameOf({ gates, next }: CellEquations, e: Expr): string {
  const gate = Object.keys(gates).find((key) => gates[key] === e);
  const state = Object.keys(next).find((key) => next[key] === e);
  return gate ?? (state === undefined ? undefined : `${state}_t`) ?? (e.weight ? `z_${e.weight.gate}` : "v");
}

/** The statements that work out all kept values. */
function stepLines(writer: Writer, order: readonly Expr[]): string[] {
  const { names, kept } = writer;
  const lines: string[] = [];
  const done = new Set<Expr>();
  let pending = order.filter((e) => kept.has(e));
  const ready = (e: Expr): boolean => e.args.every((arg) => isKnown(writer, arg, done));
  const take = (these: readonly Expr[]): void => {
    for (const e of these) done.add(e);
    pending = pending.filter((e) => !done.has(e));
  };
  while (pending.length > 0) {
    const products = pending.filter((e) => opRow(e.op).kind === "product" && ready(e));
    lines.push(...products.map((e) => productLine(writer, e)));
    take(products);
    for (const width of ["H", "X"]) {
      const together: string[] = [];
      for (const e of pending) {
        if (opRow(e.op).kind !== "elementwise" || e.width !== width || !ready(e)) continue;
        together.push(`${names.get(e)}[i] = ${bare(written(writer, e, true))};`);
        done.add(e);
      }
      take([]);
      if (together.length === 0) continue;
      lines.push(`for (let i = 0; i < ${width}; i++) {`, ...together.map((line) => `  ${line}`), "}");
    }
    for (const e of pending.filter((e) => e.width === "1" && opRow(e.op).kind !== "product" && ready(e))) {
      lines.push(...scalarLines(writer, e));
      take([e]);
    }
  }
  return lines;
}

/** Whether a value can be written: leaves can, kept values once they are worked out. */
const isKnown = (writer: Writer, e: Expr, done: ReadonlySet<Expr>): boolean =>
  writer.kept.has(e) ? done.has(e) : e.args.every((arg) => isKnown(writer, arg, done));

function productLine({ names, parameters }: Writer, e: Expr): string {
  const { parameter, bias } = e.weight!;
  const parts = e.args.map((arg) => names.get(arg)).join(", ");
  const widths = e.args.map((arg) => arg.width).join(", ");
  const weights = [parameter, bias].map((of) => parameters.get(of ?? "") ?? "undefined");
  return `product(${names.get(e)}, ${weights.join(", ")}, [${parts}], [${widths}]);`;
}

/** A value of width 1: a sum over features, or numbers put together. */
function scalarLines(writer: Writer, e: Expr): string[] {
  const name = writer.names.get(e)!;
  if (e.op !== "sumFeatures") return [`const ${name} = ${bare(written(writer, e, true))};`];
  const [of] = e.args as [Expr];
  const text = bare(written(writer, of));
  return of.width === "1"
    ? [`const ${name} = ${text};`]
    : [`let ${name} = 0;`, `for (let i = 0; i < ${of.width}; i++) ${name} += ${text};`];
}

/** A value as an expression, at feature i where it has features. @param whole written out, though it has a name */
function written(writer: Writer, e: Expr, whole = false): string {
  const name = writer.names.get(e);
  if (name !== undefined && !whole) {
    if (e.op === "parameter" && e.width === "1") return `${name}[0]`;
    return e.width === "1" ? name : `${name}[i]`;
  }
  if (e.op === "constant") return number(e.value!);
  if (e.op === "featureCount") return e.name!;
  const write = expressions[e.op as keyof typeof expressions];
  return write(...e.args.map((arg) => written(writer, arg)));
}

const number = (value: number): string =>
  value < 0 || Object.is(value, -0) ? `(${value === 0 ? "-0" : value})` : String(value);

/** A function of numbers, element by element, as an arrow function: "(z) => Math.max(z, 0)". */
export function functionText(of: (...all: Expr[]) => Expr, names: readonly string[] = ["z"]): string {
  const leaves = names.map((name): Expr => ({ op: "input", args: [], width: "1", name }));
  const own = leaves.map((leaf) => [leaf, leaf.name!] as const);
  const writer: Writer = { names: new Map(own), kept: new Set(), parameters: new Map() };
  return `(${names.join(", ")}) => ${bare(written(writer, of(...leaves)))}`;
}
