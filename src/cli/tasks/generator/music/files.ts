/**
 * Where generated music goes (a MIDI file, pictures, or standard output), and where a prime comes from.
 */
import {
  type Piece,
  parseSteps,
  pianoRollPicture,
  pieceRoll,
  type Roll,
  readMidi,
  rollPiece,
  writeMidi,
} from "../../../../data/index.js";
import { fileSource, writeFileAtomically } from "../../../../data/node.js";
import { UsageError } from "../../../terminal/errors.js";
import { requireWritable } from "../../../terminal/out-file.js";
import type { Surroundings } from "../../../terminal/surroundings.js";
import { print, say } from "../../../terminal/talk.js";
import type { ChosenGenerate } from "../../generate.js";
import { isMidi } from "./data.js";

/** The steps of a prime: names of notes, or a MIDI file. @throws DataError if it is neither */
export async function primeRoll(prime: string | undefined, stepsPerBeat: number): Promise<Roll> {
  if (prime === undefined) return [];
  if (!isMidi(prime)) return parseSteps(prime);
  return pieceRoll(await readMidi(fileSource(prime)), { stepsPerBeat }).roll;
}

/** The piece of a prime: names of notes, a quarter note per step, or a MIDI file. @throws DataError if it is neither */
export async function primePiece(prime: string | undefined): Promise<Piece | undefined> {
  if (prime === undefined) return undefined;
  return isMidi(prime) ? readMidi(fileSource(prime)) : rollPiece(parseSteps(prime));
}

/** Music, ready to be written out. */
export interface Written {
  readonly piece: Piece;
  /** What is drawn: prime and music. */
  readonly roll: Roll;
  /** Steps of the prime. */
  readonly primed: number;
  readonly stepsPerBeat: number;
  /** For standard output, where there is no file. */
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/** tune.mid, or for several tune-1.mid, tune-2.mid, … */
const numbered = (file: string, number: number, count: number): string =>
  count === 1 ? file : file.replace(/(\.[^./\\]+)?$/, `-${number + 1}$1`);

/** Checks that all files can be written, before any work is done. @throws DataError or UsageError */
export async function requireOutputs(
  model: string,
  { out, picture, force, prime, count = 1 }: ChosenGenerate,
): Promise<void> {
  if (out !== undefined && !/\.midi?$/i.test(out))
    throw new UsageError(`--out ${out} is not the name of a MIDI file; give one that ends in .mid`);
  if (picture !== undefined && !/\.(svg|txt)$/i.test(picture))
    throw new UsageError(
      `--picture ${picture} is not the name of a picture; give one that ends in .svg or .txt`,
    );
  for (const [option, file] of Object.entries({ "--out": out, "--picture": picture }))
    for (let i = 0; i < count && file !== undefined; i++)
      await requireWritable(numbered(file, i, count), { force, option, reads: { model, prime } });
}

/** Writes out one of `count` pieces, and returns the files that it wrote. */
export async function giveOut(
  { piece, roll, primed, stepsPerBeat, text, json }: Written,
  { out, picture, json: asJson, count = 1 }: ChosenGenerate,
  { number, around }: { readonly number: number; readonly around: Surroundings },
): Promise<readonly string[]> {
  const files: Record<string, string> = {};
  if (out !== undefined) {
    files["file"] = numbered(out, number, count);
    await writeFileAtomically(files["file"], await writeMidi(piece));
  }
  if (picture !== undefined) {
    files["picture"] = numbered(picture, number, count);
    const as = /\.txt$/i.test(picture) ? "text" : "svg";
    const drawn = pianoRollPicture(roll, { as, primer: primed, bar: 4 * stepsPerBeat });
    await writeFileAtomically(files["picture"], new TextEncoder().encode(`${drawn.trimEnd()}\n`));
  }
  if (asJson) print(around, JSON.stringify({ ...json, ...files }));
  else if (out === undefined) print(around, text);
  else say(around, false, `wrote ${Object.values(files).join(" and ")}`);
  return Object.values(files);
}
