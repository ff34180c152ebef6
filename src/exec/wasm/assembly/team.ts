/**
 * How the threads of an executor meet: main gives out a run, all pass barriers, one that fails wakes the rest.
 * A team's memory is shared and outlives programs. Who waits looks for a short while (a few microseconds, as long
 * as rows last that differ a little), then sleeps: waking costs ten times as much.
 */
import { address, field } from "./rows";
import {
  HEADER_TEAM,
  HEADER_THREADS,
  TEAM_ARRIVED,
  TEAM_FAILED,
  TEAM_HEADER,
  TEAM_MESSAGE_BYTES,
  TEAM_PHASE,
  TEAM_REPACK,
  TEAM_RUN,
} from "./table.generated";

/** Looks before sleeping: some 20 microseconds. */
const LOOKS = 10000;

/** Waits until the int at `at` is no longer `old`. */
function waitWhile(at: usize, old: i32): void {
  for (let i = 0; i < LOOKS; i++) if (atomic.load<i32>(at) != old) return;
  while (atomic.load<i32>(at) == old) atomic.wait<i32>(at, old, -1);
}

function wake(at: usize): void {
  atomic.add<i32>(at, 1);
  atomic.notify(at, -1);
}

/** True when a thread has stopped with an error. */
export function hasFailed(team: usize): bool {
  return atomic.load<i32>(team + TEAM_FAILED * 4) != 0;
}

/** Gives a run to all other threads. */
export function giveOut(header: usize, repack: i32): void {
  const team = address(header, HEADER_TEAM);
  store<usize>(team + TEAM_HEADER * 4, header);
  store<i32>(team + TEAM_REPACK * 4, repack);
  wake(team + TEAM_RUN * 4);
}

/** Marks a team as failed, and wakes all who wait for a run or at the barrier. */
export function failTeam(team: usize, messageBytes: i32): void {
  store<i32>(team + TEAM_MESSAGE_BYTES * 4, messageBytes);
  atomic.store<i32>(team + TEAM_FAILED * 4, 1);
  wake(team + TEAM_PHASE * 4);
  wake(team + TEAM_RUN * 4);
}

/** Waits for a run other than number `run`, and returns its number. */
export function awaitRun(team: usize, run: i32): i32 {
  waitWhile(team + TEAM_RUN * 4, run);
  return atomic.load<i32>(team + TEAM_RUN * 4);
}

/** Waits for all threads to come here; false if one has failed and will not. */
export function barrier(header: usize): bool {
  const team = address(header, HEADER_TEAM);
  const arrived = team + TEAM_ARRIVED * 4;
  const phase = team + TEAM_PHASE * 4;
  const old = atomic.load<i32>(phase);
  if (hasFailed(team)) return false;
  if (atomic.add<i32>(arrived, 1) + 1 == field(header, HEADER_THREADS)) {
    atomic.store<i32>(arrived, 0);
    wake(phase);
  } else {
    waitWhile(phase, old);
  }
  return !hasFailed(team);
}
