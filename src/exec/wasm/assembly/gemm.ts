/**
 * The two products. Both end in tileColumn of micro.generated.ts: panels outside, rows inside, one code
 * path whose start value comes through a pointer and a row stride (zeros, a bias row, or c itself).
 * An element is start + a[0]·b[0] + a[1]·b[1] + … in this order, whatever the number of rows.
 */
import { ZEROS } from "./constants";
import { ROW_PANELS, TILE_COLUMNS, tileColumn, tileRow } from "./micro.generated";
import { copyColumns, copyFloats, DEPTH_BLOCK, transposed } from "./pack";
import { address, field, rowsNow, scratchOf, viewStart, viewStride } from "./rows";
import {
  APPLY_A,
  APPLY_C,
  APPLY_EXACT,
  APPLY_K,
  APPLY_N,
  APPLY_PANELS,
  APPLY_START,
  APPLY_START_ROW,
  APPLY_TILE,
  EDGE_ROWS,
  FACTOR_B,
  FACTOR_INTS,
  FACTOR_N,
  GRADIENT_BLOCK,
  GRADIENT_BY_PANELS,
  GRADIENT_FACTORS,
  GRADIENT_LIST,
  GRADIENT_OPERANDS,
  GRADIENT_PANEL,
  GRADIENT_STRIDE,
  GRADIENT_TRANSPOSED,
  HEADER_SHARED_SCRATCH,
  OPERAND_A,
  OPERAND_A_INTS,
  OPERAND_M,
  OUTPUT_C,
  OUTPUT_INTS,
  OUTPUT_START,
  OUTPUT_START_ROW,
  OUTPUT_SUM,
  START_ACCUMULATE,
  START_ROW,
  START_ZERO,
} from "./table.generated";

const TILE_BYTES: usize = TILE_COLUMNS * 4;

/**
 * c[rows, n] = start + a[rows, k] · panels (APPLY row), for `rows` rows from row `first` on.
 * a: any row stride. panels: written by `pack`. c: rows padded to whole panels, whose padding is written with
 * garbage, or exact rows; c is none of the others. A bias row is read up to the end of the last panel.
 */
export function apply(row: usize, header: usize, first: i32, rows: i32): void {
  if (rows == 0) return;
  const k = field(row, APPLY_K);
  const n = field(row, APPLY_N);
  const aStride = viewStride(row, APPLY_A);
  const a = viewStart(row, header, APPLY_A) + <usize>first * aStride;
  const cStride = viewStride(row, APPLY_C);
  const c = viewStart(row, header, APPLY_C) + <usize>first * cStride;
  const panels = address(row, APPLY_PANELS);
  const start = field(row, APPLY_START);
  const count = (n + TILE_COLUMNS - 1) / TILE_COLUMNS;
  const direct = field(row, APPLY_EXACT) ? n / TILE_COLUMNS : count;
  for (let k0 = 0; k0 < k; k0 += DEPTH_BLOCK) {
    const depth = <usize>min(k - k0, DEPTH_BLOCK);
    let from = ZEROS;
    let fromStride: usize = 0;
    let fromStep: usize = 0;
    if (k0 > 0 || start == START_ACCUMULATE) {
      from = c;
      fromStride = cStride;
      fromStep = TILE_BYTES;
    } else if (start == START_ROW) {
      from = address(row, APPLY_START_ROW);
      fromStep = TILE_BYTES;
    }
    const aBlock = a + ((<usize>k0) << 2);
    let panel = panels + <usize>(k0 * count) * TILE_BYTES;
    let into = c;
    let j = 0;
    if (rows == 1) {
      for (; j + ROW_PANELS <= direct; j += ROW_PANELS) {
        tileRow(aBlock, panel, depth, from, fromStep, into);
        panel += <usize>ROW_PANELS * depth * TILE_BYTES;
        from += <usize>ROW_PANELS * fromStep;
        into += <usize>ROW_PANELS * TILE_BYTES;
      }
    }
    for (; j < direct; j++) {
      tileColumn(aBlock, aStride, panel, depth, from, fromStride, into, cStride, rows);
      panel += depth * TILE_BYTES;
      from += fromStep;
      into += TILE_BYTES;
    }
  }
  if (direct < count) applyEdge(row, a, c, rows, n - direct * TILE_COLUMNS, scratchOf(header));
}

/**
 * The last panel of an APPLY row whose c has no room behind its n columns; `a` and `c` are at the first row.
 * The tile in scratch: [EDGE_ROWS, TILE_COLUMNS], holds EDGE_ROWS rows of c at a time; its columns from `columns` on are garbage.
 */
