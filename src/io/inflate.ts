/**
 * Unpacking of deflated bytes whose unpacked size is known: never more of it than was announced, and never an announcement
 * that the packed bytes cannot keep. The unpacking is the platform's (DecompressionStream: browsers, Node from 20.12).
 */
import type { Budget } from "./limits.js";

/** Deflate makes of a byte 1032 at most; what is above that was not announced in earnest. */
const MOST_OF_A_BYTE = 1032;

/** What is unpacked, and how it is reported. */
export interface Packed {
  /** "deflate" has zlib's header, "deflate-raw" has none. */
  readonly format: "deflate" | "deflate-raw";
  readonly bytes: Uint8Array;
  /** Of what it unpacks to. */
  readonly size: number;
  readonly budget: Budget;
  /** The part of the file, for the budget: "entry data.pkl". */
  readonly where: string;
  readonly fail: (problem: string) => Error;
}

/** The unpacked bytes, `size` of them. @throws the error that `fail` makes, or that of the budget */
export async function inflate({ format, bytes, size, budget, where, fail }: Packed): Promise<Uint8Array> {
  if (!(size <= MOST_OF_A_BYTE * (bytes.length + 1)))
    throw fail(`has ${bytes.length} bytes, which cannot unpack to ${size}`);
  budget.take(size, where, `unpacks to ${size.toLocaleString("en")} bytes`);
  const out = new Uint8Array(size);
  let length = 0;
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream(format));
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => {
        throw fail("cannot be unpacked");
      });
      if (done) break;
      if (length + value.length > size) throw fail(`is larger than the ${size} bytes that it should have`);
      out.set(value, length);
      length += value.length;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  if (length !== size) throw fail(`has ${length} bytes, not ${size}`);
  return out;
}
