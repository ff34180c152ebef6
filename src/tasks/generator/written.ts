/**
 * What a stream writes, to its end: for generators whose `generate` gives whole pieces. It gives way now and then, so that
 * a page stays alive and a signal is heard.
 */

/** Milliseconds after which it gives way. */
const TURN = 40;

/** @throws the signal's reason, once it is aborted */
export async function written<Step>(stream: Iterable<Step>, signal?: AbortSignal): Promise<Step[]> {
  const steps: Step[] = [];
  let rested = performance.now();
  for (const step of stream) {
    steps.push(step);
    if (performance.now() - rested < TURN) continue;
    await new Promise((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
    rested = performance.now();
  }
  return steps;
}
