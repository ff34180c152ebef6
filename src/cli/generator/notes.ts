// Generators of piano-rolls on the command line: what they are trained with, what is reported of them, how they write.
import { overlap, type Roll, rollPiece } from "../../data/index.js";
import {
  generator,
  musicBaselines,
  musicDistance,
  musicStatistics,
  type NoteGenerator,
  type NoteGeneratorOptions,
} from "../../tasks/index.js";
import { loadCell } from "../cell-file.js";
import type { Surroundings } from "../surroundings.js";
import { count, counted } from "../talk.js";
import type { OpenedFile } from "../tasks.js";
import { type TaskResult, trainingLines } from "../train-task.js";
import { given, type TaskDefaults, trainingSettings } from "../training-options.js";
import { refuseIdle } from "./idle.js";
import { type MusicData, type Placed, readHeldRolls, readRollData } from "./music-data.js";
import { asUsage, giveOut, primeRoll, requireOutputs, rollLine } from "./music-files.js";
import { baselineText, musicLines, nllText } from "./music-report.js";
import { layerSizes, refuse } from "./options.js";
import { layersOf } from "./report.js";
import type { UnitModels, UnitTraining } from "./units.js";

const defaults: TaskDefaults = { examples: "pieces", epochs: 200, learningRate: 0.003 };

type ModelOptions = Omit<NoteGeneratorOptions, "train" | "valid" | "executor" | "unit">;

/** How generators of piano-rolls are trained. */
export const noteTraining: UnitTraining<MusicData<Roll>, NoteGenerator> = {
  refuse,
  read: readRollData,
  async train(chosen, { train, valid, stepsPerBeat, beatsPerMinute }, training) {
    const options = given<ModelOptions>({
      // Also what follows a warm-up.
      ...trainingSettings({ schedule: "cosine", ...chosen }, defaults),
      cell: chosen.cell === undefined ? undefined : await loadCell(chosen.cell),
      units: layerSizes(chosen, 200),
      output: chosen.output,
      dropout: chosen.dropout,
      inputDropout: chosen.inputDropout,
      recurrentDropout: chosen.recurrentDropout,
      segment: chosen.segment,
      ...{ stepsPerBeat, beatsPerMinute },
    });
    return generator.train({
      ...options,
      ...training,
      unit: "note",
      train: music(train),
      valid: music(valid),
    });
  },
  judge,
  progress: (valid) => `${(-valid).toFixed(3)} nats per step`,
};

const music = <Music>(pieces: readonly Placed<Music>[]): Music[] => pieces.map((piece) => piece.music);

/** Pieces that are written for the report. */
const WRITTEN = 50;

/** Steps of each: as many as a piece of the training data has on average, and no more than these. */
const LONGEST = 256;

async function judge(model: NoteGenerator, data: MusicData<Roll>): Promise<TaskResult> {
  const [train, valid, test] = [data.train, data.valid, data.test ?? []].map(music) as [
    Roll[],
    Roll[],
    Roll[],
  ];
  const held = data.test ?? data.valid;
  const onValid = await model.evaluate(valid);
  const onTest = data.test ? await model.evaluate(test) : undefined;
  const baselines = musicBaselines(train, music(held));
  const average = Math.round(train.reduce((sum, roll) => sum + roll.length, 0) / train.length);
  const length = Math.max(2, Math.min(average, LONGEST));
  const written = await model.generate({ count: WRITTEN, length });
  const statistics = {
    train: musicStatistics(train),
    written: musicStatistics(written.map(({ roll }) => roll)),
    held: musicStatistics(music(held)),
  };
  const distance = musicDistance(statistics.written, statistics.train);
  const common = overlap(data.train.map(keyed), held.map(keyed));
  const { cell, units } = layersOf(model);
  const where = data.test ? "test" : "validation";
  const lines = [
    [
      "generator",
      `${cell}, ${units.join(", ")} units, of piano-rolls, ${model.output} notes, ${model.stepsPerBeat} to a quarter note`,
    ],
    ["parameters", count(model.parameterCount)],
    ...trainingLines(model),
    ["validation", nllText(onValid, valid.length, data.validFrom)],
    ...(onTest ? [["test", nllText(onTest, test.length)]] : []),
    ...baselineText(baselines).map((text, i) => [i === 0 ? "baselines" : "", text]),
    [
      "data",
      `${count(common.length)} of ${counted(held.length, "piece")} of the ${where} data stand in training too, in whatever key`,
    ],
    ...musicLines(statistics, distance, where).map((text, i) => [i === 0 ? "music" : "", text]),
  ];
  const { seconds, epochs, tokensPerSecond } = model.training as NonNullable<NoteGenerator["training"]>;
  const facts = {
    ...{
      task: "generator",
      unit: "note",
      cell,
      parameters: model.parameterCount,
      seconds,
      epochs,
      tokensPerSecond,
    },
    metrics: { valid: onValid.metrics, ...(onTest ? { test: onTest.metrics } : {}) },
    intervals: { valid: onValid.interval, ...(onTest ? { test: onTest.interval } : {}) },
    baselines,
    overlap: common.length,
    music: { ...statistics, distance },
  };
  return { facts, lines };
}

