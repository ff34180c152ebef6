/**
 * Training of a generator of piano-rolls: any recurrent stack, with 88 independent sigmoids and the notes' binary
 * cross-entropy, summed over keys and steps, or with the notes of a step one after another. Configuration and data
 * handling only; all arithmetic is the engine's.
 */
import { type HeldOut, heldOut, type Roll } from "../../../data/index.js";
import type { Home } from "../../../exec/executor.js";
import { FileFormatError, type ModelFile } from "../../../io/index.js";
import { losses } from "../../../nn/build/index.js";
import type { NetworkInput, Parameters, Prediction } from "../../../nn/index.js";
import { withDefaults } from "../../../options/index.js";
import { fit } from "../../../train/fit.js";
import { firstBiases } from "../../shared/first-biases.js";
import { atHome } from "../../shared/home.js";
import { fitOptions } from "../../task.js";
import {
  type NoteFacts,
  type NoteGenerator,
  noteData,
  noteGeneratorOf,
  pieceLosses,
  withSteps,
} from "./model.js";
import { noteExamples, noteNetwork, outputBias, wholeAndOpening } from "./network.js";
import { type NoteGeneratorOptions, noteRows } from "./options.js";
import { noteOutputNames, noteOutputs } from "./output.js";

/** Trains; `valid` in its progress is the mean log-likelihood of a step on the validation data, in nats. */
export async function trainNotes(options: NoteGeneratorOptions): Promise<NoteGenerator> {
  const chosen = withDefaults(options, noteRows);
  const { seed, output, stepsPerBeat, beatsPerMinute, segment } = chosen;
  const { train, valid } = holdOut(options, seed);
  const most = train.reduce((size, roll) => roll.reduce((a, step) => Math.max(a, step.length), size), 1);
  const facts: NoteFacts = { output, stepsPerBeat, beatsPerMinute, most };
  const net = noteNetwork(chosen);
  const examples = train.flatMap((roll) => noteExamples(output, roll, segment));
  const targets = losses[net.loss].target;
  return atHome({ executor: options.executor, threads: chosen.threads }, async (home) => {
    const { parameters, training } = await fit(net, {
      parameters: (initial: Parameters) => firstBiases(initial, examples, { bias: outputBias, targets }),
      executor: home.session.executor,
      ...fitOptions(options, chosen, {
        rows: noteRows,
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
      problem: "has a network that is not one for piano-rolls",
      remedy: "Save the model again.",
    });
  return atHome(options, (home) => noteGeneratorOf({ net, parameters, ...facts, home }));
}

const sameInput = (a: NetworkInput, b: NetworkInput): boolean => JSON.stringify(a) === JSON.stringify(b);
