/**
 * Runs a table, row after row, alone or with other threads. Kernels are functions of a row, of memory that the
 * row names, and of a range of what threads share (rows, columns, panels); the interpreter itself computes
 * nothing but these ranges and the slots of the loop it is in.
 *
 * Threads read the same table from the first row to the last. A row is shared, each thread taking one range of its
 * units, or is thread 0's alone; all threads decide alike, from numbers that are the same for all. Between rows they
 * wait for each other, unless both rows are thread 0's. A loop over time is shared by places: nobody waits inside.
 */
import { elementwise } from "./elementwise";
import { columns, gather, scatterAdd, spread } from "./gather";
import { apply, gradient } from "./gemm";
import { pack } from "./pack";
import { random } from "./random";
import { reduce } from "./reduce";
import { address, field, rowsNow } from "./rows";
import {
  ALIGNMENT_FIRST,
  ALIGNMENT_OFFSETS,
  ALIGNMENT_ROWS,
  APPLY,
  COLUMNS,
  ELEMENTWISE,
  END,
  GATHER,
  GRADIENT,
  HEADER_TEAM,
  HEADER_THREAD,
  HEADER_THREADS,
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
  PACKING_FROM,
  PACKING_N,
  PACKING_OFFSETS,
  PACKING_PLACE,
  PACKING_SEQUENCES,
  PACKING_T,
  PACKING_TO,
  PACKING_TOKENS,
  RANDOM,
  REDUCE,
  ROW_GRAIN,
  ROW_KIND,
  ROW_SIZE,
  ROW_UNITS,
  ROW_WORK,
  SCATTER_ADD,
  SPREAD,
  TEAM_LEAST_WORK,
} from "./table.generated";
import { barrier } from "./team";

/** Runs the rows from `row` to the next END on this thread alone. */
export function runAlone(row: usize, header: usize): void {
  for (; field(row, ROW_KIND) != END; row = next(row)) runWhole(row, header);
}

/** Runs this thread's share of the rows from `row` to the next END; false if another thread has failed. */
export function runTogether(row: usize, header: usize): bool {
  const thread = field(header, HEADER_THREAD);
  let ran = false;
  let wasShared = false;
  for (; field(row, ROW_KIND) != END; row = next(row)) {
    const shared = isShared(row, header);
    if (ran && (shared || wasShared) && !barrier(header)) return false;
    if (shared) runShare(row, header, thread);
    else if (thread == 0) runWhole(row, header);
    ran = true;
    wasShared = shared;
  }
  return barrier(header);
}

/** True if a row of the table from `row` to the next END has work enough for more than one thread. */
export function hasShared(row: usize, header: usize): bool {
  for (; field(row, ROW_KIND) != END; row = next(row)) if (isShared(row, header)) return true;
  return false;
}

/** The row behind this one, and behind its body. */
function next(row: usize): usize {
  const behind = row + (address(row, ROW_SIZE) << 2);
  return field(row, ROW_KIND) == LOOP ? behind + (address(row, LOOP_BODY) << 2) : behind;
}

function isShared(row: usize, header: usize): bool {
  const work = <i64>field(row, ROW_WORK);
  const least = <i64>field(address(header, HEADER_TEAM), TEAM_LEAST_WORK);
  return work > 0 && work * <i64>rowsNow(row, header) >= least;
}

/** How many units a row has at this moment. */
function unitsOf(row: usize, header: usize): i32 {
  const units = field(row, ROW_UNITS);
  return units < 0 ? -units * rowsNow(row, header) : units;
}

/** Runs all units of a row. */
function runWhole(row: usize, header: usize): void {
  if (field(row, ROW_KIND) != LOOP) return runRange(row, header, 0, unitsOf(row, header));
  const packing = header + address(row, LOOP_PACKING);
  runTimeLoop(row, header, 0, field(packing, PACKING_B));
}

/** Runs a thread's range of the units of a row. */
function runShare(row: usize, header: usize, thread: i32): void {
  if (field(row, ROW_KIND) == LOOP) {
    const packing = header + address(row, LOOP_PACKING);
    return runTimeLoop(row, header, field(packing, PACKING_FROM), field(packing, PACKING_TO));
  }
  const units = unitsOf(row, header);
  const grain = field(row, ROW_GRAIN);
  const grains = (units + grain - 1) / grain;
  const threads = field(header, HEADER_THREADS);
  const first = min(units, ((grains * thread) / threads) * grain);
  const end = min(units, ((grains * (thread + 1)) / threads) * grain);
  runRange(row, header, first, end - first);
}

/** Runs `count` units of a row that is no loop, from unit `first` on. */
function runRange(row: usize, header: usize, first: i32, count: i32): void {
  switch (field(row, ROW_KIND)) {
    case PACK:
      return pack(row, first, count);
    case APPLY:
      return apply(row, header, first, count);
    case GRADIENT:
      return gradient(row, header, first, count);
    case ELEMENTWISE:
      return elementwise(row, header, first, count);
    case REDUCE:
      return reduce(row, header, first, count);
    case GATHER:
      return gather(row, header, first, count);
    case SCATTER_ADD:
      return scatterAdd(row, header, first, count);
    case RANDOM:
      return random(row, header, first, count);
    case COLUMNS:
      return columns(row, header, first, count);
    case SPREAD:
      return spread(row, header, first, count);
  }
}

/**
 * Runs the body of a LOOP row once per step for places `from` to `to` − 1: sets the slots to the step's rows of
 * these places, and afterwards back to all rows.
 */
function runTimeLoop(row: usize, header: usize, from: i32, to: i32): void {
  const packing = header + address(row, LOOP_PACKING);
  const steps = field(packing, PACKING_T);
  const reverse = field(row, LOOP_REVERSE);
  const offsets = address(packing, PACKING_OFFSETS);
  const active = address(packing, PACKING_ACTIVE);
  const body = row + (address(row, ROW_SIZE) << 2);
  for (let i = 0; i < steps; i++) {
    const t = (<usize>(reverse ? steps - 1 - i : i)) << 2;
    const rows = min(load<i32>(active + t), to) - from;
    if (rows <= 0) continue;
    setRows(row, header, load<i32>(offsets + t) + from, from, rows, rows);
    runAlone(body, header);
  }
  setRows(row, header, 0, 0, field(packing, PACKING_N), field(packing, PACKING_B));
}

/** Sets the slots of a loop's packing, and those of the alignments that its places read. */
function setRows(row: usize, header: usize, first: i32, place: i32, tokens: i32, sequences: i32): void {
  const packing = header + address(row, LOOP_PACKING);
  store<i32>(packing + PACKING_FIRST * 4, first);
  store<i32>(packing + PACKING_TOKENS * 4, tokens);
  store<i32>(packing + PACKING_SEQUENCES * 4, sequences);
  store<i32>(packing + PACKING_PLACE * 4, place);
  const count = field(row, LOOP_ALIGNMENTS);
  for (let i = 0; i < count; i++) {
    const alignment = header + address(row, LOOP_LIST + i);
    const offsets = address(alignment, ALIGNMENT_OFFSETS) + ((<usize>place) << 2);
    const begin = load<i32>(offsets);
    store<i32>(alignment + ALIGNMENT_FIRST * 4, begin);
    store<i32>(alignment + ALIGNMENT_ROWS * 4, load<i32>(offsets + ((<usize>sequences) << 2)) - begin);
  }
}
