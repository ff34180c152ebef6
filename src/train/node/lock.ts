/**
 * The one owner of a run's folder: a file in it that says which process works there, since when, and on which machine. It
 * is made so that of several processes one succeeds; that of a process which has ended is taken over. For Node only.
 */
import { randomUUID } from "node:crypto";
import { constants, readFileSync, rmSync } from "node:fs";
import { access, link, readFile, rename, rm, rmdir, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { DataError } from "../../data/index.js";
import { hasEnded, ownMark, type ProcessMark } from "../../data/node/processes.js";
import { partName, removeLeftParts, writeNewFile } from "../../data/node/writing.js";
import { keyed } from "../../options/error.js";
import { makeFolder } from "./folders.js";

/** The name of the file. */
export const lockName = "run.lock";

/** A folder that is ours until it is released. */
export interface RunLock {
  /** Of whom it was taken over, as a sentence; undefined if nobody had it. */
  readonly remark: string | undefined;
  /** Gives the folder back; if it was made for the lock, and is still empty, it goes too. */
  release(): Promise<void>;
}

/** Who has a folder. */
interface Holder extends ProcessMark {
  /** Tells locks of the same process apart. */
  readonly token: string;
  readonly host: string;
  readonly since: string;
}

/** Of a process on another machine it is not known whether it still runs: it shows that it does by touching the file. */
const TOUCHED = { everySeconds: 30, overAfterSeconds: 600 } as const;
/** A file that says nothing is of a process that is just writing it, or was killed then. */
const WRITTEN_AFTER_SECONDS = 10;

/**
 * Takes a folder for this process, and removes what processes that were killed left half-written in it.
 *
 * ```ts
 * const lock = await lockRunFolder("mood.run");
 * try { … } finally { await lock.release(); }
 * ```
 *
 * @param options.reading whether a folder that cannot be written to, and so not locked, will do; default false
 * @throws DataError saying who has the folder, or that it cannot be written to
 */
export async function lockRunFolder(
  path: string,
  { reading = false }: { readonly reading?: boolean } = {},
): Promise<RunLock> {
  if (reading && !(await isWritable(path))) {
    await requireUnlocked(path);
    return { remark: undefined, release: async () => {} };
  }
  const made = await makeFolder(path);
  const file = join(path, lockName);
  const mine: Holder = {
    ...ownMark(),
    token: randomUUID(),
    host: hostname(),
    since: new Date().toISOString(),
  };
  let before: Holder | "unknown" | undefined;
  const bytes = new TextEncoder().encode(`${JSON.stringify(mine)}\n`);
  while (!(await create(path, file, bytes))) {
    const found = await holderOf(file);
    if (found === undefined) continue;
    if (!found.isOver) throw inUse(path, found.holder);
    await setAside(path, file, found.text);
    before = found.holder ?? "unknown";
  }
  // Two that take over from the same third one: the later one is seen here.
  if (before !== undefined) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const found = await holderOf(file);
    if (found?.holder?.token !== mine.token) throw inUse(path, found?.holder);
  }
  await removeLeftParts(path, (mark) => hasEnded(mark) !== false);
  const touching = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => {});
  }, 1000 * TOUCHED.everySeconds);
  touching.unref();
  held.set(mine.token, file);
  if (!isHeeded) process.once("exit", releaseAtExit);
  isHeeded = true;
  return {
    remark: before && `${path}: was left locked by ${nameOf(before)}, which has ended, and is taken over`,
    async release() {
      clearInterval(touching);
      if (!held.delete(mine.token)) return;
      // Where it cannot be removed any more, it is recognised as that of a process that has ended.
      if ((await holderOf(file))?.holder?.token === mine.token)
        await rm(file, { force: true }).catch(() => {});
      // What is not empty stays.
      for (const folder of [...made].reverse()) await rmdir(folder).catch(() => {});
    },
  };
}

const isWritable = (path: string): Promise<boolean> =>
  access(path, constants.W_OK).then(
    () => true,
    () => false,
  );

async function create(path: string, file: string, bytes: Uint8Array): Promise<boolean> {
  try {
    return await writeNewFile(file, bytes);
  } catch (error) {
    // Nobody knows of the lock's file: the error should name the folder.
    if (!(error instanceof DataError)) throw error;
    throw new DataError({ file: path, problem: error.problem, remedy: error.remedy });
  }
}

/** @throws DataError saying who has a folder, if it is another process, or this one, that still runs */
export async function requireUnlocked(path: string): Promise<void> {
  const found = await holderOf(join(path, lockName));
  if (found && !found.isOver) throw inUse(path, found.holder);
}

/** The locks of this process by their tokens. */
const held = new Map<string, string>();
let isHeeded = false;

/** Whatever ends the process without waiting: locks go with it. */
function releaseAtExit(): void {
  for (const [token, file] of held) {
    try {
      if (readFileSync(file, "utf8").includes(token)) rmSync(file);
    } catch {
      // It has gone, or is recognised by its process, which ends now.
    }
  }
}

/** Who has a lock, and whether that is over; undefined without one. `holder` is missing where the file does not say it. */
async function holderOf(
  file: string,
): Promise<{ readonly text: string; readonly holder?: Holder; readonly isOver: boolean } | undefined> {
  const [text, status] = await Promise.all([readFile(file, "utf8"), stat(file)]).catch(() => []);
  if (text === undefined || status === undefined) return undefined;
  const seconds = (Date.now() - status.mtimeMs) / 1000;
  const holder = parseHolder(text);
  if (holder === undefined) return { text, isOver: seconds > WRITTEN_AFTER_SECONDS };
  return { text, holder, isOver: hasEnded(holder) ?? seconds > TOUCHED.overAfterSeconds };
}

function parseHolder(text: string): Holder | undefined {
  try {
    const { pid, started, machine, token, host, since } = JSON.parse(text) as Holder;
    // Names are printed: no characters that do something to a terminal.
    const isName = [started, machine, token, host, since].every((each) => /^[\w.:-]*$/.test(String(each)));
    if (!Number.isSafeInteger(pid) || pid < 1 || !isName) return undefined;
    return { pid, started, machine, token, host, since };
  } catch {
    return undefined;
  }
}

/**
 * Moves a lock that is over out of the way. Moved and then looked at, not removed: another process may have done the same
 * meanwhile, and what lies there would be its new lock, which goes back.
 */
async function setAside(path: string, file: string, text: string): Promise<void> {
  const aside = join(path, partName());
  try {
    await rename(file, aside);
  } catch {
    return;
  }
  const moved = await readFile(aside, "utf8").catch(() => "");
  if (moved !== text) await link(aside, file).catch(() => {});
  await rm(aside, { force: true }).catch(() => {});
  if (moved !== text) throw inUse(path, parseHolder(moved));
}

const nameOf = (holder: Holder | "unknown"): string =>
  holder === "unknown"
    ? "an unknown process"
    : `process ${holder.pid} on ${holder.host} since ${holder.since.replace(/^(\S{10})T(\S{5}).*$/, "$1 $2 UTC")}`;

function inUse(path: string, holder: Holder | undefined): DataError {
  return new DataError({
    file: path,
    problem: `is in use by ${nameOf(holder ?? "unknown")}`,
    remedy: keyed("Wait until it has ended, or choose another folder with {run}."),
  });
}
