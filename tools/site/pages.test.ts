/**
 * The pages of the site: where a link leads, and that the navigation has every page of docs/.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../checks/sources.js";
import { deadLinks } from "./dead-links.mjs";
import { navigation, writePages } from "./pages.mjs";

function inFolder(files: Readonly<Record<string, string>>, look: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "unrolled-site-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  try {
    look(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("links get the site's addresses, and code that is linked to a page", () => {
  const files = {
    "README.md": "[all](docs/README.md) [code](src/a.ts) [there](https://example.org/) `[no](no.md)`",
    "docs/README.md": "# Docs\n## Start\n- [B](b.md): what it is\n1. [Home](../README.md)\n",
    "docs/b.md": "[part](README.md#start)",
    "src/a.ts": "export const a = 1;\n",
  };
  inFolder(files, (folder) => {
    const to = join(folder, "out");
    expect(writePages(folder, to)).toBe(4);
    const read = (path: string): string => readFileSync(join(to, path), "utf8");
    expect(read("index.md")).toBe(
      "[all](/docs/index.md) [code](/source/src/a.ts.md) [there](https://example.org/) `[no](no.md)`",
    );
    expect(read("docs/b.md")).toBe("[part](/docs/index.md#start)");
    expect(read("source/src/a.ts.md")).toContain("export const a = 1;\n");
    expect(navigation(folder)).toEqual([
      {
        text: "Start",
        items: [
          { text: "B", link: "/docs/b" },
          { text: "Home", link: "/" },
        ],
      },
    ]);
  });
});

test("a link to a file that is not there, or to a folder, is refused by name", () => {
  inFolder({ "README.md": "[a](gone.md)", "docs/README.md": "" }, (folder) => {
    expect(() => writePages(folder, join(folder, "out"))).toThrow(
      "README.md links to gone.md, and there is no gone.md",
    );
  });
  inFolder({ "README.md": "", "docs/README.md": "[a](../src)", "src/a.ts": "" }, (folder) => {
    expect(() => writePages(folder, join(folder, "out"))).toThrow("docs/README.md links to a folder: ../src");
  });
});

test("the navigation has every page of docs/ once", () => {
  const pages = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md") && file !== "README.md")
    .map((file) => `/docs/${file.slice(0, -3)}`);
  const links = navigation(root).flatMap(({ items }) => items.map(({ link }) => link));
  expect(links.filter((link) => link.startsWith("/docs/")).sort()).toEqual(pages.sort());
});

test("dead links of a finished site are named", () => {
  const files = {
    "index.html": '<a href="/a.html#part">a</a> <a href="/b.html">b</a> <a href="#x">x</a>',
    "a.html": '<h2 id="part">Part</h2><a href="./index.html">home</a>',
  };
  inFolder(files, (folder) => {
    expect(deadLinks(folder)).toEqual([
      "index.html links to /b.html, and there is no b.html",
      "index.html links to #x, and index.html has no part of that name",
    ]);
  });
});
