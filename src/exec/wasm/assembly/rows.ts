/** Reading the table: fields of a row, slots of a thread, addresses of views. */
import { HEADER_SCRATCH, ROW_ROWS } from "./table.generated";

/** Field `i` of the row at `row`. */
// @ts-ignore: decorator
@inline
export function field(row: usize, i: i32): i32 {
  return load<i32>(row + ((<usize>i) << 2));
}

/** Field `i` as an address. */
// @ts-ignore: decorator
@inline
export function address(row: usize, i: i32): usize {
  return <usize>load<u32>(row + ((<usize>i) << 2));
}

/** The int in the slot that field `i` names. */
// @ts-ignore: decorator
@inline
export function slot(row: usize, header: usize, i: i32): i32 {
  return load<i32>(header + address(row, i));
}

/** How many rows the step has at this moment. */
export function rowsNow(row: usize, header: usize): i32 {
  return slot(row, header, ROW_ROWS);
}

/** The thread's scratch memory. */
export function scratchOf(header: usize): usize {
  return address(header, HEADER_SCRATCH);
}

/** Address of the first row of the view that starts at field `i`: its slot holds the row's number. */
export function viewStart(row: usize, header: usize, i: i32): usize {
  return address(row, i) + <usize>slot(row, header, i + 2) * address(row, i + 1);
}

/** Row stride in bytes of the view that starts at field `i`. */
// @ts-ignore: decorator
@inline
export function viewStride(row: usize, i: i32): usize {
  return address(row, i + 1);
}
