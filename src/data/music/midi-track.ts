/**
 * Checks the lengths of a MIDI track's events: each must be complete, and the last one must end with the track. A parser that
 * trusts a damaged length may read backwards for ever; after this check it cannot.
 */

/**
 * What is wrong with a track, to follow "is damaged:"; undefined if nothing is. @param bytes of the track, without
 * its header
 */
export function trackProblem(bytes: Uint8Array): string | undefined {
  let at = 0;
  /** The running status: that of the last channel event, for events without one. */
  let running = 0;
  /** A number of up to four bytes with seven bits each; −1 if it has more bytes, or the track ends within it. */
  const number = (): number => {
    let value = 0;
    for (let i = 0; i < 4 && at < bytes.length; i++) {
      const byte = bytes[at++]!;
      value = value * 128 + (byte & 0x7f);
      if (byte < 0x80) return value;
    }
    return -1;
  };
  while (at < bytes.length) {
    const start = at;
    const fail = (what: string): string => `the event at byte ${start} of a track ${what}`;
    if (number() < 0) return fail("has a time of more than four bytes");
    const first = bytes[at] ?? 0;
    const status = first >= 0x80 ? first : running;
    if (first >= 0x80) at++;
    if (status === 0) return fail("has no status");
    if (status === 0xff) at++;
    if (status === 0xff || status === 0xf0 || status === 0xf7) {
      const length = number();
      if (length < 0) return fail("has a length of more than four bytes");
      at += length;
    } else if (status > 0xf0) return fail(`has the status ${status}, which does not occur in files`);
    else {
      running = status;
      // Program changes and channel pressure have one byte of data, all others two.
      at += status >> 4 === 0xc || status >> 4 === 0xd ? 1 : 2;
    }
    if (at > bytes.length) return fail("is cut off");
  }
  return undefined;
}
