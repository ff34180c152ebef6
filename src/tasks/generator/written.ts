/**
 * What a stream writes, to its end, for `generate`. It yields to the event loop now and then, so that a page stays responsive
 * and a signal is noticed.
 */

/** Milliseconds after which it yields. */
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
