#!/usr/bin/env node
/**
 * The program `unrolled`: runs the command line of this process. Everything it does is in run.ts and in the commands.
 */
import process from "node:process";
import { run } from "./run.js";
import { reportError } from "./terminal/errors.js";
import { processSurroundings } from "./terminal/process.js";

const around = processSurroundings();
// What no command caught is said like any other error: nobody is shown a stack.
process.on("uncaughtException", (error) => process.exit(reportError(error, around)));
// A stream tells that it failed after it was written to: what was lost is known at the very end.
process.on("exit", (status) => {
  process.exitCode = around.statusAfter(status);
});
// Set, not called: output that is still on its way into a pipe would be cut off.
process.exitCode = await run(process.argv.slice(2), around);
