/**
 * The interpreter of elementwise programs. A program runs over tiles of up to ELEMENTWISE_CHUNK floats that
 * stay in the first-level cache, one instruction after another, each a loop of loops.generated.ts.
 *
 * Layouts. If nothing is repeated, rows × stride floats are one long row. Else a tile holds whole rows while
 * they are short (repeated operands are spread out in scratch), or a part of one row (a repeated row is
 * read where it lies, a column's number is one splat). Every element's arithmetic is the same in all of them.
 *
 * Memory. The register table in scratch holds an address and a step (32, or 0 for eight equal floats) for
 * every register. Full operands and outputs are read and written where they lie; an output may be an input
 * (the driver sees to the order). Loops work on eight floats: reads may pass the end of a view by seven
 * floats, which stay in the buffer's allocation; writes never do, the rest goes through scratch.
 */
import { runLoop } from "./loops.generated";
import { copyFloats } from "./pack";
import { address, field, scratchOf, viewStart } from "./rows";
import {
  ELEMENTWISE_CHUNK,
  ELEMENTWISE_INSTRUCTIONS,
  ELEMENTWISE_LIST,
  ELEMENTWISE_OPERANDS,
  ELEMENTWISE_REGISTERS,
  ELEMENTWISE_REPEATS,
  ELEMENTWISE_STRIDE,
  INSTRUCTION_A,
  INSTRUCTION_B,
  INSTRUCTION_C,
  INSTRUCTION_INTO,
  INSTRUCTION_INTS,
  INSTRUCTION_OP,
  OPERAND_INTS,
  OPERAND_REGISTER,
  OPERAND_ROLE,
  OPERAND_SCRATCH,
  OPERAND_VIEW,
  ROLE_COLUMN,
  ROLE_CONSTANT,
  ROLE_FULL,
  ROLE_OUTPUT,
  ROLE_ROW,
  ROLE_SCALAR,
} from "./table.generated";

/** Runs an ELEMENTWISE row for `count` rows from row `first` on, or so many floats if nothing is repeated. */
export function elementwise(row: usize, header: usize, first: i32, count: i32): void {
  if (count == 0) return;
  const scratch = scratchOf(header);
  const repeats = field(row, ELEMENTWISE_REPEATS);
  const stride = field(row, ELEMENTWISE_STRIDE);
  const chunk = field(row, ELEMENTWISE_CHUNK);
  const rowsPerTile = chunk / stride;
  const end = first + count;
  bind(row, header, scratch, repeats ? first * stride : first);
  if (!repeats) {
    runAlong(row, scratch, count, chunk);
  } else if (rowsPerTile > 1 && count > 1) {
    spread(row, header, scratch, ROLE_ROW, 0, min(count, rowsPerTile), stride);
    for (let r = first; r < end; r += rowsPerTile) {
      const some = min(end - r, rowsPerTile);
      spread(row, header, scratch, ROLE_COLUMN, r, some, stride);
      runTile(row, scratch, some * stride);
      advance(row, scratch, some * stride, false);
    }
  } else {
    for (let r = first; r < end; r++) {
      startRow(row, header, scratch, r);
      runAlong(row, scratch, stride, chunk);
    }
  }
}

/** Address of the table entry of register `i`. */
// @ts-ignore: decorator
@inline
function entryOf(table: usize, i: i32): usize {
  return table + ((<usize>i) << 3);
}

/** Address behind the operands, where the instructions start. */
function operandsEnd(row: usize): usize {
  return row + ((<usize>(ELEMENTWISE_LIST + field(row, ELEMENTWISE_OPERANDS) * OPERAND_INTS)) << 2);
}

/** Gives every register its address before the first tile, `first` floats into the views, and splats the scalars. */
function bind(row: usize, header: usize, scratch: usize, first: i32): void {
  const table = scratch + address(row, ELEMENTWISE_REGISTERS);
  const end = operandsEnd(row);
  for (let o = row + ((<usize>ELEMENTWISE_LIST) << 2); o < end; o += OPERAND_INTS << 2) {
    const entry = entryOf(table, field(o, OPERAND_REGISTER));
    const own = scratch + address(o, OPERAND_SCRATCH);
    let at = own;
    let step = 32;
    switch (field(o, OPERAND_ROLE)) {
      case ROLE_FULL:
      case ROLE_OUTPUT:
        at = viewStart(o, header, OPERAND_VIEW) + ((<usize>first) << 2);
        break;
      case ROLE_CONSTANT:
        at = address(o, OPERAND_VIEW);
        step = 0;
        break;
      case ROLE_SCALAR:
        splat(viewStart(o, header, OPERAND_VIEW), own);
        step = 0;
        break;
    }
    store<usize>(entry, at);
    store<i32>(entry, step, 4);
  }
}

/** Eight floats at `into` from the one at `from`. */
function splat(from: usize, into: usize): void {
  const value = v128.load32_splat(from);
  v128.store(into, value);
  v128.store(into, value, 16);
}

/** Sets repeated operands for row `r` alone. */
function startRow(row: usize, header: usize, scratch: usize, r: i32): void {
  const table = scratch + address(row, ELEMENTWISE_REGISTERS);
  const end = operandsEnd(row);
  for (let o = row + ((<usize>ELEMENTWISE_LIST) << 2); o < end; o += OPERAND_INTS << 2) {
    const role = field(o, OPERAND_ROLE);
    const entry = entryOf(table, field(o, OPERAND_REGISTER));
    if (role == ROLE_ROW) {
      store<usize>(entry, viewStart(o, header, OPERAND_VIEW));
    } else if (role == ROLE_COLUMN) {
      const number = viewStart(o, header, OPERAND_VIEW) + ((<usize>r) << 2);
      splat(number, scratch + address(o, OPERAND_SCRATCH));
      store<i32>(entry, 0, 4);
    }
  }
}

