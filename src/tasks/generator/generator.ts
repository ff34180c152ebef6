/**
 * The task `generator`: texts (text/), piano-rolls (notes/) and performances (events/), told apart
 * by their unit. The verbs are the same for all; what they take and give is each unit's own.
 */
import type { Home } from "../../exec/executor.js";
import { FileFormatError, type ModelFile, readFiniteModel } from "../../io/index.js";
import { checkOptions, listed, OptionError, shown } from "../../options/index.js";
import { trainInWorker, wantsWorker } from "../worker/in-worker.js";
import type { EventGenerator } from "./events/model.js";
import type { EventGeneratorOptions } from "./events/options.js";
import { openEvents, trainEvents } from "./events/training.js";
import type { NoteGenerator } from "./notes/model.js";
import type { NoteGeneratorOptions } from "./notes/options.js";
import { openNotes, trainNotes } from "./notes/training.js";
import { type GeneratorUnit, generatorRows, generatorUnits } from "./options.js";
import { baselines, copied } from "./text/judge.js";
import type { TextGenerator } from "./text/model.js";
import { type TextGeneratorOptions, textRows } from "./text/options.js";
import type { TextUnit } from "./text/tokens.js";
import { holdOut, open as openText, train as trainText } from "./text/training.js";

/** How a model is opened. */
export interface OpenGenerator<Unit extends GeneratorUnit = GeneratorUnit> {
  /** What it should write; a model of another unit is refused. Default: text, in any unit. */
  readonly unit?: Unit;
  /** For messages. */
  readonly name?: string;
  readonly executor?: Home;
}

/**
 * Trains a generator: see `TextGeneratorOptions`, and for music `NoteGeneratorOptions` and `EventGeneratorOptions`.
 *
 * @throws DataError if there is nothing to learn from
 * @throws OptionError if an option is unknown, wrong or has no effect
 * @throws TrainingError, see `fit`
 */
export async function train(options: TextGeneratorOptions): Promise<TextGenerator>;
export async function train(options: NoteGeneratorOptions): Promise<NoteGenerator>;
export async function train(options: EventGeneratorOptions): Promise<EventGenerator>;
export async function train(
  options: TextGeneratorOptions | NoteGeneratorOptions | EventGeneratorOptions,
): Promise<TextGenerator | NoteGenerator | EventGenerator> {
  const { unit = textRows.unit.default } = options ?? {};
  if (!generatorUnits.includes(unit))
    throw new OptionError(`{unit} is ${shown(unit)}; it must be ${listed(generatorUnits)}`);
  checkOptions(options, generatorRows(unit), "generator.train");
  if (wantsWorker(options)) {
    const { bytes, training } = await trainInWorker("generator", options);
    const model = await opened(readFiniteModel(bytes), isMusic(unit) ? { unit } : {});
    return { ...model, training };
  }
  if (unit === "note") return trainNotes(options as NoteGeneratorOptions);
  return unit === "event"
    ? trainEvents(options as EventGeneratorOptions)
    : trainText(options as TextGeneratorOptions);
}

/** Opens a generator that was saved. @throws FileFormatError if the bytes are not such a model, or it is of another unit */
export function load(
  bytes: Uint8Array,
  options: OpenGenerator<"note"> & { unit: "note" },
): Promise<NoteGenerator>;
export function load(
  bytes: Uint8Array,
  options: OpenGenerator<"event"> & { unit: "event" },
): Promise<EventGenerator>;
export function load(bytes: Uint8Array, options?: OpenGenerator<TextUnit>): Promise<TextGenerator>;
export async function load(
  bytes: Uint8Array,
  options: OpenGenerator = {},
): Promise<TextGenerator | NoteGenerator | EventGenerator> {
  return opened(readFiniteModel(bytes, options.name), options);
}

/** Opens a generator from a model file that has been read already. @throws FileFormatError as `load` */
export function open(
  model: ModelFile,
  options: OpenGenerator<"note"> & { unit: "note" },
): Promise<NoteGenerator>;
export function open(
  model: ModelFile,
  options: OpenGenerator<"event"> & { unit: "event" },
): Promise<EventGenerator>;
export function open(model: ModelFile, options?: OpenGenerator<TextUnit>): Promise<TextGenerator>;
export async function open(
  model: ModelFile,
  options: OpenGenerator = {},
): Promise<TextGenerator | NoteGenerator | EventGenerator> {
  return opened(model, options);
}

const isMusic = (unit: string): unit is "note" | "event" => unit === "note" || unit === "event";

async function opened(
  model: ModelFile,
  { unit, name = "model", executor }: OpenGenerator,
): Promise<TextGenerator | NoteGenerator | EventGenerator> {
  const options = { name, ...(executor ? { executor } : {}) };
  const fail = (problem: string, remedy: string): FileFormatError =>
    new FileFormatError({ file: name, where: "metadata", problem, remedy });
  if (model.task !== "generator") throw fail(`is of a ${model.task}`, `Open it as a ${model.task}.`);
  const found = typeof model.data["unit"] === "string" ? model.data["unit"] : "";
  if (unit === undefined ? isMusic(found) : unit !== found)
    throw fail(`is of a generator with the unit ${found}`, `Open it with unit: ${JSON.stringify(found)}.`);
  if (found === "note") return openNotes(model, options);
  if (found === "event") return openEvents(model, options);
  return openText(model, options);
}

/** The verbs of the task; a trained or loaded generator itself has generate, stream, evaluate and save. */
export const generator = { train, load, open, baselines, copied, holdOut };
