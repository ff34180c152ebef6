/**
 * What a run was, step by step: steps.tsv in its folder has the loss and the norm of every step, each as the shortest text
 * that reads as the same number, so that a replay can say whether a step is the same to the bit.
 */
import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DataError } from "../data/index.js";
import { writeFileAtomically } from "../data/node.js";
import type { Progress } from "./run.js";

/** A step that was made. Numbers of a step that failed may be no finite ones. */
export interface RecordedStep {
  /** Loss of the step alone, per token or per sequence. */
  readonly loss: number;
  /** Global norm of the gradients before clipping. */
  readonly norm: number;
}

/** The name of the file. */
export const stepsName = "steps.tsv";

const header = "step\tloss\tnorm";

/** Writes the steps of a run, many at a time. */
export interface StepRecorder {
  add(progress: Progress): void;
  /** Writes what was added. @throws DataError or the system's error if it cannot be written */
  flush(): Promise<void>;
}

/** @param after the step that the run goes on from: later ones are made again, and what the file says of them goes */
export function stepRecorder(folder: string, after: number): StepRecorder {
  const file = join(folder, stepsName);
  let pending: string[] = [];
  let begun = false;
  return {
    add({ step, stepLoss, norm }) {
      pending.push(`${step}\t${stepLoss}\t${norm}\n`);
    },
    async flush() {
      const text = pending.join("");
      pending = [];
      if (!begun) {
        begun = true;
        const lines = (await readFile(file, "utf8").catch(() => "")).split("\n").slice(1, -1);
        const kept = lines.filter((line) => Number(line.split("\t")[0]) <= after);
        const all = [header, ...kept].map((line) => `${line}\n`).join("");
        await writeFileAtomically(file, new TextEncoder().encode(all));
      }
      if (text !== "") await appendFile(file, text);
    },
  };
}

/** The steps of a run by their numbers. @throws DataError if it has none recorded, or a line is none */
export async function recordedSteps(folder: string): Promise<ReadonlyMap<number, RecordedStep>> {
  const file = join(folder, stepsName);
  const text = await readFile(file, "utf8").catch(() => {
    throw new DataError({
      file,
      problem: "cannot be read, and it holds what the steps of a run were",
      remedy:
        "Give the folder of a run, as in mood.run; runs of the versions before this one have no such file.",
    });
  });
  // What follows the last line's end is nothing, or a line that was cut off.
  const lines = text.split("\n").slice(1, -1);
  return new Map(
    lines.map((line, i): [number, RecordedStep] => {
      const [step, loss, norm, ...more] = line
        .split("\t")
        .map((part) => (part === "" ? undefined : Number(part)));
      const isStep = Number.isInteger(step) && more.length === 0;
      if (isStep && loss !== undefined && norm !== undefined) return [step as number, { loss, norm }];
      const remedy = `A line is a step, its loss and its norm, with tabs between them: ${JSON.stringify(line)} is not.`;
      throw new DataError({ file, line: i + 2, problem: "is no step", remedy });
    }),
  );
}
