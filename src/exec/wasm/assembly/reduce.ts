/**
 * Reductions along features, rows, everything and segments. Orders are fixed by shapes and segment lengths,
 * so a row or a segment has the same bits in any batch. `into` is written behind the last read of its
 * operands and is not `from`; an argmax writes int32, all else float32.
 */
import { MINUS_INFINITY } from "./constants";
import { argmaxRun, logSumExpRun, maxRun, sumRun, sumRun64 } from "./fold";
import { exp4, log4 } from "./math";
import { address, field, rowsNow, slot, viewStart, viewStride } from "./rows";
import {
  ALONG_ALL,
  ALONG_FEATURES,
  ALONG_ROWS,
  ALONG_SEGMENTS,
  REDUCE_ACCUMULATE,
  REDUCE_ALONG,
  REDUCE_ARGMAX,
  REDUCE_FROM,
  REDUCE_INTO,
  REDUCE_LOG_SUM_EXP,
  REDUCE_MAX,
  REDUCE_OFFSETS,
  REDUCE_OP,
  REDUCE_PLACE,
  REDUCE_SUM,
  REDUCE_SUM_SQUARES,
  REDUCE_WIDTH,
} from "./table.generated";

/** Rows whose sum is taken before it is added to the sum over all rows: two levels halve the digits lost. */
const ROW_BLOCK = 64;

/** Runs a REDUCE row for `count` rows, columns (along rows) or places (of segments) from `first` on. */
export function reduce(row: usize, header: usize, first: i32, count: i32): void {
  switch (field(row, REDUCE_ALONG)) {
    case ALONG_FEATURES:
      return alongFeatures(row, header, first, count);
    case ALONG_ROWS:
      return alongRows(row, header, first, count);
    case ALONG_ALL:
      return alongAll(row, header);
    case ALONG_SEGMENTS:
      return alongSegments(row, header, first, count);
  }
}

/** Folds one run into one number; `first` is added to an argmax. `n` may be 0: then 0, and −1 for argmax. */
function foldRun(row: usize, from: usize, n: i32, into: usize, first: i32): void {
  switch (field(row, REDUCE_OP)) {
    case REDUCE_SUM: {
      const sum: f32 = n > 0 ? sumRun(from, n) : 0;
      store<f32>(into, field(row, REDUCE_ACCUMULATE) ? load<f32>(into) + sum : sum);
      return;
    }
    case REDUCE_MAX:
      return store<f32>(into, n > 0 ? maxRun(from, n) : 0);
    case REDUCE_ARGMAX:
      return store<i32>(into, n > 0 ? first + argmaxRun(from, n) : -1);
    case REDUCE_LOG_SUM_EXP:
      return store<f32>(into, n > 0 ? logSumExpRun(from, n) : 0);
  }
}

/** into[i, 0] = fold of from[i, 0 … width − 1]. */
function alongFeatures(row: usize, header: usize, first: i32, rows: i32): void {
  const width = field(row, REDUCE_WIDTH);
  let from = viewStart(row, header, REDUCE_FROM) + <usize>first * viewStride(row, REDUCE_FROM);
  let into = viewStart(row, header, REDUCE_INTO) + <usize>first * viewStride(row, REDUCE_INTO);
  for (; rows > 0; rows--) {
    foldRun(row, from, width, into, 0);
    from += viewStride(row, REDUCE_FROM);
    into += viewStride(row, REDUCE_INTO);
  }
}

/**
 * into[0, f] = Σ from[i, f], ROW_BLOCK rows at a time; `first` is a multiple of eight. Eight columns at once: up to seven floats behind the
 * last are written with sums of padding, into the slack behind `into`, which is one row.
 */
function alongRows(row: usize, header: usize, first: i32, columns: i32): void {
  const rows = rowsNow(row, header);
  const stride = viewStride(row, REDUCE_FROM);
  const from = viewStart(row, header, REDUCE_FROM);
  const into = viewStart(row, header, REDUCE_INTO);
  const accumulate = field(row, REDUCE_ACCUMULATE);
  if (stride == 4) {
    const sum = <f32>sumRun64(from, rows, false);
    return store<f32>(into, accumulate ? load<f32>(into) + sum : sum);
  }
  for (let f = first; f < first + columns; f += 8) {
    const offset = (<usize>f) << 2;
    let left = f32x4.splat(0);
    let right = f32x4.splat(0);
    for (let r = 0; r < rows; r += ROW_BLOCK) {
      let p = from + offset + <usize>r * stride;
      const end = p + <usize>min(rows - r, ROW_BLOCK) * stride;
      let a = f32x4.splat(0);
      let b = f32x4.splat(0);
      for (; p < end; p += stride) {
        a = f32x4.add(a, v128.load(p));
        b = f32x4.add(b, v128.load(p, 16));
      }
      left = f32x4.add(left, a);
      right = f32x4.add(right, b);
    }
    if (accumulate) {
      left = f32x4.add(left, v128.load(into + offset));
      right = f32x4.add(right, v128.load(into + offset, 16));
    }
    v128.store(into + offset, left);
    v128.store(into + offset, right, 16);
  }
}

