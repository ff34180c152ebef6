/**
 * The music that a generator is trained and judged on: MIDI files and folders of them, or a file of piano-rolls, whose own
 * parts serve as validation and test data.
 */
import {
  DataError,
  drumChannel,
  heldOut,
  type Piece,
  pieceEnd,
  pieceRoll,
  type Roll,
  readMidiPieces,
  readRolls,
  tempoMap,
} from "../../../../data/index.js";
import { fileSource, filesBelow } from "../../../../data/node.js";
import { counted } from "../../../terminal/talk.js";
import { type DataParts, heldBack, sizesText } from "../../parts.js";
import { usualSteps } from "../options.js";

/** A piece, and where it comes from. */
export interface Placed<Music> {
  readonly music: Music;
  /** Its file, with its number in it if the file holds many. */
  readonly file: string;
}

/** Music to train with, to choose the best epoch by, and to test on. */
export interface MusicData<Music> extends DataParts<Placed<Music>> {
  /** For piano-rolls: steps per quarter note. */
  readonly stepsPerBeat: number;
  /** For MIDI files: quarter notes per minute on average. */
  readonly beatsPerMinute?: number;
}

/** Whether a file holds piano-rolls. */
export const isRolls = (file: string): boolean => /\.json(\.gz)?$/i.test(file);

/** Whether a file is MIDI, by its name. */
export const isMidi = (file: string): boolean => /\.midi?(\.gz)?$/i.test(file);

/** The pieces of MIDI files, and what was skipped. */
export interface MidiPieces {
  readonly pieces: readonly Placed<Piece>[];
  readonly remarks: readonly string[];
}

/**
 * Reads MIDI files. A named file that cannot be read is an error; one in a folder is skipped, with a remark.
 *
 * @throws DataError naming the file and what is wrong
 */
export async function readPieces(paths: readonly string[]): Promise<MidiPieces> {
  const pieces: Placed<Piece>[] = [];
  const remarks: string[] = [];
  for (const path of paths) {
    const files = await filesBelow(path);
    const isFolder = files.length !== 1 || files[0] !== path;
    for (const file of isFolder ? files.filter(isMidi) : files) {
      try {
        for (const music of await readMidiPieces(fileSource(file))) pieces.push({ music, file });
      } catch (error) {
        if (!isFolder || !(error instanceof DataError)) throw error;
        remarks.push(`skipped ${error.message}`);
      }
    }
  }
  return { pieces, remarks };
}

/** The files, by what they are for. */
export interface MusicFiles {
  readonly train: readonly string[];
  readonly valid?: readonly string[] | undefined;
  readonly test?: readonly string[] | undefined;
  readonly seed?: number | undefined;
  readonly stepsPerBeat?: number | undefined;
}

type Parts<Music> = Record<"train" | "valid" | "test", readonly Placed<Music>[]>;

/** What was read from files of rolls and MIDI files. */
interface RollFiles extends Parts<Roll> {
  readonly remarks: readonly string[];
  /** Quarter notes per minute of each MIDI file. */
  readonly tempos: readonly number[];
}

/** The rolls of files; those of MIDI files are for training. */
async function rollsOf(paths: readonly string[], stepsPerBeat: number): Promise<RollFiles> {
  const files = await Promise.all(paths.filter(isRolls).map(partsOf));
  const { pieces, remarks } = await readPieces(paths.filter((path) => !isRolls(path)));
  const rolls = pieces.map(({ music, file }) => ({ file, ...pieceRoll(music, { stepsPerBeat }) }));
  const sum = (key: "drums" | "outside"): number => rolls.reduce((total, of) => total + of[key], 0);
  const part = (name: keyof Parts<Roll>): Placed<Roll>[] => files.flatMap((of) => of[name]);
  const sounding = rolls.filter(({ roll }) => roll.length > 0);
  return {
    train: [...part("train"), ...sounding.map(({ roll, file }) => ({ music: roll, file }))],
    valid: part("valid"),
    test: part("test"),
    tempos: pieces.flatMap(({ music }) => tempoOf(music)),
    remarks: [
      ...remarks,
      ...(sum("drums") > 0 ? [`left out ${counted(sum("drums"), "note")} of drums`] : []),
      ...(sum("outside") > 0
        ? [`left out ${counted(sum("outside"), "note")} outside the range of a piano`]
        : []),
    ],
  };
}

