/**
 * A cell as a class of PyTorch: its equations as lines of Python, for the cells that torch.nn has not. One object is one
 * direction of a layer; weights are those of the equations, w_r of shape (H, H + X).
 */
import { type Expr, topological } from "../../../cell/expr.js";
import { type CellEquations, type OpName, opRow, printCell } from "../../../cell/index.js";

/** The text of an op out of its operands', of which functions want tensors and signs also numbers. */
type Written = (...operands: readonly string[]) => string;

const call =
  (name: string): Written =>
  (...operands) =>
    `${name}(${operands.join(", ")})`;
const sign =
  (of: string): Written =>
  (a, b) =>
    `(${a} ${of} ${b})`;

/** Ops whose operands may be numbers of Python. */
const signs: Readonly<Partial<Record<OpName, Written>>> = {
  add: sign("+"),
  sub: sign("-"),
  mul: sign("*"),
  div: sign("/"),
  neg: (a) => `(-${a})`,
  widen: (a = "") => a,
};

/** Ops that are functions of tensors. */
const functions: Readonly<Partial<Record<OpName, Written>>> = {
  sigmoid: call("torch.sigmoid"),
  tanh: call("torch.tanh"),
  relu: call("torch.relu"),
  exp: call("torch.exp"),
  log: call("torch.log"),
  sqrt: call("torch.sqrt"),
  abs: call("torch.abs"),
  softplus: call("torch.nn.functional.softplus"),
  max: call("torch.maximum"),
  min: call("torch.minimum"),
  greater: (a, b) => `(${a} > ${b}).to(x.dtype)`,
  select: (condition, a, b) => `torch.where(${condition} > 0, ${a}, ${b})`,
  isFinite: (a) => `torch.isfinite(${a}).to(x.dtype)`,
  sumFeatures: (a) => `torch.sum(${a}, dim=-1, keepdim=True)`,
};

/** The class of a cell. */
export interface PythonCell {
  readonly name: string;
  readonly lines: readonly string[];
}

/**
 * The class of a cell.
 *
 * @param equations with what happens to states at prediction in them (zoneout)
 * @param printed the equations that its text shows
 * @returns undefined if an op stands in it that has no text here
 */
export function pythonCell(
  equations: CellEquations,
  name: string,
  printed: CellEquations,
): PythonCell | undefined {
  const order = topological(Object.values(equations.next));
  const known = ({ op }: Expr): boolean =>
    opRow(op).kind === "leaf" || op === "affine" || op in signs || op in functions;
  if (!order.every(known)) return undefined;
  const names = namer(["x", "self", "torch", "t", "H", "X"]);
  const states = new Map(equations.states.map((state) => [state, names(state)]));
  const texts = new Map<Expr, string>();
  const lines: string[] = [];
  const uses = new Map<Expr, number>();
  for (const e of order) for (const arg of e.args) uses.set(arg, (uses.get(arg) ?? 0) + 1);
  for (const e of order) {
    const text = textOf(e, { texts, states });
    const gate = Object.keys(equations.gates).find((key) => equations.gates[key] === e);
    const state = Object.keys(equations.next).find((key) => equations.next[key] === e);
    const keeps = gate !== undefined || state !== undefined || (uses.get(e) ?? 0) > 1 || e.op === "affine";
    if (opRow(e.op).kind === "leaf" || !keeps) {
      texts.set(e, text);
      continue;
    }
    const own = names(gate ?? (state ? `${state}_t` : e.weight ? `z_${e.weight.gate}` : "v"));
    lines.push(`${own} = ${bare(text)}`);
    texts.set(e, own);
  }
  const all = [...states.values()].join(", ");
  const next = equations.states.map((state) => texts.get(equations.next[state]!)).join(", ");
  const output = states.get(equations.output)!;
  const parameters = equations.parameters.map(({ name: own, kind, blocks }) => {
    const columns = blocks.map((block) => (block.input ? "X" : block.columns)).join(" + ");
    const shape = kind === "weight" ? `H, ${columns}` : kind === "vector" ? "H" : "1";
    return `self.${own} = torch.nn.Parameter(torch.zeros(${shape}))`;
  });
  const starts = equations.states.flatMap((state) => [
    `            self.initial_${state} = torch.nn.Parameter(torch.zeros(H))`,
  ]);
  const initial = equations.states.map((state) => {
    const own = `initial_${state}`;
    return `        ${states.get(state)} = (self.${own} if self.learned else x.new_zeros(self.H)).expand(x.shape[0], -1)`;
  });
  return {
    name,
    lines: [
      `class ${name}(torch.nn.Module):`,
      `    """One direction of a layer of the cell ${oneLine(printed.name)}:`,
      "",
      ...printCell(printed)
        .split("\n")
        .map((line) => `    ${line.replaceAll("\\", "/").replaceAll('"""', "'''")}`.trimEnd()),
      '    """',
      "",
      "    def __init__(self, X, H, reverse=False, learned=False):",
      "        super().__init__()",
      "        self.H, self.reverse, self.learned = H, reverse, learned",
      ...parameters.map((line) => `        ${line}`),
      "        if learned:",
      ...starts,
      "",
      `    def step(self, x, ${all}):`,
      ...lines.map((line) => `        ${line}`),
      `        return ${next}${equations.states.length === 1 ? "," : ""}`,
      "",
      "    def forward(self, x):  # (batch, steps, X) to (batch, steps, H)",
      ...initial,
      "        outputs = []",
      "        for t in reversed(range(x.shape[1])) if self.reverse else range(x.shape[1]):",
      `            ${all}${equations.states.length === 1 ? "," : ""} = self.step(x[:, t], ${all})`,
      `            outputs.append(${output})`,
      "        if self.reverse:",
      "            outputs.reverse()",
      "        return torch.stack(outputs, dim=1)",
    ],
  };
}

