/**
 * The checkpoint: a whole run at one moment as the bytes of one file, and back. It is a model file (io/model.ts) of the
 * weights as they stand, which any reader of models opens, with all that going on needs beside them: slots of the optimiser,
 * the best weights so far, carried states, and where the run is. Numbers are kept to the bit.
 */
import {
  FileFormatError,
  type ModelFile,
  readModel,
  readSafetensors,
  type TensorData,
  tensorFrom,
  toFloat32,
  toFloat64,
  writeModel,
} from "../../io/index.js";
import { checkModel, writeParameters } from "../../nn/build/index.js";
import type { Network, Parameters, Tensor } from "../../nn/index.js";
import type { TrainerState } from "../trainer.js";
import {
  type CheckpointHeader,
  checkpointFormat,
  type RunPosition,
  readCheckpointHeader,
} from "./checkpoint-header.js";

export type { RunPosition } from "./checkpoint-header.js";

/** Prefix of all names beside the model. */
const prefix = "checkpoint.";

/** The best weights so far, by validation. */
export interface BestSoFar {
  readonly parameters: Parameters;
  readonly score: number;
  readonly epoch: number;
}

/** A run at one moment. */
export interface Checkpoint {
  /** What a model file says of the model: its task, and what the task keeps (vocabulary, labels). */
  readonly model: Omit<ModelFile, "parameters">;
  readonly trainer: TrainerState;
  readonly position: RunPosition;
  readonly best?: BestSoFar;
  /** What must be the same to go on to the bit: settings, data, tier. */
  readonly conditions: Readonly<Record<string, unknown>>;
}

/** A checkpoint as the bytes of its file. @param parameters the weights as they stand */
export function writeCheckpoint(checkpoint: Checkpoint, parameters: Parameters): Uint8Array {
  const { model, trainer, position, best, conditions } = Object(checkpoint) as Checkpoint;
  checkModel("writeCheckpoint", { network: Object(model).network as Network, parameters });
  const weights = blocksOf(model.network, parameters);
  const tensors: TensorData[] = [];
  for (const [name, values] of trainer.buffers) {
    const held = weights.get(name);
    // Weights in float32 are the model's own; only what these would round is written once more.
    if (!held?.every((value, i) => value === values[i])) tensors.push(exact(name, values));
  }
  for (const [name, { shape, data }] of best?.parameters ?? [])
    tensors.push(tensorFrom(`${prefix}best.${name}`, shape, data));
  const ids = [...trainer.carried.keys()].sort((a, b) => a - b);
  for (const name of Object.keys(trainer.carried.get(ids[0] ?? 0) ?? {})) {
    const rows = ids.map((id) => trainer.carried.get(id)?.[name] ?? []);
    tensors.push(exact(`carried.${name}`, Float64Array.from(rows.flat())));
  }
  const { step, applied, schedule } = trainer;
  const header: CheckpointHeader = {
    format: checkpointFormat,
    step,
    applied,
    schedule,
    position,
    conditions,
    carried: ids,
    best: best ? { score: best.score, epoch: best.epoch } : null,
  };
  const metadata = { checkpoint: JSON.stringify(header) };
  return writeModel({ ...model, parameters }, { extras: { tensors, metadata } });
}

/**
 * Reads a checkpoint.
 *
 * @param name the file's name, for messages
 * @throws FileFormatError if the bytes are no checkpoint, or one of another version
 */
export function readCheckpoint(bytes: Uint8Array, name = "checkpoint"): Checkpoint {
  const { parameters, ...model } = readModel(bytes, name);
  const { metadata, tensors } = readSafetensors(bytes, name);
  const header = readCheckpointHeader(metadata["checkpoint"], name);
  const buffers = blocksOf(model.network, parameters);
  const best = new Map(parameters);
  const states = new Map<string, Float64Array>();
  for (const [key, tensor] of tensors) {
    if (!key.startsWith(prefix)) continue;
    const own = key.slice(prefix.length);
    const [kind = "", rest] = [own.split(".", 1)[0], own.slice(own.indexOf(".") + 1)];
    if (kind === "best") best.set(rest, bestParameter(tensor, parameters.get(rest), { name, key }));
    else if (kind === "carried") states.set(rest, toFloat64(tensor));
    else buffers.set(own, toFloat64(tensor));
  }
  const { step, applied, schedule, position, conditions, carried } = header;
  return {
    model,
    position,
    conditions,
    trainer: { step, applied, schedule, buffers, carried: unpackCarried(carried, states, name) },
    ...(header.best
      ? { best: { epoch: header.best.epoch, score: header.best.score ?? Number.NaN, parameters: best } }
      : {}),
  };
}

/** Parameters as the buffers of plans hold them. */
function blocksOf(network: Network, parameters: Parameters): Map<string, Float64Array> {
  const blocks = new Map<string, Float64Array>();
  writeParameters(network, parameters, {
    write: (name, values) => void blocks.set(name, Float64Array.from(values)),
  });
  return blocks;
}

/** Float32 where that holds every number, else float64. */
function exact(name: string, values: Float64Array): TensorData {
  const narrow = values.every((value) => Object.is(Math.fround(value), value));
  return tensorFrom(prefix + name, [values.length], narrow ? Float32Array.from(values) : values);
}

/** One of the best weights so far. @throws FileFormatError if the network has none such */
function bestParameter(
  tensor: TensorData,
  own: Tensor | undefined,
  { name, key }: { readonly name: string; readonly key: string },
): Tensor {
  if (own?.shape.join() === tensor.shape.join()) return { shape: tensor.shape, data: toFloat32(tensor) };
  const wanted = own ? `of the shape (${own.shape.join(", ")})` : "none such";
  throw new FileFormatError({
    file: name,
    where: `tensor ${key}`,
    problem: `has the shape (${tensor.shape.join(", ")}), and the network has ${wanted}`,
    remedy: "Take an earlier checkpoint.",
  });
}

function unpackCarried(
  ids: readonly number[],
  states: ReadonlyMap<string, Float64Array>,
  name: string,
): TrainerState["carried"] {
  for (const [state, { length }] of states)
    if (ids.length === 0 || length % ids.length !== 0)
      throw new FileFormatError({
        file: name,
        where: `tensor ${prefix}carried.${state}`,
        problem: `has ${length} numbers for ${ids.length} sequences`,
        remedy: "Take an earlier checkpoint.",
      });
  return new Map(
    ids.map((id, i) => [
      id,
      Object.fromEntries(
        [...states].map(([name, values]) => {
          const width = values.length / ids.length;
          return [name, Array.from(values.subarray(i * width, (i + 1) * width))];
        }),
      ),
    ]),
  );
}
