// @ts-check
/**
 * Leaves out mutants of the wording of errors: a text, or a part of one, that stands inside `new SomeError(...)`, `fail(...)` or `wrong(...)`.
 * That an error is thrown, and when, is mutated all the same.
 */

/**
 * The parts of a node's path in Babel's syntax tree that are read.
 * @typedef {{ node: { type: string, callee?: { type: string, name?: string } }, parentPath?: NodePath | null }} NodePath
 */

const TEXTS = ["StringLiteral", "TemplateLiteral"];
const ERRORS = /(Error|^fail|^refuse|^wrong)$/;

/** What ends the way up from a text: with a function begins other code. */
const BOUNDARIES = /Function|Statement|Declaration|Program/;

/** Stryker's interface. */
export const wording = {
  /** @param {NodePath} path @returns {string | undefined} why it is left out; undefined if it is not */
  shouldIgnore(path) {
    if (!TEXTS.includes(path.node.type)) return undefined;
    for (let up = path.parentPath; up && !BOUNDARIES.test(up.node.type); up = up.parentPath) {
      const { type, callee } = up.node;
      if (type !== "NewExpression" && type !== "CallExpression") continue;
      if (callee?.type === "Identifier" && ERRORS.test(callee.name ?? "")) return "the wording of an error";
    }
    return undefined;
  },
};
