/** What the check of flags refuses, and what it lets pass. */
import { expect, test } from "vitest";
import { checkFlags } from "./flags.js";

const check = (text: string, path = "src/data/a.ts"): readonly string[] => checkFlags([{ path, text }]);

test("a flag in a message of the library is refused, also one whose name is put in", () => {
  expect(check('throw fail("choose it with --label.");')[0]).toContain("src/data/a.ts:1");
  expect(check(`throw fail(\`choose it with --\${role}.\`);`)).toHaveLength(1);
  expect(check(`throw fail(\`\${x} (--batch)\`);`)).toHaveLength(1);
});

test("keys in braces, comments, dashes between words and the command line itself pass", () => {
  expect(
    check('throw fail(keyed("choose it with {label}"));\n// as --label has it\nconst a = "x -- y";'),
  ).toEqual([]);
  expect(check('const a = "--label";', "src/cli/a.ts")).toEqual([]);
  expect(check('const a = "--label";', "src/data/a.test.ts")).toEqual([]);
});
