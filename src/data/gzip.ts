/**
 * Unpacking of .gz files with the web standard's DecompressionStream, so that it works in Node and in browsers.
 * The first two bytes tell what is compressed, not the name alone. Several gzip files joined into one are read
 * as one in Node; browsers may refuse them, which gives the same DataError as damage.
 */
import { budgetOf, type ReadLimits } from "../io/limits.js";
import { DataError } from "./errors.js";

/** Whether bytes start as every gzip file does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The unpacked bytes, piece by piece.
 *
 * @param name the file's name, for errors
 * @param limits what it may unpack to: its bytes, and what lines and fields take once they are read
 * @param times how often what is unpacked is kept, where all of it is: its pieces, the whole, and what is made of that
 * @throws DataError if the stream is damaged, cut off, or too large; an error of `packed` itself is passed on unchanged
 */
export async function* gunzip(
  name: string,
  packed: AsyncIterable<Uint8Array>,
  limits: ReadLimits = {},
  times = 1,
): AsyncGenerator<Uint8Array> {
  const budget = budgetOf(limits, (_, problem, remedy) => new DataError({ file: name, problem, remedy }));
  const pieces = packed[Symbol.asyncIterator]();
  let sourceError: { readonly error: unknown } | undefined;
  const readable = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      try {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value as Uint8Array<ArrayBuffer>);
      } catch (error) {
        sourceError = { error };
        controller.error(error);
      }
    },
    async cancel() {
      await pieces.return?.();
    },
  });
  const reader = readable.pipeThrough(new DecompressionStream("gzip")).getReader();
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) return;
      budget.take(times * takenBy(value), "", "unpacks to more and more");
      yield value;
    }
  } catch (error) {
    if (sourceError !== undefined) throw sourceError.error;
    if (error instanceof DataError) throw error;
    throw new DataError({
      file: name,
      problem: `is not a whole gzip file (${error instanceof Error ? error.message : String(error)})`,
      remedy: "It is damaged, or its download was cut off: fetch it again, or check it with `gzip -t`.",
    });
  } finally {
    // Reached early if the caller stops reading; a stream that has failed by then has nothing left to cancel.
    await reader.cancel().catch(() => undefined);
  }
}

/** What a line and a field take in memory, however short they are: a row of a table about so much. */
const [OF_A_LINE, OF_A_FIELD] = [448, 32];

/** What a piece of unpacked text takes: a file of packed line ends is small, and its lines are not. */
function takenBy(bytes: Uint8Array): number {
  let taken = bytes.length;
  for (const byte of bytes) {
    if (byte === 0x0a) taken += OF_A_LINE;
    else if (byte === 0x09 || byte === 0x2c) taken += OF_A_FIELD;
  }
  return taken;
}
