// @ts-check
/**
 * The parent's side of protocol.mjs: a contestant's process.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** @typedef {import("./contestant.mjs").Contestant} Contestant */

/** A process that ends or stays silent this long is given up, with what it wrote to standard error. */
const PATIENCE_MS = 2 * 60_000;

/** What a process that has nothing more to do may take to end. */
const GRACE_MS = 10_000;

/** Starts a contestant's process. @param {Contestant} contestant */
export function start({ command, args, env }) {
  const child = spawn(command, args, {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  let errors = "";
  /** @type {{ resolve: (answer: any) => void, reject: (error: Error) => void } | undefined} */
  let waiting;
  const settle = (/** @type {"resolve" | "reject"} */ how, /** @type {any} */ value) => {
    const asked = waiting;
    waiting = undefined;
    asked?.[how](value);
  };
  child.stderr.on("data", (/** @type {Buffer} */ chunk) => {
    errors = (errors + chunk).slice(-4000);
  });
  child.on("error", (error) => settle("reject", error));
  child.on("close", (code, signal) => {
    settle("reject", new Error(`ended with ${signal ?? code}: ${complaint(errors)}`));
  });
  // Libraries that chat on standard output do not disturb: answers are lines that start with a brace.
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (line.startsWith('{"')) settle("resolve", JSON.parse(line));
  });
  /** @param {object} request @returns {Promise<any>} */
  const ask = (request) => {
    const timer = setTimeout(() => {
      settle("reject", new Error(`no answer for ${PATIENCE_MS / 60_000} minutes`));
      child.kill("SIGKILL");
    }, PATIENCE_MS);
    /** @type {Promise<any>} */
    const answer = new Promise((resolve, reject) => {
      waiting = { resolve, reject };
      if (child.exitCode !== null)
        settle("reject", new Error(`ended with ${child.exitCode}: ${complaint(errors)}`));
      else child.stdin.write(`${JSON.stringify(request)}\n`);
    });
    return answer.finally(() => clearTimeout(timer));
  };
  // Writing to a process that just ended is reported by "close".
  child.stdin.on("error", () => {});
  const stop = () => child.kill("SIGKILL");
  const end = () => {
    child.stdin.end();
    // A process that cannot end by itself would keep the bench from ending.
    const timer = setTimeout(stop, GRACE_MS);
    child.once("close", () => clearTimeout(timer));
  };
  return { ask, stop, end };
}

/** The line that names the error, which of Node is followed and of Python preceded by a trace. @param {string} text */
function complaint(text) {
  const lines = text.trim().split("\n");
  return lines.filter((line) => /^\S*(Error|Exception)\b/.test(line)).at(-1) ?? lines.at(-1) ?? "";
}
