/**
 * A look at the first lines of a source that may be readable only once, such as standard input: what was read for it is
 * kept, and given again to the reader of the source.
 */
import { lines, requireSource, type Source } from "./source.js";

/** A source with its first lines that are not blank: enough to tell what it holds, even after a comment and a header. */
export interface Peeked {
  readonly first: readonly string[];
  /** The whole source, which can be read once. */
  readonly source: Source;
}

/** How many lines are looked at, if nothing else is said. */
const LINES = 3;

/**
 * Looks at the first lines of a source.
 *
 * @param most how many: through a pipe, each may be waited for
 * @throws DataError as `lines` does
 */
export async function peek(source: Source, most = LINES): Promise<Peeked> {
  requireSource(source);
  if (most === 0) return { first: [], source };
  const pieces = source.stream()[Symbol.asyncIterator]();
  const seen: Uint8Array[] = [];
  const looking: Source = {
    ...source,
    stream: () => ({
      [Symbol.asyncIterator]: () => ({
        async next() {
          const next = await pieces.next();
          if (!next.done) seen.push(next.value);
          return next;
        },
        // Stopping after the first lines must not close the stream, which will be read further.
      }),
    }),
  };
  const first: string[] = [];
  for await (const { text } of lines(looking)) {
    if (text.trim() !== "") first.push(text);
    if (first.length === most) break;
  }
  return {
    first,
    source: {
      ...source,
      async *stream() {
        yield* seen;
        try {
          for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield next.value;
        } finally {
          await pieces.return?.();
        }
      },
    },
  };
}
