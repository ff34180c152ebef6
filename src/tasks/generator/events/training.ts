/**
 * Training of a generator of performances: tokens for notes on and off, waits and velocities; all pieces form one
 * long sequence,
 * learned like a text. Configuration and data handling only; all arithmetic is the engine's.
 */
import { heldOut } from "../../../data/index.js";
import { pieceItems, requireItems } from "../../../data/items.js";
import type { Home } from "../../../exec/executor.js";
import { FileFormatError, type ModelFile } from "../../../io/index.js";
import {
  dropout,
  type Layer,
  type LongScore,
  linear,
  type Network,
  network,
  recurrent,
} from "../../../nn/index.js";
import { type WithDefaults, withDefaults } from "../../../options/index.js";
import { fit } from "../../../train/fit.js";
import { firstBiases } from "../../shared/first-biases.js";
import { atHome } from "../../shared/home.js";
import { fitOptions } from "../../task.js";
import { type EventGenerator, eventData, eventGeneratorOf, eventIds } from "./model.js";
import { type EventGeneratorOptions, eventRows } from "./options.js";
import { boundary } from "./stream.js";

/** Trains; `valid` in its progress is the geometric mean of the probabilities of the validation data's tokens. */
export async function trainEvents(options: EventGeneratorOptions): Promise<EventGenerator> {
  const chosen = withDefaults(options, eventRows);
  const { seed, bptt, batchSize, clip = bptt * eventRows.clip.derived.share } = chosen;
  for (const pieces of [options.train, options.valid ?? []]) requireItems(pieces, pieceItems);
  const { train, valid } = heldOut(options, () => "", seed);
  const net = eventNetwork(chosen);
  const ids = eventIds(train);
  // A batch is its lanes.
  const { batchSize: _, ...told } = fitOptions(
    options,
    { ...chosen, clip },
    { rows: eventRows, model: { task: "generator", data: eventData } },
  );
  return atHome({ executor: options.executor, threads: chosen.threads }, async (home) => {
    const { parameters, training } = await fit(net, {
      parameters: (initial) =>
        firstBiases(initial, [{ target: ids.subarray(1) }], { bias: "linear1.b_y", targets: "class" }),
      executor: home.session.executor,
      ...told,
      train: { text: ids },
      bptt: { lanes: batchSize, steps: bptt },
      valid: { text: eventIds(valid), score: ({ loss, steps }: LongScore) => Math.exp(-loss / steps) },
    });
    return eventGeneratorOf({ net, parameters, home, training });
  });
}

function eventNetwork({
  cell,
  units,
  dropout: rate,
  recurrentDropout,
}: WithDefaults<EventGeneratorOptions, typeof eventRows>): Network {
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
      problem: "has a network that is not one for performances",
      remedy: "Save the model again.",
    });
  return atHome(options, (home) => eventGeneratorOf({ net, parameters, home }));
}