/** Piano-rolls of the files. @throws DataError naming the file and what is wrong */
export async function readRollData({
  train,
  valid,
  test,
  seed,
  ...chosen
}: MusicFiles): Promise<MusicData<Roll>> {
  const stepsPerBeat = chosen.stepsPerBeat ?? (train.every(isRolls) ? usualSteps.rolls : usualSteps.midi);
  const own = await rollsOf(train, stepsPerBeat);
  const remarks = [...own.remarks];
  // If a file for validation or tests has such a part of its own, that part; otherwise all of it.
  const other = async (paths: readonly string[] | undefined, name: "valid" | "test") => {
    if (paths === undefined) return own[name];
    const read = await rollsOf(paths, stepsPerBeat);
    remarks.push(...read.remarks);
    return read[name].length > 0 ? read[name] : read.train;
  };
  const parts = { train: own.train, valid: await other(valid, "valid"), test: await other(test, "test") };
  const validFrom = valid === undefined ? "a part of --train" : undefined;
  const mean = own.tempos.reduce((a, b) => a + b, 0) / own.tempos.length;
  const tempo = own.tempos.length === 0 ? {} : { beatsPerMinute: Math.round(mean) };
  return told({ ...parts, validFrom, seed, remarks, stepsPerBeat, ...tempo, files: train });
}

/** Piano-rolls to judge a model on: the test part of files with parts, or else the validation part. @throws DataError */
export async function readHeldRolls(
  paths: readonly string[],
  stepsPerBeat: number,
): Promise<{ readonly pieces: readonly Placed<Roll>[]; readonly remarks: readonly string[] }> {
  const { train, valid, test, remarks } = await rollsOf(paths, stepsPerBeat);
  const name = test.length > 0 ? "test" : valid.length > 0 ? "valid" : "train";
  const used = paths.some(isRolls) ? [`used the part ${name} of the file`] : [];
  return { pieces: { train, valid, test }[name], remarks: [...remarks, ...used] };
}

/** Performances of the files. @throws DataError naming the file and what is wrong */
export async function readPieceData(files: MusicFiles): Promise<MusicData<Piece>> {
  const remarks: string[] = [];
  const read = async (paths: readonly string[]): Promise<readonly Placed<Piece>[]> => {
    const found = await readPieces(paths);
    remarks.push(...found.remarks);
    const pitched = found.pieces.filter(({ music }) =>
      music.notes.some(({ channel }) => channel !== drumChannel),
    );
    if (pitched.length < found.pieces.length)
      remarks.push(`skipped ${counted(found.pieces.length - pitched.length, "piece")} of drums alone`);
    return pitched;
  };
  const parts = {
    train: await read(files.train),
    valid: files.valid && (await read(files.valid)),
    test: files.test && (await read(files.test)),
  };
  return told({
    ...parts,
    validFrom: undefined,
    seed: files.seed,
    remarks,
    stepsPerBeat: usualSteps.midi,
    files: files.train,
  });
}

interface Told<Music> extends Pick<MusicData<Music>, "stepsPerBeat" | "beatsPerMinute" | "remarks"> {
  readonly train: readonly Placed<Music>[];
  readonly valid: readonly Placed<Music>[] | undefined;
  readonly test: readonly Placed<Music>[] | undefined;
  readonly validFrom: string | undefined;
  readonly seed: number | undefined;
  /** The files to train with, for messages. */
  readonly files: readonly string[];
}

/** The data with sentences about it; without validation data a tenth is held back, as the library would do itself. */
function told<Music>({
  test,
  seed = 1,
  valid: given,
  validFrom: from,
  files,
  ...data
}: Told<Music>): MusicData<Music> {
  requirePieces(data.train.length, given?.length ? 1 : 2, files);
  const held = heldOut({ train: data.train, valid: given?.length ? given : undefined }, () => "", seed);
  const validFrom = given?.length ? from : heldBack;
  const parts = {
    ...held,
    ...(validFrom === undefined ? {} : { validFrom }),
    ...(test?.length ? { test } : {}),
  };
  return { ...data, ...parts, remarks: [...data.remarks, sizesText("piece", parts)] };
}

/** @throws DataError if there are fewer pieces than that to train with */
function requirePieces(count: number, least: number, files: readonly string[]): void {
  if (count >= least) return;
  throw new DataError({
    file: files.join(", "),
    problem:
      count === 0
        ? "holds no music"
        : "holds only one piece, and one must be held back to choose the best epoch",
    remedy:
      count === 0 ? "Give MIDI files with notes, or piano-rolls as JSON." : "Give more pieces, or --valid.",
  });
}

async function partsOf(path: string): Promise<Parts<Roll>> {
  const parts = await readRolls(fileSource(path));
  const placed = (name: keyof Parts<Roll>): readonly Placed<Roll>[] =>
    (parts[name] ?? []).map((music, i) => ({ music, file: `${path} ${name}[${i}]` }));
  return { train: placed("train"), valid: placed("valid"), test: placed("test") };
}

/** Quarter notes per minute of a piece, unless it is empty. */
function tempoOf(piece: Piece): number[] {
  const end = pieceEnd(piece);
  const minutes = tempoMap(piece).seconds(end) / 60;
  return minutes > 0 ? [end / piece.ticksPerBeat / minutes] : [];
}