interface Texts {
  readonly texts: ReadonlyMap<Expr, string>;
  readonly states: ReadonlyMap<string, string>;
}

function textOf(e: Expr, { texts, states }: Texts): string {
  if (e.op === "input") return "x";
  if (e.op === "state") return states.get(e.name!)!;
  if (e.op === "parameter") return `self.${e.name}`;
  if (e.op === "constant")
    return e.value! < 0 || Object.is(e.value, -0) ? `(${number(e.value!)})` : number(e.value!);
  if (e.op === "featureCount") return e.name === "X" ? "x.shape[-1]" : "self.H";
  const args = e.args.map((arg) => texts.get(arg)!);
  if (e.op === "affine") {
    const { parameter, bias } = e.weight!;
    const of = args.length === 1 ? bare(args[0]!) : `torch.cat([${args.map(bare).join(", ")}], dim=-1)`;
    return `torch.nn.functional.linear(${of}, self.${parameter}${bias ? `, self.${bias}` : ""})`;
  }
  const text = signs[e.op];
  if (text) return text(...args);
  const tensors = e.args.map((arg, i) =>
    isNumber(arg) ? `x.new_tensor(${bare(args[i]!)})` : bare(args[i]!),
  );
  return functions[e.op]!(...tensors);
}

/** Whether an expression is a number of Python, of which functions want a tensor. */
const isNumber = ({ op, args }: Expr): boolean =>
  op === "constant" || op === "featureCount" || (op in signs && args.every(isNumber));

const number = (value: number): string =>
  Number.isFinite(value) ? String(value) : value > 0 ? 'float("inf")' : 'float("-inf")';

/** Without the brackets around the whole. */
function bare(text: string): string {
  if (!text.startsWith("(")) return text;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "(") depth++;
    if (text[at] === ")" && --depth === 0) return at === text.length - 1 ? text.slice(1, -1) : text;
  }
  return text;
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ");

/** What Python reads as something else. */
const keywords = new Set(
  "False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield".split(
    " ",
  ),
);

/** A name as one of Python: letters and digits, which no other has. */
export const pythonName = (text: string): string => {
  const plain = text
    .replaceAll("Γ", "gamma_")
    .normalize("NFD")
    .replaceAll("\u0303", "_tilde")
    .replaceAll(/[^A-Za-z0-9_]/g, "");
  const started = /^[A-Za-z]/.test(plain) ? plain : `v${plain}`;
  return keywords.has(started) ? `${started}_` : started;
};

/** Gives names that are taken once. */
export function namer(taken: readonly string[]): (text: string) => string {
  const given = new Set(taken);
  return (text) => {
    const plain = pythonName(text);
    let [name, times] = [plain, 1];
    while (given.has(name)) name = `${plain}_${++times}`;
    given.add(name);
    return name;
  };
}
