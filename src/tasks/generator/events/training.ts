/**
 * Training of a generator of performances: tokens of notes on and off, waits and velocities, one long sequence of all pieces,
 * learned like a text. Configuration and data handling only; all arithmetic is the engine's.
 */
import { gru } from "../../../cell/catalogue/gru/gru.js";
import type { Cell } from "../../../cell/cell.js";
import { heldOut, type Piece } from "../../../data/index.js";
import type { Home } from "../../../exec/executor.js";
import { FileFormatError, type ModelFile } from "../../../io/index.js";
import {
  dropout,
  initialParameters,
  type Layer,
  type LongScore,
  linear,
  type Network,
  network,
  recurrent,
} from "../../../nn/index.js";
import { fit } from "../../../train/run/fit.js";
import { cosine } from "../../../train/schedules.js";
import { adam } from "../../../train/step/optimizers.js";
import { firstBiases } from "../../shared/first-biases.js";
import { atHome } from "../../shared/home.js";
import { fitOptions, type TaskTraining } from "../../task.js";
import { type EventGenerator, eventData, eventGeneratorOf, eventIds } from "./model.js";
import { boundary } from "./stream.js";

/**
 * What training a generator of performances takes. Only `train` and `unit` are needed; how it is trained stands in
 * TaskTraining, with these defaults: 20 epochs, 16 lanes (`batchSize`) in which the pieces are read, one after the other,
 * adam({ learningRate: 0.002 }) down along a cosine, gradients of a norm up to a quarter of `bptt`.
 */
export interface EventGeneratorOptions extends TaskTraining {
  readonly unit: "event";
  /** Pieces. */
  readonly train: readonly Piece[];
  /** Chooses the best epoch. Default: a seeded tenth of `train` is held back for it. */
  readonly valid?: readonly Piece[];
  /** A cell of the catalogue or your own; default `gru`, the notes'. */
  readonly cell?: Cell;
  /** Hidden units of each recurrent layer; default [256]. */
  readonly units?: readonly number[];
  /** Dropout between layers and before the output; default 0.2. */
  readonly dropout?: number;
  /** Share of the states that recurrent products do not see in training, the same at all steps of a batch; default 0. */
  readonly recurrentDropout?: number;
  /** Steps over which gradients flow back, and after which weights are updated; default 64. */
  readonly bptt?: number;
}

/** Trains; `valid` in its progress is the mean probability of a token of the validation data, the geometric one. */
export async function trainEvents(options: EventGeneratorOptions): Promise<EventGenerator> {
  const { seed = 1, optimizer = adam({ learningRate: 0.002 }), bptt = 64, batchSize = 16 } = options;
  const { train, valid } = heldOut(options, () => "", seed);
  const net = eventNetwork(options);
  const ids = eventIds(train);
  const start = firstBiases(initialParameters(net, seed), [{ target: ids.subarray(1) }], {
    bias: "linear1.b_y",
    targets: "class",
  });
  return atHome(options, async (home) => {
    const { parameters, ...training } = await fit({
      net,
      parameters: start,
      executor: home.session.executor,
      optimizer,
      seed,
      clip: bptt / 4,
      schedule: cosine(),
      ...fitOptions(options, { epochs: 20, model: { task: "generator", data: eventData } }),
      train: { text: ids },
      bptt: { lanes: batchSize, steps: bptt },
      valid: { text: eventIds(valid), score: ({ loss, steps }: LongScore) => Math.exp(-loss / steps) },
    });
    return eventGeneratorOf({ net, parameters, home, training });
  });
}

function eventNetwork(options: EventGeneratorOptions): Network {
  const { cell = gru, units = [256], dropout: rate = 0.2, recurrentDropout = 0 } = options;
  if (units.length === 0)
    throw new RangeError("units is an empty list; give the hidden units of each layer, as in [256]");
  const stack = units.flatMap((n): Layer[] => [
    recurrent({ cell, units: n, recurrentDropout }),
    dropout({ rate }),
  ]);
  const vocabulary = boundary + 1;
  return network({
    input: { vocabulary },
    layers: [...stack, linear({ units: vocabulary })],
    loss: "crossEntropy",
  });
}

/** Opens a generator of performances from a model file. @throws FileFormatError if it does not fit */
export async function openEvents(
  { network: net, parameters }: ModelFile,
  options: { readonly name: string; readonly executor?: Home },
): Promise<EventGenerator> {
  if (
    !("vocabulary" in net.input) ||
    net.input.vocabulary !== boundary + 1 ||
    net.output.width !== boundary + 1
  )
    throw new FileFormatError({
      file: options.name,
      where: "metadata",
      problem: "has a network that is none of performances",
      remedy: "Save the model again.",
    });
  return atHome(options, (home) => eventGeneratorOf({ net, parameters, home }));
}
