/**
 * What a run was, step by step, as text: the loss and the norm of every step, each as the shortest text that reads as the same
 * number, so that a replay can say whether a step is the same to the bit. Where it lies is node.ts's concern.
 */
import { DataError } from "../../data/errors.js";
import type { Progress } from "./progress.js";

/** A step that was made. Numbers of a step that failed may be no finite ones. */
export interface RecordedStep {
  /** Loss of the step alone, per token or per sequence. */
  readonly loss: number;
  /** Global norm of the gradients before clipping. */
  readonly norm: number;
}

/** The first line. */
const header = "step\tloss\tnorm";

/** A step as a line. */
export const stepLine = ({ step, stepLoss, norm }: Progress): string => `${step}\t${stepLoss}\t${norm}\n`;

/** The file's text with the steps up to `after`, without a line that was cut off; with none it is the first line. */
export function stepsUpTo(text: string, after: number): string {
  const kept = linesOf(text).filter((line) => Number(line.split("\t")[0]) <= after);
  return [header, ...kept].map((line) => `${line}\n`).join("");
}

/** What follows the last line's end is nothing, or a line that was cut off. */
const linesOf = (text: string): string[] => text.split("\n").slice(1, -1);

/** The steps by their numbers. @throws DataError if a line is none */
export function readSteps(text: string, file: string): ReadonlyMap<number, RecordedStep> {
  return new Map(
    linesOf(text).map((line, i): [number, RecordedStep] => {
      const [step = "", loss = "", norm = "", ...more] = line.split("\t");
      const isStep = /^[0-9]+$/.test(step) && isNumber(loss) && isNumber(norm) && more.length === 0;
      if (isStep) return [Number(step), { loss: Number(loss), norm: Number(norm) }];
      throw new DataError({
        file,
        line: i + 2,
        problem: "is no step",
        remedy: `A line is a step, its loss and its norm, with tabs between them: ${JSON.stringify(line)} is not.`,
      });
    }),
  );
}

const isNumber = (text: string): boolean =>
  text === "NaN" || (text.trim() !== "" && !Number.isNaN(Number(text)));
