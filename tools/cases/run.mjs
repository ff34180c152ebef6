/** Runs the command line as built, and compares what it says with what is right. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** @returns {Promise<{ status: number | null, stdout: string, stderr: string }>} what a command printed */
export function runUnrolled(args) {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    const out = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"])
      child[name].setEncoding("utf8").on("data", (text) => (out[name] += text));
    child.on("error", fail);
    child.on("close", (status) => done({ status, ...out }));
  });
}

/** The first of some expectations that does not hold, in words; undefined if all do. */
export function firstWrong({ status, stdout, stderr }, { status: wanted = 0, says = [], not = [] }) {
  const all = `${stdout}\n${stderr}`;
  if (status !== wanted) return `status ${status} instead of ${wanted}: ${stderr.trim().split("\n").at(-1)}`;
  const missing = says.find((text) => !(text instanceof RegExp ? text.test(all) : all.includes(text)));
  if (missing !== undefined) return `does not say ${missing}`;
  const odd = not.find((text) => all.includes(text));
  return odd === undefined ? undefined : `says ${odd}`;
}
