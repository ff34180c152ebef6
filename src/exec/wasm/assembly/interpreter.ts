/**
 * Runs a table, row after row. Kernels are functions of a row and of memory that the row names; the
 * interpreter itself computes nothing but the slots of the loop it is in.
 */
import { elementwise } from "./elementwise";
import { columns, gather, scatterAdd } from "./gather";
import { apply, gradient } from "./gemm";
import { pack } from "./pack";
import { random } from "./random";
import { reduce } from "./reduce";
import { address, field } from "./rows";
import {
  ALIGNMENT_OFFSETS,
  ALIGNMENT_ROWS,
  APPLY,
  COLUMNS,
  ELEMENTWISE,
  END,
  GATHER,
  GRADIENT,
  HEADER_SCRATCH,
  LOOP,
  LOOP_ALIGNMENTS,
  LOOP_BODY,
  LOOP_LIST,
  LOOP_PACKING,
  LOOP_REVERSE,
  PACK,
  PACKING_ACTIVE,
  PACKING_B,
  PACKING_FIRST,
  PACKING_N,
  PACKING_OFFSETS,
  PACKING_SEQUENCES,
  PACKING_T,
  PACKING_TOKENS,
  RANDOM,
  REDUCE,
  ROW_KIND,
  ROW_SIZE,
  SCATTER_ADD,
} from "./table.generated";

/** Runs the rows from `row` to the next END. */
export function runRows(row: usize, header: usize): void {
  const scratch = address(header, HEADER_SCRATCH);
  for (;;) {
    let next = row + (address(row, ROW_SIZE) << 2);
    switch (field(row, ROW_KIND)) {
      case END:
        return;
      case LOOP:
        runTimeLoop(row, header);
        next += address(row, LOOP_BODY) << 2;
        break;
      case PACK:
        pack(row);
        break;
      case APPLY:
        apply(row, scratch);
        break;
      case GRADIENT:
        gradient(row, scratch);
        break;
      case ELEMENTWISE:
        elementwise(row, scratch);
        break;
      case REDUCE:
        reduce(row);
        break;
      case GATHER:
        gather(row, header);
        break;
      case SCATTER_ADD:
        scatterAdd(row, header);
        break;
      case RANDOM:
        random(row, scratch);
        break;
      case COLUMNS:
        columns(row);
        break;
    }
    row = next;
  }
}

/** Runs the body of a LOOP row once per step: sets the slots to the step's rows, and afterwards back to all rows. */
function runTimeLoop(row: usize, header: usize): void {
  const packing = address(row, LOOP_PACKING);
  const steps = field(packing, PACKING_T);
  const reverse = field(row, LOOP_REVERSE);
  const offsets = address(packing, PACKING_OFFSETS);
  const active = address(packing, PACKING_ACTIVE);
  const body = row + (address(row, ROW_SIZE) << 2);
  for (let i = 0; i < steps; i++) {
    const t = (<usize>(reverse ? steps - 1 - i : i)) << 2;
    setRows(row, load<i32>(offsets + t), load<i32>(active + t), load<i32>(active + t));
    runRows(body, header);
  }
  setRows(row, 0, field(packing, PACKING_N), field(packing, PACKING_B));
}

/** Sets the slots of a loop's packing, and those of the alignments that its places read. */
function setRows(row: usize, first: i32, tokens: i32, sequences: i32): void {
  const packing = address(row, LOOP_PACKING);
  store<i32>(packing + PACKING_FIRST * 4, first);
  store<i32>(packing + PACKING_TOKENS * 4, tokens);
  store<i32>(packing + PACKING_SEQUENCES * 4, sequences);
  const count = field(row, LOOP_ALIGNMENTS);
  for (let i = 0; i < count; i++) {
    const alignment = address(row, LOOP_LIST + i);
    const offsets = address(alignment, ALIGNMENT_OFFSETS);
    store<i32>(alignment + ALIGNMENT_ROWS * 4, load<i32>(offsets + ((<usize>sequences) << 2)));
  }
}
