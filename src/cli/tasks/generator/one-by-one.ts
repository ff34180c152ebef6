/**
 * Several texts or pieces, written one after the other; if Ctrl-C comes in between, the user learns which are finished.
 */
import { Interrupted } from "../../terminal/errors.js";
import type { Surroundings } from "../../terminal/surroundings.js";
import { count } from "../../terminal/talk.js";

/** Up to this many files are all named; of more, only the first and the last. */
const FEW = 6;

/** What is written. */
export interface OneByOne {
  readonly count: number;
  /** What one is called: "text". */
  readonly noun: string;
  /** Whether each is printed while it is being written, so that its beginning is there if it is stopped; default false. */
  readonly streamed?: boolean;
  readonly around: Surroundings;
}

/**
 * Writes this many, until Ctrl-C.
 *
 * @param write writes one, given its number from 0, and returns the files that it wrote
 * @throws Interrupted saying how many were written, and to which files
 */
export async function oneByOne(
  { count: wanted, noun, streamed = false, around }: OneByOne,
  write: (number: number, signal: AbortSignal) => Promise<readonly string[]>,
): Promise<void> {
  const signal = around.interruption();
  const files: string[] = [];
  let [done, begun] = [0, false];
  try {
    for (; done < wanted; done++) {
      // Yields to the event loop, so that Ctrl-C is noticed.
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
      begun = true;
      files.push(...(await write(done, signal)));
      begun = false;
    }
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    const written = writtenText({ done, wanted, noun, partly: begun && streamed, files });
    throw new Interrupted(written, error.signal);
  }
}

/** What has been written; undefined if nothing has. */
function writtenText({ done, wanted, noun, partly, files }: Stopped): string | undefined {
  const all = `${count(wanted)} ${noun}s`;
  if (done === 0 && !partly) return undefined;
  if (done === 0) return `the ${wanted === 1 ? noun : `first of ${all}`} was partly written`;
  const named = files.length <= FEW ? files.join(", ") : `${files[0]} to ${files.at(-1)}`;
  const where = files.length === 0 ? "" : `: ${named}`;
  return `${count(done)} of ${all} ${done === 1 ? "was" : "were"} written${where}${partly ? ", and part of the next one" : ""}`;
}

interface Stopped extends Pick<OneByOne, "noun"> {
  readonly done: number;
  readonly wanted: number;
  readonly partly: boolean;
  readonly files: readonly string[];
}
