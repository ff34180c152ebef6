/**
 * How training ends at a step that is not finite: the detective is called, and what it found becomes an error that a person
 * can act on. The detective is loaded only here.
 */
import { keyed, plain } from "../../options/error.js";
import type { FailedStep, Scene } from "../detective/failed-step.js";
import { type Finding, type FindingCause, TrainingError } from "../errors.js";

/** The causes as a title. */
const titles: Readonly<Record<FindingCause, string>> = {
  badInput: "a bad value in the data",
  badWeights: "weights that are not numbers",
  learningRate: "the learning rate is too high",
  logOfZero: "the logarithm of zero, or a division by it",
  explodingState: "an exploding state",
  explodingGradient: "an exploding gradient",
  overflow: "a number that is too large",
  unknown: "not found",
};

/** The error with which training ends. */
export async function notFinite(
  failed: FailedStep & { readonly inRow: number },
  scene: Scene,
): Promise<TrainingError> {
  const { report, inRow } = failed;
  const what = `loss ${report.loss}, norm of the gradients ${report.norm}`;
  const before = inRow > 1 ? `, as in the ${inRow - 1} steps before it` : "";
  const how = report.undone ? "would make a weight infinite" : "is not finite";
  const head = `step ${report.step} ${how} (${what})${before}; training ended, and the weights are as they were before it`;
  let finding: Finding;
  try {
    const { investigate } = await import("../detective/index.js");
    finding = await investigate(failed, scene);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return new TrainingError(`${head}\n  why could not be looked into: ${reason}`);
  }
  const { cause, evidence, where, template } = finding;
  const lines = [
    plain(head),
    `likely cause: ${titles[cause]}`,
    `seen: ${plain(evidence)}`,
    `first at: ${plain(where)}`,
    `try: ${template}`,
  ];
  return new TrainingError(keyed(lines.join("\n  ")), { finding });
}
