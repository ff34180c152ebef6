/**
 * A recorded run: what its folder says it did, and whether its data is still the same.
 */
import { join } from "node:path";
import { DataError } from "../../data/index.js";
import { placeProblem, readNamed } from "../../data/node.js";
import { type ExecutorOptions, executorRecorded } from "../../exec/registry/index.js";
import { parseJsonText } from "../../io/index.js";
import { type FieldRow, fieldProblem, isPlainObject } from "../../options/index.js";
import { newestCheckpoint, readCheckpoint } from "../../train/index.js";
import { checkpointFolder, fileFacts, type RecordedStep, recordedSteps } from "../../train/node.js";

/** What a run's folder holds. */
export interface RecordedRun {
  readonly path: string;
  readonly task: string;
  /** The version of the package that made it, and what it ran on: "wasm simd, 2 threads". */
  readonly version: string;
  readonly tier: string;
  /** The executor that it ran on; undefined where this version has none such. */
  readonly executor: Pick<ExecutorOptions, "name" | "tier"> | undefined;
  readonly configuration: Readonly<Record<string, unknown>>;
  /** The step after which it was resumed; 0: it never was. */
  readonly resumedAfter: number;
  readonly steps: ReadonlyMap<number, RecordedStep>;
  /** How many steps were planned, and from which step on that was known. */
  readonly planned: { readonly steps: number; readonly fixedAt: number } | undefined;
  /** Data files that have changed, in words. */
  readonly changed: readonly string[];
}

/** A file of data, as it was. */
interface FileFacts {
  readonly file: string;
  readonly sha256: string;
}

/** What run.json holds, as far as a replay reads it. */
interface RunFacts {
  readonly task: string;
  readonly unrolled: string;
  readonly tier: string;
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly resumedAfter?: number;
  readonly data?: Readonly<Record<string, readonly FileFacts[]>>;
}

const text = { kind: "text" } as const;

/** The same as rows. What the configuration holds is checked by the options of the task. */
const rows: Readonly<Record<keyof RunFacts, FieldRow>> = {
  task: text,
  unrolled: text,
  tier: text,
  configuration: { fields: {} },
  resumedAfter: { kind: "whole", least: 0, optional: true },
  data: { entries: { each: { fields: { file: text, sha256: text } } }, optional: true },
};

/** Options that name what a replay reads. */
const followed = ["train", "valid", "test", "from"];

/**
 * Reads the folder of a run.
 *
 * @param folders where files that it names may lie, or such files themselves: the folder may come from elsewhere
 * @throws DataError saying what is missing in it, or which name in it is not followed
 */
export async function readRun(path: string, folders: readonly string[]): Promise<RecordedRun> {
  const file = join(path, "run.json");
  const facts = await readFacts(path);
  const { task, unrolled, tier, configuration, resumedAfter = 0, data = {} } = facts;
  const named = [...followed.map((key) => configuration[key]), ...Object.values(data).flat()].flat();
  for (const each of named) {
    const name = isPlainObject(each) ? each["file"] : each;
    const problem = typeof name === "string" ? await placeProblem(name, folders) : undefined;
    if (problem !== undefined)
      throw new DataError({
        file,
        problem: `names ${JSON.stringify(name)}, which ${problem}`,
        remedy: `Call this in the folder in which the run was started, or name what the run may read: --data ${String(name)}`,
      });
  }
  const newest = await newestCheckpoint(checkpointFolder(path));
  const position = newest && readCheckpoint(newest.bytes, `${path}/${newest.name}`).position;
  return {
    path,
    task,
    tier,
    configuration,
    version: unrolled,
    executor: executorRecorded(tier),
    resumedAfter,
    steps: await recordedSteps(path),
    planned: position?.steps ? { steps: position.steps, fixedAt: position.fixedAt } : undefined,
    changed: await changedFiles(Object.values(data).flat()),
  };
}

/** @throws DataError naming the field that is not what it can be */
async function readFacts(path: string): Promise<RunFacts> {
  const file = join(path, "run.json");
  const fail = (problem: string): DataError =>
    new DataError({ file, problem, remedy: "Give the folder of a run, as in mood.run." });
  const result = parseJsonText(new TextDecoder().decode(await readNamed(file, "run.json")));
  if ("problem" in result) throw fail(result.problem);
  if (!isPlainObject(result.value)) throw fail("is not a JSON object");
  const problem = fieldProblem(result.value, { fields: rows });
  if (problem !== undefined) throw fail(`does not say what was trained, and with which options: ${problem}`);
  return result.value as unknown as RunFacts;
}

/** Files whose contents differ from the run's. */
async function changedFiles(files: readonly FileFacts[]): Promise<string[]> {
  const changed: string[] = [];
  for (const { file, sha256 } of files) {
    const now = await fileFacts(file);
    if (now.sha256 !== sha256)
      changed.push(`${file} has changed: its SHA-256 was ${sha256} and is ${now.sha256}`);
  }
  return changed;
}
