/**
 * Which files in a folder are those of a run. Names alone do not make a file ours: a folder is a run's if its run.json is,
 * or if it holds checkpoints; whatever else has one of the names is a person's, and is never removed. For Node only.
 */
import { open, readdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { fileError } from "../../data/node/system-errors.js";
import { bestName } from "../run/checkpointing.js";
import { lockName } from "./lock.js";

/** The names of a run's files beside its checkpoints. */
export const runFileNames = {
  facts: "run.json",
  metrics: "metrics.jsonl",
  steps: "steps.tsv",
  best: bestName,
} as const;

const isStep = (name: string): boolean => /^step-\d+\.safetensors$/.test(name);

/** Whether a run keeps a name in its folder for itself. */
export const isRunFile = (name: string): boolean =>
  name === lockName || isStep(name) || Object.values<string>(runFileNames).includes(name);

type Json = Readonly<Record<string, unknown>>;

/** What run.json says in a folder; undefined if there is none, or it is not that of a run. */
export async function runFacts(path: string): Promise<Json | undefined> {
  try {
    const facts: unknown = JSON.parse(await readFile(join(path, runFileNames.facts), "utf8"));
    return isJson(facts) && isOfRun(facts) ? facts : undefined;
  } catch {
    return undefined;
  }
}

/** What `describe` and the command line write into every run.json. */
const isOfRun = ({ unrolled, machine }: Json): boolean =>
  typeof unrolled === "string" || (isJson(machine) && typeof machine["memoryGiB"] === "number");

/** The files of a folder that have names of a run's files and are none, sorted. */
export async function foreignFiles(path: string): Promise<readonly string[]> {
  const names = (await readdir(path).catch(() => [])).filter((name) => isRunFile(name) && name !== lockName);
  const { facts: factsName, best } = runFileNames;
  const facts = await runFacts(path);
  // A run that is done has no best weights beside its model any more: they have become it.
  if (facts) return names.filter((name) => name === best && facts["state"] === "done");
  const checkpoints = await Promise.all(names.filter(isStep).map((name) => isCheckpoint(join(path, name))));
  // A run that lost its run.json is one all the same.
  return names.filter((name) => name === factsName || !checkpoints.includes(true)).sort();
}

/** Moves files of a folder out of the way: run.json is run.json.kept, or run.json.kept-2. @returns what they are now */
export async function keepAside(path: string, names: readonly string[]): Promise<readonly string[]> {
  const taken = new Set(await readdir(path).catch(() => []));
  const kept: string[] = [];
  for (const name of names) {
    let [aside, number] = [`${name}.kept`, 1];
    while (taken.has(aside)) aside = `${name}.kept-${++number}`;
    taken.add(aside);
    kept.push(aside);
    try {
      await rename(join(path, name), join(path, aside));
    } catch (error) {
      throw fileError(join(path, name), "written", error);
    }
  }
  return kept;
}

/** The longest header of a safetensors file. */
const MOST_HEADER = 100 * 2 ** 20;

/** Whether a file is a checkpoint as far as its header shows; one that was cut off behind it is one too. */
async function isCheckpoint(file: string): Promise<boolean> {
  const handle = await open(file, "r").catch(() => undefined);
  if (!handle) return false;
  try {
    const length = Number((await handle.read(Buffer.alloc(8), 0, 8, 0)).buffer.readBigUInt64LE());
    const { size } = await handle.stat();
    if (length > Math.min(size, MOST_HEADER)) return false;
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, 8);
    const header: unknown = JSON.parse(buffer.toString("utf8"));
    const metadata = isJson(header) ? header["__metadata__"] : undefined;
    return isJson(metadata) && "checkpoint" in metadata;
  } catch {
    return false;
  } finally {
    await handle.close();
  }
}

const isJson = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
