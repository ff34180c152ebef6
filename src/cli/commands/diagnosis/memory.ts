/**
 * `unrolled diagnose --cell`: the memory ruler. How far back does a cell remember after a stated budget of training, compared
 * with others on request? As bars, or as JSON.
 */
import { InvalidArgumentError, type Option } from "commander";
import {
  type CellMemory,
  type MemoryOptions,
  type MemoryTaskName,
  measureMemory,
  memoryTaskNames,
  memoryTasks,
} from "../../../insight/index.js";
import { bar } from "../../terminal/bars.js";
import { loadCell } from "../../terminal/cell-file.js";
import { names, option, positiveNumber, wholeNumber } from "../../terminal/options.js";
import type { Surroundings } from "../../terminal/surroundings.js";
import { aligned, counted, duration, percent, print, say } from "../../terminal/talk.js";

/** What the ruler is asked on the command line. */
export interface ChosenMemory
  extends Pick<MemoryOptions, "units" | "steps" | "longest" | "learningRate" | "seed"> {
  readonly cell?: string;
  readonly beside?: true | readonly string[];
  readonly task?: readonly MemoryTaskName[];
  readonly quiet?: boolean;
  readonly json?: boolean;
}

const usualCells = ["gru", "lstm", "lstmNotes"];
const heading = "Memory of a cell, instead of a model:";

/** The ruler's options. */
export function memoryOptions(): Option[] {
  return [
    option(
      heading,
      "--cell <name|file>",
      "how far back a cell remembers; a name of `unrolled cells`, or a file with your own",
    ),
    option(
      heading,
      "--beside [cells]",
      `measure others as well (without names: ${usualCells.join(",")})`,
      names,
    ),
    option(
      heading,
      "--task <names>",
      `tasks to measure by (default: ${memoryTaskNames.join(",")})`,
      taskNames,
    ),
    option(heading, "--units <n>", "hidden width (default: 32)", wholeNumber(1)),
    option(heading, "--steps <n>", "training steps at each distance (default: 1000)", wholeNumber(1)),
    option(heading, "--longest <n>", "the longest distance to try, in steps (default: 256)", wholeNumber(8)),
    option(heading, "--learning-rate <r>", "of Adam (default: 0.005)", positiveNumber),
    option(heading, "--seed <n>", "seed of weights and examples (default: 0)", wholeNumber(0)),
  ];
}

function taskNames(text: string): MemoryTaskName[] {
  const chosen = names(text);
  const unknown = chosen.find((name) => !Object.hasOwn(memoryTasks, name));
  if (unknown === undefined) return chosen as MemoryTaskName[];
  throw new InvalidArgumentError(`There is no task "${unknown}"; there are ${memoryTaskNames.join(", ")}.`);
}

/** Measures and prints. */
export async function printMemory(
  { cell, beside, task, quiet, json, ...budget }: ChosenMemory & { readonly cell: string },
  around: Surroundings,
): Promise<void> {
  const { units = 32, steps = 1000, longest = 256, learningRate = 0.005, seed = 0 } = budget;
  const settings = { units, steps, longest, learningRate, seed };
  const others = beside === true ? usualCells : (beside ?? []);
  const cells = [];
  for (const name of [cell, ...others.filter((other) => other !== cell)]) cells.push(await loadCell(name));
  const signal = around.interruption();
  const measured: CellMemory[] = [];
  for (const each of cells) {
    const memory = await measureMemory(each, () => around.createExecutor({ threads: 1 }), {
      ...settings,
      ...(task ? { tasks: task } : {}),
      signal,
      onProgress: ({ task: of, distance, step, score, isDone }) => {
        if (isDone)
          say(
            around,
            quiet,
            `${each.name}  ${of}  ${distance} steps back: ${percent(score)} after ${counted(step, "training step")}`,
          );
      },
    });
    measured.push(memory);
  }
  if (json) print(around, JSON.stringify({ settings, cells: measured }));
  else for (const line of memoryLines(measured, settings)) print(around, line);
}

const barWidth = 24;

function memoryLines(
  cells: readonly CellMemory[],
  { units, steps, longest }: Readonly<Record<"units" | "steps" | "longest", number>>,
): string[] {
  const tasks = cells[0]?.tasks.map(({ task }) => task) ?? [];
  const seconds = cells.reduce((sum, cell) => sum + cell.seconds, 0);
  return [
    `how far back it remembers: ${units} units, up to ${counted(steps, "training step")} at each distance; ${duration(seconds)}`,
    ...tasks.flatMap((task) => {
      const { describes, scoreName, threshold } = memoryTasks[task];
      return [
        "",
        `${task}: ${describes}`,
        `  remembered if ${scoreName} is at least ${Math.round(100 * threshold)} %`,
        ...aligned(cells.map((cell) => reachLine(cell, task, longest))),
      ];
    }),
  ];
}

function reachLine({ cell, tasks }: CellMemory, task: MemoryTaskName, longest: number): string[] {
  const { reach, isOpen, distances } = tasks.find((each) => each.task === task)!;
  const first = distances[0]!.distance;
  // Each doubling is as long as the others, and the first distance is one of them.
  const share = reach === 0 ? 0 : (Math.log2(reach / first) + 1) / (Math.log2(longest / first) + 1);
  const far =
    reach === 0 ? `less than ${first} steps` : `${counted(reach, "step")}${isOpen ? " or more" : ""}`;
  const scores = distances.map(({ distance, score }) => `${distance}: ${Math.round(100 * score)} %`);
  return [`  ${cell}`, bar(share, barWidth), far, scores.join("  ")];
}
