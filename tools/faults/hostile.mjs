// @ts-check
/**
 * Hostile files, made by programs and never kept, given to the command line as anybody would: each in a process of its own,
 * whose computing, memory and opened files are noted. None may crash, hang, take more than 1 GiB, end in an error that is not
 * for people, open a file outside its folder, or run a program.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { keras } from "./hostile/keras.mjs";
import { midiFiles } from "./hostile/midi.mjs";
import { modelFiles } from "./hostile/model-files.mjs";
import { onnx } from "./hostile/onnx.mjs";
import { pytorch } from "./hostile/pytorch.mjs";
import { runs } from "./hostile/runs.mjs";
import { tables } from "./hostile/tables.mjs";
import { tfjs } from "./hostile/tfjs.mjs";
import { tableLines } from "./parts/table.mjs";
import { trainArguments } from "./parts/train-arguments.mjs";

/**
 * A hostile file.
 * @typedef {object} Hostile
 * @property {string} format
 * @property {string} name what is hostile in it
 * @property {(run: TrueRun) => Record<string, Uint8Array | string>} files what lies in its folder, by name
 * @property {readonly string[]} args of the command line, which is called in that folder
 * @property {(folder: string) => void} [prepare] what is not made of bytes: links, pipes
 * @property {boolean} [fails] it must be refused: by default it may also be read
 * @property {RegExp} [says] what stderr must say
 */
/** @typedef {{ files: Record<string, Uint8Array>, json: any }} TrueRun a run as it is, to be changed */
/** @typedef {{ status: number | null, signal: string | null, said: string, opened: string[], seconds: number, bytes: number, wall: number, ran: boolean }} Ended */

const root = fileURLToPath(new URL("../../", import.meta.url));
const program = join(root, "dist/cli/main.js");
const watch = pathToFileURL(fileURLToPath(new URL("./parts/watch.mjs", import.meta.url))).href;
const GiB = 2 ** 30;
const MOST_SECONDS = 20;

const all = [...modelFiles, ...pytorch, ...keras, ...tfjs, ...onnx, ...midiFiles, ...runs, ...tables];

/** Runs a command in a folder. @param {string} folder @param {readonly string[]} args @returns {Promise<Ended>} */
async function command(folder, args) {
  const notes = join(dirname(folder), `${folder.split("/").pop()}.notes`);
  rmSync(notes, { force: true });
  const from = Date.now();
  // The shell's limit of computing ends what hangs, whatever becomes of this process.
  const child = spawn(
    "sh",
    ["-c", 'ulimit -t 40; exec "$@"', "sh", process.execPath, "--import", watch, program, ...args],
    {
      cwd: folder,
      env: { ...process.env, FAULTS_WATCH: notes, NO_COLOR: "1" },
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  let said = "";
  let [peak, seconds] = [0, 0];
  child.stderr.on("data", (text) => (said = `${said}${text}`.slice(0, 20_000)));
  const looking = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      peak = Math.max(peak, 1024 * Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
      const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
      seconds = (Number(fields[11]) + Number(fields[12])) / 100;
    } catch {
      // It has ended, or this is no Linux: then its own notes tell.
    }
    if (Date.now() - from > 90_000) child.kill("SIGKILL");
  }, 50);
  const [status, signal] = await new Promise((resolve) =>
    child.on("exit", (code, by) => resolve([code, by])),
  );
  clearInterval(looking);
  const noted = existsSync(notes)
    ? JSON.parse(readFileSync(notes, "utf8"))
    : { opened: [], seconds: 0, bytes: 0 };
  return {
    status,
    signal,
    said,
    opened: noted.opened,
    seconds: Math.max(seconds, noted.seconds),
    bytes: Math.max(peak, noted.bytes),
    wall: (Date.now() - from) / 1000,
    ran: existsSync(join(folder, "ran")),
  };
}

/** @param {string} folder @param {Record<string, Uint8Array | string>} files */
function fill(folder, files) {
  for (const [name, contents] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), contents);
  }
}

/** A run that is as it should be. @param {string} folder @returns {Promise<TrueRun>} */
async function trueRun(folder) {
  const lines = Array.from(
    { length: 16 },
    (_, i) => `${i % 2 ? "good\tfine film" : "bad\tdull film"} ${i % 5}`,
  ).join("\n");
  const good = JSON.stringify({
    units: [2],
    embedding: 2,
    batch: 4,
    epochs: 1,
    seed: 1,
    valid: ["train.tsv"],
  });
  fill(folder, { "train.tsv": `label\ttext\n${lines}\n`, "good.json": good });
  const { status, said } = await command(folder, [...trainArguments, "--quiet"]);
  if (status !== 0) throw new Error(`no run could be made: ${said}`);
  /** @type {Record<string, Uint8Array>} */
  const files = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) {
      const path = join(entry.parentPath, entry.name);
      files[relative(folder, path)] = new Uint8Array(readFileSync(path));
    }
  return { files, json: JSON.parse(new TextDecoder().decode(files["m.run/run.json"])) };
}

