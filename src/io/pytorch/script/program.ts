/**
 * A TorchScript program as a network: followed with its input taken for ids, for vectors or for numbers, sequences first or steps
 * first, until one of them fits all that the program does with it.
 */
import type { NetworkInput } from "../../../nn/index.js";
import { failIn } from "../modules/fail.js";
import type { Made } from "../modules/made.js";
import type { Program } from "./operator.js";
import { ScriptError } from "./parse.js";
import { type Axis, type Flowing, valueText } from "./values.js";
import { type Walked, walk } from "./walk.js";

/** A program as values, with what goes in and what comes out. */
export interface ReadProgram {
  readonly made: readonly Made[];
  readonly input: NetworkInput;
  /** What the program itself ends in. */
  readonly head: "linear" | "softmax" | "sigmoid";
  /** Whether it gives logarithms of the probabilities. */
  readonly logarithms: boolean;
  /** Sentences on what was found. */
  readonly said: readonly string[];
}

/** What an input may be. */
interface Guess {
  readonly axes: readonly Axis[];
  readonly ids: boolean;
}

const guesses: readonly Guess[] = [
  { axes: ["batch", "time"], ids: true },
  { axes: ["batch", "time", "features"], ids: false },
  { axes: ["time", "batch"], ids: true },
  { axes: ["time", "batch", "features"], ids: false },
  { axes: ["batch", "time"], ids: false },
  { axes: ["time", "batch"], ids: false },
];

/**
 * Reads a program.
 *
 * @throws FileFormatError naming what the program does that is not read, and the way round
 */
export function readProgram(program: Program, file: string): ReadProgram {
  let furthest: { readonly problem: string; readonly parts: number } | undefined;
  for (const { axes, ids } of guesses) {
    const progress = { parts: 0 };
    const follow = (width: number): Walked => {
      const input: Flowing = { kind: "flowing", value: "input", axes, width };
      return walk(program, input, progress);
    };
    try {
      // How wide its input is, a program does not say: the first part that reads it does.
      const first = follow(ids || axes.length === 3 ? 0 : 1);
      const width = widthIn(first.made);
      return finished(!ids && axes.length === 3 ? follow(width) : first, { ids, width });
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error;
      if (furthest === undefined || progress.parts > furthest.parts)
        furthest = { problem: error.message, parts: progress.parts };
    }
  }
  throw failIn(file)(
    "program",
    furthest?.problem ?? "does nothing",
    "The option modules names the modules in the order of their use, and what stands between them: the program is then left aside.",
  );
}

/** What the first part takes that reads the input and says so. */
function widthIn(made: readonly Made[]): number {
  const reader = made.find(({ from, input }) => from.includes("input") && input !== undefined);
  return reader?.input ?? 1;
}

function finished(
  { made, output }: Walked,
  { ids, width }: { readonly ids: boolean; readonly width: number },
): ReadProgram {
  const said: string[] = [];
  let value = output;
  if (value.kind === "list" && value.items[0]) {
    value = value.items[0];
    said.push("The program gives several values: the first is taken.");
  }
  let head: ReadProgram["head"] = "linear";
  let logarithms = false;
  if (value.kind === "ended") {
    logarithms = value.by === "log_softmax";
    if (logarithms)
      said.push("The program gives logarithms of probabilities: the model gives the probabilities.");
    head = "softmax";
    value = value.of;
  }
  if (value.kind !== "flowing") throw new ScriptError(`gives ${valueText(value)}`);
  const kept = needed(made, value.value);
  const [first, last] = [kept[0], kept.at(-1)];
  if (first === undefined || last === undefined) throw new ScriptError("gives back its input");
  if (ids && first.vocabulary === undefined) throw new ScriptError("reads ids without an embedding");
  if (value.axes[0] === "time")
    said.push("The program takes steps before sequences; here every sequence stands for itself.");
  const ends = last.layer.kind === "activation" && last.layer.by === "sigmoid" && kept.length > 1;
  return {
    made: ends ? kept.slice(0, -1) : kept,
    input: first.vocabulary === undefined ? { width } : { vocabulary: first.vocabulary },
    head: ends ? "sigmoid" : head,
    logarithms,
    said: [
      ...said,
      "What follows what, and what stands between, is what the program's code says, which is read and not run.",
    ],
  };
}

/** What a value is made of, in order; the rest of the program gives something else. */
function needed(made: readonly Made[], name: string): readonly Made[] {
  const names = new Set([name]);
  for (const each of [...made].reverse())
    if (names.has(each.name)) for (const from of each.from) names.add(from);
  return made.filter((each) => names.has(each.name));
}
