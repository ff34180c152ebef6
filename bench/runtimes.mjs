// @ts-check
/**
 * The Nodes that contestants run on: the one that runs the bench, and Node 24 where it is installed in tools/node24 and is
 * another. The newest does everything; on an older one only what `earlier` names is measured.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const node24 = fileURLToPath(new URL("../tools/node24/node_modules/.bin/node", import.meta.url));

/** @typedef {{ command: string, version: string, major: number, newest: boolean }} Runtime */

/** The groups of tasks for which we are measured on a Node that is not the newest. */
export const earlier = ["train", "forward", "stream", "startup"];

/** Every Node that is there, the newest last. @returns {readonly Runtime[]} */
export function findRuntimes() {
  const own = { command: process.execPath, version: process.versions.node };
  const installed = existsSync(node24) ? [{ command: node24, version: versionOf(node24) }] : [];
  const all = [own, ...installed.filter(({ version }) => version !== own.version)].sort((a, b) =>
    a.version.localeCompare(b.version, "en", { numeric: true }),
  );
  return all.map((runtime, i) => ({
    ...runtime,
    major: Number.parseInt(runtime.version, 10),
    newest: i === all.length - 1,
  }));
}

/** @param {string} command */
const versionOf = (command) => spawnSync(command, ["-p", "process.versions.node"]).stdout.toString().trim();
