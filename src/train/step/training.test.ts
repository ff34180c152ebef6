/** Training on the reference interpreter, and the program that stores its trajectories. */
import { writeFileSync } from "node:fs";
import { createReferenceExecutor } from "../../exec/reference/index.js";
import { trainingCases, trajectory, trajectoryFile, trajectoryOptimizers } from "./training.cases.js";

if (process.env["UNROLLED_WRITE_FIXTURES"]) {
  const all: Record<string, number[]> = {};
  for (const [name, optimizer] of Object.entries(trajectoryOptimizers)) {
    all[name] = await trajectory(await createReferenceExecutor(), optimizer);
  }
  writeFileSync(trajectoryFile, `${JSON.stringify(all, null, 2)}\n`);
}

// Stored from this very executor: what may differ is the mathematics library of the JavaScript engine.
trainingCases(createReferenceExecutor, 1e-9);
