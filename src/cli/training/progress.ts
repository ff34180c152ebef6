/**
 * How training shows its progress: on a terminal one line that is redrawn, elsewhere one plain line per epoch. All of
 * it goes to stderr. It needs only a carriage return and a bar, for which a library would bring five more.
 */
import type { Progress } from "../../train/index.js";
import type { TextSink } from "../terminal/surroundings.js";
import { count, duration, percent } from "../terminal/talk.js";

/** Shows progress, until it is cleared. */
export interface ProgressDisplay {
  /** Initial weights are being made: the share that is there. Nothing is shown of what takes less than a second. */
  weights(share: number): void;
  show(progress: Progress): void;
  /** Removes the line that is drawn in place from the terminal; lines of finished epochs stay. */
  clear(): void;
}

/** A validation score in words: "accuracy 76.1 %". */
export type ScoreText = (valid: number) => string;

/** So that the line fits 80 characters. */
const barWidth = 10;
const redrawSeconds = 0.1;
const clearLine = "\r\u001b[2K";

/** The display that fits a stream. */
export function progressDisplay(sink: TextSink, score: ScoreText): ProgressDisplay {
  const inPlace = sink.isTTY === true;
  const began = performance.now();
  let drawn = Number.NEGATIVE_INFINITY;
  const clear = (): void => {
    if (inPlace && drawn > 0) sink.draw(clearLine);
    drawn = Number.NEGATIVE_INFINITY;
  };
  let weightsBegan: number | undefined;
  return {
    weights(share) {
      weightsBegan ??= performance.now();
      const now = performance.now();
      if (now - weightsBegan < 1000 || now - drawn < 1000 * redrawSeconds) return;
      const line = `initial weights ${percent(share)}`;
      if (inPlace) sink.write(`${clearLine}${bar(share)} ${line}`);
      // Elsewhere one line says what is being waited for.
      else if (drawn < 0) sink.write(`${line}\n`);
      drawn = now;
    },
    show(progress) {
      if (progress.valid !== undefined) {
        clear();
        sink.write(`${epochLine(progress, score)}\n`);
      } else if (inPlace && performance.now() - drawn > 1000 * redrawSeconds) {
        const seconds = (performance.now() - began) / 1000;
        const share = seconds / (seconds + progress.secondsLeft);
        const line = `${bar(share)} ${percent(share)}  ${epochLine(progress, score)}`;
        // Cut to the width: a line that wraps could not be redrawn.
        sink.draw(clearLine);
        sink.write(line.slice(0, (sink.columns ?? 80) - 1));
        drawn = performance.now();
      }
    },
    clear,
  };
}

/** "epoch 3/12  loss 0.412  validation accuracy 76.1 %  84,120 tokens/s  12 s left". */
function epochLine(progress: Progress, score: ScoreText): string {
  const { epoch, epochs, loss, valid, tokensPerSecond, secondsLeft } = progress;
  const parts = [
    // While a budget of minutes is being measured, the number of epochs is not known.
    `epoch ${epochs === undefined ? epoch : `${epoch}/${epochs}`}`,
    `loss ${Number.isFinite(loss) ? loss.toFixed(3) : "not finite"}`,
    ...(valid === undefined ? [] : [`validation ${score(valid)}`]),
    `${count(tokensPerSecond)} tokens/s`,
    `${duration(secondsLeft)} left`,
  ];
  return parts.join("  ");
}

function bar(share: number): string {
  const full = Math.round(share * barWidth);
  return "█".repeat(full) + "░".repeat(barWidth - full);
}