/** into[0, 0] = Σ from[i, f] or its squares, in float64. */
function alongAll(row: usize, header: usize): void {
  let width = field(row, REDUCE_WIDTH);
  let rows = rowsNow(row, header);
  const stride = viewStride(row, REDUCE_FROM);
  const squares = field(row, REDUCE_OP) == REDUCE_SUM_SQUARES;
  if (stride == (<usize>width) << 2) {
    width *= rows;
    rows = min(rows, 1);
  }
  let from = viewStart(row, header, REDUCE_FROM);
  let sum: f64 = 0;
  for (; rows > 0; rows--) {
    sum += sumRun64(from, width, squares);
    from += stride;
  }
  const into = viewStart(row, header, REDUCE_INTO);
  store<f32>(into, <f32>(field(row, REDUCE_ACCUMULATE) ? <f64>load<f32>(into) + sum : sum));
}

/** into[b, f] = fold of from[offsets[b] … offsets[b + 1] − 1, f]. */
function alongSegments(row: usize, header: usize, firstPlace: i32, places: i32): void {
  const width = field(row, REDUCE_WIDTH);
  const from = address(row, REDUCE_FROM);
  const stride = viewStride(row, REDUCE_FROM);
  const place = firstPlace + slot(row, header, REDUCE_PLACE);
  let offsets = <usize>slot(row, header, REDUCE_OFFSETS) + ((<usize>place) << 2);
  let into = viewStart(row, header, REDUCE_INTO) + <usize>firstPlace * viewStride(row, REDUCE_INTO);
  for (let b = 0; b < places; b++) {
    const first = load<i32>(offsets);
    const n = load<i32>(offsets, 4) - first;
    const start = from + <usize>first * stride;
    if (stride == 4) {
      foldRun(row, start, n, into, first);
    } else {
      // Whole vectors: rows of `into` are padded to more than a vector.
      for (let f: usize = 0; f < (<usize>width) << 2; f += 16) {
        foldColumns(row, start + f, stride, n, into + f, first);
      }
    }
    offsets += 4;
    into += viewStride(row, REDUCE_INTO);
  }
}

/** Folds `n` rows of four columns. */
function foldColumns(row: usize, from: usize, stride: usize, n: i32, into: usize, first: i32): void {
  const op = field(row, REDUCE_OP);
  if (op == REDUCE_ARGMAX) return v128.store(into, argmaxColumns(from, stride, n, first));
  let value = f32x4.splat(0);
  if (op == REDUCE_SUM) {
    if (field(row, REDUCE_ACCUMULATE)) value = v128.load(into);
    for (let i = 0; i < n; i++) value = f32x4.add(value, v128.load(from + <usize>i * stride));
  } else if (n > 0) {
    value = v128.load(from);
    for (let i = 1; i < n; i++) value = f32x4.max(value, v128.load(from + <usize>i * stride));
    if (op == REDUCE_LOG_SUM_EXP) value = logSumExpColumns(from, stride, n, value);
  }
  v128.store(into, value);
}

/** log Σ eˣ of four columns whose largest values are known; −∞ where all are −∞. */
function logSumExpColumns(from: usize, stride: usize, n: i32, largest: v128): v128 {
  let sum = f32x4.splat(0);
  for (let i = 0; i < n; i++) {
    sum = f32x4.add(sum, exp4(f32x4.sub(v128.load(from + <usize>i * stride), largest)));
  }
  const nothing = f32x4.eq(largest, v128.load32_splat(MINUS_INFINITY));
  return v128.bitselect(largest, f32x4.add(largest, log4(sum)), nothing);
}

/** Aligned rows of the first of the largest of four columns. */
function argmaxColumns(from: usize, stride: usize, n: i32, first: i32): v128 {
  if (n == 0) return i32x4.splat(-1);
  let best = v128.load(from);
  let place = i32x4.splat(first);
  for (let i = 1; i < n; i++) {
    const x = v128.load(from + <usize>i * stride);
    const greater = f32x4.gt(x, best);
    best = v128.bitselect(x, best, greater);
    place = v128.bitselect(i32x4.splat(first + i), place, greater);
  }
  return place;
}
