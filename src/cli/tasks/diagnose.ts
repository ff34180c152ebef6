/**
 * What `diagnose` does with a model of any task: chooses examples, examines them, and traces the one that is shown.
 */
import { DataError } from "../../data/index.js";
import { traceKinds } from "../../insight/index.js";
import type { Insight } from "../../tasks/index.js";
import { counted } from "../terminal/talk.js";
import type { Looked, LookRequest } from "./row.js";

/**
 * Looks inside a model.
 *
 * @throws DataError if there are no examples, or fewer than the number of the one to show
 */
export async function lookAt<Labelled>(
  model: Pick<Insight<never, Labelled>, "trace" | "diagnose">,
  {
    examples,
    remarks,
    most,
    show,
  }: LookRequest & { readonly examples: readonly Labelled[]; readonly remarks: readonly string[] },
): Promise<Looked> {
  const example = examples[show - 1];
  if (example === undefined && examples.length > 0)
    throw new DataError({
      file: "data",
      problem: `has ${counted(examples.length, "example")}, but --show asks for number ${show}`,
      remedy: `Give a number from 1 to ${examples.length}.`,
    });
  const diagnosis = await model.diagnose(evenly(examples, most));
  const [shown] = await model.trace([example as Labelled], { trace: traceKinds });
  return { diagnosis, count: examples.length, shown: shown!, remarks };
}

/** At most this many, evenly spaced, so that every part of a sorted file is represented. */
function evenly<T>(list: readonly T[], most: number): readonly T[] {
  if (list.length <= most) return list;
  return Array.from({ length: most }, (_, i) => list[Math.floor((i * list.length) / most)]!);
}
