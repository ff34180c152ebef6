/**
 * How VitePress makes a site of the pages: navigation, search on the page, equations typeset by KaTeX, and no dead links.
 * Written by build.mjs: `.work/.vitepress/config.mjs`, which hands in the navigation.
 */
import katex from "katex";
import { backwardLatex, cellLatex } from "./cells.mjs";
import { slug } from "./headings.mjs";
import { typesetLines } from "./typeset.mjs";

/** @param {string} latex @returns {string} a block of HTML, with MathML for those who listen; Vue leaves it as it is */
function mathematics(latex) {
  const math = katex.renderToString(latex, {
    displayMode: true,
    output: "htmlAndMathml",
    throwOnError: true,
    strict: "error",
  });
  return `<div class="equation" v-pre>${math}</div>\n`;
}

/**
 * Equations in blocks of their own become mathematics; below what `unrolled cells NAME` printed, the same stands typeset.
 * @param {import("markdown-it").default} md
 */
function equations(md) {
  const fence = md.renderer.rules.fence;
  if (!fence) throw new Error("markdown-it has no rule for blocks of code");
  md.renderer.rules.fence = (tokens, index, ...more) => {
    const { info = "", content = "" } = tokens[index] ?? {};
    if (info.startsWith("equation")) return mathematics(typesetLines(content));
    const [, cell] = /^\$ unrolled cells (\w+)\n/.exec(content) ?? [];
    const block = fence(tokens, index, ...more);
    return cell === undefined
      ? block
      : block + mathematics(cellLatex(cell)) + mathematics(backwardLatex(cell));
  };
}

/**
 * @param {{ title: string, description: string, outDir: string, sidebar: { text: string, items: { text: string, link: string }[] }[] }} site
 * @returns {import("vitepress").UserConfig}
 */
export function configOf({ title, description, outDir, sidebar }) {
  return {
    title,
    description,
    outDir,
    lang: "en",
    cleanUrls: false,
    lastUpdated: false,
    ignoreDeadLinks: false,
    themeConfig: {
      search: { provider: "local" },
      outline: [2, 3],
      sidebar: sidebar.map((group) => ({ ...group, collapsed: false })),
      nav: [
        { text: "Guide", link: "/docs/" },
        { text: "The notes", link: "/docs/notes/01-notation" },
        { text: "Reference", link: "/reference/" },
      ],
    },
    markdown: {
      anchor: { slugify: slug },
      toc: { slugify: slug },
      headers: { slugify: slug },
      // What our pages call their blocks, beside the languages of Shiki.
      languageAlias: { equation: "txt" },
      config: equations,
    },
    // A page for each module of the reference is larger than a page of an app should be.
    vite: { build: { chunkSizeWarningLimit: 4000 } },
  };
}
