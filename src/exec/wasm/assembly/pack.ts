/**
 * Bringing matrices into the order in which the micro-kernel reads them.
 * A panel is [k, TILE_COLUMNS]: TILE_COLUMNS columns of b, row after row. The panels of one block of
 * DEPTH_BLOCK rows lie one after another, and the blocks after each other; the last panel's
 * columns behind n are never written and zero, as memory was. Written before the products of a run, or just before the product that uses it.
 */
import { TILE_COLUMNS } from "./micro.generated";
import { address, field } from "./rows";
import { PACK_FROM, PACK_K, PACK_N, PACK_PANELS, PACK_TRANSPOSE } from "./table.generated";

/** Rows of b in a block: 512 × 16 floats fill half of a first-level cache of 64 KB, and all of one of 32. */
export const DEPTH_BLOCK = 512;
const PANEL_ROW = TILE_COLUMNS * 4;

/** Runs a PACK row for `count` panels from panel `first` on, of every block of rows. */
export function pack(row: usize, first: i32, count: i32): void {
  const k = field(row, PACK_K);
  const n = field(row, PACK_N);
  const transpose = field(row, PACK_TRANSPOSE);
  const stride = (<usize>(transpose ? k : n)) << 2;
  const from = address(row, PACK_FROM);
  const panels = address(row, PACK_PANELS);
  const panelsInBlock = (n + TILE_COLUMNS - 1) / TILE_COLUMNS;
  const end = min(n, (first + count) * TILE_COLUMNS);
  for (let k0 = 0; k0 < k; k0 += DEPTH_BLOCK) {
    const depth = min(k - k0, DEPTH_BLOCK);
    let panel = panels + <usize>(k0 * panelsInBlock + first * depth) * PANEL_ROW;
    for (let j = first * TILE_COLUMNS; j < end; j += TILE_COLUMNS) {
      const columns = min(n - j, TILE_COLUMNS);
      if (transpose) {
        transposed(from + <usize>j * stride + ((<usize>k0) << 2), stride, columns, depth, panel, PANEL_ROW);
      } else {
        copyColumns(from + <usize>k0 * stride + ((<usize>j) << 2), stride, depth, columns, panel, PANEL_ROW);
      }
      panel += <usize>depth * PANEL_ROW;
    }
  }
}

/** into[i, j] = from[i, j] for `rows` rows of exactly `columns` floats; strides in bytes, no overlap. */
export function copyColumns(
  from: usize,
  fromStride: usize,
  rows: i32,
  columns: i32,
  into: usize,
  intoStride: usize,
): void {
  for (; rows > 0; rows--) {
    copyFloats(from, into, columns);
    from += fromStride;
    into += intoStride;
  }
}

/** into[i] = from[i] for exactly `count` floats; no overlap. */
export function copyFloats(from: usize, into: usize, count: i32): void {
  for (; count >= 4; count -= 4) {
    v128.store(into, v128.load(from));
    from += 16;
    into += 16;
  }
  for (; count > 0; count--) {
    store<u32>(into, load<u32>(from));
    from += 4;
    into += 4;
  }
}

/** into[j, i] = from[i, j] for a matrix of rows × columns floats; strides in bytes, no overlap. */
export function transposed(
  from: usize,
  fromStride: usize,
  rows: i32,
  columns: i32,
  into: usize,
  intoStride: usize,
): void {
  let i = 0;
  for (; i + 4 <= rows; i += 4) {
    let source = from;
    let target = into;
    let j = 0;
    for (; j + 4 <= columns; j += 4) {
      const a = v128.load(source);
      const b = v128.load(source + fromStride);
      const c = v128.load(source + 2 * fromStride);
      const d = v128.load(source + 3 * fromStride);
      const ab = i32x4.shuffle(a, b, 0, 4, 1, 5);
      const cd = i32x4.shuffle(c, d, 0, 4, 1, 5);
      const ab2 = i32x4.shuffle(a, b, 2, 6, 3, 7);
      const cd2 = i32x4.shuffle(c, d, 2, 6, 3, 7);
      v128.store(target, i64x2.shuffle(ab, cd, 0, 2));
      v128.store(target + intoStride, i64x2.shuffle(ab, cd, 1, 3));
      v128.store(target + 2 * intoStride, i64x2.shuffle(ab2, cd2, 0, 2));
      v128.store(target + 3 * intoStride, i64x2.shuffle(ab2, cd2, 1, 3));
      source += 16;
      target += 4 * intoStride;
    }
    for (; j < columns; j++) {
      store<u32>(target, load<u32>(source));
      store<u32>(target, load<u32>(source + fromStride), 4);
      store<u32>(target, load<u32>(source + 2 * fromStride), 8);
      store<u32>(target, load<u32>(source + 3 * fromStride), 12);
      source += 4;
      target += intoStride;
    }
    from += 4 * fromStride;
    into += 16;
  }
  for (; i < rows; i++) {
    let target = into;
    for (let j = 0; j < columns; j++) {
      store<u32>(target, load<u32>(from + ((<usize>j) << 2)));
      target += intoStride;
    }
    from += fromStride;
    into += 4;
  }
}
