/**
 * Generators of performances on the command line: their training data, their report, and how they write.
 */
import { encodePerformance, type Piece, pieceRoll, type Roll } from "../../../../data/index.js";
import { generatorOptions } from "../../../../tasks/help/index.js";
import {
  type EventGenerator,
  type EventGeneratorOptions,
  type EventRequest,
  type GeneratedEvents,
  generator,
} from "../../../../tasks/index.js";
import { count, counted, percent } from "../../../terminal/talk.js";
import { given } from "../../../training/options.js";
import { recurrentLayers, type TaskResult, trainingLines } from "../../../training/train.js";
import { lookAt } from "../../diagnose.js";
import { judgeParts, metricFacts } from "../../parts.js";
import { refuseIdle } from "../idle.js";
import { oneByOne } from "../one-by-one.js";
import { modelOptions } from "../options.js";
import type { UnitModels, UnitTraining } from "../unit.js";
import { type MusicData, readPieceData, readPieces } from "./data.js";
import { giveOut, primePiece, requireOutputs } from "./files.js";
import { eventText, tokenFrequencies } from "./report.js";

/** Tokens in a passage that `diagnose` examines: as far back as gradients are followed. */
const PASSAGE = 100;

/** A performance cut into consecutive passages; the last may be shorter. */
const passages = (tokens: Int32Array): Int32Array[] =>
  Array.from({ length: Math.ceil(tokens.length / PASSAGE) }, (_, i) =>
    tokens.subarray(PASSAGE * i, PASSAGE * (i + 1)),
  );

/**
 * Steps per quarter note in pictures: generated music has 120 quarter notes per minute, so a step is a sixteenth of a
 * second.
 */
const pictureSteps = 8;

type Settings = Omit<EventGeneratorOptions, "train" | "valid" | "executor" | "unit">;

/** How generators of performances are trained. */
export const eventTraining: UnitTraining<Settings, MusicData<Piece>, EventGenerator> = {
  settings: (chosen) => modelOptions(chosen, generatorOptions.event),
  read: readPieceData,
  train: (settings, { train, valid }, training) =>
    generator.train({ ...settings, ...training, unit: "event", train: music(train), valid: music(valid) }),
  judge,
  score: (valid) => `token probability ${percent(valid)}`,
};

const music = (part: MusicData<Piece>["train"]): Piece[] => part.map((piece) => piece.music);

async function judge(model: EventGenerator, data: MusicData<Piece>): Promise<TaskResult> {
  const judged = await judgeParts(data, (pieces) => model.evaluate(music(pieces)));
  const { onValid, onTest } = judged;
  const baseline = tokenFrequencies(music(data.train), music(data.test ?? data.valid));
  const { cell, units } = recurrentLayers(model);
  const lines = [
    ["generator", `${cell}, ${units.join(", ")} units, of performances`],
    ["parameters", count(model.parameterCount)],
    ...trainingLines(model),
    ["validation", eventText(onValid, data.valid.length, data.validFrom)],
    ...(onTest ? [["test", eventText(onTest, data.test?.length ?? 0)]] : []),
    ["baseline", `each token's own frequency: ${baseline.toFixed(3)} nats per token`],
  ];
  const { seconds, epochs, tokensPerSecond } = model.training!;
  const facts = {
    task: "generator",
    unit: "event",
    cell,
    parameters: model.parameterCount,
    seconds,
    epochs,
    tokensPerSecond,
    metrics: metricFacts(judged),
    baselines: { frequencies: { loss: baseline } },
  };
  return { facts, lines };
}

/** Options of texts and of piano-rolls. */
const idle = {
  label: "--label",
  stop: "--stop",
  most: "--most",
  tempo: "--tempo",
  repeat: "--repeat",
} as const;

/** What is done with their model files. */
export const eventModels: UnitModels<EventGenerator> = {
  takes: () => [],
  async evaluate(model, { sources }) {
    const { pieces, remarks } = await readPieces(sources.map(({ name }) => name));
    const result = await model.evaluate(pieces.map(({ music }) => music));
    const { metrics, count: tokens } = result;
    return { metrics, count: tokens, lines: [eventText(result, pieces.length)], remarks };
  },
  async look(model, { sources }, request) {
    const { pieces, remarks } = await readPieces(sources.map(({ name }) => name));
    const examples = pieces.flatMap((piece) => passages(encodePerformance(piece.music).tokens));
    return lookAt(model, { examples, remarks, ...request });
  },
  async generate(file, chosen, around) {
    refuseIdle(chosen, idle, "performances");
    await requireOutputs(file.file, chosen);
    const { count: wanted = 1, length, seed, temperature, topK, topP, typical } = chosen;
    const { repetitionPenalty, repetitionWindow } = chosen;
    const opened = await file.opened();
    const prime = await primePiece(chosen.prime);
    const drawn = (piece: Piece): Roll => pieceRoll(piece, { stepsPerBeat: pictureSteps }).roll;
    const primed = prime ? drawn(prime).length : 0;
    const sampling = { temperature, topK, topP, typical, repetitionPenalty, repetitionWindow };
    await oneByOne({ count: wanted, noun: "piece", around }, async (sequence, signal) => {
      const request = given<EventRequest>({ ...sampling, prime, length, seed, sequence });
      const [answer] = await opened.answer([request], { signal });
      const { piece } = answer!.value as GeneratedEvents;
      const written = { ...answer!, piece, roll: drawn(piece), primed, stepsPerBeat: pictureSteps };
      return giveOut(written, chosen, { number: sequence, around });
    });
  },
  facts: ({ network }) => ({
    unit: { value: "event", text: "performances" },
    vocabulary: { value: network.output.width, text: counted(network.output.width, "token") },
  }),
};
