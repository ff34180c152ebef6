/**
 * Links of Markdown pages to other files of the repository: the file is there, and so is the heading. Links to other
 * places are not followed: a test must not depend on them.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { anchorsOf, withoutCode } from "../site/headings.mjs";
import type { Source } from "./sources.js";
import { root } from "./sources.js";

const FOLDERS = ["docs", "bench", "examples", "findings"];

/** The Markdown pages of the repository. */
export function repositoryPages(): readonly Source[] {
  const inside = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map(
      (file) => `${folder}/${file.replaceAll("\\", "/")}`,
    ),
  );
  return [...readdirSync(root), ...inside]
    .filter((path) => path.endsWith(".md") && !/(^|\/)(node_modules|\.venv)\//.test(path))
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

/** One message per link to a file or a heading that is not there. `exists` answers for files that are no pages. */
export function checkLinks(pages: readonly Source[], exists: (path: string) => boolean): readonly string[] {
  const anchors = new Map(pages.map(({ path, text }) => [path, anchorsOf(text)]));
  return pages.flatMap(({ path, text }) =>
    linksOf(text).flatMap((link) => {
      const [file = "", anchor] = link.split("#");
      const target = file === "" ? path : posix.join(posix.dirname(path), decodeURI(file));
      if (!anchors.has(target) && !exists(target))
        return [`${path} links to ${link}, and there is no ${target}`];
      if (anchor === undefined || anchors.get(target)?.has(decodeURIComponent(anchor))) return [];
      return [`${path} links to ${link}, and ${target} has no heading of that address`];
    }),
  );
}

/** The targets of links within the repository. */
function linksOf(text: string): string[] {
  const inText = withoutCode(text).replaceAll(/`[^`\n]*`/g, "");
  return [...inText.matchAll(/\]\(([^()\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}
