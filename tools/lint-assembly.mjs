// @ts-check
/**
 * Lints and formats the AssemblyScript kernels. Biome reads their syntax but for one thing: it refuses
 * decorators on functions (`@inline`). So it gets copies in which those lines are comments; with --write,
 * the formatted copies go back. The configuration is the repository's own biome.jsonc.
 */
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MARK = "//<decorator>";

/** Turns decorators at the start of a line into comments. @param {string} text */
export const mask = (text) => text.replace(/^@(?=\w)/gm, `${MARK}@`);

/** Undoes mask. @param {string} text */
export const unmask = (text) => text.replaceAll(`${MARK}@`, "@");

/**
 * @param {string} root the repository @param {boolean} write
 * @returns {number} Biome's exit status
 */
function lint(root, write) {
  const folder = join(root, "src/exec/wasm/assembly");
  if (!existsSync(folder)) return 0;
  const names = readdirSync(folder).filter((name) => name.endsWith(".ts") && !name.endsWith(".generated.ts"));
  const copies = mkdtempSync(join(tmpdir(), "unrolled-lint-"));
  try {
    // biome.jsonc's exceptions for AssemblyScript are those of a folder `assembly` at the top.
    mkdirSync(join(copies, "assembly"));
    copyFileSync(join(root, "biome.jsonc"), join(copies, "biome.jsonc"));
    const copyOf = (/** @type {string} */ name) => join(copies, "assembly", name);
    for (const name of names) writeFileSync(copyOf(name), mask(readFileSync(join(folder, name), "utf8")));
    const biome = join(root, "node_modules/@biomejs/biome/bin/biome");
    const command = write ? ["check", "--write"] : ["check", "--error-on-warnings"];
    const args = [biome, ...command, "--vcs-enabled=false", "assembly"];
    const { status, error } = spawnSync(process.execPath, args, { cwd: copies, stdio: "inherit" });
    if (error) throw error;
    for (const name of write ? names : []) {
      const formatted = unmask(readFileSync(copyOf(name), "utf8"));
      if (formatted !== readFileSync(join(folder, name), "utf8"))
        writeFileSync(join(folder, name), formatted);
    }
    return status ?? 1;
  } finally {
    rmSync(copies, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exit(lint(fileURLToPath(new URL("..", import.meta.url)), process.argv.includes("--write")));
}
