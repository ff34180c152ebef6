/**
 * Several texts or pieces, written one after the other: where Ctrl-C comes between them, the person learns which there are.
 */
import { Interrupted } from "../../terminal/errors.js";
import type { Surroundings } from "../../terminal/surroundings.js";
import { count } from "../../terminal/talk.js";

/** Files that are named one by one; of more only the first and the last are. */
const FEW = 6;

/** What is written. */
export interface OneByOne {
  readonly count: number;
  /** What one is called: "text". */
  readonly noun: string;
  /** Whether one is given out while it comes into being, so that its beginning is there where it is stopped; default false. */
  readonly streamed?: boolean;
  readonly around: Surroundings;
}

/**
 * Writes so many, until Ctrl-C.
 *
 * @param write writes one, of a number from 0, and returns the files that it wrote
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
      // Gives way, so that Ctrl-C is heard.
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
      begun = true;
      files.push(...(await write(done, signal)));
      begun = false;
    }
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    throw new Interrupted(writtenText({ done, wanted, noun, partly: begun && streamed, files }));
  }
}

/** What there is; undefined if there is nothing. */
function writtenText({ done, wanted, noun, partly, files }: Stopped): string | undefined {
  const all = `${count(wanted)} ${noun}s`;
  if (done === 0 && !partly) return undefined;
  if (done === 0) return `the ${wanted === 1 ? noun : `first of ${all}`} was written in part`;
  const named = files.length <= FEW ? files.join(", ") : `${files[0]} to ${files.at(-1)}`;
  const where = files.length === 0 ? "" : `: ${named}`;
  return `${count(done)} of ${all} ${done === 1 ? "was" : "were"} written${where}${partly ? ", and the next one in part" : ""}`;
}

interface Stopped extends Pick<OneByOne, "noun"> {
  readonly done: number;
  readonly wanted: number;
  readonly partly: boolean;
  readonly files: readonly string[];
}
