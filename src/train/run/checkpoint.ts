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
import type { Network, Parameters } from "../../nn/index.js";
import type { ScheduleMemory } from "../schedules.js";
import type { TrainerState } from "../trainer.js";

/** The version of the part beside the model. */
const format = 1;
/** Prefix of all names beside the model. */
const prefix = "checkpoint.";

/** Where a run is: plain data. */
export interface RunPosition {
  /** Epoch and batch that come next, from 0. */
  readonly epoch: number;
  readonly batch: number;
  /** Steps of the whole run, once they are known, and after which step they became so (0: from the start). */
  readonly steps: number | null;
  readonly fixedAt: number;
  /** Sums over the epoch so far: of the losses times their rows, and of the rows. */
  readonly lossSum: number;
  readonly rows: number;
  /** Over the whole run: tokens, seconds of work, seconds of these in steps, steps left out, and such in a row now. */
  readonly tokens: number;
  readonly seconds: number;
  readonly inTraining: number;
  readonly skipped: number;
  readonly skippedInRow: number;
  /** Validations since the best one. */
  readonly waited: number;
}

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

interface Header {
  readonly format: number;
  readonly step: number;
  readonly applied: number;
  readonly schedule: ScheduleMemory;
  readonly position: RunPosition;
  readonly conditions: Readonly<Record<string, unknown>>;
  readonly best: { readonly score: number; readonly epoch: number } | null;
  readonly carried: readonly number[];
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
  const header: Header = {
    format,
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
  const header = readHeader(metadata["checkpoint"], name);
  const buffers = blocksOf(model.network, parameters);
  const best = new Map(parameters);
  const states = new Map<string, Float64Array>();
  for (const [key, tensor] of tensors) {
    if (!key.startsWith(prefix)) continue;
    const own = key.slice(prefix.length);
    const [kind = "", rest] = [own.split(".", 1)[0], own.slice(own.indexOf(".") + 1)];
    if (kind === "best") best.set(rest, { shape: tensor.shape, data: toFloat32(tensor) });
    else if (kind === "carried") states.set(rest, toFloat64(tensor));
    else buffers.set(own, toFloat64(tensor));
  }
  const { step, applied, schedule, position, conditions, carried } = header;
  return {
    model,
    position,
    conditions,
    trainer: { step, applied, schedule, buffers, carried: unpackCarried(carried, states) },
    ...(header.best ? { best: { ...header.best, parameters: best } } : {}),
  };
}

function readHeader(text: string | undefined, name: string): Header {
  const fail = (problem: string, remedy: string): FileFormatError =>
    new FileFormatError({ file: name, where: "metadata", problem, remedy });
  if (text === undefined)
    throw fail(
      "is of a model, not of a run that could go on",
      "Give a checkpoint, or start a new training from the model.",
    );
  let header: Partial<Header> = {};
  try {
    header = JSON.parse(text) as Partial<Header>;
  } catch {
    throw fail('is not JSON under the key "checkpoint"', "Take an earlier checkpoint.");
  }
  if (header?.format !== format) {
    const problem = `has a checkpoint of format ${String(header?.format)}`;
    throw fail(problem, `This version goes on from format ${format}.`);
  }
  const complete = ["step", "applied", "schedule", "position", "conditions", "carried"] as const;
  const missing = complete.find((key) => header[key] === undefined || header[key] === null);
  if (missing !== undefined) throw fail(`has a checkpoint without ${missing}`, "Take an earlier checkpoint.");
  return header as Header;
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

function unpackCarried(
  ids: readonly number[],
  states: ReadonlyMap<string, Float64Array>,
): TrainerState["carried"] {
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
