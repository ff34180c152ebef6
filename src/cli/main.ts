#!/usr/bin/env node
/**
 * The program `unrolled`: runs the command line of this process. Everything it does is in run.ts and in the commands.
 */
import process from "node:process";
import { run } from "./run.js";
import { processSurroundings } from "./terminal/process.js";

// Whoever reads our output may have seen enough (`unrolled predict … | head`).
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});
// Set, not called: output that is still on its way into a pipe would be cut off.
process.exitCode = await run(process.argv.slice(2), processSurroundings());
