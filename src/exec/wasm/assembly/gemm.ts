/**
 * The two products. Both end in tileColumn of micro.generated.ts: panels outside, rows inside, one code
 * path whose start value comes through a pointer and a row stride (zeros, a bias row, or c itself).
 * An element is start + a[0]·b[0] + a[1]·b[1] + … in this order, whatever the number of rows.
 */
import { ZEROS } from "./constants";
import { ROW_PANELS, TILE_COLUMNS, tileColumn, tileRow } from "./micro.generated";
import { copyColumns, copyFloats, DEPTH_BLOCK, transposed } from "./pack";
import { address, field, slot, viewStart, viewStride } from "./rows";
import {
  APPLY_A,
  APPLY_C,
  APPLY_EXACT,
  APPLY_K,
  APPLY_N,
  APPLY_PANELS,
  APPLY_ROWS,
  APPLY_START,
  APPLY_START_ROW,
  APPLY_TILE,
  EDGE_ROWS,
  GRADIENT_A,
  GRADIENT_BLOCK,
  GRADIENT_LIST,
  GRADIENT_M,
  GRADIENT_OUTPUTS,
  GRADIENT_PANEL,
  GRADIENT_ROWS,
  GRADIENT_STRIDE,
  GRADIENT_TRANSPOSED,
  OUTPUT_B,
  OUTPUT_C,
  OUTPUT_INTS,
  OUTPUT_N,
  OUTPUT_START,
  OUTPUT_START_ROW,
  OUTPUT_SUM,
  START_ACCUMULATE,
  START_ROW,
  START_ZERO,
} from "./table.generated";

const TILE_BYTES: usize = TILE_COLUMNS * 4;

/**
 * c[rows, n] = start + a[rows, k] · panels (APPLY row).
 * a: any row stride. panels: written by `pack`. c: rows padded to whole panels, whose padding is written with
 * garbage, or exact rows; c is none of the others. A bias row is read up to the end of the last panel.
 */
export function apply(row: usize, scratch: usize): void {
  const rows = slot(row, APPLY_ROWS);
  if (rows == 0) return;
  const k = field(row, APPLY_K);
  const n = field(row, APPLY_N);
  const a = viewStart(row, APPLY_A);
  const aStride = viewStride(row, APPLY_A);
  const c = viewStart(row, APPLY_C);
  const cStride = viewStride(row, APPLY_C);
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
  if (direct < count) applyEdge(row, scratch + address(row, APPLY_TILE), rows, n - direct * TILE_COLUMNS);
}

/**
 * The last panel of an APPLY row whose c has no room behind its n columns.
 * tile: [EDGE_ROWS, TILE_COLUMNS], holds EDGE_ROWS rows of c at a time; its columns from `columns` on are garbage.
 */
