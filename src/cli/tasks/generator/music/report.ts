/**
 * How a generator of music did, in words.
 */
import { encodePerformance, type Piece, performanceTokens } from "../../../../data/index.js";
import type {
  EventEvaluation,
  MusicBaselines,
  MusicDistance,
  MusicStatistics,
  NoteEvaluation,
  StepLoss,
} from "../../../../tasks/index.js";
import { counted, percent } from "../../../terminal/talk.js";

const lossText = ({ nllPerStep, interval: { low, high } }: StepLoss): string =>
  `${nllPerStep.toFixed(3)} nats per step (95 % interval ${low.toFixed(2)} to ${high.toFixed(2)})`;

const from = (where: string | undefined): string => (where === undefined ? "" : `, ${where}`);

/** "8.312 nats per step (95 % interval 8.10 to 8.52) on 4,526 steps of 76 pieces". */
export const nllText = (
  { metrics, interval, count }: NoteEvaluation,
  pieces: number,
  where?: string,
): string =>
  `${lossText({ ...metrics, interval })} on ${counted(count, "step")} of ${counted(pieces, "piece")}${from(where)}`;

/** A line for each baseline. */
export const baselineText = ({ frequencies, lastStep }: MusicBaselines): string[] => [
  `each note's own frequency: ${lossText(frequencies)}`,
  `the previous step repeated, smoothed for each note: ${lossText(lastStep)}`,
];

/** Generated music, the training data and the held-out data, side by side. */
export function musicLines(
  { train, written, held }: Readonly<Record<"train" | "written" | "held", MusicStatistics>>,
  distance: MusicDistance,
  where: string,
): string[] {
  const three = (text: (of: MusicStatistics) => string): string =>
    `${text(written)}; training ${text(train)}, ${where} ${text(held)}`;
  return [
    `${counted(written.pieces, "piece")} were written, with ${counted(written.steps, "step")} in all`,
    `something sounds in ${three(({ sounding }) => percent(sounding))} of the steps`,
    `notes at once: ${three(({ chordSize }) => chordSize.toFixed(2))}`,
    `notes held over from the previous step: ${three(({ held: share }) => percent(share))}`,
    `notes in the key of their piece: ${three(({ inKey }) => percent(inKey))}`,
    `pitch classes differ from the training data's by ${percent(distance.pitchClasses)} (total variation)`,
  ];
}

/** "2.310 nats per token, perplexity 10.07, on 12,345 tokens of 2 pieces". */
export const eventText = ({ metrics, count }: EventEvaluation, pieces: number, where?: string): string =>
  `${metrics.loss.toFixed(3)} nats per token, perplexity ${metrics.perplexity.toFixed(2)}, on ${counted(count, "token")} of ${counted(pieces, "piece")}${from(where)}`;

/**
 * Nats per token of pieces if each token, and the end of a piece, has its frequency in training (with one added to
 * each count).
 */
export function tokenFrequencies(train: readonly Piece[], test: readonly Piece[]): number {
  const end = performanceTokens.count;
  const tokensOf = (pieces: readonly Piece[]): number[] =>
    pieces.flatMap((piece) => [...encodePerformance(piece).tokens, end]);
  const counts = new Float64Array(end + 1).fill(1);
  for (const token of tokensOf(train)) counts[token]!++;
  const all = counts.reduce((a, b) => a + b, 0);
  const tokens = tokensOf(test);
  return tokens.reduce((sum, token) => sum - Math.log(counts[token]! / all), 0) / tokens.length;
}
