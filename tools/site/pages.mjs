// @ts-check
/**
 * The pages of the site, laid out as it wants them: the README at its front, docs/ as it stands, the pages those link to,
 * and every file of code that a page links to as a page of its own. Links keep their text and get the site's addresses.
 */
import { cpSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, extname, join, posix } from "node:path";
import { withoutCode } from "./headings.mjs";

/**
 * Writes the pages that can be reached from README.md and docs/README.md.
 * @param {string} root the repository @param {string} to the folder that the site is built from
 * @returns {number} how many pages there are
 */
export function writePages(root, to) {
  const waiting = ["README.md", "docs/README.md"];
  const seen = new Set(waiting);
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const text = readFileSync(join(root, path), "utf8");
    const isPage = path.endsWith(".md");
    const links = isPage ? linksOf(text) : [];
    for (const link of links) {
      const target = resolve(path, link);
      if (seen.has(target)) continue;
      const found = statSync(join(root, target), { throwIfNoEntry: false });
      if (!found) throw new Error(`${path} links to ${link}, and there is no ${target}`);
      if (found.isDirectory()) throw new Error(`${path} links to a folder: ${link}`);
      seen.add(target);
      waiting.push(target);
    }
    if (/\.(png|svg)$/.test(path)) copy(join(root, path), join(to, "public", path));
    else write(join(to, addressOf(path)), isPage ? withAddresses(text, path) : codePage(path, text));
  }
  return seen.size;
}

/** Where a file stands in the site's folder. @param {string} path of the repository @returns {string} */
function addressOf(path) {
  if (path.endsWith("README.md")) return posix.join(posix.dirname(path), "index.md");
  return path.endsWith(".md") ? path : `source/${path}.md`;
}

/** @param {string} text @returns {string[]} the links of a page to files of the repository, without their parts after "#" */
function linksOf(text) {
  const inText = withoutCode(text).replaceAll(/`[^`\n]*`/g, "");
  return [...inText.matchAll(/\]\(([^()\s#]+)[^()\s]*\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}

/** @param {string} from @param {string} link @returns {string} */
const resolve = (from, link) => posix.join(posix.dirname(from), decodeURI(link));

/** @param {string} text @param {string} path @returns {string} */
function withAddresses(text, path) {
  const links = new Set(linksOf(text));
  return text.replaceAll(/\]\(([^()\s#]+)(#[^()\s]*)?\)/g, (whole, link, part = "") => {
    if (!links.has(link)) return whole;
    const target = resolve(path, link);
    const address = /\.(png|svg)$/.test(target) ? target : addressOf(target);
    return `](/${address}${part})`;
  });
}

/** @param {string} path @param {string} text @returns {string} */
function codePage(path, text) {
  const language =
    { ".ts": "ts", ".mjs": "js", ".js": "js", ".json": "json", ".py": "python" }[extname(path)] ?? "txt";
  return `# ${path}\n\n\`\`\`\`\`\`${language}\n${text.trimEnd()}\n\`\`\`\`\`\`\n`;
}

/** @param {string} file @param {string} text */
function write(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** @param {string} from @param {string} file */
function copy(from, file) {
  mkdirSync(dirname(file), { recursive: true });
  cpSync(from, file);
}

/**
 * The groups of docs/README.md, its headings and the links under them: the site's navigation.
 * @param {string} root @returns {{ text: string, items: { text: string, link: string }[] }[]}
 */
export function navigation(root) {
  const text = readFileSync(join(root, "docs/README.md"), "utf8");
  return text
    .split(/^## /m)
    .slice(1)
    .map((section) => ({
      text: section.slice(0, section.indexOf("\n")),
      items: [...section.matchAll(/^(?:-|\d+\.) +\[([^\]]+)\]\(([^)]+)\)/gm)].map(
        ([, label = "", link = ""]) => ({
          text: label,
          link: `/${addressOf(resolve("docs/README.md", link))}`.replace(/(index)?\.md$/, ""),
        }),
      ),
    }));
}