function applyEdge(row: usize, tile: usize, rows: i32, columns: i32): void {
  const k = field(row, APPLY_K);
  const n = field(row, APPLY_N);
  const count = (n + TILE_COLUMNS - 1) / TILE_COLUMNS;
  const offset = <usize>(count - 1) * TILE_BYTES;
  const aStride = viewStride(row, APPLY_A);
  const cStride = viewStride(row, APPLY_C);
  const panels = address(row, APPLY_PANELS);
  const start = field(row, APPLY_START);
  let a = viewStart(row, APPLY_A);
  let c = viewStart(row, APPLY_C) + offset;
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
 * c[m, n] = start + aᵀ b for each output, summed over the rows in order (GRADIENT row).
 * GRADIENT_BLOCK rows at a time, aᵀ [m, GRADIENT_BLOCK] (rows GRADIENT_STRIDE apart) and one panel of b [GRADIENT_BLOCK, TILE_COLUMNS] are
 * packed in scratch; the sum stands in scratch in panels [panel][m][TILE_COLUMNS] until all rows are added,
 * starting from zero, and is added to the start once. c: dense, none of the others.
 */
export function gradient(row: usize, scratch: usize): void {
  const rows = slot(row, GRADIENT_ROWS);
  const m = field(row, GRADIENT_M);
  const aStride = viewStride(row, GRADIENT_A);
  const transposedA = scratch + address(row, GRADIENT_TRANSPOSED);
  const outputs = row + ((<usize>GRADIENT_LIST) << 2);
  const end = outputs + ((<usize>(field(row, GRADIENT_OUTPUTS) * OUTPUT_INTS)) << 2);
  let a = viewStart(row, GRADIENT_A);
  for (let r0 = 0; r0 < rows; r0 += GRADIENT_BLOCK) {
    const depth = min(rows - r0, GRADIENT_BLOCK);
    transposed(a, aStride, depth, m, transposedA, GRADIENT_STRIDE * 4);
    for (let output = outputs; output < end; output += OUTPUT_INTS << 2) {
      gradientBlock(row, scratch, output, r0, depth);
    }
    a += <usize>GRADIENT_BLOCK * aStride;
  }
  for (let output = outputs; output < end; output += OUTPUT_INTS << 2) unpack(output, scratch, m, rows == 0);
}

/** Adds `depth` rows from row r0 on to the sum of one output. */
function gradientBlock(row: usize, scratch: usize, output: usize, r0: i32, depth: i32): void {
  const m = field(row, GRADIENT_M);
  const n = field(output, OUTPUT_N);
  const transposedA = scratch + address(row, GRADIENT_TRANSPOSED);
  const panel = scratch + address(row, GRADIENT_PANEL);
  const bStride = viewStride(output, OUTPUT_B);
  let b = viewStart(output, OUTPUT_B) + <usize>r0 * bStride;
  let sum = scratch + address(output, OUTPUT_SUM);
  for (let j = 0; j < n; j += TILE_COLUMNS) {
    copyPanel(b, bStride, panel, depth);
    const first = r0 == 0;
    const from = first ? ZEROS : sum;
    tileColumn(
      transposedA,
      GRADIENT_STRIDE * 4,
      panel,
      depth,
      from,
      first ? 0 : TILE_BYTES,
      sum,
      TILE_BYTES,
      m,
    );
    b += TILE_BYTES;
    sum += <usize>m * TILE_BYTES;
  }
}

/** panel[i, :] = b[i, : TILE_COLUMNS]: columns behind the last of b fill columns of the sum that nobody reads. */
function copyPanel(b: usize, bStride: usize, panel: usize, rows: i32): void {
  for (; rows > 0; rows--) {
    for (let v: usize = 0; v < TILE_BYTES; v += 16) v128.store(panel + v, v128.load(b + v));
    b += bStride;
    panel += TILE_BYTES;
  }
}

/** c = start + sum, column for column; `nothing` if there were no rows, so that the sum was never written. */
function unpack(output: usize, scratch: usize, m: i32, nothing: bool): void {
  const n = field(output, OUTPUT_N);
  const start = field(output, OUTPUT_START);
  const sum = scratch + address(output, OUTPUT_SUM);
  if (nothing) memory.fill(sum, 0, <usize>(((n + TILE_COLUMNS - 1) / TILE_COLUMNS) * m) * TILE_BYTES);
  for (let j = 0; j < n; j += TILE_COLUMNS) {
    const columns = min(n - j, TILE_COLUMNS);
    let from = sum + <usize>(j * m) * 4;
    let c = address(output, OUTPUT_C) + ((<usize>j) << 2);
    let base = start == START_ROW ? address(output, OUTPUT_START_ROW) + ((<usize>j) << 2) : c;
    const baseStride: usize = start == START_ROW ? 0 : (<usize>n) << 2;
    for (let i = 0; i < m; i++) {
      if (start == START_ZERO) copyFloats(from, c, columns);
      else addFloats(base, from, c, columns);
      from += TILE_BYTES;
      base += baseStride;
      c += (<usize>n) << 2;
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
