/**
 * A training run of a command: its folder, what it resumes from, and how it ends. The folder holds run.json and
 * metrics.jsonl for people, checkpoints to go on from, and the best model so far.
 */
import { stat } from "node:fs/promises";
import { DataError } from "../../data/index.js";
import { filesBelow } from "../../data/node.js";
import type { TaskTraining } from "../../tasks/index.js";
import { bestName, type Checkpointing } from "../../train/index.js";
import {
  checkpointFolder,
  fileFacts,
  foreignFiles,
  keepAside,
  lockRunFolder,
  openRunFolder,
  type RunFolder,
  requireUnlocked,
} from "../../train/node.js";
import { Interrupted } from "../terminal/errors.js";
import { availableMemory } from "../terminal/process.js";
import { version } from "../terminal/version.js";
import { withChangedOptions } from "./changed-options.js";
import { checkpointToGoOnFrom, isCheckpointAfter } from "./resumed-checkpoint.js";

/** What a run needs to know. */
export interface RunRequest {
  readonly task: string;
  /** The model's file, after which the run is named. */
  readonly out: string;
  readonly run?: string | undefined;
  readonly resume?: boolean | undefined;
  /** With `resume`: the step after which it goes on; default: that of the newest checkpoint. */
  readonly resumeAt?: number | undefined;
  readonly force?: boolean | undefined;
  /** Seconds between two checkpoints. */
  readonly checkpointEvery?: number | undefined;
  /** Files of data by what they are for. */
  readonly files: Readonly<Record<string, readonly string[] | undefined>>;
  /** Options as they were chosen, for run.json. */
  readonly configuration: Readonly<Record<string, unknown>>;
  /** What it runs on. */
  readonly tier: string;
}

/** A run in progress. */
export interface TrainingRun {
  readonly folder: string;
  /** Steps that were done earlier; 0 for a new run. */
  readonly after: number;
  /** What a person should know of how it begins. */
  readonly remarks: readonly string[];
  /** Options for the library: where checkpoints go, what to resume from, what to record. */
  readonly options: Pick<TaskTraining, "checkpoints" | "resume" | "memoryLimit" | "onProgress">;
  /** Trains; if it is interrupted or fails, run.json says so, and where to resume. */
  during<T>(work: () => Promise<T>): Promise<T>;
  /** Records how it ended. Checkpoints that are no longer needed are removed. */
  finish(facts: Readonly<Record<string, unknown>>): Promise<void>;
  /** Gives the folder back. */
  release(): Promise<void>;
}

/** The default folder of a run: reviews.run for reviews.safetensors. */
export const runPath = ({ out, run }: Pick<RunRequest, "out" | "run">): string =>
  run ?? `${out.replace(/\.safetensors$/, "")}.run`;

/**
 * Checks whether a run can begin, or resume, before the data is read. Nothing is changed.
 *
 * @throws DataError if there already is a run that must be kept, or none to resume
 */
export async function requireRun(
  request: Pick<RunRequest, "out" | "run" | "resume" | "force">,
): Promise<void> {
  const { resume, force } = request;
  const path = runPath(request);
  const status = await stat(path).catch(() => undefined);
  if (status !== undefined && !status.isDirectory()) {
    throw new DataError({
      file: path,
      problem: "is a file, and the run needs a folder",
      remedy: "Choose another one with --run.",
    });
  }
  await requireUnlocked(path);
  const foreign = await foreignFiles(path);
  if (foreign.length > 0 && (resume || !force))
    throw new DataError({
      file: path,
      problem: `holds ${foreign.join(", ")}, which ${foreign.length === 1 ? "is" : "are"} not of a run, and was kept as it is`,
      remedy: `Choose another folder with --run${resume ? "." : ", or give --force: they stay there under other names."}`,
    });
  const newest = (await checkpointFolder(path).list()).some((name) => name.startsWith("step-"));
  if (resume && !newest)
    throw new DataError({
      file: path,
      problem: "has no checkpoint to resume from",
      remedy: "Leave --resume out to begin a run.",
    });
  if (!resume && !force && newest) {
    throw new DataError({
      file: path,
      problem: "already holds a run, which was kept",
      remedy: "Resume it with --resume, start over with --force, or choose another folder with --run.",
    });
  }
}

