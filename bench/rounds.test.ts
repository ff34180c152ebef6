/** Turns are taken whatever happens to a contestant: who fails has its reason as the result, and the others go on. */
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { quick } from "./budget.mjs";
import type { Contestant } from "./contestant.mjs";
import { fresh } from "./processes.mjs";
import { measure } from "./rounds.mjs";
import { shrunk, tasks } from "./tasks.mjs";

const protocol = JSON.stringify(new URL("protocol.mjs", import.meta.url).href);

/** A contestant whose `prepare` is the given source of JavaScript. */
function contestant(name: string, prepare: string): Contestant {
  const program = `import { serve } from ${protocol}; await serve(${prepare});`;
  const does = { kinds: {}, models: [], ragged: [] };
  const args = ["--input-type=module", "-e", program];
  return { name, key: name, runtime: "Node", threads: 1, command: process.execPath, args, does };
}

it("a contestant that fails does not stop the others", async () => {
  const [task] = shrunk(tasks);
  const results = await measure(
    task!,
    [
      contestant("well", `() => ({ ready: { leavesOut: "all" }, run: () => 3 })`),
      contestant("unprepared", `() => { throw new Error("there is no such cell"); }`),
      contestant("broken", `() => ({ run() { throw new Error("out of numbers"); } })`),
      contestant("gone", `() => process.exit(3)`),
      { ...contestant("missing", ""), command: fileURLToPath(new URL("no-such-program", import.meta.url)) },
    ],
    quick,
    fresh,
  );
  expect(results.map(({ name, refused, ms }) => [name, refused ?? ms?.runs])).toEqual([
    ["well", 2],
    ["unprepared", "there is no such cell"],
    ["broken", "out of numbers"],
    ["gone", "ended with 3: "],
    ["missing", expect.stringContaining("ENOENT")],
  ]);
  expect(results[0]?.facts).toMatchObject({ leavesOut: "all", loss: [3, 3] });
});

it("a run of more than the longest is not repeated, unless it was the first", async () => {
  const [task] = shrunk(tasks);
  const slow = contestant("slow", `() => ({ measure: () => 11_000 })`);
  const [result] = await measure(task!, [slow], { ...quick, rounds: 9, longestMs: 10_000 }, fresh);
  expect(result?.ms).toEqual({ median: 11_000, low: 11_000, high: 11_000, runs: 1 });
  const compiling = contestant(
    "compiling",
    `() => { let n = 0; return { measure: () => n++ ? 5 : 11_000 }; }`,
  );
  const [second] = await measure(task!, [compiling], { ...quick, rounds: 3, longestMs: 10_000 }, fresh);
  expect(second?.ms).toEqual({ median: 5, low: 5, high: 5, runs: 3 });
});
