// @ts-check
/** Hostile MIDI files and piano-rolls: long silences, long notes, many tracks, and lists inside lists. */
import { joined } from "../parts/containers.mjs";
import { fieldsOf } from "../parts/hdf5.mjs";

/** @typedef {import("../hostile.mjs").Hostile} Hostile */

/** Numbers are big-endian. @param {number} size @param {number} value */
const big = (size, value) =>
  fieldsOf([
    /** @type {1} */ (1),
    ...Array.from({ length: size }, (_, i) => Math.floor(value / 256 ** (size - 1 - i)) % 256),
  ]);
const utf8 = (/** @type {string} */ text) => new TextEncoder().encode(text);
/** A time of up to 28 bits, seven in a byte. @param {number} ticks */
const time = (ticks) => {
  const bytes = [ticks & 127];
  for (let rest = ticks >>> 7; rest > 0; rest >>>= 7) bytes.unshift((rest & 127) | 128);
  return Uint8Array.from(bytes);
};
const most = 2 ** 28 - 1;
const end = Uint8Array.of(0, 0xff, 0x2f, 0);
const track = (/** @type {readonly Uint8Array[]} */ events) => {
  const body = joined([...events, end]);
  return joined([utf8("MTrk"), big(4, body.length), body]);
};
/** @param {number} ticksPerBeat @param {readonly Uint8Array[]} tracks @param {number} [count] */
const midi = (ticksPerBeat, tracks, count = tracks.length) =>
  joined([utf8("MThd"), big(4, 6), big(2, 1), big(2, count), big(2, ticksPerBeat), ...tracks]);
const on = (/** @type {number} */ wait, /** @type {number} */ pitch) =>
  joined([time(wait), Uint8Array.of(0x90, pitch, 80)]);
const off = (/** @type {number} */ wait, /** @type {number} */ pitch) =>
  joined([time(wait), Uint8Array.of(0x80, pitch, 0)]);

/** @param {string} name @param {() => Uint8Array} make @param {string[]} [more] @returns {Hostile} */
const trained = (name, make, more = ["--unit", "note"]) => ({
  format: "midi",
  name,
  files: () => ({
    "m.mid": make(),
    "v.mid": midi(480, [track([on(0, 60), off(480, 60), on(0, 62), off(480, 62)])]),
  }),
  args: [
    "train",
    "generator",
    ...more,
    "--train",
    "m.mid",
    "v.mid",
    "--valid",
    "v.mid",
    "--units",
    "2",
    "--epochs",
    "1",
    "--minutes",
    "0.05",
    "--out",
    "g.safetensors",
    "--quiet",
  ],
});

/** Hostile MIDI files. @type {readonly Hostile[]} */
export const midiFiles = [
  ...[1, 96, 480, 32767].flatMap((ticks) => [
    trained(`two notes 2^28 ticks apart, ${ticks} in a beat`, () =>
      midi(ticks, [track([on(0, 60), off(10, 60), on(most, 62), off(10, 62)])]),
    ),
    trained(`a note of 2^28 ticks, ${ticks} in a beat`, () =>
      midi(ticks, [track([on(0, 60), off(most, 60)])]),
    ),
    trained(
      `200 silences of 2^28 ticks, ${ticks} in a beat, as events`,
      () => midi(ticks, [track(new Array(200).fill(on(most, 60)))]),
      ["--unit", "event"],
    ),
  ]),
  ...[1, 4, 24].map((steps) =>
    trained(
      `2,000 notes of 100,000 beats, ${steps} steps in each`,
      () =>
        midi(1, [
          track([
            ...Array.from({ length: 2000 }, (_, i) => on(0, 21 + (i % 88))),
            ...Array.from({ length: 88 }, (_, i) => off(i === 0 ? 100_000 : 0, 21 + i)),
          ]),
        ]),
      ["--unit", "note", "--steps-per-beat", String(steps)],
    ),
  ),
  trained("60,000 tracks", () => midi(480, new Array(60_000).fill(track([])))),
  trained("65,535 tracks, of which there are none", () => midi(480, [], 65_535)),
  trained("a track that says 2^32 bytes", () =>
    joined([midi(480, [], 1), utf8("MTrk"), big(4, 2 ** 32 - 1)]),
  ),
  trained("a text of 2^28 bytes", () =>
    midi(480, [track([joined([time(0), Uint8Array.of(0xff, 1), time(most)])])]),
  ),
  trained(
    "a million tempi",
    () =>
      midi(480, [
        track([
          ...new Array(1_000_000).fill(Uint8Array.of(1, 0xff, 0x51, 3, 0, 0, 1)),
          on(0, 60),
          off(1, 60),
        ]),
      ]),
    ["--unit", "event"],
  ),
  ...[200, 100_000].map(
    (depth) =>
      /** @type {Hostile} */ ({
        format: "midi",
        name: `piano-rolls ${depth} deep`,
        files: () => ({ "r.json": utf8(`{"train": ${"[".repeat(depth)}${"]".repeat(depth)}}`) }),
        args: [
          "train",
          "generator",
          "--unit",
          "note",
          "--train",
          "r.json",
          "--out",
          "g.safetensors",
          "--quiet",
        ],
      }),
  ),
];
