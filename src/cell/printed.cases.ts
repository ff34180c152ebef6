/**
 * For tests: printed equations read back. A recursive-descent reader of the Unicode text that computes as it
 * goes, so that an equation that was printed wrongly gives wrong numbers; and LaTeX turned into that text.
 * Every value is a matrix: a vector over the features is one column, a number is 1 × 1.
 */
import type { Matrix } from "./evaluate.cases.js";
import { type ElementwiseOp, elementwiseOps } from "./meanings.js";
import { ops } from "./ops.js";

/** What names stand for, as they are printed ("c⟨t−1⟩", "w_u"), and how wide H and X are. */
export interface Names {
  readonly values: Map<string, Matrix>;
  readonly widths: Readonly<Record<string, number>>;
}

/** The lines `left = right` of a printed text, without its remark and what has no right side. */
export function printedLines(text: string): { left: string; right: string }[] {
  return text.split("\n").flatMap((line) => {
    const [, left, right] = /^(\S+(?: \(.*\))?) *= (.*)$/.exec(line) ?? [];
    return right === undefined ? [] : [{ left: left!, right }];
  });
}

/** Functions are written by the op's name, but for two: kept apart from the op table, which says how they print. */
const functions: Readonly<Record<string, ElementwiseOp>> = {
  ...Object.fromEntries(elementwiseOps.filter((op) => op !== "widen" && !ops[op].sign).map((op) => [op, op])),
  σ: "sigmoid",
  ReLU: "relu",
};
const name = "[\\p{L}_](?:(?!ᵀ)[\\p{L}\\p{M}\\p{N}_~′])*(?:⟨t(?:−1)?⟩)?";
const token = new RegExp(
  `\\(d${name} from step t\\+1\\)|∂L/∂${name}|Σ_t|${name}|\\d+(?:\\.\\d+)?(?:e−?\\d+)?|[-+−∘/>()[\\],ᵀ]`,
  "gu",
);

/** The value of a right side. @throws Error where it is no equation in the printed language */
export function readPrinted(text: string, { values, widths }: Names): Matrix {
  const tokens = text.match(token) ?? [];
  if (tokens.join("") !== text.replaceAll(/ (?!from|step|t\+1)/g, ""))
    throw new Error(`not all of "${text}" is readable`);
  let at = 0;
  const next = (expected?: string): string => {
    const found = tokens[at++] ?? "the end";
    if (expected !== undefined && found !== expected)
      throw new Error(`"${found}" and not "${expected}" in "${text}"`);
    return found;
  };
  const chain = (operators: Readonly<Record<string, ElementwiseOp>>, operand: () => Matrix) => (): Matrix => {
    let left = operand();
    while (Object.hasOwn(operators, tokens[at] ?? ""))
      left = elementwise(operators[next()]!, [left, operand()]);
    return left;
  };
  const list = (end: string): Matrix[] => {
    const items = [comparison()];
    while (tokens[at] === ",") {
      next();
      items.push(comparison());
    }
    next(end);
    return items;
  };
  const atom = (): Matrix => {
    const found = next();
    let value = values.get(found);
    if (found === "(") {
      value = comparison();
      next(")");
    } else if (found === "[") value = list("]").flat();
    else if (found === "sum" || Object.hasOwn(functions, found)) {
      next("(");
      const operands = list(")");
      value =
        found === "sum"
          ? [[operands[0]!.reduce((a, row) => a + row[0]!, 0)]]
          : elementwise(functions[found]!, operands);
    } else if (found === "widen") {
      next("(");
      const narrow = comparison();
      next(",");
      value = Array.from({ length: widths[next()]! }, () => narrow[0]!);
      next(")");
    } else if (/^\d/.test(found)) value = [[Number(found.replace("−", "-"))]];
    else value ??= Object.hasOwn(widths, found) ? [[widths[found]!]] : undefined;
    if (value === undefined) throw new Error(`"${found}" in "${text}" stands for nothing`);
    if (tokens[at] !== "ᵀ") return value;
    next();
    return value[0]!.map((_, i) => value.map((row) => row[i]!));
  };
  const isAtom = (t: string | undefined): boolean => t !== undefined && !/^[-+−∘/>)\],]$/.test(t);
  const byElement = chain({ "∘": "mul", "/": "div" }, () => {
    let value = atom();
    while (isAtom(tokens[at])) value = matrixProduct(value, atom());
    return value;
  });
  const signed = (): Matrix => {
    if (tokens[at] !== "−") return byElement();
    next();
    return elementwise("neg", [byElement()]);
  };
  const comparison = chain({ ">": "greater" }, chain({ "+": "add", "−": "sub" }, signed));
  // One step of one sequence: the sum over steps has one term.
  if (tokens[at] === "Σ_t") next();
  const value = comparison();
  next("the end");
  return value;
}

