/**
 * What the check of links lets through and what it refuses.
 */
import { expect, test } from "vitest";
import { anchorsOf, slug } from "../site/headings.mjs";
import { checkLinks } from "./links.js";

const check = (text: string): readonly string[] =>
  checkLinks(
    [
      { path: "docs/a.md", text },
      { path: "docs/notes/b.md", text: "# B\n## The mapping\n## The mapping\n" },
    ],
    (path) => path === "src/cell/cell.ts",
  );

test("pages, headings, files, other places, and what stands in code pass", () => {
  expect(check("# A\n[a](notes/b.md) [b](notes/b.md#the-mapping) [c](#a)")).toEqual([]);
  expect(check("[a](../src/cell/cell.ts) [b](https://example.org/x.md)")).toEqual([]);
  expect(check("`[a](c.md)`\n```ts\n[b](c.md)\n```\n")).toEqual([]);
});

test("a page or a heading that is not there is refused, by both names", () => {
  expect(check("[a](c.md)")).toEqual(["docs/a.md links to c.md, and there is no docs/c.md"]);
  expect(check("[a](notes/b.md#out)")[0]).toContain("docs/notes/b.md has no heading");
  expect(check("[a](#nowhere)")[0]).toContain("docs/a.md has no heading");
});

test("addresses of headings are GitHub's", () => {
  expect(slug("One-to-many, T_x ≠ T_y: `music`")).toBe("one-to-many-t_x--t_y-music");
  expect([...anchorsOf("# A\n## The [link](b.md)\n## The link\n```\n# no\n```\n")]).toEqual([
    "a",
    "the-link",
    "the-link-1",
  ]);
});
