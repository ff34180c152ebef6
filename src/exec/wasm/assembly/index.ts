/**
 * The kernels' entry. Memory is imported and shared by the instances of all threads; the driver lays out everything
 * above `heapStart` and calls `run` once per run of a plan, workers call `serve` once. There is no AssemblyScript
 * runtime: no allocation, no closures, no mutable globals.
 */

import { hasShared, runAlone, runTogether } from "./interpreter";
import { TILE_COLUMNS } from "./micro.generated";
import { address, field } from "./rows";
import {
  HEADER_PACKING,
  HEADER_STEPS,
  HEADER_STRIDE,
  HEADER_THREADS,
  TEAM_HEADER,
  TEAM_REPACK,
} from "./table.generated";
import { awaitRun, failTeam, giveOut, hasFailed } from "./team";

/** Columns of a panel of weights. */
export function panelColumns(): i32 {
  return TILE_COLUMNS;
}

/** First address behind the kernels' constants. */
export function heapStart(): usize {
  return __heap_base;
}

/** Runs a program: packs its parameters first if `repack`. Ends early if another thread fails; the team says so. */
export function run(header: usize, repack: i32): void {
  const packing = address(header, HEADER_PACKING);
  const steps = address(header, HEADER_STEPS);
  const together =
    field(header, HEADER_THREADS) > 1 &&
    ((repack != 0 && hasShared(packing, header)) || hasShared(steps, header));
  if (together) {
    giveOut(header, repack);
    runRowsTogether(header, repack);
    return;
  }
  if (repack) runAlone(packing, header);
  runAlone(steps, header);
}

/** Takes part in every run that is given out, as a thread other than 0; returns only if a thread has failed. */
export function serve(team: usize, thread: i32): void {
  let run = 0;
  for (;;) {
    run = awaitRun(team, run);
    if (hasFailed(team)) return;
    const first = address(team, TEAM_HEADER);
    const header = first + <usize>thread * address(first, HEADER_STRIDE);
    if (!runRowsTogether(header, field(team, TEAM_REPACK))) return;
  }
}

/** Marks a team as failed and wakes all who wait. */
export function fail(team: usize, messageBytes: i32): void {
  failTeam(team, messageBytes);
}

function runRowsTogether(header: usize, repack: i32): bool {
  return (
    (repack == 0 || runTogether(address(header, HEADER_PACKING), header)) &&
    runTogether(address(header, HEADER_STEPS), header)
  );
}
