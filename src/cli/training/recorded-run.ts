/**
 * A recorded run: what its folder says it did, and whether its data is still the same.
 */
import { join } from "node:path";
import { DataError } from "../../data/index.js";
import { readFileBytes } from "../../data/node.js";
import { type ExecutorOptions, executorRecorded } from "../../exec/registry/index.js";
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

type Json = Readonly<Record<string, unknown>>;

/** Reads the folder of a run. @throws DataError saying what is missing in it */
export async function readRun(path: string): Promise<RecordedRun> {
  const file = join(path, "run.json");
  const facts = parse(file, new TextDecoder().decode(await readFileBytes(file)));
  const { task, unrolled, tier, configuration } = facts;
  if (typeof task !== "string" || typeof tier !== "string" || !isObject(configuration))
    throw new DataError({
      file,
      problem: "does not say what was trained, and with which options",
      remedy: "Give the folder of a run.",
    });
  const newest = await newestCheckpoint(checkpointFolder(path));
  const position = newest && readCheckpoint(newest.bytes, `${path}/${newest.name}`).position;
  return {
    path,
    task,
    tier,
    configuration,
    version: String(unrolled),
    executor: executorRecorded(tier),
    resumedAfter: typeof facts["resumedAfter"] === "number" ? facts["resumedAfter"] : 0,
    steps: await recordedSteps(path),
    planned: position?.steps ? { steps: position.steps, fixedAt: position.fixedAt } : undefined,
    changed: await changedFiles(facts["data"]),
  };
}

function parse(file: string, text: string): Json {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Reported below, like any other file that is not JSON.
  }
  throw new DataError({
    file,
    problem: "is not a JSON object",
    remedy: "Give the folder of a run, as in mood.run.",
  });
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Files whose contents differ from the run's. */
async function changedFiles(data: unknown): Promise<string[]> {
  const lists = Object.values(isObject(data) ? data : {}).filter(Array.isArray);
  const changed: string[] = [];
  for (const { file, sha256 } of lists.flat() as { readonly file: string; readonly sha256: string }[]) {
    const now = await fileFacts(file);
    if (now.sha256 !== sha256)
      changed.push(`${file} has changed: its SHA-256 was ${sha256} and is ${now.sha256}`);
  }
  return changed;
}
