// @ts-check
/**
 * Half of `npm run faults`: trainings of all tasks are killed, at random moments and at every stage of saving, lose who reads
 * what they print, meet full disks, folders that cannot be written to and each other, and are aborted in process. After each
 * of it nothing that was saved may be lost, every file that is there be whole, and the end be, to the bit, that of a training
 * left alone.
 */
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { damageIn, lastRecorded, leftIn, newestStep, runProgram } from "./kills-process.mjs";
import { commandOf, trainings, writeData } from "./kills-tasks.mjs";

/**
 * @typedef {{ readonly kind: string, readonly task: string, readonly id: string, readonly make: (place: Place) => Promise<readonly string[]> }} Case
 * @typedef {{ readonly folder: string, readonly data: string, readonly random: () => number,
 *   readonly whole: Whole }} Place
 * @typedef {{ readonly model: string, readonly seconds: number }} Whole a training that nobody disturbs
 */

const tasks = Object.keys(trainings);
/** Stages of saving. */
const stages = [
  ...["open:before", "open:after", "writeFile:before", "writeFile:half", "sync:before", "sync:after"],
  ...["rename:before", "rename:after", "link:before", "link:after", "rm:before", "rm:after"],
];
const signals = /** @type {const} */ (["SIGKILL", "SIGTERM", "SIGHUP", "SIGINT"]);
/** The statuses of those that a training answers. */
const statuses = { SIGTERM: 143, SIGHUP: 129, SIGINT: 130 };

/** Numbers from 0 to 1 that are the same for the same seed and name. @param {number} seed @param {string} name */
function randomOf(seed, name) {
  let state = [...`${seed} ${name}`].reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) >>> 0, 7);
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
}

/**
 * Makes all cases, or goes on with those of the same seed that are not made yet.
 *
 * @param {{ readonly seed: number, readonly minutes: number, readonly work: string,
 *   readonly print: (line: string) => void, readonly share?: number }} options `work` is a folder for what is written, and
 *   for progress; `share` of the cases that are made, for a short form, default 1
 * @returns {Promise<boolean>} whether all were made, and nothing was found
 */
export async function run({ seed, minutes, work, print, share = 1 }) {
  const ends = Date.now() + 60_000 * minutes;
  const root = resolve(work, "kills");
  const file = join(root, "progress.json");
  mkdirSync(root, { recursive: true });
  const all = casesOf(share);
  const key = `${seed} of ${share}`;
  /** @type {{ key: string, done: Record<string, readonly string[]> }} */
  let progress = { key, done: {} };
  if (existsSync(file)) {
    const before = JSON.parse(readFileSync(file, "utf8"));
    if (before.key === key) progress = before;
  }
  const made = Object.keys(progress.done).length;
  if (made > 0) print(`kills: going on after ${made} of ${all.length} cases`);
  const data = join(root, "data");
  writeData(data);
  /** @type {Map<string, Promise<Whole>>} */
  const known = new Map();
  const wholeOf = (/** @type {string} */ task) => {
    const made = known.get(task) ?? undisturbed(task, root, data);
    known.set(task, made);
    return made;
  };
  const waiting = all.filter(({ id }) => progress.done[id] === undefined);
  const some = async () => {
    for (let next = waiting.shift(); next && Date.now() < ends; next = waiting.shift()) {
      const { id, task, make } = next;
      const folder = join(root, id.replaceAll(/[^\w.-]+/g, "-"));
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder);
      /** @type {readonly string[]} */
      let faults;
      try {
        const whole = await wholeOf(task);
        faults = await make({ folder, data, random: randomOf(seed, id), whole });
      } catch (error) {
        faults = [`the case itself fails: ${error instanceof Error ? error.message : error}`];
      }
      for (const fault of faults) print(`FAULT ${id}: ${fault}`);
      if (faults.length === 0) rmSync(folder, { recursive: true, force: true });
      progress.done[id] = faults;
      writeFileSync(file, JSON.stringify(progress));
    }
  };
  // Two cores, and processes that often wait.
  await Promise.all([some(), some()]);
  const isComplete = all.every(({ id }) => progress.done[id]);
  const faults = Object.values(progress.done).flat().length;
  for (const line of tableOf(all, progress.done)) print(line);
  if (isComplete) rmSync(file);
  else print(`kills: time is over; the same command goes on where this one stopped`);
  return isComplete && faults === 0;
}

