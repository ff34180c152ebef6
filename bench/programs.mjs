// @ts-check
/**
 * The programs of this folder that measure one thing each and print it, which are started by name: node bench/adding.mjs.
 * What each shows takes minutes, so a run of the bench has no tables of them; a quick one starts each at sizes that show
 * only that it runs, and reports what it printed.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** @typedef {{ id: string, group: string, file: string, node?: readonly string[], args: string }} Program  `args` are those of a quick run */

/** @type {readonly Program[]} */
export const programs = [
  { file: "kernels.mjs", args: "--rounds 1 --shapes 2x8" },
  { file: "recompute.mjs", args: "--units 8 --steps 60 --batch 1 --keep 10 --rounds 1" },
  { file: "adding.mjs", args: "--steps 4 --units 4 --examples 100 --minutes 0.002 gru" },
  { file: "step.mjs", args: "--seconds 0 gru 8 16 4 6" },
  { file: "stream.mjs", node: ["--expose-gc"], args: "--seconds 0 gru 8 16" },
].map((program) => ({ id: `program ${program.file}`, group: "programs", ...program }));

/** What a program prints at the sizes of a quick run, or why it does not. @typedef {{ task: string, name: string, printed?: string, refused?: string }} Tried */

/** Starts a program at the sizes of a quick run. @param {Program} program @returns {Promise<Tried>} */
export async function tryOut({ id, file, node = [], args }) {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const row = { task: id, name: "unrolled" };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [...node, path, ...args.split(" ")]);
    return { ...row, printed: stdout.trim() };
  } catch (error) {
    return { ...row, refused: error instanceof Error ? error.message : String(error) };
  }
}