/** A piece, the same in all keys: as intervals from its lowest note. */
function keyed({ music: roll, file }: Placed<Roll>): { key: string; label: string; file: string } {
  const lowest = roll.flat().reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  return { key: JSON.stringify(roll.map((step) => step.map((pitch) => pitch - lowest))), label: "", file };
}

/** What is done with their model files. */
export const noteModels: UnitModels = {
  async evaluate(opened, { sources }, around) {
    const model = await open(opened, around);
    try {
      const files = sources.map(({ name }) => name);
      const { pieces, remarks } = await readHeldRolls(files, model.stepsPerBeat);
      const result = await model.evaluate(music(pieces));
      return {
        ...{ metrics: result.metrics, count: result.count, facts: { interval: result.interval } },
        lines: [nllText(result, pieces.length)],
        remarks,
      };
    } finally {
      model.dispose();
    }
  },
  async generate(opened, chosen, around) {
    const idle = { label: "--label", stop: "--stop" };
    const penalties = { repetitionPenalty: "--repetition-penalty", repetitionWindow: "--repetition-window" };
    refuseIdle(chosen, { ...idle, ...penalties }, "piano-rolls");
    await requireOutputs(chosen);
    const { count: wanted = 1, length, seed, temperature, topK, topP, typical, most, tempo } = chosen;
    const model = await open(opened, around);
    const signal = around.interruption();
    try {
      const { stepsPerBeat } = model;
      const prime = await primeRoll(chosen.prime, stepsPerBeat);
      for (let sequence = 0; sequence < wanted; sequence++) {
        const options = given({ prime, length, seed, temperature, topK, topP, typical, most, sequence });
        const [found] = await model.generate(options);
        const { roll } = found as NonNullable<typeof found>;
        const whole = [...prime, ...roll];
        const piece = rollPiece(whole, {
          ...{ stepsPerBeat, beatsPerMinute: tempo ?? model.beatsPerMinute },
          notes: chosen.repeat ? "repeated" : "held",
        });
        await giveOut(
          {
            ...{ piece, roll: whole, primed: prime.length, stepsPerBeat, line: rollLine(whole) },
            json: { prime, steps: roll, length: roll.length },
          },
          chosen,
          { number: sequence, around },
        );
        signal.throwIfAborted();
      }
    } catch (error) {
      throw asUsage(error);
    } finally {
      model.dispose();
    }
  },
  facts({ data }) {
    const fact = (key: string, noun: string) => ({ value: data[key], text: `${String(data[key])} ${noun}` });
    return {
      unit: { value: "note", text: "piano-rolls" },
      output: { value: data["output"], text: String(data["output"]) },
      stepsPerBeat: fact("stepsPerBeat", "to a quarter note"),
      beatsPerMinute: fact("beatsPerMinute", "quarter notes a minute"),
      largestChord: fact("most", "notes"),
    };
  },
};

async function open({ file, model }: OpenedFile, around: Surroundings): Promise<NoteGenerator> {
  const executor = await around.createExecutor();
  try {
    return await generator.open(model, { unit: "note", name: file, executor });
  } catch (error) {
    executor.dispose();
    throw error;
  }
}
