// @ts-check
/**
 * Results of earlier runs, so that a run that was interrupted goes on: one line per mutant, written as it comes. A result
 * counts as long as what it was found with is unchanged: of a mutant that was killed its file and the file of the test that
 * did it, of any other all code.
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { digest } from "./mutants.mjs";

/**
 * @typedef {object} Result
 * @property {string} key of the mutant
 * @property {string} file of the mutant
 * @property {string} status
 * @property {string} [killedBy] the file of the test
 */

/**
 * @param {string} path
 * @param {{ code: readonly string[], textOf: (file: string) => string }} tree every file that a test may run
 */
export function resultsIn(path, { code, textOf }) {
  const all = digest(code.map((file) => `${file} ${digest(textOf(file))}`).join("\n"));
  /** @param {Result} result what it was found with */
  const foundWith = ({ file, killedBy }) =>
    killedBy !== undefined && code.includes(killedBy) ? digest(textOf(file) + textOf(killedBy)) : all;
  return {
    /** Those that still count, by the keys of mutants. @returns {Map<string, Result>} */
    read() {
      const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n").filter(Boolean) : [];
      /** @type {Map<string, Result>} */
      const found = new Map();
      for (const line of lines) {
        // The last line of a run that was killed may be half a line.
        if (!line.endsWith("}")) continue;
        const { with: before, ...result } = JSON.parse(line);
        if (code.includes(result.file) && before === foundWith(result)) found.set(result.key, result);
      }
      return found;
    },
    /** @param {Result} result */
    add(result) {
      appendFileSync(path, `${JSON.stringify({ ...result, with: foundWith(result) })}\n`);
    },
  };
}