/** @param {readonly Case[]} all @param {Readonly<Record<string, readonly string[]>>} done */
function tableOf(all, done) {
  const kinds = [...new Set(all.map(({ kind }) => kind))];
  const rows = kinds.map((kind) => {
    const of = all.filter((each) => each.kind === kind);
    const made = of.filter(({ id }) => done[id]);
    const faults = made.flatMap(({ id }) => done[id] ?? []);
    const count = (/** @type {RegExp} */ pattern) =>
      String(faults.filter((fault) => pattern.test(fault)).length);
    const known = /lost|other bits|hangs|left over/;
    return [
      kind,
      `${made.length} of ${of.length}`,
      count(/lost/),
      count(/other bits/),
      count(/hangs/),
      count(/left over/),
      String(faults.filter((fault) => !known.test(fault)).length),
    ];
  });
  const table = [["kills", "made", "lost", "other bits", "hangs", "left over", "other"], ...rows];
  const widths = table[0]?.map((_, i) => Math.max(...table.map((row) => row[i]?.length ?? 0))) ?? [];
  return table.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** @param {number} share @returns {readonly Case[]} */
function casesOf(share) {
  /** @param {string} kind @param {number} count @param {(i: number) => Pick<Case, "task" | "id" | "make">} make */
  const some = (kind, count, make) =>
    Array.from({ length: Math.max(1, Math.round(share * count)) }, (_, i) => {
      const { task, id, make: how } = make(i);
      return { kind, task, id: `${kind}, ${task} ${id}`, make: how };
    });
  const taskAt = (/** @type {number} */ i) => tasks[i % tasks.length] ?? "";
  return [
    ...some("at random moments", 100, (i) => {
      const [task, signal] = [taskAt(i), signals[Math.floor(i / 5) % 4] ?? "SIGKILL"];
      return { task, id: `${i} ${signal}`, make: (place) => killed(task, signal, place) };
    }),
    ...some("at stages of saving", tasks.length * stages.length, (i) => {
      const round = Math.floor(i / stages.length);
      const [task, signal] = [taskAt(i + round), signals[(i + round) % 3] ?? "SIGKILL"];
      const stage = stages[i % stages.length] ?? "";
      return { task, id: `${stage} ${signal}`, make: (place) => killedAt(task, { stage, signal }, place) };
    }),
    ...some("closed pipes", 20, (i) => {
      const task = taskAt(i);
      return { task, id: `${i}`, make: (place) => unheard(task, i % 3, place) };
    }),
    ...some("full disks", 20, (i) => {
      const task = taskAt(i);
      return { task, id: `${i}`, make: (place) => full(task, i % 2 === 0, place) };
    }),
    ...some("read-only folders", 10, (i) => {
      const task = taskAt(i);
      return { task, id: `${i}`, make: (place) => readOnly(task, place) };
    }),
    ...some("two processes", 20, (i) => {
      const task = taskAt(i);
      return { task, id: `${i}`, make: (place) => two(task, i % 2 === 0, place) };
    }),
    ...some("aborts, ten each", 10, (i) => {
      return { task: taskAt(0), id: `${i}`, make: (place) => aborted(i, share, place) };
    }),
  ];
}

/**
 * Trains a task undisturbed, once.
 * @param {string} task @param {string} root @param {string} data @returns {Promise<Whole>}
 */
async function undisturbed(task, root, data) {
  const folder = join(root, "whole", task);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const ended = await runProgram(commandOf(task, data, folder));
  if (ended.status !== 0) throw new Error(`${task} cannot be trained: ${ended.stderr}`);
  return { model: modelIn(folder), seconds: ended.seconds };
}

/** @param {string} folder */
const modelIn = (folder) => readFileSync(join(folder, "model.safetensors"), "latin1");

/** A training that answers a signal has everything in its checkpoint. @param {string} folder */
function lostAtStop(folder) {
  const run = join(folder, "run");
  const [newest, last] = [newestStep(run), lastRecorded(run)];
  return newest < last ? [`the steps from ${newest} to ${last} are lost`] : [];
}

/** What was wrong with the end of a process. @param {import("./kills-process.mjs").Ended} ended */
function faultsOf({ hangs, stderr, stdout }) {
  return [
    ...(hangs ? ["it hangs"] : []),
    ...(/\n\s+at .*:\d+/.test(stderr + stdout) ? [`it shows a stack: ${stderr.slice(0, 300)}`] : []),
    ...(/unexpected went wrong/.test(stderr) ? [stderr] : []),
  ];
}

/**
 * Goes on to the end, and compares.
 * @param {string} task @param {Place} place
 */
async function toTheEnd(task, { folder, data, whole }) {
  const goesOn = newestStep(join(folder, "run")) >= 0;
  const ended = await runProgram([...commandOf(task, data, folder), goesOn ? "--resume" : "--force"]);
  const faults = faultsOf(ended);
  if (ended.status !== 0)
    return [...faults, `it cannot go on, all is lost: ${ended.stderr.trim().slice(-400)}`];
  const same = modelIn(folder) === whole.model;
  return [...faults, ...(same ? [] : ["the model has other bits"]), ...leftIn(folder)];
}

/** Whether a training was over before it was disturbed. @param {import("./kills-process.mjs").Ended} ended */
const isOver = ({ status }) => status === 0;

/**
 * Killed at a random moment, and half of the time once more while it goes on.
 * @param {string} task @param {(typeof signals)[number]} signal @param {Place} place
 */
async function killed(task, signal, place) {
  const { folder, data, random, whole } = place;
  const run = join(folder, "run");
  /** @type {string[]} */
  const faults = [];
  for (const more of random() < 0.5 ? [[], ["--resume"]] : [[]]) {
    if (more.length > 0 && newestStep(run) < 0) break;
    let saved = -1;
    const at = {
      after: 1000 * random() * whole.seconds,
      act: (/** @type {import("node:child_process").ChildProcess} */ child) => {
        saved = newestStep(run);
        child.kill(signal);
      },
    };
    const ended = await runProgram([...commandOf(task, data, folder), ...more], { at });
    faults.push(...faultsOf(ended), ...damageIn(folder));
    if (newestStep(run) < saved) faults.push(`the checkpoint of step ${saved} is lost`);
    if (isOver(ended)) break;
    faults.push(...answered(ended, signal, folder));
  }
  return [...faults, ...(await toTheEnd(task, place))];
}

/**
 * Whether a training that ended at a signal ended as it should.
 * @param {import("./kills-process.mjs").Ended} ended @param {string} signal @param {string} folder
 */
function answered(ended, signal, folder) {
  const { status, stderr } = ended;
  // Before there is anything to save the system ends it, as any process.
  if (signal === "SIGKILL" || ended.signal === signal) return [];
  const file = join(folder, "run/run.json");
  const wanted = statuses[/** @type {keyof typeof statuses} */ (signal)];
  if (status !== wanted) return [`${signal} ended it with ${status}: ${stderr.slice(-300)}`];
  if (!/the run is saved/.test(stderr)) return /nothing was written/.test(stderr) ? [] : [stderr.slice(-300)];
  const { state } = JSON.parse(readFileSync(file, "utf8"));
  return [...(state === "stopped" ? [] : [`run.json says ${state}`]), ...lostAtStop(folder)];
}

/**
 * Killed at a stage of saving.
 * @param {string} task @param {{ stage: string, signal: string }} how @param {Place} place
 */
async function killedAt(task, { stage, signal }, place) {
  const { folder, data, random } = place;
  const time = 1 + Math.floor(12 * random());
  const ended = await runProgram(commandOf(task, data, folder), {
    stage: `${stage} ${time} ${signal}`,
    folder,
  });
  const faults = [...faultsOf(ended), ...damageIn(folder)];
  // A stage that did not occur so often, or a lock that is given back at the very end.
  if (!isOver(ended)) faults.push(...answered(ended, signal, folder));
  return [...faults, ...(await toTheEnd(task, place))];
}

/**
 * Nobody reads standard error, standard output, or both, from a random moment on.
 * @param {string} task @param {number} which @param {Place} place
 */
async function unheard(task, which, place) {
  const { folder, data, random, whole } = place;
  const at = {
    after: 1000 * random() * whole.seconds,
    act: (/** @type {import("node:child_process").ChildProcess} */ child) => {
      if (which !== 1) child.stderr?.destroy();
      if (which !== 0) child.stdout?.destroy();
    },
  };
  const ended = await runProgram(commandOf(task, data, folder), { at });
  if (ended.status !== 0)
    return [...faultsOf(ended), `closed pipes end it with ${ended.status ?? ended.signal}, its work lost`];
  return [
    ...faultsOf(ended),
    ...(modelIn(folder) === whole.model ? [] : ["the model has other bits"]),
    ...leftIn(folder),
  ];
}

/**
 * A disk that gets full: a small one, where this process may mount, or one that refuses from some moment on.
 * @param {string} task @param {boolean} isReal @param {Place} place
 */
async function full(task, isReal, place) {
  const { folder, data, random } = place;
  const kib = 16 + Math.floor(120 * random());
  const mount =
    isReal && spawnSync("mount", ["-t", "tmpfs", "-o", `size=${kib}k`, "tmpfs", folder]).status === 0;
  try {
    const stage = `writeFile:${random() < 0.5 ? "half" : "before"} ${1 + Math.floor(10 * random())} ENOSPC`;
    const ended = await runProgram(commandOf(task, data, folder), mount ? {} : { stage, folder });
    const faults = [...faultsOf(ended), ...damageIn(folder)];
    const says = /cannot be (written|made|removed): .*(the disk is full|ENOSPC|no space left)/.test(
      ended.stderr,
    );
    if (!isOver(ended) && !(ended.status === 1 && says))
      faults.push(`a full disk ended it with ${ended.status}: ${ended.stderr.slice(-300)}`);
    if (mount) spawnSync("mount", ["-o", "remount,size=64m", folder]);
    return [...faults, ...(await toTheEnd(task, place))];
  } finally {
    if (mount) spawnSync("umount", [folder]);
  }
}

/**
 * A folder that takes no files: from the beginning, and, where this process may mount, from some moment on.
 * @param {string} task @param {Place} place
 */
async function readOnly(task, place) {
  const { folder, data, random, whole } = place;
  const mount = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", folder]).status === 0;
  const lock = () => (mount ? spawnSync("mount", ["-o", "remount,ro", folder]) : chmodSync(folder, 0o500));
  const free = () => (mount ? spawnSync("mount", ["-o", "remount,rw", folder]) : chmodSync(folder, 0o700));
  const says = /cannot be (written|made|removed): .*(read-only|not permitted|EROFS|EACCES)/i;
  try {
    lock();
    const refused = await runProgram(commandOf(task, data, folder));
    const faults = [...faultsOf(refused)];
    if (refused.status !== 1 || !says.test(refused.stderr))
      faults.push(`a read-only folder ended it with ${refused.status}: ${refused.stderr.slice(-300)}`);
    if (readdirSync(folder).length > 0) faults.push(`${readdirSync(folder)} is left over`);
    free();
    if (mount) {
      // With a file open for writing the system refuses: tried until it does not.
      const at = {
        after: 1000 * (0.4 + 0.5 * random()) * whole.seconds,
        act: () => {
          for (let tries = 0; tries < 20; tries++) {
            const made = spawnSync("mount", ["-o", "remount,ro", folder]).status;
            if (made === 0) break;
          }
        },
      };
      const ended = await runProgram(commandOf(task, data, folder), { at });
      faults.push(...faultsOf(ended), ...damageIn(folder));
      if (!isOver(ended) && !(ended.status === 1 && says.test(ended.stderr)))
        faults.push(
          `a folder that became read-only ended it with ${ended.status}: ${ended.stderr.slice(-300)}`,
        );
      free();
    }
    return [...faults, ...(await toTheEnd(task, place))];
  } finally {
    free();
    if (mount) spawnSync("umount", [folder]);
  }
}

/**
 * Two begin together in one folder: anew, or both going on after one that was killed.
 * @param {string} task @param {boolean} isResumed @param {Place} place
 */
async function two(task, isResumed, place) {
  const { folder, data, random, whole } = place;
  const seconds = whole.seconds;
  if (isResumed) {
    const at = {
      after: 1000 * (0.3 + 0.6 * random()) * seconds,
      act: (/** @type {import("node:child_process").ChildProcess} */ child) => child.kill("SIGKILL"),
    };
    await runProgram(commandOf(task, data, folder), { at });
  }
  const goesOn = newestStep(join(folder, "run")) >= 0;
  const args = [...commandOf(task, data, folder), ...(goesOn ? ["--resume"] : [])];
  const both = await Promise.all([runProgram(args), runProgram(args)]);
  const faults = both.flatMap(faultsOf);
  const done = both.filter(isOver).length;
  // The second may come when the first has ended; going on with a run that is done is done at once.
  if (done === 0 || (done === 2 && !goesOn)) faults.push(`of two that began together ${done} went through`);
  for (const ended of both)
    if (
      !isOver(ended) &&
      !/is in use by process|already holds a run|already exists|is left over/.test(ended.stderr)
    )
      faults.push(`the second is refused with ${ended.status}: ${ended.stderr.slice(-300)}`);
  if (done > 0 && modelIn(folder) !== whole.model) faults.push("the model has other bits");
  return [...faults, ...(done > 0 ? leftIn(folder) : [])];
}

/**
 * Ten trainings aborted in a process of their own, half of them paused.
 * @param {number} number @param {number} share @param {Place} place
 */
function aborted(number, share, { folder }) {
  const script = fileURLToPath(new URL("./kills-aborts.mjs", import.meta.url));
  const count = share < 1 ? 2 : 10;
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script, String(number), String(count)], {
      cwd: folder,
      stdio: ["ignore", "pipe", "inherit"],
    });
    /** @type {string[]} */
    const faults = [];
    createInterface({ input: child.stdout }).on("line", (line) => faults.push(line));
    const timer = setTimeout(() => {
      faults.push("it hangs");
      child.kill("SIGKILL");
    }, 240_000);
    child.on("close", (status) => {
      clearTimeout(timer);
      resolve(status === 0 || faults.length > 0 ? faults : [`the aborts ended with ${status}`]);
    });
  });
}
