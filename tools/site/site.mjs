/**
 * Runs VitePress over the pages that were laid out, and hands back whatever it warned of.
 */
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("node_modules/vitepress/bin/vitepress.js", import.meta.url));
const config = new URL("config.mjs", import.meta.url).href;
const css = `.equation { overflow-x: auto; margin: 16px 0; }
.vp-doc td, .vp-doc th { padding: 6px 10px; }
`;

/**
 * @param {{ work: string, out: string, sidebar: { text: string, items: { text: string, link: string }[] }[] }} site
 * @returns {Promise<string[]>} its warnings
 * @throws Error with what it said, if it fails
 */
export async function buildSite({ work, out, sidebar }) {
  const { name, description } = JSON.parse(
    readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
  );
  const options = { title: name, description, outDir: out, sidebar };
  const theme = join(work, ".vitepress/theme");
  mkdirSync(theme, { recursive: true });
  writeFileSync(join(theme, "own.css"), css);
  writeFileSync(
    join(theme, "index.js"),
    `import theme from "vitepress/theme";\nimport "katex/dist/katex.min.css";\nimport "./own.css";\nexport default theme;\n`,
  );
  const text = `import { configOf } from ${JSON.stringify(config)};\nexport default configOf(${JSON.stringify(options)});\n`;
  writeFileSync(join(work, ".vitepress/config.mjs"), text);
  const said = await new Promise((resolve, reject) => {
    execFile(process.execPath, [program, "build", work], { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`the site could not be built\n${stdout}${stderr}`));
      else resolve(stdout + stderr);
    });
  });
  return said.split("\n").filter((line) => /warn|\(!\)|deprecat|not loaded|falling back/i.test(line));
}
