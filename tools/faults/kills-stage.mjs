// @ts-check
/**
 * Loaded into a training by `node --import`: lets it be killed, or the disk be full, at one stage of saving. Which one stands
 * in UNROLLED_STAGE: the stage, which time of it, and the signal or the error: "rename:after 3 SIGKILL". It counts what happens
 * in the folder UNROLLED_STAGE_FOLDER alone.
 */
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { fileURLToPath } from "node:url";

const [stage = "", time = "1", how = "SIGKILL"] = (process.env["UNROLLED_STAGE"] ?? "").split(" ");
const folder = process.env["UNROLLED_STAGE_FOLDER"] ?? "";
let left = Number(time);

/** @param {string} here @param {unknown} path @returns whether this is the moment */
const isNow = (here, path) => here === stage && String(path).startsWith(folder) && --left === 0;

/** Ends the process, or fails as the system does. */
async function strike() {
  if (how.startsWith("SIG")) {
    process.kill(process.pid, /** @type {NodeJS.Signals} */ (how));
    // A signal that can be handled is, and the step goes on.
    if (how === "SIGKILL") await new Promise(() => {});
    return;
  }
  // From now on, as a full disk is.
  left = 1;
  throw Object.assign(new Error(`${how}: injected`), { code: how, syscall: "write", errno: -28 });
}

for (const name of /** @type {const} */ (["rename", "link", "rm", "open"])) {
  const usual = /** @type {any} */ (fs[name]);
  /** @type {any} */ (fs)[name] = async (/** @type {unknown[]} */ ...args) => {
    if (isNow(`${name}:before`, args[0])) await strike();
    const made = await usual.apply(fs, args);
    if (name === "open" && made !== undefined) paths.set(made, String(args[0]));
    if (isNow(`${name}:after`, args[0])) await strike();
    return made;
  };
}

/** @type {WeakMap<object, string>} */
const paths = new WeakMap();
const probe = await fs.open(fileURLToPath(import.meta.url), "r");
const handles = Object.getPrototypeOf(probe);
await probe.close();
for (const name of ["writeFile", "appendFile", "sync"]) {
  const usual = handles[name];
  handles[name] = async function (/** @type {unknown[]} */ ...args) {
    const path = paths.get(this);
    if (isNow(`${name}:before`, path)) await strike();
    if (isNow(`${name}:half`, path)) {
      const all = Buffer.from(/** @type {any} */ (args[0]));
      await usual.call(this, all.subarray(0, all.length >> 1));
      await strike();
    }
    const made = await usual.apply(this, args);
    if (isNow(`${name}:after`, path)) await strike();
    return made;
  };
}
syncBuiltinESMExports();
