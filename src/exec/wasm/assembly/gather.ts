/**
 * Rows and columns by index, their adjoint, copies of columns, and rows spread over segments. Rows are handled one after another in
 * order, so that sums of a scatter-add have one order. An index outside the bound is treated as −1 and
 * recorded in the header; the driver throws when the run is over.
 */
import { addFloats } from "./gemm";
import { copyColumns, copyFloats } from "./pack";
import { address, field, rowsNow, slot, viewStart, viewStride } from "./rows";
import {
  COLUMNS_FROM,
  COLUMNS_INTO,
  COLUMNS_WIDTH,
  HEADER_FAULT_BOUND,
  HEADER_FAULT_INDEX,
  HEADER_FAULT_ROW,
  HEADER_FAULT_STEP,
  INDEXED_BOUND,
  INDEXED_COLUMNS,
  INDEXED_FROM,
  INDEXED_INDEX,
  INDEXED_INTO,
  INDEXED_START,
  INDEXED_START_ROW,
  INDEXED_WIDTH,
  ROW_STEP,
  SPREAD_FROM,
  SPREAD_INTO,
  SPREAD_OFFSETS,
  SPREAD_PLACE,
  SPREAD_WIDTH,
  START_ACCUMULATE,
  START_ROW,
  START_ZERO,
} from "./table.generated";

/** The index of row `i`: below the bound, or −1. */
function indexOf(row: usize, header: usize, indices: usize, i: i32): i32 {
  const bound = slot(row, header, INDEXED_BOUND);
  const index = load<i32>(indices + ((<usize>i) << 2));
  if (<u32>index < <u32>bound) return index;
  if (index != -1 && field(header, HEADER_FAULT_STEP) < 0) {
    store<i32>(header + HEADER_FAULT_STEP * 4, field(row, ROW_STEP));
    store<i32>(header + HEADER_FAULT_ROW * 4, i);
    store<i32>(header + HEADER_FAULT_INDEX * 4, index);
    store<i32>(header + HEADER_FAULT_BOUND * 4, bound);
  }
  return -1;
}

/**
 * Runs a GATHER row for `count` rows from row `first` on. from: the whole buffer for rows, the rows of the step for columns. into: exactly
 * `width` values of each row are written, by copying where the start is zero (so that int32 pass too).
 */
export function gather(row: usize, header: usize, first: i32, count: i32): void {
  const columns = field(row, INDEXED_COLUMNS);
  const width = field(row, INDEXED_WIDTH);
  const start = field(row, INDEXED_START);
  const indices = viewStart(row, header, INDEXED_INDEX);
  const fromStride = viewStride(row, INDEXED_FROM);
  const from = viewStart(row, header, INDEXED_FROM);
  let into = viewStart(row, header, INDEXED_INTO) + <usize>first * viewStride(row, INDEXED_INTO);
  for (let i = first; i < first + count; i++) {
    const index = indexOf(row, header, indices, i);
    const source =
      from + (columns ? <usize>i * fromStride + ((<usize>index) << 2) : <usize>index * fromStride);
    if (start == START_ZERO) {
      if (index < 0) memory.fill(into, 0, (<usize>width) << 2);
      else copyFloats(source, into, width);
    } else {
      const base = start == START_ROW ? address(row, INDEXED_START_ROW) : into;
      if (index >= 0) addFloats(base, source, into, width);
      else if (start != START_ACCUMULATE) copyFloats(base, into, width);
    }
    into += viewStride(row, INDEXED_INTO);
  }
}

/**
 * Runs a SCATTER_ADD row: axis rows for all rows and `count` features from feature `first` on, axis columns for so
 * many rows. into: the whole buffer for rows, the rows of the step for columns; it is not `from`.
 */
export function scatterAdd(row: usize, header: usize, first: i32, count: i32): void {
  if (count == 0) return;
  const columns = field(row, INDEXED_COLUMNS);
  const width = columns ? 1 : count;
  const offset: usize = columns ? 0 : (<usize>first) << 2;
  const begin = columns ? first : 0;
  const end = columns ? first + count : rowsNow(row, header);
  const indices = viewStart(row, header, INDEXED_INDEX);
  const intoStride = viewStride(row, INDEXED_INTO);
  const into = viewStart(row, header, INDEXED_INTO) + offset;
  let from = viewStart(row, header, INDEXED_FROM) + offset + <usize>begin * viewStride(row, INDEXED_FROM);
  for (let i = begin; i < end; i++) {
    const index = indexOf(row, header, indices, i);
    const target =
      into + (columns ? <usize>i * intoStride + ((<usize>index) << 2) : <usize>index * intoStride);
    if (index >= 0) addFloats(target, from, target, width);
    from += viewStride(row, INDEXED_FROM);
  }
}

/** Runs a COLUMNS row for `rows` rows from row `first` on: copies `width` columns; the ranges do not overlap. */
export function columns(row: usize, header: usize, first: i32, rows: i32): void {
  const fromStride = viewStride(row, COLUMNS_FROM);
  const intoStride = viewStride(row, COLUMNS_INTO);
  const from = viewStart(row, header, COLUMNS_FROM) + <usize>first * fromStride;
  const into = viewStart(row, header, COLUMNS_INTO) + <usize>first * intoStride;
  copyColumns(from, fromStride, rows, field(row, COLUMNS_WIDTH), into, intoStride);
}

/** Runs a SPREAD row for `places` places from place `first` on: exactly `width` floats of each of their aligned rows. */
export function spread(row: usize, header: usize, first: i32, places: i32): void {
  const width = field(row, SPREAD_WIDTH);
  const stride = viewStride(row, SPREAD_INTO);
  const place = <usize>(first + slot(row, header, SPREAD_PLACE));
  let offsets = <usize>slot(row, header, SPREAD_OFFSETS) + (place << 2);
  let from = viewStart(row, header, SPREAD_FROM) + <usize>first * viewStride(row, SPREAD_FROM);
  let into = viewStart(row, header, SPREAD_INTO) + <usize>load<i32>(offsets) * stride;
  for (; places > 0; places--) {
    for (let n = load<i32>(offsets, 4) - load<i32>(offsets); n > 0; n--) {
      copyFloats(from, into, width);
      into += stride;
    }
    offsets += 4;
    from += viewStride(row, SPREAD_FROM);
  }
}
