/**
 * One-to-many: music from one starting note. Songs in C are made up here from chords that follow each other by rule, in a
 * rhythm of long and short notes; a generator of piano-rolls learns them and writes a new one as a MIDI file.
 * Run: node examples/music/main.mjs [FILE.mid] (some 15 seconds; the package must be built: npm run build)
 */
import { writeFileSync } from "node:fs";
import { generator, musicDistance, musicStatistics } from "unrolled";
import { noteNumber, pianoRollPicture, writeMidi } from "unrolled/data";

/** Each chord: its bass, its notes, what a melody may sing over it, and which chords follow. */
const chords = {
  C: { notes: "C3 E4 G4", tune: "C5 E5 G5", next: ["F", "G", "Am"] },
  F: { notes: "F3 F4 A4", tune: "C5 F5 A5", next: ["G", "C", "Dm"] },
  G: { notes: "G3 D4 F4", tune: "B4 D5 G5", next: ["C", "C", "Am"] },
  Am: { notes: "A3 E4 A4", tune: "C5 E5 A5", next: ["F", "Dm", "G"] },
  Dm: { notes: "D3 F4 A4", tune: "D5 F5 A5", next: ["G", "G", "F"] },
};
const numbers = (names) => names.split(" ").map(noteNumber);
/** Lengths of a bar's melody notes, in eighths. */
const rhythms = [
  [4, 4],
  [2, 2, 4],
  [4, 2, 2],
  [6, 2],
];

/** A song of so many bars of eight steps: the bass and the chord last for a bar, the melody moves over them. */
function song(k, bars) {
  // A small linear congruential generator: the same songs everywhere.
  let state = (k * 2654435761) >>> 0;
  const choose = (list) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return list[Math.floor((state / 2 ** 32) * list.length)];
  };
  let name = "C";
  const steps = [];
  for (let bar = 0; bar < bars; bar++) {
    const { notes, tune, next } = chords[name];
    for (const length of choose(rhythms)) {
      const sung = choose(numbers(tune));
      for (let t = 0; t < length; t++) steps.push([...numbers(notes), sung].sort((a, b) => a - b));
    }
    name = choose(next);
  }
  return steps;
}

const songs = (from, count) => Array.from({ length: count }, (_, i) => song(from + i, 8));
const [train, valid, test] = [songs(1, 120), songs(1001, 20), songs(2001, 20)];
const model = await generator.train({
  unit: "note",
  train,
  valid,
  stepsPerBeat: 2,
  beatsPerMinute: 112,
  // One note of a step after another: independent sigmoids would mix chords where two are possible.
  output: "joint",
  units: [96],
  dropout: 0,
  recurrentDropout: 0,
  epochs: 40,
});
const { metrics } = await model.evaluate(test);
console.log(`${metrics.nllPerStep.toFixed(3)} nats per step, on songs that training does not hold`);

const written = await model.generate({ count: 50, length: 64, prime: [[noteNumber("C5")]] });
const [own, other] = [musicStatistics(written.map(({ roll }) => roll)), musicStatistics(train)];
const { pitchClasses } = musicDistance(own, other);
console.log(`notes at once: ${own.chordSize.toFixed(2)}, in the songs ${other.chordSize.toFixed(2)}`);
console.log(`notes held: ${own.held.toFixed(2)}, in the songs ${other.held.toFixed(2)}`);
console.log(`notes in C: ${own.inKey.toFixed(3)}; distance of pitch classes ${pitchClasses.toFixed(3)}`);

const [{ roll, piece }] = written;
console.log(pianoRollPicture(roll, { as: "text", bar: 8 }));
const [, , file] = process.argv;
const bytes = await writeMidi(piece);
if (file) writeFileSync(file, bytes);
console.log(
  file ? `wrote ${file}, ${bytes.length} bytes` : `${bytes.length} bytes of MIDI; name a file to keep it`,
);
model.dispose();
