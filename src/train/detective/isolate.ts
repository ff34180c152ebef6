/**
 * The fewest examples with which a step fails: halves of the batch are tried on the executor that trains, at its speed, so
 * that the slow interpreter need not replay the others. Sequences do not touch each other, so one that fails, fails alone.
 */
import type { Example } from "../../nn/index.js";
import type { Trainer, TrainerState } from "../trainer.js";

/** What failed. */
interface Failed {
  readonly before: TrainerState;
  readonly batch: readonly Example[];
}

/**
 * One example that fails by itself, or the smallest half of a half that fails only together (a sum over the batch). Leaves
 * the trainer in any state.
 */
export async function isolate(trainer: Trainer, { before, batch }: Failed): Promise<readonly Example[]> {
  const fails = async (examples: readonly Example[]): Promise<boolean> => {
    trainer.restore(before);
    const { synchronous } = trainer.session.executor;
    const made = synchronous
      ? trainer.step(examples, batch.length)
      : trainer.stepAsync(examples, batch.length);
    return !(await made).updated;
  };
  let found = batch;
  while (found.length > 1) {
    const middle = Math.ceil(found.length / 2);
    const [first, second] = [found.slice(0, middle), found.slice(middle)];
    if (await fails(first)) found = first;
    else if (await fails(second)) found = second;
    else break;
  }
  return found;
}
