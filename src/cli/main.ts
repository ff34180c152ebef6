#!/usr/bin/env node
/**
 * The program `unrolled`: runs the command line of this process. Everything it does is in run.ts and in the commands.
 */
import process from "node:process";
import { run } from "./run.js";
import { reportError } from "./terminal/errors.js";
import { processSurroundings } from "./terminal/process.js";

const around = processSurroundings();
const fail = (error: unknown): never => process.exit(reportError(error, around));

// A reader that has seen enough closes the pipe (`unrolled predict … | head`); a disk may be full.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  fail(error);
});
// What no command caught is said like any other error: nobody is shown a stack.
process.on("uncaughtException", fail);
// Set, not called: output that is still on its way into a pipe would be cut off.
process.exitCode = await run(process.argv.slice(2), around);
