/**
 * `unrolled/train/node`: where runs lie on a disk. A folder of checkpoints, and the folder of a whole run, which a person
 * can read while it goes on: run.json says what is being done with what, metrics.jsonl how it goes, a line at a time, and
 * steps.tsv what every step was.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { arch, cpus, platform, release, totalmem } from "node:os";
import { join } from "node:path";
import { DataError } from "../data/index.js";
import { appendToFile, flushFile, removeFile, removeLeftParts } from "../data/node/writing.js";
import { readNamed, writeFileAtomically } from "../data/node.js";
import { makeFolder } from "./node/folders.js";
import { runFileNames } from "./node/run-files.js";
import type { CheckpointStore } from "./run/checkpointing.js";
import type { Progress } from "./run/progress.js";
import { type RecordedStep, readSteps, stepLine, stepsUpTo } from "./run/step-record.js";

export { lockRunFolder, type RunLock, requireUnlocked } from "./node/lock.js";
export { foreignFiles, isRunFile, keepAside, runFacts } from "./node/run-files.js";
export type { RecordedStep } from "./run/step-record.js";

/**
 * A folder as a store of checkpoints; it is made when the first is saved. A file appears whole or not at all: it is
 * written under another name, flushed to the disk, and renamed. What processes that were killed left half-written is removed
 * at the first save.
 *
 * @throws DataError from its functions, when the disk is full, the folder read-only, or a file not to be had
 */
export function checkpointFolder(folder: string): CheckpointStore {
  let isClean = false;
  return {
    async save(name, bytes) {
      await makeFolder(folder);
      if (!isClean) await removeLeftParts(folder);
      isClean = true;
      await writeFileAtomically(join(folder, name), bytes);
    },
    // What a process that was killed left half-written ends in ".tmp" and is nobody's.
    list: async () => (await readdir(folder).catch(() => [])).filter((name) => !name.endsWith(".tmp")),
    // What lies there may come from elsewhere: a link or a device is no checkpoint.
    load: (name) => readNamed(join(folder, "run.json"), name, { mostBytes: Number.POSITIVE_INFINITY }),
    remove: (name) => removeFile(join(folder, name)),
  };
}

/** One line of metrics.jsonl. */
export interface MetricsLine {
  readonly step: number;
  readonly epoch: number;
  /** Mean loss of the epoch so far. */
  readonly loss: number | null;
  readonly norm: number | null;
  readonly rate: number;
  readonly seconds: number;
  readonly skipped: number;
  /** Validation score, in the line that ends an epoch. */
  readonly valid?: number;
}

/** The folder of a run. */
export interface RunFolder {
  readonly path: string;
  readonly checkpoints: CheckpointStore;
  /** Rewrites run.json; `facts` are added to what it says of the machine and the package. */
  describe(facts: Readonly<Record<string, unknown>>): Promise<void>;
  /**
   * Adds what was told after a step: to steps.tsv every step, to metrics.jsonl every epoch's end, and a step about every
   * second. Both are written as often.
   */
  record(progress: Progress): void;
  /** Resolves when all lines are on the disk. @throws DataError if one could not be written */
  flush(): Promise<void>;
}

/** How the folder of a run is opened. */
export interface RunFolderOptions {
  /**
   * The step that the run goes on from: later lines of metrics.jsonl are taken away, for their steps are made again;
   * default 0, a new run.
   */
  readonly after?: number;
  /** What is done before the first line is written. Default: nothing. */
  readonly first?: () => Promise<void>;
}

/** Seconds between two steps that are recorded. */
const EVERY_SECONDS = 1;

/**
 * Opens the folder of a run. Nothing in it changes until something is written.
 */
