/**
 * Compares how MIDI files are read with pretty_midi: notes with start and end in seconds, of made files with events of all kinds at one tick,
 * overlapping notes and tempo changes, and of files that are named. No part of `npm test`: it needs a Python with pretty_midi.
 *
 *     python3 -m venv midi && midi/bin/pip install pretty_midi setuptools
 *     node tools/midi/compare.mjs --python midi/bin/python --count 500 [FILE.mid ...]
 *
 * Left out: notes that nothing ends, which pretty_midi drops and which here end with their track.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bytesSource, readMidi, tempoMap } from "../../dist/data/index.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    python: { type: "string", default: "python3" },
    count: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
  },
});

let state = Number(values.seed);
/** A whole number below n. */
function below(n) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * n);
}

const chunk = (id, data) => [...Buffer.from(id), 0, 0, data.length >> 8, data.length & 255, ...data];

/** A track of notes on two pitches, so that they meet, with every note ended. */
function track() {
  const data = [];
  for (let i = 0; i < 40; i++) {
    const pitch = 60 + below(2);
    const isOff = below(2) === 0;
    data.push(below(3) === 0 ? 0 : below(96), isOff ? 0x80 : 0x90, pitch, isOff ? 0 : 1 + below(126));
  }
  // Later than all of them, so that the last ones have a length, and nothing is left without an end.
  for (const pitch of [60, 61]) data.push(10, 0x80, pitch, 0);
  return chunk("MTrk", [...data, 0, 0xff, 0x2f, 0]);
}

/** A file: tempo changes in a first track, as pretty_midi wants them. */
function file() {
  const tempos = Array.from({ length: below(4) }, () => [
    below(120),
    0xff,
    0x51,
    3,
    3 + below(10),
    below(256),
    below(256),
  ]);
  const tracks = Array.from({ length: 1 + below(2) }, track);
  const first = chunk("MTrk", [...tempos.flat(), 0, 0xff, 0x2f, 0]);
  return Uint8Array.from([...chunk("MThd", [0, 1, 0, 1 + tracks.length, 0, 96]), ...first, ...tracks.flat()]);
}

const folder = mkdtempSync(join(tmpdir(), "unrolled-midi-"));
try {
  const made = Array.from({ length: Number(values.count) }, (_, i) => {
    const path = join(folder, `${i}.mid`);
    writeFileSync(path, file());
    return path;
  });
  const paths = [...made, ...positionals];
  const script = fileURLToPath(new URL("notes.py", import.meta.url));
  const { stdout, stderr, status } = spawnSync(values.python, [script], {
    input: paths.join("\n"),
    encoding: "utf8",
    maxBuffer: 2 ** 30,
  });
  if (status !== 0) throw new Error(`${values.python} failed: ${stderr}`);
  const theirs = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const order = (a, b) => a[1] - b[1] || a[0] - b[0] || a[2] - b[2] || a[3] - b[3];
  let [notes, wrong] = [0, 0];
  for (const [i, path] of paths.entries()) {
    const piece = await readMidi(bytesSource(path, readFileSync(path)));
    const { seconds } = tempoMap(piece);
    const ours = piece.notes.map((n) => [n.pitch, seconds(n.start), seconds(n.end), n.velocity]).sort(order);
    const wanted = theirs[i].sort(order);
    notes += wanted.length;
    const differs =
      ours.length !== wanted.length ||
      ours.some((note, k) => note.some((value, j) => Math.abs(value - wanted[k][j]) > 1e-6));
    if (!differs) continue;
    wrong++;
    console.log(`${path}: ${ours.length} notes, pretty_midi has ${wanted.length}`);
  }
  console.log(`${paths.length} files with ${notes} notes: ${wrong} read otherwise than by pretty_midi`);
  process.exitCode = wrong > 0 || notes === 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