/**
 * Takes the run's folder for this process. It changes only once the first step is done: until then, whatever is refused leaves
 * an old run as it was; after that, the new run replaces it.
 *
 * @throws DataError when another process has the folder, or the run is of another task
 */
export async function beginRun(request: RunRequest): Promise<TrainingRun> {
  const lock = await lockRunFolder(runPath(request));
  try {
    return { ...(await openRun(request, lock.remark)), release: () => lock.release() };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function openRun(
  request: RunRequest,
  remark: string | undefined,
): Promise<Omit<TrainingRun, "release">> {
  const { task, resume, resumeAt, configuration, tier, files, checkpointEvery } = request;
  const path = runPath(request);
  const store = checkpointFolder(path);
  const from = resume ? await checkpointToGoOnFrom(path, { task, at: resumeAt }) : undefined;
  const after = from?.step ?? 0;
  const data = await dataFacts(files);
  const foreign = await foreignFiles(path);
  let begun: Promise<void> | undefined;
  const begin = async (): Promise<void> => {
    await keepAside(path, foreign);
    const names = await store.list();
    // What is later than the place it goes on from was passed over on purpose, and stays for whoever wants to look at it.
    if (resume) await keepAside(path, names.filter(isCheckpointAfter(after)));
    else for (const name of names) if (isCheckpoint(name)) await store.remove(name);
    await describe({ state: "running", ...(after > 0 ? { resumedAfter: after } : {}) });
  };
  const folder = openRunFolder(path, {
    after,
    first: () => {
      begun ??= begin();
      // Reported once it is awaited: until then, the rejection must not end the process.
      begun.catch(() => {});
      return begun;
    },
  });
  const describe = (facts: Readonly<Record<string, unknown>>): Promise<void> =>
    folder.describe({ unrolled: version(), task, ...facts, configuration, tier, data });
  const checkpoints: Checkpointing = {
    ...(checkpointEvery === undefined ? {} : { everySeconds: checkpointEvery }),
    store: {
      ...store,
      async save(name, bytes) {
        // Before the first step nothing is there that was not before.
        if (begun === undefined) return;
        await begun;
        // A run that is killed resumes from here, and what was recorded up to here is not recorded again.
        await folder.flush();
        await store.save(name, bytes);
      },
    },
  };
  return {
    folder: path,
    after,
    remarks: [
      ...(remark === undefined ? [] : [remark]),
      ...(foreign.length > 0
        ? [`${path}: ${foreign.join(", ")} will be kept there under another name, ending in .kept`]
        : []),
    ],
    options: {
      checkpoints,
      memoryLimit: availableMemory(),
      onProgress: (progress) => folder.record(progress),
      ...(from ? { resume: from.bytes } : {}),
    },
    async during(work) {
      try {
        const done = await work();
        await begun;
        await folder.flush();
        return done;
      } catch (error) {
        if (begun === undefined) throw await withChangedOptions(error, { path, configuration, data });
        await end(folder, error, describe);
        if (!(error instanceof Interrupted)) throw error;
        const how = `the run is saved in ${path}; the same command with --resume continues it`;
        throw new Interrupted(how, error.signal);
      }
    },
    async finish(facts) {
      await begun;
      // The finished model has taken its place. Beside a run that is done, a model of this name is somebody else's.
      await store.remove(bestName);
      await describe({ state: "done", ...facts });
    },
  };
}

type FileFacts = Awaited<ReturnType<typeof fileFacts>>;

const isCheckpoint = (name: string): boolean => /^(step-\d+|best)\.safetensors$/.test(name);

async function end(
  folder: RunFolder,
  error: unknown,
  describe: (facts: Readonly<Record<string, unknown>>) => Promise<void>,
): Promise<void> {
  // The reason why the run ended matters most; that the folder takes no more files is only a consequence, or comes second.
  const reason = error instanceof Error ? error.message : String(error);
  await folder.flush().catch(() => {});
  await describe({ state: error instanceof Interrupted ? "stopped" : "failed", reason }).catch(() => {});
}

async function dataFacts(files: RunRequest["files"]): Promise<Record<string, FileFacts[]>> {
  const facts: Record<string, FileFacts[]> = {};
  for (const [use, list] of Object.entries(files)) {
    if (list === undefined) continue;
    const all = (await Promise.all(list.map(filesBelow))).flat();
    facts[use] = await Promise.all(all.map(fileFacts));
  }
  return facts;
}
