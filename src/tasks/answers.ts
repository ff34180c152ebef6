/**
 * Answers to a stream of inputs, group by group, in order. Where a group cannot be answered as a whole, its inputs are asked one
 * by one, so that those before the one that is at fault are answered: how inputs are grouped changes nothing.
 */
import { gathered } from "./shared/gathered.js";

/** @param ask answers a group, given the index of its first input */
export async function* answersInTurn<Input, Answer>(
  inputs: AsyncIterable<Input> | Iterable<Input>,
  atOnce: number,
  ask: (group: readonly Input[], from: number) => Promise<readonly Answer[]>,
): AsyncGenerator<Answer, void> {
  let from = 0;
  for await (const group of gathered(inputs, atOnce)) {
    const whole = await ask(group, from).catch((error: unknown) => {
      if (group.length === 1 || atOnce === Number.POSITIVE_INFINITY) throw error;
      return undefined;
    });
    if (whole) yield* whole;
    else for (const [i, input] of group.entries()) yield* await ask([input], from + i);
    from += group.length;
  }
}
