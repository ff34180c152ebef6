// @ts-check
/**
 * `npm run faults [-- files hostile kills] [--seed 1] [--minutes N] [--count N] [--only FORMAT,...]`: what must not go wrong,
 * tried: mutated files, hostile files, and runs that are killed. Without names all of them, in at most 40 minutes on two cores.
 * What was interrupted goes on. Ends with status 1 if anything went wrong. It is no part of `npm test`, which has short forms.
 */
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

/** Parts, in their order, each with its minutes. */
const parts = {
  files: { minutes: 10, load: () => import("./files.mjs") },
  hostile: { minutes: 11, load: () => import("./hostile.mjs") },
  kills: { minutes: 18, load: () => import(/** @type {string} */ ("./kills.mjs")) },
};

/** @typedef {{ seed: number, minutes: number, work: string, print: (line: string) => void, count?: number, only?: readonly string[] }} Options */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string", default: "1" },
    minutes: { type: "string" },
    count: { type: "string" },
    only: { type: "string" },
  },
});
const names = positionals.length > 0 ? positionals : Object.keys(parts);
const unknown = names.find((name) => !Object.hasOwn(parts, name));
if (unknown !== undefined) {
  console.error(`there is no part ${unknown}; there are ${Object.keys(parts).join(", ")}`);
  process.exit(2);
}
const work = fileURLToPath(new URL("./.work", import.meta.url));
mkdirSync(work, { recursive: true });
let allFine = true;
for (const name of names) {
  const { minutes, load } = parts[/** @type {keyof typeof parts} */ (name)];
  const from = Date.now();
  const { run } = /** @type {{ run: (options: Options) => Promise<boolean> }} */ (await load());
  const fine = await run({
    seed: Number(values.seed),
    minutes: Number(values.minutes ?? minutes),
    work,
    print: (line) => console.log(line),
    ...(values.count === undefined ? {} : { count: Number(values.count) }),
    ...(values.only === undefined ? {} : { only: values.only.split(",") }),
  });
  allFine &&= fine;
  console.log(
    `${name}: ${fine ? "nothing went wrong" : "WENT WRONG"}, ${((Date.now() - from) / 60_000).toFixed(1)} minutes\n`,
  );
}
process.exitCode = allFine ? 0 : 1;
