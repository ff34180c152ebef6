/** How signals that ask for the end become the end of work: the first of them, and those that follow. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { processSurroundings } from "./process.js";

const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const listening = (): number[] => names.map((name) => process.listenerCount(name));

it("takes signals that come together for one, and leaves a later one to the system, whichever it is", async () => {
  const before = listening();
  const signal = processSurroundings().interruption();
  expect(listening()).toEqual(before.map((count) => count + 1));
  process.emit("SIGTERM", "SIGTERM");
  expect((signal.reason as Error).message).toBe("stopped by SIGTERM; nothing was written");
  // npx and a closing terminal send it twice: the second of them must not cut the saving short.
  process.emit("SIGHUP", "SIGHUP");
  await sleep(50);
  expect(listening()).toEqual(before.map((count) => count + 1));
  expect((signal.reason as Error).message).toBe("stopped by SIGTERM; nothing was written");
  // Nobody listens any more: what comes now ends the process.
  await expect.poll(listening).toEqual(before);
});
