/**
 * Generators of piano-rolls on the command line: their training data, their report, and how they write.
 */
import { overlap, type Roll } from "../../../../data/index.js";
import { generatorOptions } from "../../../../tasks/help/index.js";
import {
  type GeneratedNotes,
  generator,
  musicBaselines,
  musicDistance,
  musicStatistics,
  type NoteGenerator,
  type NoteGeneratorOptions,
  type NoteRequest,
} from "../../../../tasks/index.js";
import { count, counted } from "../../../terminal/talk.js";
import { given } from "../../../training/options.js";
import { recurrentLayers, type TaskResult, trainingLines } from "../../../training/train.js";
import { lookAt } from "../../diagnose.js";
import { intervalFacts, judgeParts, metricFacts } from "../../parts.js";
import { refuseIdle } from "../idle.js";
import { oneByOne } from "../one-by-one.js";
import { modelOptions } from "../options.js";
import type { UnitModels, UnitTraining } from "../unit.js";
import { type MusicData, type Placed, readHeldRolls, readRollData } from "./data.js";
import { giveOut, primeRoll, requireOutputs } from "./files.js";
import { baselineText, musicLines, nllText } from "./report.js";

type Settings = Omit<NoteGeneratorOptions, "train" | "valid" | "executor" | "unit">;

/** How generators of piano-rolls are trained. */
export const noteTraining: UnitTraining<Settings, MusicData<Roll>, NoteGenerator> = {
  settings: (chosen) => modelOptions(chosen, generatorOptions.note),
  read: readRollData,
  train: (settings, { train, valid, stepsPerBeat, beatsPerMinute }, training) =>
    generator.train({
      ...settings,
      ...given({ stepsPerBeat, beatsPerMinute }),
      ...training,
      unit: "note",
      train: music(train),
      valid: music(valid),
    }),
  judge,
  score: (valid) => `${(-valid).toFixed(3)} nats per step`,
};

const music = <Music>(pieces: readonly Placed<Music>[]): Music[] => pieces.map((piece) => piece.music);

/** How many steps of a piece `diagnose` examines, from its beginning. */
const LOOKED_AT = 128;

/** How many pieces are generated for the report. */
const WRITTEN = 50;

/** Their length is the average length of the training pieces, and at most this many steps. */
const LONGEST = 256;

async function judge(model: NoteGenerator, data: MusicData<Roll>): Promise<TaskResult> {
  const train = music(data.train);
  const held = data.test ?? data.valid;
  const judged = await judgeParts(data, (pieces) => model.evaluate(music(pieces)));
  const { onValid, onTest } = judged;
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
  const { cell, units } = recurrentLayers(model);
  const where = data.test ? "test" : "validation";
  const lines = [
    [
      "generator",
      `${cell}, ${units.join(", ")} units, of piano-rolls, ${model.output} notes, ${model.stepsPerBeat} to a quarter note`,
    ],
    ["parameters", count(model.parameterCount)],
    ...trainingLines(model),
    ["validation", nllText(onValid, data.valid.length, data.validFrom)],
    ...(onTest ? [["test", nllText(onTest, held.length)]] : []),
    ...baselineText(baselines).map((text, i) => [i === 0 ? "baselines" : "", text]),
    [
      "data",
      `${count(common.length)} of ${counted(held.length, "piece")} of the ${where} data also occur in training, in any key`,
    ],
    ...musicLines(statistics, distance, where).map((text, i) => [i === 0 ? "music" : "", text]),
  ];
  const { seconds, epochs, tokensPerSecond } = model.training!;
  const facts = {
    task: "generator",
    unit: "note",
    cell,
    parameters: model.parameterCount,
    seconds,
    epochs,
    tokensPerSecond,
    metrics: metricFacts(judged),
    intervals: intervalFacts(judged),
    baselines,
    overlap: common.length,
    music: { ...statistics, distance },
  };
  return { facts, lines };
}

/** A piece independent of its key: as intervals from its lowest note. */
function keyed({ music: roll, file }: Placed<Roll>): { key: string; label: string; file: string } {
  const lowest = roll.flat().reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  return { key: JSON.stringify(roll.map((step) => step.map((pitch) => pitch - lowest))), label: "", file };
}

/** What is done with their model files. */
export const noteModels: UnitModels<NoteGenerator> = {
  takes: () => [],
  async evaluate(model, { sources }) {
    const files = sources.map(({ name }) => name);
    const { pieces, remarks } = await readHeldRolls(files, model.stepsPerBeat);
    const result = await model.evaluate(music(pieces));
    return {
      metrics: result.metrics,
      count: result.count,
      facts: { interval: result.interval },
      lines: [nllText(result, pieces.length)],
      remarks,
    };
  },
  async look(model, { sources }, request) {
    const files = sources.map(({ name }) => name);
    const { pieces, remarks } = await readHeldRolls(files, model.stepsPerBeat);
    const examples = music(pieces).map((roll) => roll.slice(0, LOOKED_AT));
    return lookAt(model, { examples, remarks, ...request });
  },
  async generate(file, chosen, around) {
    const idle = { label: "--label", stop: "--stop" };
    const penalties = { repetitionPenalty: "--repetition-penalty", repetitionWindow: "--repetition-window" };
    refuseIdle(chosen, { ...idle, ...penalties }, "piano-rolls");
    await requireOutputs(file.file, chosen);
    const { count: wanted = 1, length, seed, temperature, topK, topP, typical, most } = chosen;
    const { tempo: beatsPerMinute, repeat } = chosen;
    const opened = await file.opened();
    const { stepsPerBeat } = opened.model as NoteGenerator;
    const prime = await primeRoll(chosen.prime, stepsPerBeat);
    const sampling = { length, seed, temperature, topK, topP, typical, most };
    const notes = repeat ? "repeated" : "held";
    await oneByOne({ count: wanted, noun: "piece", around }, async (sequence, signal) => {
      const request = given<NoteRequest>({ ...sampling, prime, beatsPerMinute, notes, sequence });
      const [answer] = await opened.answer([request], { signal });
      const { roll, piece } = answer!.value as GeneratedNotes;
      const drawn = { roll: [...prime, ...roll], primed: prime.length, stepsPerBeat };
      return giveOut({ ...answer!, ...drawn, piece }, chosen, { number: sequence, around });
    });
  },
  facts({ data }) {
    const fact = (key: string, noun: string) => ({ value: data[key], text: `${String(data[key])} ${noun}` });
    return {
      unit: { value: "note", text: "piano-rolls" },
      output: { value: data["output"], text: String(data["output"]) },
      stepsPerBeat: fact("stepsPerBeat", "to a quarter note"),
      beatsPerMinute: fact("beatsPerMinute", "quarter notes per minute"),
      largestChord: fact("most", "notes"),
    };
  },
};
