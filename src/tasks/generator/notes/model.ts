/**
 * A trained or loaded generator of piano-rolls: writes, streams, evaluates, saves. Training is in
 * training.ts.
 */

import { DataError, type Piece, type Roll, rollPiece } from "../../../data/index.js";
import { requireItems, rollItems } from "../../../data/items.js";
import type { OpenHome } from "../../../exec/home.js";
import { type Resource, resource, used } from "../../../exec/resource.js";
import { writeModel } from "../../../io/index.js";
import { exampleLength } from "../../../nn/build/index.js";
import {
  createPredictor,
  createStream,
  type Network,
  type Parameters,
  type Prediction,
  parameterCount,
  type RestoreOptions,
} from "../../../nn/index.js";
import { checkOptions } from "../../../options/index.js";
import type { Interval } from "../../../train/metrics/index.js";
import type { FitReport } from "../../../train/run/options.js";
import { type Insight, insightOf, numbered } from "../../shared/insight.js";
import { sharedStream } from "../shared-stream.js";
import { type ManyOptions, manyRows } from "../writing.js";
import { written } from "../written.js";
import { type PieceLosses, stepLoss } from "./baselines.js";
import { noteExample, wholeAndOpening } from "./network.js";
import type { NoteOutput } from "./output.js";
import {
  type NoteOptions,
  type NoteState,
  type NoteStream,
  type NoteWriter,
  noteWritingRows,
  outputFact,
  startNotes,
} from "./stream.js";

/** Generated music. */
export interface GeneratedNotes {
  /** The steps written, without the prime. */
  readonly roll: Roll;
  /** Prime and steps as a piece, in the tempo of the training data, notes held: `writeMidi` makes a file of it. */
  readonly piece: Piece;
}

/** How a generator did on pieces. */
export interface NoteEvaluation {
  /** Number of predicted steps: all of each piece but the first. */
  readonly count: number;
  /** `nllPerStep`: nats per step, all its notes together. */
  readonly metrics: { readonly nllPerStep: number };
  /** Its 95 % bootstrap interval, over pieces. */
  readonly interval: Interval;
}

/** What a generator of piano-rolls knows besides its network. */
export interface NoteFacts {
  /** How it says which notes a step has. */
  readonly output: NoteOutput;
  /** Steps per quarter note. */
  readonly stepsPerBeat: number;
  /** Quarter notes per minute of generated pieces. */
  readonly beatsPerMinute: number;
  /** Number of notes in the largest chord of the training data. */
  readonly most: number;
}

/** A trained generator of piano-rolls. */
export interface NoteGenerator extends NoteFacts, Insight<Roll, Roll>, Resource {
  readonly unit: "note";
  readonly network: Network;
  readonly parameters: Parameters;
  /** Number of weights. */
  readonly parameterCount: number;
  /** What training did; absent for a loaded model. */
  readonly training?: FitReport;
  /**
   * Writes `count` pieces (default 1), for the sequences from `sequence` on, until `signal` (default none) is aborted.
   *
   * @throws OptionError if an option makes no sense, DataError if a note of the prime is not on a piano
   */
  generate(options?: NoteOptions & ManyOptions): Promise<GeneratedNotes[]>;
  /**
   * Writes music step by step, or continues it.
   *
   * @throws as `generate`, and NetworkError if the state is of another model and `anyModel` does not allow that
   */
  stream(from?: NoteOptions | NoteState, how?: RestoreOptions): NoteStream;
  /** How well it predicts the steps of pieces. @throws DataError if no piece has two steps */
  evaluate(rolls: readonly Roll[]): Promise<NoteEvaluation>;
  /** The model as the bytes of one safetensors file. */
  save(): Uint8Array;
  /** Gives its memory back, and the executor if it was made for this model. */
  dispose(): void;
}

/** What such a generator is made of. */
export interface NoteParts extends NoteFacts {
  readonly net: Network;
  readonly parameters: Parameters;
  readonly home: OpenHome;
  readonly training?: FitReport;
}

/** What its model file keeps besides the network. */
export const noteData = ({
  output,
  stepsPerBeat,
  beatsPerMinute,
  most,
}: NoteFacts): Record<string, unknown> => ({
  unit: "note",
  output,
  stepsPerBeat,
  beatsPerMinute,
  most,
});

/** A generator around its parts. Its session takes the parameters when it first needs them. */
export function noteGeneratorOf(parts: NoteParts): NoteGenerator {
  const { net, parameters, home, training, output, stepsPerBeat, beatsPerMinute, most } = parts;
  const { session } = home;
  const shared = sharedStream(() => createStream(net, session, { parameters }));
  const writer: NoteWriter = { output, most, shared };
  const facts = { output, stepsPerBeat, beatsPerMinute, most };
  return resource({
    unit: "note",
    ...facts,
    network: net,
    parameters,
    parameterCount: parameterCount(net),
    ...(training ? { training } : {}),
    ...insightOf({
      net,
      session,
      parameters,
      read: (roll: Roll) => {
        const example = noteExample(output, roll);
        return { example, steps: numbered(exampleLength(net, example)) };
      },
    }),
    async generate({ count = 1, signal, ...options } = {}) {
      checkOptions(
        { ...options, count, signal },
        { ...noteWritingRows, ...manyRows },
        "generate",
        outputFact(output),
      );
      const first = options.sequence ?? 0;
      const pieces: GeneratedNotes[] = [];
      for (let i = 0; i < count; i++) {
        const roll = await written(startNotes(writer, { ...options, sequence: first + i }), signal);
        const whole = [...(options.prime ?? []), ...roll];
        pieces.push({
          roll,
          piece: rollPiece(whole, { stepsPerBeat, beatsPerMinute }),
        });
      }
      return pieces;
    },
    stream: (from = {}, how) => startNotes(writer, from, how),
    async evaluate(rolls) {
      const judged = withSteps(rolls);
      const examples = judged.flatMap((roll) => wholeAndOpening(output, roll));
      const predictor = createPredictor(net, session, { parameters, loss: true, rows: false });
      const predictions = await used(predictor, () => predictor.predictAsync(examples));
      const losses = pieceLosses(judged, predictions);
      const { nllPerStep, interval } = stepLoss(losses);
      const count = losses.reduce((sum, [, steps]) => sum + steps, 0);
      return { count, metrics: { nllPerStep }, interval };
    },
    save: () => writeModel({ task: "generator", network: net, parameters, data: noteData(facts) }),
    dispose() {
      shared.dispose();
      home.dispose();
    },
  });
}

/** Pieces in which at least one step is predicted. @throws DataError if there are none */
export function withSteps(rolls: readonly Roll[]): Roll[] {
  requireItems(rolls, rollItems);
  const judged = rolls.filter(({ length }) => length > 1);
  if (judged.length > 0) return judged;
  throw new DataError({
    file: "data",
    problem: "has no piece with two steps",
    remedy: "A generator of music learns, and is judged on, what follows a step.",
  });
}

/** Nats and steps of each piece. @param predictions of the examples of `wholeAndOpening`, one piece after another */
export const pieceLosses = (rolls: readonly Roll[], predictions: readonly Prediction[]): PieceLosses =>
  rolls.map((roll, i) => {
    const [whole, opening] = predictions.slice(2 * i, 2 * i + 2);
    return [whole!.loss! - opening!.loss!, roll.length - 1];
  });
