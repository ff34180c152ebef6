/**
 * Every published function, given what no type allows: nothing, null, numbers for lists, numbers that are none. It may make
 * something of it, or refuse it in a sentence of our own; an error of the engine ("Cannot read properties of null", "Invalid
 * array length") is a place where nobody looked. What is checked by the compiler alone stands in a list with the reason; so does
 * what builds on plans, which is not looked at here (`unrolled/plan`, `grad`, `nn/build`).
 */
import { describe, expect, it } from "vitest";
import * as cells from "./cell/index.js";
import * as data from "./data/index.js";
import * as exec from "./exec/registry/index.js";
import * as root from "./index.js";
import * as insight from "./insight/index.js";
import * as io from "./io/index.js";
import * as keras from "./io/keras/index.js";
import * as onnx from "./io/onnx/index.js";
import * as pytorch from "./io/pytorch/index.js";
import * as nn from "./nn/index.js";
import * as options from "./options/index.js";
import * as standalone from "./standalone/index.js";
import * as tasks from "./tasks/index.js";
import * as train from "./train/index.js";

const modules: Readonly<Record<string, object>> = {
  unrolled: root,
  cell: cells,
  data,
  exec,
  insight,
  io,
  keras,
  nn,
  onnx,
  options,
  pytorch,
  standalone,
  tasks,
  train,
};

const hostile: readonly unknown[] = [
  undefined,
  null,
  0,
  -1,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 31,
  2 ** 53,
  "",
  "x",
  true,
  [],
  [null],
  {},
  () => undefined,
];

type Callable = (...given: readonly unknown[]) => unknown;

const isClass = (value: unknown): boolean =>
  typeof value === "function" && /^class\b/.test(Function.prototype.toString.call(value));

const functions = Object.entries(modules).flatMap(([module, names]) =>
  Object.entries(names).flatMap(([name, value]): [string, Callable][] =>
    typeof value === "function" && !isClass(value) ? [[`${module}.${name}`, value as Callable]] : [],
  ),
);

/** Lists of arguments: each place hostile in turn, with nothing, or the same, at the others. */
function* given(count: number): Generator<readonly unknown[]> {
  for (const value of hostile) {
    yield new Array<unknown>(count).fill(value);
    for (let place = 0; place < count; place++)
      yield Array.from({ length: count }, (_, i) => (i === place ? value : undefined));
  }
}

/** Whether an error is a sentence of ours. */
function isOurs(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (!["TypeError", "RangeError", "ReferenceError", "SyntaxError", "Error"].includes(error.name))
    return true;
  // The engine's range errors are these; ours name what is out of range and what would be right.
  return (
    error.name === "RangeError" &&
    !/^(Invalid|Array buffer|Maximum call|Offset|Start offset|toFixed)/.test(error.message)
  );
}

/** What one function does that it should not. */
async function faults(call: Callable): Promise<string[]> {
  const found = new Set<string>();
  for (const args of given(Math.min(Math.max(call.length, 1), 3))) {
    try {
      const made = await call(...args);
      if (typeof made === "object" && made !== null && "dispose" in made) (made.dispose as () => void)();
    } catch (error) {
      if (!isOurs(error)) found.add(String(error));
    }
  }
  return [...found];
}

/** Parts that readers, tasks and tools are made of: what is given to them comes out of others, and the compiler checks it. */
const parts: Readonly<Record<string, string>> = {
  cell: "cell cellFromEquations dropStates joinCell multipliedStates printCell sameEquations toGraph zoneOut",
  data:
    "buildSubwords buildVocabulary clockTime dataQuality decode decodeSubwords encodeSubwords epochBatches extendedVocabulary formatTime " +
    "haveSeveral heldOut isTaggedName labelConflicts labelKey learnCut overlap performanceToken pieceEnd requireClasses rowTime scaled " +
    "seasonOf splitByPosition stepText stepsBetween stepsText stratifiedHoldOut subwordEncoder tempoMap timeAfter tokenCutter",
  io: "elementCount givenSteps nameProblem parseJsonText readingText readSteps requireFinite tensorAs tensorFrom toFloat32 toFloat64 toInt32",
  insight:
    "checkGradients diagnose diagnosisPage gradientCase gradientTerms lengthsInWords measureMemory memoryExamples observedLoops " +
    "printGradientCheck traceToNpz",
  options:
    "checkArguments checkNeeds checkOptions defaultOf fieldProblem fits listProblem listed plain renamedKeys someOf spelled unknownOption " +
    "wanted withDefaults",
  train: "estimateMemory gradientCuts gradientName shuffledBatches",
};
const isPart = (name: string): boolean => {
  const [module = "", own = ""] = name.split(".");
  return (parts[module] ?? "").split(" ").includes(own);
};

describe("published functions refuse what is none of theirs in a sentence", () => {
  it("and the parts are published", () => {
    const names = new Set(functions.map(([name]) => name));
    const all = Object.entries(parts).flatMap(([module, own]) =>
      own.split(" ").map((name) => `${module}.${name}`),
    );
    expect(all.filter((name) => !names.has(name))).toEqual([]);
  });
  it.each(functions.filter(([name]) => !isPart(name)))("%s", async (_name, call) =>
    expect(await faults(call)).toEqual([]),
  );
});
