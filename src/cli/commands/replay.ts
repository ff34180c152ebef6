/**
 * `unrolled replay`: repeats one step of a recorded run, and says whether the result is the same, bit for bit, and if not,
 * why that may be.
 */
import type { Command } from "commander";
import { DataError } from "../../data/index.js";
import type { ExecutorName, ExecutorOptions } from "../../exec/registry/index.js";
import { taskNames } from "../../tasks/index.js";
import { TrainingError } from "../../train/index.js";
import { lockRunFolder } from "../../train/node.js";
import { tasks } from "../tasks/table.js";
import { isCellFile } from "../terminal/cell-file.js";
import { UsageError } from "../terminal/errors.js";
import { option, wholeNumber } from "../terminal/options.js";
import type { Surroundings } from "../terminal/surroundings.js";
import { aligned, counted, print, say } from "../terminal/talk.js";
import { version } from "../terminal/version.js";
import { executorOptions, given } from "../training/options.js";
import { type RecordedRun, readRun } from "../training/recorded-run.js";
import { type Replay, replayStep } from "../training/replay-step.js";

interface Options {
  readonly step: number;
  readonly cell?: string;
  readonly data?: readonly string[];
  readonly executor?: ExecutorName;
  readonly tier?: NonNullable<ExecutorOptions["tier"]>;
  readonly threads?: number;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** Adds `replay` to the program. */
export function addReplay(program: Command, around: Surroundings): void {
  const command = program
    .command("replay")
    .description("Repeat a step of a recorded run, and say whether the result is the same, bit for bit.")
    .usage("RUN --step N [options]")
    .argument("<run>", "the folder of a run: mood.run")
    .addHelpText(
      "after",
      `
The step is computed from the newest checkpoint before it, or from the start of the run, with the run's own options and data;
call it in the folder in which the run was started. Exit status 1: the step is not the same.

The folder of a run may come from elsewhere: what it names is read only if it lies in this folder, or is given with --data, and
the program of a cell runs only if it is given with --cell.

Examples:
  unrolled replay mood.run --step 17
  unrolled replay mood.run --step 17 --tier simd`,
    );
  const added = [
    option("Replay:", "--step <n>", "the step, from 1", wholeNumber(1)).makeOptionMandatory(),
    option("Replay:", "--cell <file.js>", "the cell of the run, if that is read from a file, which runs"),
    option("Replay:", "--data <path...>", "files and folders outside this one that the run may read"),
    ...executorOptions("Replay:", { executor: "the run's", tier: "the run's" }),
    option("Replay:", "--threads <n>", "threads to compute with (default: 1)", wholeNumber(1, 64)),
    option("Output:", "--quiet", "print the report only"),
    option("Output:", "--json", "print the report as one JSON object"),
  ];
  for (const each of added) command.addOption(each);
  command.action((path: string, options: Options) => replay(path, options, around));
}

async function replay(path: string, options: Options, around: Surroundings): Promise<void> {
  const { step, quiet, json } = options;
  const recorded = await readRun(path, [".", ...(options.data ?? [])]);
  const run = { ...recorded, configuration: withCell(recorded, options.cell) };
  const task = taskNames.find((name) => name === run.task);
  const { retrain } = task ? tasks[task] : {};
  if (retrain === undefined)
    throw new DataError({
      file: path,
      problem: `is a run of ${run.task}`,
      remedy: "It cannot be trained here.",
    });
  if (!run.steps.has(step)) throw new UsageError(`${path} has no step ${step}; it recorded ${extent(run)}`);
  // With other data it would not be the same step, whatever the result.
  if (run.changed.length > 0)
    throw new TrainingError(`step ${step} cannot be repeated: ${run.changed.join("; ")}`);
  const { threads, executor: name = run.executor?.name } = options;
  const { tier = name === run.executor?.name ? run.executor?.tier : undefined } = options;
  // A training in the folder would remove the checkpoints that this reads.
  const lock = await lockRunFolder(path, { reading: true });
  const executor = await around
    .createExecutor(given<ExecutorOptions>({ name, threads, tier }))
    .catch(async (error: unknown) => {
      await lock.release();
      throw error;
    });
  try {
    say(around, quiet, `repeating step ${step} of ${path} on ${executor.tier}`);
    const result = await replayStep(run, { step, retrain, executor, signal: around.interruption() });
    const why = reasons(run, result, { step, tier: executor.tier });
    const same = why.length === 0;
    if (json) print(around, JSON.stringify(asJson(result, { step, same, why, tier: executor.tier })));
    else for (const line of report(run, result, { step, tier: executor.tier, same })) print(around, line);
    if (!same) throw new TrainingError(`step ${step} is not the same: ${why.join("; ")}`);
  } finally {
    executor.dispose();
    await lock.release();
  }
}

/** The options of a run, with its cell if the command names it. @throws UsageError if only the folder does */
function withCell(
  { path, configuration }: RecordedRun,
  named: string | undefined,
): RecordedRun["configuration"] {
  const { cell } = configuration;
  const isFile = typeof cell === "string" && isCellFile(cell);
  if (isFile && named === undefined)
    throw new UsageError(
      `${path} has the cell ${cell}, a program that would be run; if you trust it, name it: --cell ${cell}`,
    );
  if (!isFile && named !== undefined)
    throw new UsageError(`the cell of ${path} is read from no file; leave --cell out`);
  return named === undefined ? configuration : { ...configuration, cell: named };
}

function extent({ steps }: RecordedRun): string {
  const numbers = [...steps.keys()];
  return numbers.length === 0 ? "none" : `steps ${numbers[0]} to ${numbers.at(-1)}`;
}

interface Place {
  readonly step: number;
  readonly tier: string;
}

/** The tier without the number of threads, which never changes a bit. */
const kernels = (tier: string): string => tier.split(",")[0]!;

/** Why the step is not the same; empty if it is. */
function reasons(run: RecordedRun, result: Replay, { step, tier }: Place): string[] {
  const { different, state, from, last } = result;
  const isStep = different.includes(step) || state === false || different.some((at) => at < step);
  // The step after it shows the weights that this one made.
  if (!isStep && !different.includes(step + 1)) return [];
  const first = Math.min(...different, step);
  if (kernels(tier) !== kernels(run.tier))
    return [`the run was on ${kernels(run.tier)}, which rounds differently from ${kernels(tier)}`];
  if (run.version !== version())
    return [`the run was made by version ${run.version}, and this is ${version()}`];
  // Weights never return to an earlier value: if they agree later, they agreed before.
  const later = state === true || (last > first && !different.includes(last));
  if (later) {
    const altered = different.map(String).join(", ");
    return [
      `its weights are the same, so the entry of step ${altered} in steps.tsv was changed after the run`,
    ];
  }
  const why = [`they differ from step ${first} on, with the same tier, version and data`];
  if (run.resumedAfter > from)
    why.push(
      `the run was resumed after step ${run.resumedAfter}, perhaps with other options or on another tier`,
    );
  const { cell, from: model } = run.configuration;
  if (typeof cell === "string" && /\.[cm]?[jt]s$/.test(cell))
    why.push(`the cell is read from ${cell}, which may have changed since`);
  if (typeof model === "string") why.push(`it started from ${model}, which may have changed since`);
  return why;
}

function report(run: RecordedRun, result: Replay, place: Place & { readonly same: boolean }): string[] {
  const { from, recorded, recomputed, state, last, failure } = result;
  const { step, tier, same } = place;
  const start = from === 0 ? "the start of the run" : `the checkpoint of step ${from}`;
  // One table cell: the rows about the run are longer than any number.
  const numbers = (...cells: readonly string[]): string =>
    cells
      .map((cell) => cell.padEnd(24))
      .join("")
      .trimEnd();
  const rows = [
    ["run", `${run.path}: ${run.task}, unrolled ${run.version}, ${run.tier}`],
    ["replay", `${counted(last - from, "step")} from ${start}, unrolled ${version()}, ${tier}`],
    [`step ${step}`, numbers("recorded", "recomputed")],
    ...(["loss", "norm"] as const).map((key) => {
      const equal = Object.is(recorded[key], recomputed[key]) ? "same" : "different";
      return [key, numbers(String(recorded[key]), String(recomputed[key]), equal)];
    }),
    ...(state === undefined
      ? []
      : [["weights", `${state ? "" : "not "}those of the run's checkpoint at step ${step}`]]),
    ["result", same ? "the same, bit for bit" : "not the same"],
  ];
  return [...aligned(rows), ...(failure ? [failure.message] : [])];
}

function asJson(
  { from, recorded, recomputed, different, state, failure }: Replay,
  { step, same, why, tier }: Place & { readonly same: boolean; readonly why: readonly string[] },
): object {
  return {
    step,
    same,
    from,
    tier,
    recorded,
    recomputed,
    different,
    weights: state ?? null,
    why,
    ...(failure?.finding ? { finding: failure.finding } : {}),
  };
}
