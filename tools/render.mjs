/**
 * Makes a MIDI file audible, and visible: each note as a few decaying partials, mixed to 16 bits, and its piano-roll. For
 * listening to what a generator wrote where there is no player.
 *   node tools/render.mjs TUNE.mid TUNE.wav [TUNE.svg]
 */
import { readFileSync, writeFileSync } from "node:fs";
import { bytesSource, pianoRollPicture, pieceEnd, pieceRoll, readMidi, tempoMap } from "unrolled/data";

const [, , from, sound, picture] = process.argv;
if (from === undefined || sound === undefined) {
  console.error("usage: node tools/render.mjs TUNE.mid TUNE.wav [TUNE.svg]");
  process.exit(2);
}
const rate = 22_050;
/** Seconds in which a note dies away after its end, and its partials: each with its share of the sound. */
const release = 0.15;
const partials = [1, 0.5, 0.25, 0.15, 0.08];

const piece = await readMidi(bytesSource(from, readFileSync(from)));
const { seconds } = tempoMap(piece);
const samples = new Float64Array(Math.ceil((seconds(pieceEnd(piece)) + release) * rate) + 1);
for (const { pitch, start, end, heardUntil = end, velocity, channel } of piece.notes) {
  if (channel === 9) continue; // Drums have no pitch.
  const frequency = 440 * 2 ** ((pitch - 69) / 12);
  const [begin, stop] = [seconds(start), seconds(heardUntil)];
  const last = Math.min(samples.length, Math.ceil((stop + release) * rate));
  for (let i = Math.floor(begin * rate); i < last; i++) {
    const t = i / rate - begin;
    // A short attack, a slow decay while it is held, a quick one after.
    const held = Math.min(1, t / 0.01) * Math.exp(-1.5 * t);
    const level = held * Math.exp(-Math.max(0, i / rate - stop) * 30) * (velocity / 127);
    let wave = 0;
    for (const [k, share] of partials.entries()) {
      const partial = (k + 1) * frequency;
      if (partial < rate / 2) wave += share * Math.sin(2 * Math.PI * partial * t);
    }
    samples[i] += level * wave;
  }
}
const loudest = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
const bytes = Buffer.alloc(44 + 2 * samples.length);
bytes.write("RIFF", 0);
bytes.writeUInt32LE(36 + 2 * samples.length, 4);
bytes.write("WAVEfmt ", 8);
bytes.writeUInt32LE(16, 16);
bytes.writeUInt16LE(1, 20); // PCM
bytes.writeUInt16LE(1, 22); // one channel
bytes.writeUInt32LE(rate, 24);
bytes.writeUInt32LE(2 * rate, 28);
bytes.writeUInt16LE(2, 32);
bytes.writeUInt16LE(16, 34);
bytes.write("data", 36);
bytes.writeUInt32LE(2 * samples.length, 40);
samples.forEach((value, i) => {
  bytes.writeInt16LE(Math.round((32_000 * value) / loudest), 44 + 2 * i);
});
writeFileSync(sound, bytes);
console.log(`${sound}: ${(samples.length / rate).toFixed(1)} s, ${piece.notes.length} notes`);
if (picture !== undefined) {
  writeFileSync(picture, pianoRollPicture(pieceRoll(piece, { stepsPerBeat: 4 }).roll, { bar: 16 }));
  console.log(picture);
}