function applyEdge(row: usize, a: usize, c: usize, rows: i32, columns: i32, scratch: usize): void {
  const tile = scratch + address(row, APPLY_TILE);
  const k = field(row, APPLY_K);
  const n = field(row, APPLY_N);
  const count = (n + TILE_COLUMNS - 1) / TILE_COLUMNS;
  const offset = <usize>(count - 1) * TILE_BYTES;
  const aStride = viewStride(row, APPLY_A);
  const cStride = viewStride(row, APPLY_C);
  const panels = address(row, APPLY_PANELS);
  const start = field(row, APPLY_START);
  c += offset;
  for (; rows > 0; rows -= EDGE_ROWS) {
    const some = min(rows, EDGE_ROWS);
    let from = tile;
    let fromStride = TILE_BYTES;
    if (start == START_ACCUMULATE) {
      copyColumns(c, cStride, some, columns, tile, TILE_BYTES);
    } else {
      from = start == START_ROW ? address(row, APPLY_START_ROW) + offset : ZEROS;
      fromStride = 0;
    }
    for (let k0 = 0; k0 < k; k0 += DEPTH_BLOCK) {
      const depth = <usize>min(k - k0, DEPTH_BLOCK);
      const panel = panels + (<usize>(k0 * count) + <usize>(count - 1) * depth) * TILE_BYTES;
      tileColumn(a + ((<usize>k0) << 2), aStride, panel, depth, from, fromStride, tile, TILE_BYTES, some);
      from = tile;
      fromStride = TILE_BYTES;
    }
    copyColumns(tile, TILE_BYTES, some, columns, c, cStride);
    a += <usize>EDGE_ROWS * aStride;
    c += <usize>EDGE_ROWS * cStride;
  }
}

/**
 * c[m, n] = start + aᵀ b for each operand a and each factor b, summed over the rows in order (GRADIENT row): `count` panels
 * from panel `first` on, counted through all factors, or, unless GRADIENT_BY_PANELS, so many of the m rows, counted through
 * all operands. GRADIENT_BLOCK rows at a time, aᵀ [m, GRADIENT_BLOCK] (rows GRADIENT_STRIDE apart) of one operand and panels
 * of b [GRADIENT_BLOCK, TILE_COLUMNS] are packed in the thread's scratch: one panel where there is one operand, which finds it in
 * cache; all where there are several, which share them. The sums stand in shared scratch in panels [panel][m][TILE_COLUMNS]
 * until all rows are added, starting from zero, and are added to the start once. c: dense, none of the others.
 */
export function gradient(row: usize, header: usize, first: i32, count: i32): void {
  if (count == 0) return;
  const rows = rowsNow(row, header);
  const byPanels = field(row, GRADIENT_BY_PANELS);
  const end = first + count;
  const operands = row + ((<usize>GRADIENT_LIST) << 2);
  const factors = operands + ((<usize>(field(row, GRADIENT_OPERANDS) * OPERAND_A_INTS)) << 2);
  // Once more than there are blocks: the last time, sums go home.
  for (let r0 = 0; ; r0 += GRADIENT_BLOCK) {
    const depth = min(rows - r0, GRADIENT_BLOCK);
    let output = factors + ((<usize>(field(row, GRADIENT_FACTORS) * FACTOR_INTS)) << 2);
    let before = 0;
    let pack = true;
    for (let operand = operands; operand < factors; operand += OPERAND_A_INTS << 2) {
      const all = field(operand, OPERAND_M);
      const m0 = byPanels ? 0 : max(first - before, 0);
      const m = (byPanels ? all : min(end - before, all)) - m0;
      if (m > 0) {
        if (depth > 0) transposeBlock(row, header, operand, r0, depth, m0, m);
        operandTimesFactors(row, header, operand, output, r0, depth, m0, m, first, end, pack);
        pack = field(row, GRADIENT_OPERANDS) == 1;
      }
      before += all;
      output += (<usize>(field(row, GRADIENT_FACTORS) * OUTPUT_INTS)) << 2;
    }
    if (depth <= 0) return;
  }
}

/** Packs aᵀ of `depth` rows from row r0 on, for columns m0 … m0 + m − 1 of a. */
function transposeBlock(
  row: usize,
  header: usize,
  operand: usize,
  r0: i32,
  depth: i32,
  m0: i32,
  m: i32,
): void {
  const stride = viewStride(operand, OPERAND_A);
  const a = viewStart(operand, header, OPERAND_A) + <usize>r0 * stride + ((<usize>m0) << 2);
  transposed(a, stride, depth, m, scratchOf(header) + address(row, GRADIENT_TRANSPOSED), GRADIENT_STRIDE * 4);
}

/**
 * Adds a block to the sums of one operand with all factors, or, when there is none left (depth <= 0), brings these home:
 * rows m0 … m0 + m − 1, and the panels from `first` to `end` − 1 where threads share panels. `pack` says that panels of b are
 * not in scratch yet.
 */
