/**
 * For tests: golden values of every cell of the catalogue over ragged lengths: shapes, loss, outputs, final states
 * and all gradients. They lie in test/golden with the programs that made them: PyTorch's autograd, or complex steps.
 */
import { readFileSync } from "node:fs";

/** The values of one cell. */
export interface Golden {
  readonly lengths: readonly number[];
  readonly X: number;
  readonly H: number;
  /** By parameter. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly loss: number;
  /** By step, sequence and feature. */
  readonly output: readonly (readonly (readonly number[])[])[];
  /** By state, sequence and feature. */
  readonly final: Readonly<Record<string, readonly (readonly number[])[]>>;
  /** By parameter; "x" by step and sequence; "init.c" by sequence. */
  readonly grad: Readonly<Record<string, unknown>>;
}

function read(file: string): [string, Golden][] {
  const text = readFileSync(new URL(`../../test/golden/${file}`, import.meta.url), "utf8");
  const { lengths, X, H, cells } = JSON.parse(text) as Golden & { cells: Record<string, Golden> };
  return Object.entries(cells).map(([name, cell]) => [name, { ...cell, lengths, X, H }]);
}

/** By cell. */
export const golden: Readonly<Record<string, Golden>> = Object.fromEntries(
  ["cells.json", "layer-norm.json"].flatMap(read),
);

/** The k-th value of a name, of make.py: weights and inputs by formula. */
export function goldenValue(name: string, k: number): number {
  let code = 0;
  for (let i = 0; i < name.length; i++) code = (code + (i + 1) * name.charCodeAt(i)) % 97;
  return 0.6 * Math.cos(1.7 * code + 0.9 * k);
}
