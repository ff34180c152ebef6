/** Reading the table: fields of a row, addresses of views. */

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
export function slot(row: usize, i: i32): i32 {
  return load<i32>(address(row, i));
}

/** Address of the first row of the view that starts at field `i`: its slot holds the row's number. */
export function viewStart(row: usize, i: i32): usize {
  return address(row, i) + <usize>slot(row, i + 2) * address(row, i + 1);
}

/** Row stride in bytes of the view that starts at field `i`. */
// @ts-ignore: decorator
@inline
export function viewStride(row: usize, i: i32): usize {
  return address(row, i + 1);
}
