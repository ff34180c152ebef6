/**
 * How long temporaries live, so that an executor can let several share memory. Positions are those of the
 * top-level steps; a loop is one position, because its body's values go round. Nothing is assigned here.
 */
import { access } from "./access.js";
import { bufferOf, type Plan } from "./plan.js";

/** First and last top-level step that touches a buffer, both included. */
export interface Lifetime {
  readonly first: number;
  readonly last: number;
}

/** The buffer in whose memory a buffer lies: itself, or what its `storage` leads to. */
export function storageOf(plan: Pick<Plan, "buffers">, name: string): string {
  let place = name;
  for (let next = bufferOf(plan, place).storage; next !== undefined; next = bufferOf(plan, place).storage) {
    place = next;
  }
  return place;
}

/**
 * The lifetime of every temporary that has memory of its own, over all buffers that lie in it. A temporary
 * that no step touches has none.
 */
export function lifetimes(plan: Plan): ReadonlyMap<string, Lifetime> {
  const out = new Map<string, Lifetime>();
  plan.steps.forEach((step, position) => {
    const { reads, writes } = access(step);
    for (const name of [...reads, ...writes]) {
      const place = storageOf(plan, name);
      if (bufferOf(plan, place).role !== "temporary") continue;
      out.set(place, { first: out.get(place)?.first ?? position, last: position });
    }
  });
  return out;
}
