/**
 * Many lines of results: lines that come in quick succession are written together, each before anything is waited for, and
 * a reader that is slower than the work makes the work wait, so that nothing piles up.
 */
import type { Surroundings } from "./surroundings.js";

/** Characters that are written at once. */
const MOST = 1 << 16;

/** Lines of results. */
export interface ResultLines {
  /** Prints a line soon. @throws what the output refuses */
  print(line: string): Promise<void>;
  /** Prints what is left. @throws what the output refuses */
  end(): Promise<void>;
}

/** Prints lines of results on standard output. */
export function resultLines({ stdout }: Surroundings): ResultLines {
  let waiting = "";
  let soon: NodeJS.Immediate | undefined;
  let [wrote, refused]: [boolean, { readonly error: unknown } | undefined] = [false, undefined];
  const flush = (): void => {
    clearImmediate(soon);
    soon = undefined;
    const text = waiting;
    waiting = "";
    wrote = true;
    try {
      if (text !== "") stdout.write(text);
    } catch (error) {
      refused = { error };
    }
  };
  const written = async (): Promise<void> => {
    wrote = false;
    if (refused) throw refused.error;
    await stdout.drained();
  };
  return {
    async print(line) {
      if (wrote) await written();
      waiting += `${line}\n`;
      if (waiting.length >= MOST) flush();
      else soon ??= setImmediate(flush);
    },
    async end() {
      flush();
      await written();
    },
  };
}
