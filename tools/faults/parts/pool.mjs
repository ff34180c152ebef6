// @ts-check
/**
 * Watched worker processes: jobs go to whoever is free, and whoever computes too long or dies is replaced by another one, which
 * goes on behind the file at which that happened.
 */
import { fork } from "node:child_process";
import { readFileSync } from "node:fs";

/** Seconds of computing that a file may take. */
export const MOST_SECONDS = 20;

/** @typedef {{ format: string, seed: number, from: number, to: number }} Job */
/** @typedef {{ n: number, kind: string, what: string }} Fault */
/** @typedef {{ read: number, refused: number, faults: Fault[] }} Outcome */

/** Seconds that a process has computed; undefined where the system does not tell. @param {number} pid */
function computed(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    // Ticks of a hundredth of a second, of the process itself and for it in the kernel.
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return undefined;
  }
}

/**
 * Does jobs.
 * @param {readonly Job[]} jobs
 * @param {{ processes: number, program: string, args: readonly string[], report: (job: Job, outcome: Outcome, isWhole: boolean) => void, isOver: () => boolean }} how
 */
export async function inPool(jobs, { processes, program, args, report, isOver }) {
  const waiting = [...jobs];
  const one = async () => {
    while (waiting.length > 0 && !isOver()) {
      const ended = await oneProcess();
      if (ended) return;
    }
  };
  /** A process from its start to its end; true if there was nothing left to do. @returns {Promise<boolean>} */
  const oneProcess = () =>
    new Promise((resolve) => {
      const child = fork(program, args, {
        stdio: ["ignore", "ignore", "pipe", "ipc"],
        execArgv: ["--max-old-space-size=3072"],
      });
      /** @type {Job | undefined} */
      let job;
      let at = 0;
      let [since, before] = [Date.now(), 0];
      let said = "";
      let hangs = false;
      child.stderr?.on("data", (text) => (said = `${said}${text}`.slice(-1500)));
      const next = () => {
        job = isOver() ? undefined : waiting.shift();
        if (!job) {
          child.disconnect();
          child.kill();
          return;
        }
        at = job.from;
        [since, before] = [Date.now(), computed(child.pid ?? 0) ?? 0];
        child.send(job);
      };
      const watch = setInterval(() => {
        if (!job) return;
        const wall = (Date.now() - since) / 1000;
        const own = computed(child.pid ?? 0);
        const seconds = own === undefined ? wall : own - before;
        // What waits without computing for minutes hangs as well.
        hangs ||= seconds > MOST_SECONDS || wall > 6 * MOST_SECONDS;
        if (hangs) child.kill("SIGKILL");
      }, 500);
      child.on("message", (/** @type {any} */ message) => {
        if (message.kind === "ready") next();
        else if (message.kind === "at") {
          at = message.n;
          // The first file of a job waits for valid files to be made.
          [since, before] = [Date.now(), computed(child.pid ?? 0) ?? 0];
        } else if (message.kind === "done" && job) {
          const { read, refused, faults, reached } = message;
          const rest = { ...job, from: reached };
          report({ ...job, to: reached }, { read, refused, faults }, reached >= job.to);
          if (reached < job.to) waiting.unshift(rest);
          job = undefined;
          if (reached >= rest.to) next();
        }
      });
      child.on("exit", (code, signal) => {
        clearInterval(watch);
        const lost = job;
        job = undefined;
        if (!lost) return resolve(waiting.length === 0 || isOver());
        const kind = hangs ? `more than ${MOST_SECONDS} s` : "crash";
        const what = hangs ? "was ended" : `ended with ${signal ?? `status ${code}`}: ${said}`;
        report(
          { ...lost, to: at + 1 },
          { read: 0, refused: 0, faults: [{ n: at, kind, what }] },
          at + 1 >= lost.to,
        );
        if (at + 1 < lost.to) waiting.unshift({ ...lost, from: at + 1 });
        resolve(false);
      });
    });
  await Promise.all(Array.from({ length: processes }, one));
}
