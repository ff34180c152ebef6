/**
 * Whether a process that left something behind has ended: of locks and temporary files it decides whether they are still
 * somebody's. A number alone does not tell, for the system gives it to another process later; on Linux the moment at which a
 * process started goes with it. For Node only.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import process from "node:process";

/** What a process leaves beside what is its own. */
export interface ProcessMark {
  readonly pid: number;
  /** When it started, in ticks since the machine did; "" where the system does not tell. */
  readonly started: string;
  /** The machine, as a short hash of its name. */
  readonly machine: string;
}

const machine = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);

/** The mark of this process. */
export const ownMark = (): ProcessMark => ({
  pid: process.pid,
  started: startOf(process.pid)?.ticks ?? "",
  machine,
});

/** Whether a process has ended; undefined if it ran on another machine, of which nothing is known here. */
export function hasEnded({ pid, started, machine: where }: ProcessMark): boolean | undefined {
  if (where !== machine) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Any other refusal is of a process that is there.
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return true;
  }
  const now = startOf(pid);
  if (now === undefined || started === "") return false;
  return now.isOver || now.ticks !== started;
}

/** When a process started, and whether it has ended and only its parent has not noticed; undefined where it does not show. */
function startOf(pid: number): { readonly ticks: string; readonly isOver: boolean } | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name of the program, in brackets, may hold anything; after it come the state and, as field 22 of all, the start.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { ticks: fields[19] ?? "", isOver: fields[0] === "Z" || fields[0] === "X" };
  } catch {
    return undefined;
  }
}
