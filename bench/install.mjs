// @ts-check
/**
 * Installs what the bench measures beside the package: the peers and a second Node, each in its folder, which git
 * ignores. What fails is said, and then missing from the report like everything that is not installed.
 */
import { fileURLToPath } from "node:url";
import { install } from "../tools/ensure.mjs";
import { installTorch } from "./pytorch.mjs";

/** Installs all of it; what is there already is left as it is. */
export function installPeers() {
  const packages = (/** @type {string} */ folder) =>
    install(fileURLToPath(new URL(`../${folder}`, import.meta.url))) === 0;
  const failed = Object.entries({
    "bench/peers": packages("bench/peers"),
    "tools/node24": packages("tools/node24"),
    PyTorch: installTorch(),
  }).flatMap(([name, worked]) => (worked ? [] : [name]));
  for (const name of failed) console.error(`${name} could not be installed; the report does without`);
}