/** What went wrong with one, by kind. @param {Hostile} hostile @param {Ended} ended @param {{ folder: string, base: number }} around */
function faultsOf({ fails, says }, ended, { folder, base }) {
  const inside = (/** @type {string} */ path) =>
    [folder, join(root, "dist"), join(root, "node_modules"), join(root, "package.json")].some(
      (of) => path === of || path.startsWith(`${of}/`),
    );
  const outside = ended.opened.filter(
    (path) => !inside(path) && !/^\/proc\/(self|\d+)\//.test(path) && !path.startsWith("/sys/"),
  );
  const hangs = ended.seconds > MOST_SECONDS || ended.wall > 85;
  const isUnexpected = /unexpected went wrong|^ {4}at |node:internal/m.test(ended.said);
  const crashed =
    !hangs &&
    (ended.signal !== null || ![0, 1, 2].includes(ended.status ?? -1) || /FATAL ERROR/.test(ended.said));
  const wasRead = (fails && ended.status === 0) || (says && !says.test(ended.said));
  return {
    crash: crashed,
    hang: hangs,
    "above 1 GiB": ended.bytes - base > GiB,
    "something went wrong": isUnexpected,
    "read outside": outside.length > 0 && outside.join(", "),
    "code run": ended.ran,
    "not refused": wasRead === true,
  };
}

/**
 * @param {{ seed: number, minutes: number, work: string, print: (line: string) => void, count?: number, only?: readonly string[], names?: RegExp }} options `names`: only what is called so
 * @returns {Promise<boolean>} true if nothing was wrong
 */
export async function run({ minutes, work, print, count = all.length, only = [], names = /(?:)/ }) {
  const place = join(work, "hostile");
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "secret.bin"), "secret".repeat(1000));
  writeFileSync(join(place, "secret.tsv"), "label\ttext\nsecret\tsecret\n");
  const kept = join(work, "hostile.json");
  const title = JSON.stringify({
    count,
    only,
    names: names.source,
    all: all.map(({ format, name }) => `${format} ${name}`),
  });
  const before = existsSync(kept) ? JSON.parse(readFileSync(kept, "utf8")) : undefined;
  /** @type {Record<number, Record<string, boolean | string>>} */
  const done = before?.title === title ? before.done : {};
  const made = await trueRun(join(place, "true"));
  const base = (await command(join(place, "true"), ["inspect", "m.safetensors"])).bytes;
  const chosen = all.flatMap((hostile, i) =>
    (only.length === 0 || only.includes(hostile.format)) && names.test(hostile.name) && i < count
      ? [{ hostile, i }]
      : [],
  );
  const waiting = chosen.filter(({ i }) => done[i] === undefined);
  const end = Date.now() + minutes * 60_000;
  const one = async () => {
    for (let next = waiting.shift(); next && Date.now() < end; next = waiting.shift()) {
      const { hostile, i } = next;
      const folder = join(place, `n${i}`);
      mkdirSync(folder);
      fill(folder, hostile.files(made));
      hostile.prepare?.(folder);
      const ended = await command(folder, hostile.args);
      const faults = faultsOf(hostile, ended, { folder, base });
      done[i] = faults;
      for (const [kind, value] of Object.entries(faults))
        if (value)
          print(
            `${hostile.format}, ${hostile.name}: ${kind}${typeof value === "string" ? ` (${value})` : ""}: ${ended.signal ?? `status ${ended.status}`}, ${ended.seconds.toFixed(1)} s, ${Math.round((ended.bytes - base) / 2 ** 20)} MiB above the base; ${ended.said.slice(0, 400)}`,
          );
      rmSync(folder, { recursive: true, force: true });
      writeFileSync(kept, JSON.stringify({ title, done }));
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, one));
  const kinds = [
    "crash",
    "hang",
    "above 1 GiB",
    "something went wrong",
    "read outside",
    "code run",
    "not refused",
  ];
  const formats = [...new Set(chosen.map(({ hostile }) => hostile.format))];
  const rows = formats.map((format) => {
    const own = chosen.filter(({ hostile, i }) => hostile.format === format && done[i]);
    return [format, own.length, ...kinds.map((kind) => own.filter(({ i }) => done[i]?.[kind]).length)];
  });
  const sum = (/** @type {number} */ column) => rows.reduce((total, row) => total + Number(row[column]), 0);
  for (const line of tableLines([
    ["hostile files", "files", ...kinds],
    ...rows,
    ["all", ...[1, ...kinds.map((_, i) => i + 2)].map(sum)],
  ]))
    print(line);
  const isWhole = sum(1) === chosen.length;
  if (!isWhole)
    print(`only ${sum(1)} of ${chosen.length} files in ${minutes} minutes; call it again to go on`);
  else rmSync(kept, { force: true });
  rmSync(place, { recursive: true, force: true });
  return isWhole && kinds.every((_, i) => sum(i + 2) === 0);
}
