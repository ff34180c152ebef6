/**
 * Answers to a stream of inputs, group by group, in order. Where a group cannot be answered as a whole, its inputs are asked one
 * by one, so that those before the one that is at fault are answered: how inputs are grouped changes nothing.
 */
import { DataError } from "../data/errors.js";
import { gathered } from "./shared/gathered.js";

/** @param ask answers a group, given the index of its first input */
export async function* answersInTurn<Input, Answer>(
  inputs: AsyncIterable<Input> | Iterable<Input>,
  atOnce: number,
  ask: (group: readonly Input[], from: number) => Promise<readonly Answer[]>,
): AsyncGenerator<Answer, void> {
  // Otherwise a single group, whose inputs may be answered by what all of them are.
  const areApart = atOnce !== Number.POSITIVE_INFINITY;
  let from = 0;
  for await (const group of gathered(inputs, atOnce)) {
    const whole = await ask(group, from).catch((error: unknown) => {
      if (!areApart) throw error;
      if (group.length === 1) throw numbered(error, from);
      return undefined;
    });
    if (whole) yield* whole;
    else
      for (const [i, input] of group.entries())
        yield* await ask([input], from + i).catch((error: unknown) => {
          throw numbered(error, from + i);
        });
    from += group.length;
  }
}

/** An error of data that does not say where, with the number of the input. */
function numbered(error: unknown, index: number): unknown {
  if (!(error instanceof DataError) || error.file !== "data" || error.problem.startsWith("input "))
    return error;
  const { file, problem, remedy } = error;
  return new DataError({ file, problem: `input ${index + 1}: ${problem}`, remedy });
}
