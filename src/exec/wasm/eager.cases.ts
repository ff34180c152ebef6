/**
 * Executors of several threads for tests: they share rows of any size, so that small cases test what large batches
 * do. A team is kept for all cases of a file: starting workers for each would take most of the time.
 */
import type { Executor } from "../executor.js";
import { LoweredExecutor } from "../lowering/executor.js";
import * as t from "../lowering/table.js";

import { type Engine, loadEngine } from "./module.js";
import type { TierName } from "./options.js";
import { startTeam, type Team } from "./threads.js";

/** The tier that tests of threads run in; `npm run test:tiers` sets it. */
export const testedTier = (process.env["UNROLLED_TIER"] ?? "simd") as TierName;

/** A team that shares everything, and its engine. */
export interface EagerTeam {
  readonly engine: Engine;
  readonly team: Team;
}

/** Starts a team. */
export async function eagerTeam(threads: number): Promise<EagerTeam> {
  const engine = await loadEngine({ tier: testedTier });
  return { engine, team: await startTeam(engine, { threads, leastWork: 0 }) };
}

/** A fresh executor of a team, whose `dispose` leaves the team. */
export const executorOf = ({ team }: EagerTeam): Executor =>
  new LoweredExecutor(Object.create(team, { stop: { value: async () => {} } }) as Team);

/** How many runs have been given to all threads of a team. */
export const sharedRuns = ({ engine, team }: EagerTeam): number =>
  engine.memory.ints[team.team / 4 + t.TEAM_RUN]!;
