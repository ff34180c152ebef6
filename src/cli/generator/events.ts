// Generators of performances on the command line: what they are trained with, what is reported of them, how they write.
import { encodePerformance, noteName, type Piece, performanceToken, pieceRoll } from "../../data/index.js";
import { type EventGenerator, type EventGeneratorOptions, generator } from "../../tasks/index.js";
import { loadCell } from "../cell-file.js";
import type { Surroundings } from "../surroundings.js";
import { count, counted } from "../talk.js";
import type { OpenedFile } from "../tasks.js";
import { type TaskResult, trainingLines } from "../train-task.js";
import { given, type TaskDefaults, trainingSettings } from "../training-options.js";
import { refuseIdle } from "./idle.js";
import { type MusicData, readPieceData, readPieces } from "./music-data.js";
import { asUsage, giveOut, primePiece, requireOutputs } from "./music-files.js";
import { eventText, tokenFrequencies } from "./music-report.js";
import { layerSizes, refuse } from "./options.js";
import { layersOf } from "./report.js";
import type { UnitModels, UnitTraining } from "./units.js";

const defaults: TaskDefaults = { examples: "lanes", epochs: 20, learningRate: 0.002 };

/** Steps of a quarter note in pictures: what is written has 120 quarter notes a minute, so a step is a sixteenth second. */
const pictureSteps = 8;

type ModelOptions = Omit<EventGeneratorOptions, "train" | "valid" | "executor" | "unit">;

/** How generators of performances are trained. */
export const eventTraining: UnitTraining<MusicData<Piece>, EventGenerator> = {
  refuse,
  read: readPieceData,
  async train(chosen, { train, valid }, training) {
    const options = given<ModelOptions>({
      // Also what follows a warm-up.
      ...trainingSettings({ schedule: "cosine", ...chosen }, defaults),
      cell: chosen.cell === undefined ? undefined : await loadCell(chosen.cell),
      units: layerSizes(chosen, 256),
      dropout: chosen.dropout,
      bptt: chosen.bptt,
    });
    const [pieces, held] = [train, valid].map((list) => list.map(({ music }) => music)) as [Piece[], Piece[]];
    return generator.train({ ...options, ...training, unit: "event", train: pieces, valid: held });
  },
  judge,
};

async function judge(model: EventGenerator, data: MusicData<Piece>): Promise<TaskResult> {
  const music = (part: MusicData<Piece>["train"]): Piece[] => part.map((piece) => piece.music);
  const onValid = await model.evaluate(music(data.valid));
  const onTest = data.test ? await model.evaluate(music(data.test)) : undefined;
  const baseline = tokenFrequencies(music(data.train), music(data.test ?? data.valid));
  const { cell, units } = layersOf(model);
  const lines = [
    ["generator", `${cell}, ${units.join(", ")} units, of performances`],
    ["parameters", count(model.parameterCount)],
    ...trainingLines(model),
    ["validation", eventText(onValid, data.valid.length, data.validFrom)],
    ...(onTest ? [["test", eventText(onTest, data.test?.length ?? 0)]] : []),
    ["baseline", `each token's own frequency: ${baseline.toFixed(3)} nats per token`],
  ];
  const { seconds, epochs, tokensPerSecond } = model.training as NonNullable<EventGenerator["training"]>;
  const facts = {
    ...{
      task: "generator",
      unit: "event",
      cell,
      parameters: model.parameterCount,
      seconds,
      epochs,
      tokensPerSecond,
    },
    metrics: { valid: onValid.metrics, ...(onTest ? { test: onTest.metrics } : {}) },
    baselines: { frequencies: { loss: baseline } },
  };
  return { facts, lines };
}

/** Options of texts and of piano-rolls. */
const idle = {
  ...{ label: "--label", stop: "--stop", most: "--most", tempo: "--tempo", repeat: "--repeat" },
} as const;

/** What is done with their model files. */
export const eventModels: UnitModels = {
  async evaluate(opened, { sources }, around) {
    const model = await open(opened, around);
    try {
      const { pieces, remarks } = await readPieces(sources.map(({ name }) => name));
      const result = await model.evaluate(pieces.map(({ music }) => music));
      const { metrics, count: tokens } = result;
      return { metrics, count: tokens, lines: [eventText(result, pieces.length)], remarks };
    } finally {
      model.dispose();
    }
  },
  async generate(opened, chosen, around) {
    refuseIdle(chosen, idle, "performances");
    await requireOutputs(chosen);
    const { count: wanted = 1, length, seed, temperature, topK, topP, typical } = chosen;
    const { repetitionPenalty, repetitionWindow } = chosen;
    const model = await open(opened, around);
    const signal = around.interruption();
    try {
      const prime = await primePiece(chosen.prime);
      const primed = prime ? pieceRoll(prime, { stepsPerBeat: pictureSteps }).roll.length : 0;
      for (let sequence = 0; sequence < wanted; sequence++) {
        const sampling = { temperature, topK, topP, typical, repetitionPenalty, repetitionWindow };
        const [found] = await model.generate(given({ ...sampling, prime, length, seed, sequence }));
        const { tokens, piece, ended } = found as NonNullable<typeof found>;
        const { roll } = pieceRoll(piece, { stepsPerBeat: pictureSteps });
        const all = [...(prime ? encodePerformance(prime).tokens : []), ...tokens];
        const line = all.map((token) => performanceToken(token, noteName)).join(", ");
        const json = { tokens, length: tokens.length, ended };
        await giveOut({ piece, roll, primed, stepsPerBeat: pictureSteps, line, json }, chosen, {
          number: sequence,
          around,
        });
        signal.throwIfAborted();
      }
    } catch (error) {
      throw asUsage(error);
    } finally {
      model.dispose();
    }
  },
  facts: ({ network }) => ({
    unit: { value: "event", text: "performances" },
    vocabulary: { value: network.output.width, text: counted(network.output.width, "token") },
  }),
};

async function open({ file, model }: OpenedFile, around: Surroundings): Promise<EventGenerator> {
  const executor = await around.createExecutor();
  try {
    return await generator.open(model, { unit: "event", name: file, executor });
  } catch (error) {
    executor.dispose();
    throw error;
  }
}
