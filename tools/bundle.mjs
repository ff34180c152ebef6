// @ts-check
/**
 * `node tools/bundle.mjs FOLDER ENTRY...`: turns what the compiler wrote to FOLDER into one module for each entry
 * ("nn/index") and shared modules in FOLDER/shared. Declarations stay as they are. Names are not shortened: whoever
 * debugs into the package should read it, and bundlers of applications minify anyway.
 */
import { mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { rolldown } from "rolldown";

const [folder = "", ...entries] = process.argv.slice(2);
const root = resolve(folder);
const bundle = await rolldown({
  input: Object.fromEntries(entries.map((entry) => [entry, join(root, `${entry}.js`)])),
  platform: "node",
  external: (id) => !/^[./]/.test(id),
});
const { output } = await bundle.generate({ format: "esm", chunkFileNames: "shared/[name].js" });
await bundle.close();
removeModules(root);
for (const file of output) {
  if (file.type !== "chunk") throw new Error(`${file.fileName} is no module`);
  mkdirSync(dirname(join(root, file.fileName)), { recursive: true });
  writeFileSync(join(root, file.fileName), file.code);
}

/** Removes the modules that are bundled now, and folders that held nothing else. @param {string} path */
function removeModules(path) {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inside = join(path, entry.name);
    if (entry.isDirectory()) removeModules(inside);
    else if (inside.endsWith(".js")) rmSync(inside);
  }
  if (readdirSync(path).length === 0) rmdirSync(path);
}