/** Spreads the operands of a role over a tile of `rows` rows from row `r` on. */
function spread(row: usize, header: usize, scratch: usize, role: i32, r: i32, rows: i32, stride: i32): void {
  const end = operandsEnd(row);
  for (let o = row + ((<usize>ELEMENTWISE_LIST) << 2); o < end; o += OPERAND_INTS << 2) {
    if (field(o, OPERAND_ROLE) != role) continue;
    let from = viewStart(o, header, OPERAND_VIEW) + (role == ROLE_COLUMN ? (<usize>r) << 2 : 0);
    let into = scratch + address(o, OPERAND_SCRATCH);
    // Whole vectors, one row after the other: what passes a row's end is overwritten by the next row.
    for (let i = 0; i < rows; i++) {
      if (role == ROLE_COLUMN) {
        const value = v128.load32_splat(from);
        for (let f = 0; f < stride; f += 4) v128.store(into + ((<usize>f) << 2), value);
        from += 4;
      } else {
        for (let f = 0; f < stride; f += 4)
          v128.store(into + ((<usize>f) << 2), v128.load(from + ((<usize>f) << 2)));
      }
      into += (<usize>stride) << 2;
    }
  }
}

/** Moves what is read and written in place on by `count` floats; repeated rows too if a tile is a part of one. */
function advance(row: usize, scratch: usize, count: i32, alongRow: bool): void {
  const table = scratch + address(row, ELEMENTWISE_REGISTERS);
  const end = operandsEnd(row);
  for (let o = row + ((<usize>ELEMENTWISE_LIST) << 2); o < end; o += OPERAND_INTS << 2) {
    const role = field(o, OPERAND_ROLE);
    if (role == ROLE_FULL || role == ROLE_OUTPUT || (alongRow && role == ROLE_ROW)) {
      const entry = entryOf(table, field(o, OPERAND_REGISTER));
      store<usize>(entry, load<usize>(entry) + ((<usize>count) << 2));
    }
  }
}

/** Runs the program over one row of `length` floats, a chunk at a time, and moves on behind it. */
function runAlong(row: usize, scratch: usize, length: i32, chunk: i32): void {
  for (let done = 0; done < length; done += chunk) {
    const count = min(length - done, chunk);
    runTile(row, scratch, count);
    advance(row, scratch, count, true);
  }
}

/** Runs the program over one tile of `count` floats: eights of them in place, the rest through scratch. */
function runTile(row: usize, scratch: usize, count: i32): void {
  const eights = count & ~7;
  if (eights) runProgram(row, scratch, 0, (<usize>eights) << 2);
  if (count != eights) runRest(row, scratch, eights, count - eights);
}

/** Runs the program over the last `rest` floats (1 to 7) of a tile: outputs go to scratch, then exactly home. */
function runRest(row: usize, scratch: usize, from: i32, rest: i32): void {
  const table = scratch + address(row, ELEMENTWISE_REGISTERS);
  const offset = (<usize>from) << 2;
  const list = row + ((<usize>ELEMENTWISE_LIST) << 2);
  const end = operandsEnd(row);
  // An output's address waits in its scratch, behind the eight floats.
  for (let o = list; o < end; o += OPERAND_INTS << 2) {
    if (field(o, OPERAND_ROLE) != ROLE_OUTPUT) continue;
    const own = scratch + address(o, OPERAND_SCRATCH);
    const entry = entryOf(table, field(o, OPERAND_REGISTER));
    store<usize>(own, load<usize>(entry), 32);
    store<usize>(entry, own - offset);
  }
  runProgram(row, scratch, offset, 32);
  for (let o = list; o < end; o += OPERAND_INTS << 2) {
    if (field(o, OPERAND_ROLE) != ROLE_OUTPUT) continue;
    const own = scratch + address(o, OPERAND_SCRATCH);
    const home = load<usize>(own, 32);
    copyFloats(own, home + offset, rest);
    store<usize>(entryOf(table, field(o, OPERAND_REGISTER)), home);
  }
}

/** Runs every instruction over `bytes` bytes (a multiple of 32), `offset` bytes behind the registers' addresses. */
function runProgram(row: usize, scratch: usize, offset: usize, bytes: usize): void {
  const table = scratch + address(row, ELEMENTWISE_REGISTERS);
  let at = operandsEnd(row);
  const end = at + ((<usize>(field(row, ELEMENTWISE_INSTRUCTIONS) * INSTRUCTION_INTS)) << 2);
  for (; at < end; at += INSTRUCTION_INTS << 2) {
    const a = entryOf(table, field(at, INSTRUCTION_A));
    const b = entryOf(table, field(at, INSTRUCTION_B));
    const c = entryOf(table, field(at, INSTRUCTION_C));
    const into = load<usize>(entryOf(table, field(at, INSTRUCTION_INTO))) + offset;
    const aStep = load<usize>(a, 4);
    const bStep = load<usize>(b, 4);
    const cStep = load<usize>(c, 4);
    runLoop(
      field(at, INSTRUCTION_OP),
      into,
      into + bytes,
      load<usize>(a) + (aStep ? offset : 0),
      aStep,
      load<usize>(b) + (bStep ? offset : 0),
      bStep,
      load<usize>(c) + (cStep ? offset : 0),
      cStep,
    );
  }
}
