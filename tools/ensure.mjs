// @ts-check
/**
 * Makes a fresh clone ready: installs the dependencies when node_modules does not hold what the lock file
 * says, then builds what is missing or out of date. `npm test` and `npm run quickstart` start with it, so
 * it may import nothing but Node itself. With step names (see build.mjs) it builds only those.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "./build.mjs";

/** @typedef {{ version?: string, integrity?: string, optional?: boolean }} LockedPackage */
/** @typedef {{ packages: Record<string, LockedPackage> }} Lock */

/**
 * The first package that is not installed as the lock file says, or undefined when all are.
 * npm keeps a record of what it installed in node_modules/.package-lock.json, written last, so an
 * interrupted install leaves none. Optional packages may be absent: they are for other platforms.
 * @param {Lock} wanted package-lock.json
 * @param {Lock | undefined} installed node_modules/.package-lock.json
 * @returns {string | undefined}
 */
export function firstMismatch(wanted, installed) {
  if (installed === undefined) return "node_modules";
  for (const [path, want] of Object.entries(wanted.packages)) {
    if (path === "") continue; // the project itself
    const have = installed.packages[path];
    if (have === undefined && want.optional === true) continue;
    if (have?.version !== want.version || have?.integrity !== want.integrity) return path;
  }
  return undefined;
}

/** @param {string} path @returns {Lock | undefined} */
function readLock(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
}

/**
 * Installs the dependencies of a folder, if they are not there as its lock file says.
 * @param {string} root the folder @returns {number} the exit status of npm; 0 if there was nothing to do
 */
export function install(root) {
  const wanted = readLock(join(root, "package-lock.json"));
  if (wanted === undefined) throw new Error(`there is no package-lock.json in ${root}`);
  const mismatch = firstMismatch(wanted, readLock(join(root, "node_modules/.package-lock.json")));
  if (mismatch === undefined) return 0;
  console.error(`installing dependencies with npm ci (${mismatch} is missing or has another version)`);
  // On Windows npm is a .cmd file, which only a shell runs.
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], {
    cwd: root,
    stdio: ["ignore", process.stderr, "inherit"],
    shell: process.platform === "win32",
  });
  if (npm.error) throw npm.error;
  return npm.status ?? 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const status = install(root);
  if (status !== 0) process.exit(status);
  build(root, process.argv.slice(2));
}
