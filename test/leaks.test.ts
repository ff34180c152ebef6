/**
 * The short form of `npm run leaks`: evaluations and trainings that fail leave executor, threads and memory as they were.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const script = fileURLToPath(new URL("../tools/leaks.mjs", import.meta.url));

// Elsewhere the system does not say how many threads a process has.
it.skipIf(process.platform !== "linux")(
  "20 evaluations and 10 failed trainings leave nothing behind (threads are counted on Linux)",
  () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [script, "--evaluations", "20", "--trainings", "10"],
      { encoding: "utf8", timeout: 120_000 },
    );
    expect(stderr).toBe("");
    expect(stdout).toMatch(/evaluation of lines, 20 times.*\n.*evaluation of notes.*\n.*training that fails/);
    expect(status).toBe(0);
  },
  150_000,
);
