/**
 * Threads: every suite of the executor with each row shared that can be, however small; how work is shared;
 * failures; and what is left when an executor is disposed of. That whole trajectories of training are the same
 * bits is tested in train/threads.test.ts.
 */
import { spawnSync } from "node:child_process";
import { afterAll, describe, expect, it } from "vitest";
import { packing } from "../../tensor/packing.js";
import { buffer, planOf } from "../cases/harness.cases.js";
import { executorCases } from "../executor.cases.js";
import { ExecutorError } from "../executor.js";
import { goldenCases } from "../golden.cases.js";
import { LoweredExecutor } from "../lowering/executor.js";
import { placeBounds } from "../lowering/slots.js";
import * as t from "../lowering/table.js";
import { type EagerTeam, eagerTeam, executorOf, sharedRuns, testedTier } from "./eager.cases.js";

import { createWasmExecutor } from "./index.js";
import { loadEngine } from "./module.js";
import { startTeam } from "./threads.js";

// The tolerances of wasm.test.ts, for its reasons: threads change no bit.
describe.each([2, 3])("with %i threads", (threads) => {
  let made: Promise<EagerTeam> | undefined;
  const create = async () => {
    made ??= eagerTeam(threads);
    return executorOf(await made);
  };
  executorCases("wasm", create, { sums: 2e-5, functions: 4e-7 });
  goldenCases(create, 1e-5);
  afterAll(async () => {
    const eager = await made!;
    // The cases did run on all threads.
    expect(sharedRuns(eager)).toBeGreaterThan(100);
    await eager.team.stop();
  });
});

describe("places are shared", () => {
  const bounds = (of: ReturnType<typeof packing>, threads: number): number[] =>
    Array.from(placeBounds(of, threads, new Int32Array(threads + 1)));

  it("so that every thread has about as many tokens, from even places on", () => {
    expect(bounds(packing(new Array(32).fill(9)), 2)).toEqual([0, 16, 32]);
    expect(bounds(packing([90, 30, 20, 10, 10, 10, 5, 5, 0, 0]), 2)).toEqual([0, 2, 10]);
    expect(bounds(packing(new Array(10).fill(1)), 3)).toEqual([0, 4, 8, 10]);
  });

  it("when there are fewer of them than threads, or no tokens", () => {
    expect(bounds(packing([5]), 3)).toEqual([0, 1, 1, 1]);
    expect(bounds(packing([]), 2)).toEqual([0, 0, 0]);
    expect(bounds(packing([0, 0, 0]), 2)).toEqual([0, 0, 3]);
  });
});

const wide = planOf(
  "wide",
  [buffer("x", "tokens:p", 64, "input"), buffer("y", "tokens:p", 64, "output")],
  [
    {
      kind: "elementwise",
      space: "tokens:p",
      width: 64,
      inputs: ["x"],
      program: [{ op: "add", args: [0, 0] }],
      outputs: [{ buffer: "y", register: 1 }],
    },
  ],
);
const batch = { packings: { p: packing([3000]) } };
const capacity = { p: { B: 1, T: 3000, N: 3000 } };

describe("an executor of several threads", () => {
  it("names them, shares large rows, and leaves small runs to one thread", async () => {
    const engine = await loadEngine({ tier: testedTier });
    const team = await startTeam(engine, { threads: 2 });
    const executor = new LoweredExecutor(team);
    const session = executor.session();
    expect(executor.tier).toBe(`wasm ${testedTier}, 2 threads`);
    const program = session.prepare(wide, capacity);
    program.write("x", new Array(3000 * 64).fill(1));
    program.run({ packings: { p: packing([3]) } });
    expect(sharedRuns({ engine, team })).toBe(0);
    program.run(batch);
    expect(sharedRuns({ engine, team })).toBe(1);
    expect(new Set(program.read("y"))).toEqual(new Set([2]));
    executor.dispose();
    expect(() => program.run(batch)).toThrow(ExecutorError);
  });

  it("refuses numbers of threads that make no sense", async () => {
    for (const threads of [0, 1.5, -1, 65, Number.NaN]) {
      await expect(createWasmExecutor({ threads })).rejects.toThrow(/threads is/);
    }
  });

  it("throws when a worker fails, says why, and refuses to run again", async () => {
    const { engine, team } = await eagerTeam(3);
    const executor = new LoweredExecutor(team);
    const session = executor.session();
    const program = session.prepare(wide, capacity);
    program.run(batch);
    const { ints } = engine.memory;
    // Thread 2's scratch beyond the end of memory: it is where its registers are.
    const headers = Reflect.get(program, "headers") as { address: number; stride: number };
    ints[(headers.address + 2 * headers.stride) / 4 + t.HEADER_SCRATCH] = -1024;
    expect(() => program.run(batch)).toThrow(/thread .* failed \(.*memory access out of bounds/);
    expect(() => program.run(batch)).toThrow(ExecutorError);
    executor.dispose();
  });

  it("lets the others go when the calling thread fails", async () => {
    const { engine, team } = await eagerTeam(2);
    const program = new LoweredExecutor(team).session().prepare(wide, capacity);
    const headers = Reflect.get(program, "headers") as { address: number };
    engine.memory.ints[headers.address / 4 + t.HEADER_SCRATCH] = -1024;
    expect(() => program.run(batch)).toThrow(/out of bounds/);
    expect(() => program.run(batch)).toThrow(/the calling thread/);
    await team.stop();
  });

  it("ends its workers when they are stopped, whatever they wait for", async () => {
    const { team } = await eagerTeam(3);
    await expect(team.stop()).resolves.toBeUndefined();
  });

  it("does not keep a process alive when it is idle", () => {
    const built = new URL("../../../dist/exec/wasm/index.js", import.meta.url);
    const program = `import { createWasmExecutor } from "${built}"; await createWasmExecutor({ threads: 3 });`;
    const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
      timeout: 20_000,
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    expect(status).toBe(0);
  });
});
