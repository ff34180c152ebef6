/**
 * How a generator of piano-rolls says which notes a step has, one row each:
 *
 *     independent   88 sigmoids at once: p(step) = Π over keys of p(key | steps before)
 * joint         one note after another, upwards, then the end of the step: p(step) = Π p(note | notes below it, steps
 * before)
 *
 * Independent sigmoids draw each note without regard to the others, so a step that could be either of two chords becomes
 * a mixture of both. The chain rule takes into account what has already been drawn, as NADE does
 * (Boulanger-Lewandowski, Bengio and Vincent
 * 2012); here the recurrent layers themselves read each note before the next one is drawn.
 */
import { pianoKeys, type Roll } from "../../../data/index.js";
import {
  createNoteSampler,
  createSampler,
  type Example,
  type LossName,
  type NetworkInput,
  type SamplingOptions,
} from "../../../nn/index.js";
import type { SharedStream, Turn } from "../shared-stream.js";
import { keysOf, stepNumbers } from "./steps.js";

/** The name of an output. */
export type NoteOutput = "independent" | "joint";

/** How the notes of a step are chosen. */
export interface StepOptions extends Pick<SamplingOptions, "temperature" | "topK" | "topP" | "typical"> {
  /** Most notes in a step. */
  readonly most: number;
}

/** Where a step is drawn. */
export interface StepPlace {
  readonly shared: SharedStream;
  readonly turn: Turn;
  readonly seed: number;
  readonly sequence: number;
  /** Number of the step, from 0. */
  readonly step: number;
}

/** Draws a step. @param unread what has not been read yet of the previous step @returns keys, from 0 */
export type StepDrawer = (place: StepPlace, unread: readonly number[]) => number[];

interface OutputRow {
  readonly input: NetworkInput;
  /** Width of the linear output. */
  readonly width: number;
  readonly loss: LossName;
  /** Steps `from` to `to` − 1 of a piece, each predicted from those before it. */
  readonly example: (roll: Roll, from: number, to: number) => Example;
  /** Reads a step, after the unread part of the previous one. @returns what is unread now */
  readonly read: (
    place: Pick<StepPlace, "shared" | "turn">,
    unread: readonly number[],
    step: readonly number[],
  ) => readonly number[];
  /** The unread part of a step that was drawn. */
  readonly unread: (step: readonly number[]) => readonly number[];
  /** @throws OptionError naming the option that makes no sense, or has no effect */
  readonly drawer: (options: StepOptions) => StepDrawer;
}

const { count, lowest } = pianoKeys;

/** The token that ends a step, and begins a piece. */
const end = count;

/** The rows. */
export const noteOutputs: Readonly<Record<NoteOutput, OutputRow>> = {
  independent: {
    input: { width: count },
    width: count,
    loss: "binaryCrossEntropy",
    example(roll, from, to) {
      const [input, target] = [new Float32Array((to - from) * count), new Float32Array((to - from) * count)];
      for (let t = from; t < to; t++) {
        const place = (t - from) * count;
        stepNumbers(roll[t - 1] ?? [], input.subarray(place, place + count));
        stepNumbers(roll[t]!, target.subarray(place, place + count));
      }
      return { input, target };
    },
    read({ shared, turn }, unread, step) {
      shared.step(turn, stepNumbers(unread));
      return step;
    },
    unread: (step) => step,
    drawer(options) {
      const sample = createNoteSampler(options);
      return ({ shared, turn, ...place }, unread) => sample(shared.step(turn, stepNumbers(unread)), place);
    },
  },
  joint: {
    input: { vocabulary: count + 1 },
    width: count + 1,
    loss: "crossEntropy",
    example(roll, from, to) {
      const target = roll.slice(from, to).flatMap((step) => [...keysOf(step), end]);
      return { input: [end, ...target.slice(0, -1)], target };
    },
    read({ shared, turn }, _unread, step) {
      shared.step(turn, end);
      for (const key of keysOf(step)) shared.step(turn, key);
      return [];
    },
    // All its notes were read as they were drawn; the end comes first in any case.
    unread: () => [],
    drawer({ most, ...options }) {
      const sample = createSampler(options);
      const weights = new Float64Array(count + 1);
      return ({ shared, turn, seed, sequence, step }) => {
        const keys: number[] = [];
        let token: number = end;
        while (true) {
          const row = shared.step(turn, token);
          if (keys.length === most) return keys;
          // Upwards only, so that what is drawn is always a valid step.
          for (let i = 0; i <= end; i++) weights[i] = i > (keys.at(-1) ?? -1) ? row[i]! : 0;
          token = sample(weights, { seed, sequence, step: step * (count + 1) + keys.length }, []).token;
          if (token === end) return keys;
          keys.push(token);
        }
      };
    },
  },
};

/** The names. */
export const noteOutputNames = Object.keys(noteOutputs) as readonly NoteOutput[];

/** The MIDI numbers of keys. */
export const pitchesOf = (keys: readonly number[]): number[] => keys.map((key) => key + lowest);
