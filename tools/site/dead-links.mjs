// @ts-check
/**
 * Reads the finished pages and follows every link within the site: the page is there, and so is the part of it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

/** One message per link that leads nowhere. @param {string} folder of the site @returns {string[]} */
export function deadLinks(folder) {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) =>
    file.replaceAll("\\", "/"),
  );
  const pages = files.filter((file) => file.endsWith(".html"));
  const read = new Map(pages.map((page) => [page, readFileSync(join(folder, page), "utf8")]));
  const parts = new Map([...read].map(([page, html]) => [page, new Set(valuesOf(html, "id"))]));
  const present = new Set(files);
  return pages.flatMap((page) =>
    valuesOf(read.get(page) ?? "", "href").flatMap((link) => {
      if (/^[a-z]+:|^\/\//.test(link)) return [];
      const [path = "", part = ""] = link.split("#").map((text) => decodeURIComponent(text));
      const target = path === "" ? page : pageOf(path, page);
      if (!present.has(target)) return [`${page} links to ${link}, and there is no ${target}`];
      if (part === "" || parts.get(target)?.has(part)) return [];
      return [`${page} links to ${link}, and ${target} has no part of that name`];
    }),
  );
}

/** @param {string} path @param {string} from @returns {string} the file that an address stands for */
function pageOf(path, from) {
  const whole = path.startsWith("/") ? path.slice(1) : posix.join(posix.dirname(from), path);
  return whole === "" || whole === "." || whole.endsWith("/") ? posix.join(whole, "index.html") : whole;
}

/** @param {string} html @param {string} attribute @returns {string[]} */
function valuesOf(html, attribute) {
  return [...html.matchAll(new RegExp(`\\s${attribute}="([^"]*)"`, "g"))].map(([, value = ""]) =>
    value.replaceAll("&amp;", "&").replaceAll("&#39;", "'").replaceAll("&quot;", '"'),
  );
}
