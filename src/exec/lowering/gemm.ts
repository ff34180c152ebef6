/**
 * Lowers products. The matrix of an `apply` is packed into panels before the first step if it is persistent
 * and the plan does not write it before this use; else just before the product. Panels are shared by all
 * uses of one matrix.
 */
import { access } from "../../plan/access.js";
import { bufferOf, type GemmOutput, type GemmStep, operandOf, type Start } from "../../plan/plan.js";
import { rowStride } from "./layout.js";
import type { Lowering } from "./lowering.js";
import * as t from "./table.js";

/** About what the simd tier does; only decides what is worth sharing between threads. */
const PRODUCTS_PER_NANOSECOND = 16;

/** Rows of padded buffers are whole cache lines, so threads may share them in whole tiles. */
const APPLY_GRAIN = 4;

/** Panels that hold so many columns; how wide one is depends on the kernels' tile. */
const panelsOf = ({ target }: Lowering, columns: number): number => Math.ceil(columns / target.panelColumns);

/** START_ code and the address of the row of a start. */
export function startFields(lowering: Lowering, start: Start): [code: number, row: number] {
  if (start === "zero") return [t.START_ZERO, 0];
  if (start === "accumulate") return [t.START_ACCUMULATE, 0];
  return [t.START_ROW, lowering.target.address(start.row)];
}

/** Writes the rows of a gemm step. */
export function lowerGemm(lowering: Lowering, step: GemmStep): void {
  for (const { b, c } of step.outputs) {
    for (const name of [step.a, b, c]) {
      if (bufferOf(lowering.plan, name).dtype !== "real")
        lowering.refuse(`"${name}" holds indices, not reals`);
    }
  }
  if (step.form === "apply") {
    for (const output of step.outputs) lowerApply(lowering, step, output);
  } else lowerGradient(lowering, step);
}

function lowerApply(lowering: Lowering, step: GemmStep, output: GemmOutput): void {
  const { plan } = lowering;
  const { panelColumns } = lowering.target;
  const k = bufferOf(plan, step.a).width;
  const { width: n, space } = bufferOf(plan, output.c);
  const panels = packedPanels(lowering, output, k, n);
  const sharing = lowering.byRows(step.space, (k * n) / PRODUCTS_PER_NANOSECOND, APPLY_GRAIN);
  const exact = rowStride(space, n) < panelsOf(lowering, n) * panelColumns;
  const fields = [
    ...lowering.view(step.a),
    ...lowering.view(output.c),
    k,
    n,
    panels,
    ...startFields(lowering, output.start),
    Number(exact),
    exact ? lowering.scratch(4 * t.EDGE_ROWS * panelColumns) : 0,
  ];
  lowering.emit(t.APPLY, sharing, { fields });
}

/** Address of the panels of b, and the row that packs them: before the first step, or here. */
function packedPanels(lowering: Lowering, output: GemmOutput, k: number, n: number): number {
  const { target } = lowering;
  const { panelColumns } = target;
  const early = isPackedEarly(lowering, output.b);
  const key = `${output.b} ${output.transpose} ${early}`;
  const there = lowering.panels.get(key);
  const panels = there ?? target.allocate(4 * k * panelsOf(lowering, n) * panelColumns);
  lowering.panels.set(key, panels);
  if (there === undefined || !early) {
    const fields = [target.address(output.b), k, n, Number(output.transpose), panels];
    const sharing = {
      rows: target.slots.count(1),
      work: (k * n) / 2,
      units: panelsOf(lowering, n),
      grain: 1,
    };
    lowering.emit(t.PACK, sharing, { fields, list: early ? lowering.packing : lowering.rows });
  }
  return panels;
}

/** True if a matrix can be packed before the run: it is persistent and holds here what it held then. */
export function isPackedEarly({ plan, position }: Lowering, name: string): boolean {
  const { role } = bufferOf(plan, name);
  if (role !== "parameter" && role !== "slot") return false;
  return !plan.steps.some((step, i) => i <= position && access(step).writes.includes(name));
}

/** One row for all operands, which share their factors: what is packed of these is packed once. */
function lowerGradient(lowering: Lowering, step: GemmStep): void {
  const { plan, target } = lowering;
  const { panelColumns } = target;
  const width = (name: string): number => bufferOf(plan, name).width;
  const operands = [...new Set(step.outputs.map((output) => operandOf(step, output)))];
  const factors = step.outputs.filter((output) => operandOf(step, output) === operands[0]);
  const odd = step.outputs.findIndex((output, i) => output.b !== factors[i % factors.length]?.b);
  if (odd >= 0 || step.outputs.length !== operands.length * factors.length)
    lowering.refuse("its operands do not share their factors, in one order");
  const sizes = operands.map(width);
  const size = (output: number): number => sizes[Math.floor(output / factors.length)]!;
  const counts = factors.map(({ b }) => panelsOf(lowering, width(b)));
  const [rows, panels] = [sizes, counts].map((list) => list.reduce((sum, n) => sum + n, 0)) as [
    number,
    number,
  ];
  const transposed = lowering.scratch(4 * Math.max(...sizes) * t.GRADIENT_STRIDE);
  const kept = operands.length > 1 ? panels : 1;
  const panel = lowering.scratch(4 * kept * panelColumns * t.GRADIENT_BLOCK);
  const outputs = step.outputs.flatMap(({ c, start }, i) => [
    target.address(c),
    ...startFields(lowering, start),
    lowering.sharedScratch(4 * size(i) * counts[i % factors.length]! * panelColumns),
  ]);
  // The longer side is shared; what all threads then pack for themselves is the shorter.
  const byPanels = panels * panelColumns >= rows;
  const sharing = {
    rows: target.slots.rows(step.space),
    work: (rows * panels * panelColumns) / PRODUCTS_PER_NANOSECOND,
    ...(byPanels ? { units: panels, grain: 1 } : { units: rows, grain: panelColumns }),
  };
  const fields = [
    operands.length,
    factors.length,
    transposed,
    panel,
    Number(byPanels),
    ...operands.flatMap((a, i) => [...lowering.view(a), sizes[i]!]),
    ...factors.flatMap(({ b }) => [...lowering.view(b), width(b)]),
    ...outputs,
  ];
  lowering.emit(t.GRADIENT, sharing, { fields });
}