function operandTimesFactors(
  row: usize,
  header: usize,
  operand: usize,
  output: usize,
  r0: i32,
  depth: i32,
  m0: i32,
  m: i32,
  first: i32,
  end: i32,
  pack: bool,
): void {
  const byPanels = field(row, GRADIENT_BY_PANELS);
  const several = field(row, GRADIENT_OPERANDS) > 1;
  const transposedA = scratchOf(header) + address(row, GRADIENT_TRANSPOSED);
  let panel = scratchOf(header) + address(row, GRADIENT_PANEL);
  let factor = row + ((<usize>(GRADIENT_LIST + field(row, GRADIENT_OPERANDS) * OPERAND_A_INTS)) << 2);
  let before = 0;
  for (let k = field(row, GRADIENT_FACTORS); k > 0; k--) {
    const panels = (field(factor, FACTOR_N) + TILE_COLUMNS - 1) / TILE_COLUMNS;
    const from = byPanels ? max(first - before, 0) : 0;
    const to = byPanels ? min(end - before, panels) : panels;
    if (depth > 0) {
      const stride = viewStride(factor, FACTOR_B);
      const b = viewStart(factor, header, FACTOR_B) + <usize>r0 * stride;
      for (let j = from; j < to; j++) {
        if (pack) copyPanel(b + <usize>j * TILE_BYTES, stride, panel, depth);
        const sum = sumOf(header, operand, output, m0, j);
        const start = r0 == 0 ? ZEROS : sum;
        const startStride: usize = r0 == 0 ? 0 : TILE_BYTES;
        tileColumn(transposedA, GRADIENT_STRIDE * 4, panel, depth, start, startStride, sum, TILE_BYTES, m);
        if (several) panel += <usize>GRADIENT_BLOCK * TILE_BYTES;
      }
    } else {
      unpack(row, header, operand, factor, output, m0, m, from, to);
    }
    before += panels;
    factor += FACTOR_INTS << 2;
    output += OUTPUT_INTS << 2;
  }
}

/** Address of row m0 of panel `panel` of an output's sum. */
function sumOf(header: usize, operand: usize, output: usize, m0: i32, panel: i32): usize {
  const sum = address(header, HEADER_SHARED_SCRATCH) + address(output, OUTPUT_SUM);
  return sum + <usize>(panel * field(operand, OPERAND_M) + m0) * TILE_BYTES;
}

/** panel[i, :] = b[i, : TILE_COLUMNS]: columns behind the last of b fill columns of the sum that nobody reads. */
function copyPanel(b: usize, bStride: usize, panel: usize, rows: i32): void {
  for (; rows > 0; rows--) {
    for (let v: usize = 0; v < TILE_BYTES; v += 16) v128.store(panel + v, v128.load(b + v));
    b += bStride;
    panel += TILE_BYTES;
  }
}

/** c = start + sum for the same rows and panels; if there were no rows, the sum was never written and is zero. */
function unpack(
  row: usize,
  header: usize,
  operand: usize,
  factor: usize,
  output: usize,
  m0: i32,
  m: i32,
  first: i32,
  to: i32,
): void {
  const n = field(factor, FACTOR_N);
  const start = field(output, OUTPUT_START);
  const nothing = rowsNow(row, header) == 0;
  const rowBytes = (<usize>n) << 2;
  for (let panel = first; panel < to; panel++) {
    const j = panel * TILE_COLUMNS;
    const columns = min(n - j, TILE_COLUMNS);
    let from = sumOf(header, operand, output, m0, panel);
    if (nothing) memory.fill(from, 0, <usize>m * TILE_BYTES);
    let c = address(output, OUTPUT_C) + <usize>m0 * rowBytes + ((<usize>j) << 2);
    let base = start == START_ROW ? address(output, OUTPUT_START_ROW) + ((<usize>j) << 2) : c;
    const baseStride: usize = start == START_ROW ? 0 : rowBytes;
    for (let i = 0; i < m; i++) {
      if (start == START_ZERO) copyFloats(from, c, columns);
      else addFloats(base, from, c, columns);
      from += TILE_BYTES;
      base += baseStride;
      c += rowBytes;
    }
  }
}

/** into[i] = a[i] + b[i] for exactly `count` floats; `into` may be `a` or `b`. */
export function addFloats(a: usize, b: usize, into: usize, count: i32): void {
  for (; count >= 4; count -= 4) {
    v128.store(into, f32x4.add(v128.load(a), v128.load(b)));
    a += 16;
    b += 16;
    into += 16;
  }
  for (; count > 0; count--) {
    store<f32>(into, load<f32>(a) + load<f32>(b));
    a += 4;
    b += 4;
    into += 4;
  }
}
