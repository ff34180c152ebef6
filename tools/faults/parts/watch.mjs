// @ts-check
/**
 * Loaded before a command (`node --import`): notes which files it opens or looks for, and what it took, and says so in a file
 * when it ends. The names are those that the program gave; where links lead is looked up.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { resolve } from "node:path";
import process from "node:process";

const out = process.env["FAULTS_WATCH"] ?? "";
/** @type {Set<string>} */
const opened = new Set();
const realpath = fs.realpathSync;
const write = fs.writeFileSync;

/** @param {unknown} path */
function note(path) {
  if (typeof path !== "string" && !(path instanceof URL)) return;
  const name = path instanceof URL ? decodeURIComponent(path.pathname) : resolve(path);
  try {
    opened.add(realpath(name));
  } catch {
    opened.add(name);
  }
}

/** @param {any} of @param {readonly string[]} names */
function watched(of, names) {
  for (const name of names) {
    const original = of[name];
    of[name] = (/** @type {unknown[]} */ ...args) => {
      note(args[0]);
      return original.apply(of, args);
    };
  }
}
watched(fs, [
  "open",
  "openSync",
  "readFile",
  "readFileSync",
  "createReadStream",
  "createWriteStream",
  "writeFile",
  "writeFileSync",
]);
watched(fs.promises, ["open", "readFile", "writeFile", "appendFile", "rename"]);
syncBuiltinESMExports();

process.on("exit", () => {
  const { user, system } = process.cpuUsage();
  const { maxRSS } = process.resourceUsage();
  write(out, JSON.stringify({ opened: [...opened], seconds: (user + system) / 1e6, bytes: maxRSS * 1024 }));
});