export function openRunFolder(path: string, { after = 0, first }: RunFolderOptions = {}): RunFolder {
  const metrics = join(path, runFileNames.metrics);
  const steps = stepRecorder(join(path, runFileNames.steps), after);
  let written: Promise<void> | undefined;
  let recorded = Number.NEGATIVE_INFINITY;
  return {
    path,
    checkpoints: checkpointFolder(path),
    async describe(facts) {
      await makeFolder(path);
      const text = `${JSON.stringify({ ...facts, machine: machineFacts() }, null, 2)}\n`;
      await writeFileAtomically(join(path, runFileNames.facts), new TextEncoder().encode(text));
    },
    record(progress) {
      if (progress.valid === undefined) steps.add(progress);
      if (progress.valid === undefined && progress.seconds - recorded < EVERY_SECONDS) return;
      recorded = progress.seconds;
      const line = `${JSON.stringify(metricsLine(progress))}\n`;
      written ??= Promise.resolve(first?.()).then(() => keepLines(path, metrics, after));
      written = written.then(() => appendToFile(metrics, line)).then(() => steps.flush());
      // Reported by flush: a rejection that nobody has seen yet is no crash.
      written.catch(() => {});
    },
    async flush() {
      if (!written) return;
      await written;
      await steps.flush();
      for (const name of [runFileNames.metrics, runFileNames.steps]) await flushFile(join(path, name));
    },
  };
}

/** Writes steps, many at a time. @param after of what the file has, the steps up to this one stay: later ones are made again */
function stepRecorder(
  file: string,
  after: number,
): { readonly add: (progress: Progress) => void; readonly flush: () => Promise<void> } {
  let pending = "";
  let begun = false;
  return {
    add(progress) {
      pending += stepLine(progress);
    },
    async flush() {
      const text = pending;
      pending = "";
      if (!begun) {
        begun = true;
        const kept = stepsUpTo(await readFile(file, "utf8").catch(() => ""), after);
        await writeFileAtomically(file, new TextEncoder().encode(kept));
      }
      if (text !== "") await appendToFile(file, text);
    },
  };
}

/** The steps of a run by their numbers. @param path its folder @throws DataError if it has none recorded, or a line is none */
export async function recordedSteps(path: string): Promise<ReadonlyMap<number, RecordedStep>> {
  const file = join(path, runFileNames.steps);
  try {
    const bytes = await readNamed(join(path, runFileNames.facts), runFileNames.steps, {
      mostBytes: Number.POSITIVE_INFINITY,
    });
    return readSteps(new TextDecoder().decode(bytes), file);
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError({
      file,
      problem: "cannot be read, and it holds what the steps of a run were",
      remedy:
        "Give the folder of a run, as in mood.run; a run of a version before this one has no such file.",
    });
  }
}

function metricsLine({ step, epoch, loss, norm, rate, seconds, skipped, valid }: Progress): MetricsLine {
  // JSON cannot write values that are not numbers: they become null.
  const line = { step, epoch, loss, norm, rate, seconds: Math.round(1000 * seconds) / 1000, skipped };
  return valid === undefined ? line : { ...line, valid };
}

/** Keeps the lines of the steps up to `after`, and drops one that was cut off. */
async function keepLines(path: string, file: string, after: number): Promise<void> {
  await makeFolder(path);
  const text = await readFile(file, "utf8").catch(() => "");
  const kept = text
    .split("\n")
    .slice(0, -1)
    .filter((line) => stepOf(line) <= after);
  await writeFileAtomically(file, new TextEncoder().encode(kept.map((line) => `${line}\n`).join("")));
}

function stepOf(line: string): number {
  try {
    return Number((JSON.parse(line) as Partial<MetricsLine>).step);
  } catch {
    return Number.NaN;
  }
}

/** The machine and the runtime, as run.json has them. */
function machineFacts(): Readonly<Record<string, unknown>> {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
  };
}

/** A file's name, size and SHA-256, as run.json has it. @throws DataError when it cannot be read */
export async function fileFacts(
  file: string,
): Promise<{ readonly file: string; readonly bytes: number; readonly sha256: string }> {
  const hash = createHash("sha256");
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Uint8Array>) {
      hash.update(chunk);
      bytes += chunk.length;
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataError({ file, problem: `cannot be read: ${reason}`, remedy: "Is the name right?" });
  }
  return { file, bytes, sha256: hash.digest("hex") };
}
