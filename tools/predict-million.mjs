// @ts-check
/**
 * `node tools/predict-million.mjs [--lines 1000000] [--most 200]`: predicts a million lines by the command line, from a file and
 * through a pipe, and prints the time, the peak of resident memory (VmHWM, which Linux alone tells), whether answers are
 * those of the library, and when the first answer of a pipe comes. Ends with status 1 if one of them is not as promised.
 */
import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { classifier, openModel } from "unrolled";

const { values } = parseArgs({
  options: {
    lines: { type: "string", default: "1000000" },
    most: { type: "string", default: "200" },
  },
});
const [LINES, MOST] = [Number(values.lines), Number(values.most)];
const program = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "unrolled-million-"));
/** @param {string} name */
const path = (name) => join(folder, name);

const words = [
  "film",
  "play",
  "song",
  "meal",
  "book",
  "plain",
  "long",
  "short",
  "quiet",
  "late",
  "new",
  "old",
];
const count = (/** @type {number} */ value) => Math.round(value).toLocaleString("en-US");

/** A line of 4 to 19 words, one of which tells the label; no two lines are alike. @param {number} i */
function line(i) {
  const length = 4 + ((i * 7) % 16);
  const some = Array.from({ length }, (_, k) => words[(i * 31 + k * (1 + (i % 5))) % words.length]);
  some[i % length] = i % 2 === 0 ? "lovely" : "dreary";
  return `${some.join(" ")} ${i}`;
}

/** When the process ends, it says what it held at most. */
const saysPeak =
  "import{readFileSync as r,writeFileSync as w}from'node:fs';process.on('exit',()=>{try{w(process.env.PEAK,/VmHWM:\\s*(\\d+)/.exec(r('/proc/self/status','utf8'))[1])}catch{}})";

/** @param {readonly string[]} args @param {{stdin: "pipe" | number, stdout: "pipe" | number}} streams */
const start = (args, { stdin, stdout }) =>
  spawn(process.execPath, ["--import", `data:text/javascript,${saysPeak}`, program, ...args], {
    stdio: [stdin, stdout, "inherit"],
    env: { ...process.env, PEAK: path("peak") },
  });

/** @param {import("node:child_process").ChildProcess} child @returns {Promise<number | null>} */
const ended = (child) => new Promise((resolve) => child.on("close", (code) => resolve(code)));

/** MiB, or undefined where the system does not tell. */
function peak() {
  try {
    return Number(readFileSync(path("peak"), "utf8")) / 1024;
  } catch {
    return undefined;
  }
}

/** @type {string[]} */
const problems = [];

function writeLines() {
  const file = openSync(path("lines.txt"), "w");
  for (let from = 0; from < LINES; from += 10_000)
    writeSync(
      file,
      Array.from({ length: Math.min(10_000, LINES - from) }, (_, k) => `${line(from + k)}\n`).join(""),
    );
  closeSync(file);
}

/** Predicts all lines into a file. @param {string} name @param {readonly string[]} args @param {"pipe" | number} stdin */
async function predictAll(name, args, stdin) {
  const out = openSync(path("answers.jsonl"), "w");
  const began = performance.now();
  const child = start(["predict", path("mood.safetensors"), ...args, "--json"], { stdin, stdout: out });
  const status = await ended(child);
  closeSync(out);
  const seconds = (performance.now() - began) / 1000;
  const held = peak();
  const memory = held === undefined ? "not told by this system" : `${held.toFixed(0)} MiB`;
  console.log(
    `${name}: ${count(LINES)} lines in ${seconds.toFixed(1)} s, ${count(LINES / seconds)} a second; at most ${memory} resident`,
  );
  if (status !== 0) problems.push(`${name}: status ${status}`);
  if (held !== undefined && held > MOST) problems.push(`${name}: more than ${MOST} MiB`);
}

/** Compares answers, a thousand of them, with those of the library, each asked alone. @param {Uint8Array} bytes */
async function compare(bytes) {
  const answers = readFileSync(path("answers.jsonl"), "utf8").trimEnd().split("\n");
  if (answers.length !== LINES) problems.push(`${answers.length} answers to ${LINES} lines`);
  const model = await openModel(bytes);
  const step = Math.max(1, Math.floor(LINES / 1000));
  let [compared, others] = [0, 0];
  for (let i = 0; i < LINES; i += step, compared++) {
    const [answer] = await model.answer([line(i)]);
    if (JSON.stringify(answer?.json) !== answers[i]) others++;
  }
  model.dispose();
  console.log(`${count(compared)} answers compared with the library's, each asked alone: ${others} differ`);
  if (others > 0) problems.push(`${others} answers differ`);
}

/** Writes a line, and the next one only when it has been answered. */
async function firstAnswer() {
  const child = start(["predict", path("mood.safetensors")], { stdin: "pipe", stdout: "pipe" });
  const done = ended(child);
  const answered = () => new Promise((resolve) => child.stdout?.once("data", resolve));
  const began = performance.now();
  const times = [];
  for (let i = 0; i < 3; i++) {
    const answer = answered();
    const asked = i === 0 ? began : performance.now();
    child.stdin?.write(`${line(i)}\n`);
    const came = await Promise.race([
      answer,
      new Promise((resolve) => setTimeout(resolve, 20_000, undefined)),
    ]);
    if (came === undefined) problems.push(`line ${i + 1} of a pipe was not answered before the next`);
    times.push(`${count(performance.now() - asked)} ms`);
  }
  child.stdin?.end();
  await done;
  console.log(`a pipe's lines, each written when the one before was answered: ${times.join(", ")}`);
}

try {
  const train = Array.from({ length: 400 }, (_, i) => ({
    text: line(i),
    label: i % 2 === 0 ? "good" : "bad",
  }));
  const model = await classifier.train({ train, epochs: 2, units: [16], embedding: 16, minimumCount: 2 });
  const bytes = model.save();
  model.dispose();
  writeFileSync(path("mood.safetensors"), bytes);
  writeLines();
  await predictAll("from a file", [path("lines.txt")], openSync("/dev/null", "r"));
  await compare(bytes);
  await predictAll("through standard input", ["-"], openSync(path("lines.txt"), "r"));
  await compare(bytes);
  await firstAnswer();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
