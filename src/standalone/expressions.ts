/**
 * How the elementwise ops are written in JavaScript, one row each. What an op means stands in the list of ops (cell/meanings.ts);
 * here is that meaning as text, in float64, with the functions of Math where the executors have their own.
 */
import type { ElementwiseOp } from "../cell/index.js";

/** An op's text out of its operands'. Operands come in brackets where they need them. */
type Written = (...operands: string[]) => string;

/** The rows. */
export const expressions: Readonly<Record<ElementwiseOp, Written>> = {
  add: (a, b) => `(${a} + ${b})`,
  sub: (a, b) => `(${a} - ${b})`,
  mul: (a, b) => `(${a} * ${b})`,
  div: (a, b) => `(${a} / ${b})`,
  neg: (a) => `(-${a})`,
  sigmoid: (a) => `sigmoid(${bare(a)})`,
  tanh: (a) => `Math.tanh(${bare(a)})`,
  relu: (a) => `Math.max(${bare(a)}, 0)`,
  exp: (a) => `Math.exp(${bare(a)})`,
  log: (a) => `Math.log(${bare(a)})`,
  sqrt: (a) => `Math.sqrt(${bare(a)})`,
  abs: (a) => `Math.abs(${bare(a)})`,
  softplus: (a) => `softplus(${bare(a)})`,
  max: (a, b) => `Math.max(${bare(a)}, ${bare(b)})`,
  min: (a, b) => `Math.min(${bare(a)}, ${bare(b)})`,
  greater: (a, b) => `(${a} > ${b} ? 1 : 0)`,
  select: (condition, a, b) => `(${condition} > 0 ? ${a} : ${b})`,
  isFinite: (a) => `(Number.isFinite(${bare(a)}) ? 1 : 0)`,
  erf: (a) => `erf(${bare(a)})`,
  widen: (a) => a,
};

/** Without the brackets around the whole. */
export function bare(text: string): string {
  if (!text.startsWith("(")) return text;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "(") depth++;
    if (text[at] === ")") depth--;
    if (depth === 0) return at === text.length - 1 ? text.slice(1, -1) : text;
  }
  return text;
}
