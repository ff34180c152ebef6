// @ts-check
/**
 * What is mutated, and which tests may notice: those of the folders themselves, and those of the interpreter that says what a
 * plan means. Tests of whole networks and tasks notice much, but take minutes and cannot say what is wrong, so they are left out.
 */

/** A folder, or a file, under its name in the table of scores. */
export const targets = ["src/cell", "src/grad", "src/plan", "src/nn/losses", "src/train/metrics"];

/** Files of these are tests; what they need beside the code lies in test/golden. */
export const tests = [...targets, "src/exec/reference"];

/** Test files that take more than a second, the slowest last: they run after all others. */
export const slow = [
  "reference.test.ts",
  "crf.test.ts",
  "passes.test.ts",
  "graph.test.ts",
  "random.test.ts",
  "attention.test.ts",
];

/** True for code of a target: no test, and nothing that tests share. @param {string} path */
export const isMutated = (path) => /\.ts$/.test(path) && !/\.(test|cases)\.ts$/.test(path);

/** The target of a file. @param {string} path */
export function targetOf(path) {
  return targets.find((target) => path.startsWith(`${target}/`) || path.startsWith(`${target}.`)) ?? path;
}
