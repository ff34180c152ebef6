// @ts-check
/**
 * The child's side of the conversation, one JSON object per line on standard input and output:
 *   { "prepare": Task }   -> { "ready": facts } once everything is set up, or { "refused": reason }
 *   { "run": n, "settle": m } -> { "ms": of one of n runs, after m that are not counted }
 *   { "finish": true }    -> { "facts": ..., "peakBytes": more than the process began with }, and the next task may come
 * The process ends where its standard input does. The parent's side is child.mjs; peers/torch_step.py speaks the same in Python. Timing happens here, in the process
 * that works, so that the pipe costs nothing.
 */
import { createInterface } from "node:readline";

/** @typedef {import("./tasks.mjs").Task} Task */

/**
 * A task set up: `run` does it once, or `measure` does and says itself how many milliseconds it took; `facts` are told
 * at the end (bytes), `ready` at once (versions, FLOPs).
 * @typedef {object} Prepared
 * @property {() => unknown} [run]
 * @property {() => number} [measure]
 * @property {object} [ready]
 * @property {() => object} [facts]
 * @property {() => void} [dispose]
 */

const say = (/** @type {object} */ answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);

/**
 * Serves one task. `run` may return a promise, which is awaited; a number that it returns is a loss.
 * @param {(task: Task) => Prepared | Promise<Prepared>} prepare
 */
export async function serve(prepare) {
  const before = process.memoryUsage().rss;
  /** @type {Prepared | undefined} */
  let prepared;
  let losses = /** @type {number[]} */ ([]);
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    try {
      if (request.prepare) {
        losses = [];
        prepared = await prepare(request.prepare);
        say({ ready: prepared.ready ?? {} });
      } else if (request.run) {
        const ready = /** @type {Prepared} */ (prepared);
        if (request.settle) await timed(ready, request.settle, []);
        say({ ms: await timed(ready, request.run, losses) });
      } else {
        const peakBytes = Math.max(process.resourceUsage().maxRSS * 1024 - before, 0);
        const loss = losses.length > 1 ? { loss: [losses[0], losses[losses.length - 1]] } : {};
        say({ facts: { ...loss, ...prepared?.facts?.() }, peakBytes });
        prepared?.dispose?.();
      }
    } catch (error) {
      say({ refused: error instanceof Error ? error.message : String(error) });
    }
  }
  // Runtimes leave threads and handles behind that would keep the process.
  process.exit(0);
}

/** @param {Prepared} prepared @param {number} times @param {number[]} losses */
async function timed(prepared, times, losses) {
  const { run, measure } = prepared;
  if (!run) return measure?.();
  /** @type {unknown} */
  let last;
  const from = performance.now();
  for (let i = 0; i < times; i++) {
    // A microtask per run would be a good part of a streaming step: only promises are awaited.
    last = run();
    if (last instanceof Promise) last = await last;
  }
  const ms = (performance.now() - from) / times;
  if (typeof last === "number") losses.push(last);
  return ms;
}
