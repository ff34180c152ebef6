// @ts-check
/**
 * The command line as a process for kills.mjs: started, disturbed at a moment, and waited for, but not for ever; and what it
 * left in its folder, read as whoever comes next reads it.
 */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readModel } from "unrolled/io";
import { readCheckpoint } from "unrolled/train";

const program = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const stages = new URL("./kills-stage.mjs", import.meta.url).href;
/** Seconds after which a process hangs. */
const PATIENCE = 60;

/**
 * @typedef {{ readonly after: number, readonly act: (child: import("node:child_process").ChildProcess) => void }} Moment
 * @typedef {{ readonly status: number | null, readonly signal: string | null, readonly stderr: string,
 *   readonly stdout: string, readonly hangs: boolean, readonly seconds: number }} Ended
 */

/**
 * Runs a command line.
 * @param {readonly string[]} args
 * @param {{ at?: Moment, stage?: string, folder?: string, under?: readonly string[] }} [options] what happens when, in
 *   milliseconds; at which stage of saving; and the command that starts it
 * @returns {Promise<Ended>}
 */
export function runProgram(args, { at, stage, folder = "", under = [] } = {}) {
  const line = [process.execPath, ...(stage ? ["--import", stages] : []), program, ...args];
  const [command = "", ...rest] = [...under, ...line];
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const env = {
      ...process.env,
      ...(stage ? { UNROLLED_STAGE: stage, UNROLLED_STAGE_FOLDER: folder } : {}),
    };
    const child = spawn(command, rest, { stdio: ["ignore", "pipe", "pipe"], env });
    let [stdout, stderr, hangs] = ["", "", false];
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    const timers = [
      setTimeout(() => {
        hangs = true;
        child.kill("SIGKILL");
      }, 1000 * PATIENCE),
      ...(at ? [setTimeout(() => at.act(child), at.after)] : []),
    ];
    child.on("error", reject);
    child.on("exit", (status, signal) => {
      for (const timer of timers) clearTimeout(timer);
      // What was printed last is read first.
      setTimeout(() => {
        const seconds = (performance.now() - began) / 1000;
        resolve({ status, signal, stdout, stderr, hangs, seconds });
      }, 20);
    });
  });
}

/** @param {string} name */
const stepOf = (name) => Number(/^step-(\d+)\.safetensors$/.exec(name)?.[1] ?? Number.NaN);

/** The step of the newest checkpoint in a run's folder, as a name alone; −1 if there is none. @param {string} run */
export function newestStep(run) {
  const names = existsSync(run) ? readdirSync(run) : [];
  return Math.max(-1, ...names.map(stepOf).filter((step) => step >= 0));
}

/** The last step that the run recorded as a whole line; 0 if there is none. @param {string} run */
export function lastRecorded(run) {
  const file = join(run, "steps.tsv");
  if (!existsSync(file)) return 0;
  return Number(readFileSync(file, "utf8").split("\n").slice(1, -1).at(-1)?.split("\t")[0] ?? 0);
}

/** What is wrong in a folder after whatever happened: a file that is not whole. @param {string} folder */
export function damageIn(folder) {
  /** @type {string[]} */
  const found = [];
  const run = join(folder, "run");
  const names = existsSync(run) ? readdirSync(run) : [];
  /** @param {string} what @param {() => unknown} read */
  const whole = (what, read) => {
    try {
      read();
    } catch (error) {
      found.push(`${what} is damaged: ${error instanceof Error ? error.message : error}`);
    }
  };
  for (const name of names) {
    const bytes = () => readFileSync(join(run, name));
    if (stepOf(name) >= 0)
      whole(name, () => {
        const { step } = readCheckpoint(bytes(), name).trainer;
        if (step !== stepOf(name)) throw new Error(`it is of step ${step}`);
      });
    else if (name === "best.safetensors") whole(name, () => readModel(bytes(), name));
    else if (name === "run.json") whole(name, () => JSON.parse(bytes().toString("utf8")));
  }
  const model = join(folder, "model.safetensors");
  if (existsSync(model)) whole("the model", () => readModel(readFileSync(model), model));
  return found;
}

/** What should not be there any more when a run is done. @param {string} folder */
export function leftIn(folder) {
  const names = [...readdirSync(folder), ...readdirSync(join(folder, "run"))];
  const left = names.filter((name) => /\.tmp$|^run\.lock$|^best\.safetensors$/.test(name));
  const { state } = JSON.parse(readFileSync(join(folder, "run/run.json"), "utf8"));
  const steps = readFileSync(join(folder, "run/steps.tsv"), "utf8").trimEnd().split("\n");
  const numbers = steps.slice(1).map((line) => Number(line.split("\t")[0]));
  return [
    ...left.map((name) => `${name} is left over`),
    ...(state === "done" ? [] : [`run.json says ${state}`]),
    ...(numbers.every((number, i) => number === i + 1) ? [] : ["steps.tsv has not every step once"]),
  ];
}
