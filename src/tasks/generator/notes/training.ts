/**
 * Training of a generator of piano-rolls: any recurrent stack, and 88 independent sigmoids with the notes' binary
 * cross-entropy, summed over keys and steps, or one note of a step after another. Configuration and data handling only; all arithmetic is the engine's.
 */
import { gru } from "../../../cell/catalogue/gru/gru.js";
import type { Cell } from "../../../cell/cell.js";
import { type HeldOut, heldOut, type Roll } from "../../../data/index.js";
import type { Home } from "../../../exec/executor.js";
import { FileFormatError, type ModelFile } from "../../../io/index.js";
import {
  initialParameters,
  losses,
  type NetworkInput,
  type Prediction,
  type Zoneout,
} from "../../../nn/index.js";
import { fit } from "../../../train/run/fit.js";
import { cosine } from "../../../train/schedules.js";
import { adam } from "../../../train/step/optimizers.js";
import { firstBiases } from "../../shared/first-biases.js";
import { atHome } from "../../shared/home.js";
import { fitOptions, type TaskTraining } from "../../task.js";
import {
  type NoteFacts,
  type NoteGenerator,
  noteData,
  noteGeneratorOf,
  pieceLosses,
  withSteps,
} from "./model.js";
import { noteExamples, noteNetwork, outputBias, wholeAndOpening } from "./network.js";
import { type NoteOutput, noteOutputNames, noteOutputs } from "./output.js";

/**
 * What training a generator of piano-rolls takes. Only `train` and `unit` are needed; how it is trained stands in
 * TaskTraining, with these defaults: 120 epochs (of a joint output 60), batches of 8 pieces,
 * adam({ learningRate: 0.003 }) down along a cosine, gradients of a norm up to 1.
 */
export interface NoteGeneratorOptions extends TaskTraining {
  readonly unit: "note";
  /** Pieces. */
  readonly train: readonly Roll[];
  /** Chooses the best epoch. Default: a seeded tenth of `train` is held back for it. */
  readonly valid?: readonly Roll[];
  /**
   * How the notes of a step are told: "independent", 88 sigmoids at once, the measure of the literature; or "joint", one note
   * after another, which writes better chords. Default "independent".
   */
  readonly output?: NoteOutput;
  /** Steps of a quarter note in the data: it shapes what is written, not what is learned. Default 1. */
  readonly stepsPerBeat?: number;
  /** Quarter notes a minute in which pieces are written; default 100. */
  readonly beatsPerMinute?: number;
  /** A cell of the catalogue or your own; default `gru`, the notes'. */
  readonly cell?: Cell;
  /** Hidden units of each recurrent layer; one number per layer. Default [200]. */
  readonly units?: readonly number[];
  /** Dropout between layers and before the output; default 0.3, of a joint output 0.4. */
  readonly dropout?: number;
  /** Share of keys that are left out of what is read, each by chance; default 0.1. Not of a joint output. */
  readonly inputDropout?: number;
  /** Share of the states that recurrent products do not see in training, the same at all steps; default 0.5, joint 0.3. */
  readonly recurrentDropout?: number;
  /** How likely a state keeps its old value at a step: one number, or numbers by state; default 0. */
  readonly zoneout?: Zoneout;
  /** Longer pieces are cut for training into parts of at most so many steps; default 256. */
  readonly segment?: number;
}

/** Trains; `valid` in its progress is the mean log-likelihood of a step on the validation data, in nats. */
export async function trainNotes(options: NoteGeneratorOptions): Promise<NoteGenerator> {
  const { seed = 1, optimizer = adam({ learningRate: 0.003 }), segment = 256 } = options;
  const { output = "independent", cell = gru, units = [200], zoneout = 0 } = options;
  const { stepsPerBeat = 1, beatsPerMinute = 100 } = options;
  const { epochs, ...rates } = noteOutputs[output].training;
  const { dropout = rates.dropout, inputDropout = rates.inputDropout } = options;
  const { recurrentDropout = rates.recurrentDropout } = options;
  if (!(Number.isInteger(segment) && segment >= 1))
    throw new RangeError(`segment is ${segment}; give a whole number of steps from 1`);
  const { train, valid } = holdOut(options, seed);
  const most = train.reduce((size, roll) => roll.reduce((a, step) => Math.max(a, step.length), size), 1);
  const facts: NoteFacts = { output, stepsPerBeat, beatsPerMinute, most };
  const net = noteNetwork({ output, cell, units, dropout, inputDropout, recurrentDropout, zoneout });
  const examples = train.flatMap((roll) => noteExamples(output, roll, segment));
  const start = firstBiases(initialParameters(net, seed), examples, {
    bias: outputBias,
    targets: losses[net.loss].target,
  });
  return atHome(options, async (home) => {
    const { parameters, ...training } = await fit({
      net,
      parameters: start,
      executor: home.session.executor,
      optimizer,
      seed,
      clip: 1,
      batchSize: 8,
      schedule: cosine(),
      ...fitOptions(options, {
        epochs,
        model: { task: "generator", data: noteData(facts) },
      }),
      train: examples,
      valid: {
        examples: valid.flatMap((roll) => wholeAndOpening(output, roll)),
        rows: false,
        score(predictions: readonly Prediction[]) {
          const losses = pieceLosses(valid, predictions);
          const [nats, steps] = losses.reduce(([a, b], [n, s]) => [a + n, b + s], [0, 0]);
          return -nats / steps;
        },
      },
    });
    return noteGeneratorOf({ net, parameters, ...facts, home, training });
  });
}

function holdOut({ train: all, valid }: NoteGeneratorOptions, seed: number): HeldOut<Roll> {
  return heldOut({ train: withSteps(all), valid: valid && withSteps(valid) }, () => "", seed);
}

/** Opens a generator of piano-rolls from a model file. @throws FileFormatError if it does not fit */
export async function openNotes(
  { network: net, parameters, data }: ModelFile,
  options: { readonly name: string; readonly executor?: Home },
): Promise<NoteGenerator> {
  const whole = (key: string): number => {
    const value = data[key];
    if (typeof value === "number" && value > 0 && Number.isFinite(value)) return value;
    throw new FileFormatError({
      file: options.name,
      where: "metadata",
      problem: `has ${key} ${JSON.stringify(value)}`,
      remedy: "Save the model again.",
    });
  };
  const output = noteOutputNames.find((name) => name === data["output"]);
  const row = output && noteOutputs[output];
  const facts: NoteFacts = {
    output: output ?? "independent",
    stepsPerBeat: whole("stepsPerBeat"),
    beatsPerMinute: whole("beatsPerMinute"),
    most: whole("most"),
  };
  if (net.loss !== row?.loss || net.output.width !== row.width || !sameInput(net.input, row.input))
    throw new FileFormatError({
      file: options.name,
      where: "metadata",
      problem: "has a network that is none of piano-rolls",
      remedy: "Save the model again.",
    });
  return atHome(options, (home) => noteGeneratorOf({ net, parameters, ...facts, home }));
}

const sameInput = (a: NetworkInput, b: NetworkInput): boolean => JSON.stringify(a) === JSON.stringify(b);
