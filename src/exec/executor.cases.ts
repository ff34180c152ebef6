/**
 * The conformance suite of executors: every step kind in every form against the reference interpreter, random
 * plans, same bits in any batch, stepping, and refusals. A new executor calls this with its tolerance and the reason for it.
 */
import { describe } from "vitest";
import { bitsCases } from "./cases/bits.cases.js";
import { elementwiseCases } from "./cases/elementwise.cases.js";
import { gemmCases } from "./cases/gemm.cases.js";
import type { Tolerance } from "./cases/harness.cases.js";
import { indexedCases } from "./cases/indexed.cases.js";
import { mixedCases } from "./cases/mixed.cases.js";
import { randomCases } from "./cases/random.cases.js";
import { reduceCases } from "./cases/reduce.cases.js";
import { refusalCases } from "./cases/refusals.cases.js";
import { sessionCases } from "./cases/sessions.cases.js";
import { spreadCases } from "./cases/spread.cases.js";
import { steppingCases } from "./cases/stepping.cases.js";
import { stopsCases } from "./cases/stops.cases.js";
import type { Executor } from "./executor.js";

/**
 * Registers all cases.
 *
 * @param name of the executor, for the report
 * @param create makes a fresh executor
 * @param tolerance how far from float64 it may be; say why where you call this
 */
export function executorCases(name: string, create: () => Promise<Executor>, tolerance: Tolerance): void {
  describe(`conformance of ${name}`, () => {
    const groups = [
      gemmCases,
      elementwiseCases,
      reduceCases,
      spreadCases,
      indexedCases,
      randomCases,
      mixedCases,
      bitsCases,
      steppingCases,
      stopsCases,
      sessionCases,
      refusalCases,
    ];
    for (const register of groups) register({ create, tolerance });
  });
}
