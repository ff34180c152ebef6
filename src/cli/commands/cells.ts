/**
 * `unrolled cells`: the catalogue, or one cell, from the catalogue or a user's file, with its equations, the gradients
 * derived from them, and the plan that trains it.
 */
import type { Command } from "commander";
import { type Cell, type CellParameter, catalogue, printCell } from "../../cell/index.js";
import { printBackward } from "../../grad/index.js";
import { linear, network, recurrent } from "../../nn/index.js";
import { printPlan } from "../../plan/index.js";
import { sgd, trainingPlan } from "../../train/index.js";
import { loadCell } from "../terminal/cell-file.js";
import { UsageError } from "../terminal/errors.js";
import { option, wholeNumber } from "../terminal/options.js";
import type { Surroundings } from "../terminal/surroundings.js";
import { aligned, print } from "../terminal/talk.js";

/** What each cell of the catalogue is, in a line. */
export const meanings: Readonly<Record<string, string>> = {
  rnn: "the plain recurrent network, with tanh",
  rnnRelu: "the plain recurrent network, with ReLU",
  gru: "the gated recurrent unit of the notes: the relevance gate acts before the matrix product",
  gruResetAfter:
    "the gated recurrent unit of cuDNN and PyTorch: the reset gate acts after the matrix product",
  lstm: "the standard long short-term memory",
  lstmNotes: "the long short-term memory of the notes: gates read the memory, the output is not squashed",
  lstmPeephole: "the long short-term memory whose gates also see the memory, each unit its own",
  lstmCoupled: "the long short-term memory that forgets as much as it takes in",
  lstmLayerNorm: "the long short-term memory with layer normalisation of its gates and output",
  indRnn: "the independently recurrent network: every unit sees only itself in the past",
  minGru: "the minimal gated unit whose gates read only the input",
};

interface Options {
  readonly latex?: boolean;
  readonly plan?: boolean;
  readonly input?: number;
  readonly units?: number;
  readonly json?: boolean;
}

/** Adds `cells` to the program. */
export function addCells(program: Command, around: Surroundings): void {
  program
    .command("cells")
    .description("List the cells, or print one: its equations, its gradients, the plan that trains it.")
    .usage("[NAME|FILE.js] [options]")
    .argument("[cell]", "a cell of the list, or an ES module that exports one")
    .option("--latex", "print the equations in LaTeX")
    .option(
      "--plan",
      "print the plan of one training step instead: the cell, a linear layer, and their gradients",
    )
    .addOption(option("Plan:", "--input <n>", "input width X of the plan (default: 3)", wholeNumber(1)))
    .addOption(option("Plan:", "--units <n>", "hidden width H of the plan (default: 4)", wholeNumber(1)))
    .addOption(option("Output:", "--json", "print one JSON object per cell"))
    .addHelpText(
      "after",
      "\nExamples:\n  unrolled cells\n  unrolled cells gru --latex\n  unrolled cells ./mine.js --plan --units 8",
    )
    .action(async (name: string | undefined, options: Options) => {
      refuseContradictions(name, options);
      if (name === undefined) return list(around, options);
      const cell = await loadCell(name);
      around.stdout.write(oneCell(cell, options));
    });
}

function refuseContradictions(name: string | undefined, { latex, plan, input, units, json }: Options): void {
  if (name === undefined && (latex || plan)) {
    throw new UsageError(`${latex ? "--latex" : "--plan"} prints one cell; name it: unrolled cells gru`);
  }
  if (latex && plan)
    throw new UsageError("--latex is for equations, and --plan prints none; give one of them");
  if (json && (latex || plan))
    throw new UsageError(`--json and ${latex ? "--latex" : "--plan"} contradict each other`);
  if (!plan && (input ?? units) !== undefined)
    throw new UsageError("--input and --units are sizes of --plan; add it");
}

function list(around: Surroundings, { json }: Options): void {
  const cells = Object.values(catalogue);
  if (json) for (const cell of cells) print(around, JSON.stringify(describe(cell)));
  else
    for (const line of aligned(cells.flatMap((cell, i) => [...(i > 0 ? [[]] : []), ...inWords(cell)])))
      print(around, line);
}

function oneCell(cell: Cell, { latex, plan, input = 3, units = 4, json }: Options): string {
  if (json) return `${JSON.stringify(describe(cell))}\n`;
  if (plan) return printPlan(planOf(cell, input, units));
  const equations = cell.equations();
  const notation = latex ? "latex" : "unicode";
  return `${printCell(equations, notation).trimEnd()}\n\n${printBackward(equations, notation).trimEnd()}\n`;
}

/** The training step of a network of this cell and an output, without an optimiser's own state. */
function planOf(cell: Cell, width: number, units: number) {
  const layers = [recurrent({ cell, units }), linear({ units: 2 })];
  return trainingPlan(network({ input: { width }, layers, loss: "squaredError" }), { optimizer: sgd() });
}

function describe(cell: Cell) {
  const { name, states, output, parameters } = cell.equations();
  const shapes = parameters.map((parameter) => ({ name: parameter.name, shape: shapeOf(parameter) }));
  const meaning = catalogue[name] === cell ? { describes: meanings[name] } : {};
  return { name, ...meaning, states, output, parameters: shapes };
}

/** ["H", "H + X"], in the letters of the notes. */
function shapeOf({ kind, blocks }: CellParameter): string[] {
  if (kind === "scalar") return ["1"];
  return kind === "vector" ? ["H"] : ["H", blocks.map((block) => block.columns).join(" + ")];
}

function inWords(cell: Cell): string[][] {
  const { name, describes, states, parameters } = describe(cell);
  const byShape = new Map<string, string[]>();
  for (const { name: parameter, shape } of parameters) {
    const key = `(${shape.join(", ")})`;
    byShape.set(key, [...(byShape.get(key) ?? []), parameter]);
  }
  return [
    [name, describes ?? ""],
    ["  states", states.join(", ")],
    ...[...byShape].map(([shape, names], i) => [
      i === 0 ? "  parameters" : "",
      `${names.join(", ")} ${shape}`,
    ]),
  ];
}