function elementwise(op: ElementwiseOp, operands: readonly Matrix[]): Matrix {
  const rows = Math.max(...operands.map((m) => m.length));
  const at = (m: Matrix, i: number): number => (m.length === 1 ? m : m.slice(i))[0]![0]!;
  return Array.from({ length: rows }, (_, i) => [ops[op].evaluate!(...operands.map((m) => at(m, i)))]);
}

function matrixProduct(a: Matrix, b: Matrix): Matrix {
  if (a[0]!.length !== b.length)
    throw new Error(`a product of ${a[0]!.length} columns with ${b.length} rows`);
  return a.map((row) => b[0]!.map((_, j) => row.reduce((sum, value, k) => sum + value * b[k]![j]!, 0)));
}

// In this order: what is longer or stands around others first.
const latexToUnicode: readonly (readonly [RegExp, string])[] = [
  [/^% (.*)$/m, "$1\n"],
  [/\\begin\{aligned\}\n|\n\\end\{aligned\}/g, ""],
  [/ \\\\$/gm, ""],
  [/ &$/gm, ""],
  [/ &= /g, " = "],
  [/\\frac\{\\partial \\mathcal\{L\}\}\{\\partial (.*?\\rangle\})\}/g, "∂L/∂$1"],
  [/\\text\{ from step \} t\+1/g, "from step t+1"],
  [/\^\{\\langle t \\rangle\}/g, "⟨t⟩"],
  [/\^\{\\langle t-1 \\rangle\}/g, "⟨t−1⟩"],
  [/\\left([([]) /g, "$1"],
  [/ \\right([)\]])/g, "$1"],
  [/\\operatorname\{(\w+)\}/g, "$1"],
  [/\\mathit\{(\w+)\}/g, "$1"],
  [/\\mathrm\{e\}\{(.*?)\}/g, "e$1"],
  [/\\textstyle\\sum(?=\()/g, "sum"],
  [/\\sum_t/g, "Σ_t"],
  [/\\tilde\{(\w)\}/g, "$1\u0303"],
  [/\\(tanh|exp|log|sqrt|max|min)\b/g, "$1"],
  [/\\circ/g, "∘"],
  [/\\sigma\(/g, "σ("],
  [/\\;/g, ""],
  [/_\{(\w+)\}/g, "_$1"],
  [/\{(.*?)\}\^\{\\top\}/g, "$1ᵀ"],
  [/-/g, "−"],
  [/\\Gamma_/g, "Γ"],
  [/\\beta/g, "β"],
  [/\\omega/g, "ω"],
  [/\b(d?[sv])_(\d)/g, "$1$2"],
];

/** LaTeX as it would stand in Unicode but for layout, for names of the kinds that tests use. */
export function fromLatex(text: string): string {
  return latexToUnicode.reduce((t, [pattern, sign]) => t.replace(pattern, sign), text);
}

/** Text without its layout: every run of spaces is one, and empty lines are gone. */
export function withoutLayout(text: string): string {
  return text.replaceAll(/ +/g, " ").replaceAll(/\n+/g, "\n");
}
