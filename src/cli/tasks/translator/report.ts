/**
 * How a translator did, in words.
 */
import type { TranslatorEvaluation } from "../../../tasks/index.js";
import { percent } from "../../terminal/talk.js";

/** "BLEU 31.2 (95 % interval 30.1 to 32.4), chrF 57.0, 3.1 % exact, perplexity 7.90". */
export function scoreText({ metrics, interval: { low, high } }: TranslatorEvaluation): string {
  const { bleu, chrf, exactMatch, perplexity } = metrics;
  const interval = `95 % interval ${low.toFixed(1)} to ${high.toFixed(1)}`;
  const rest = `chrF ${chrf.toFixed(1)}, ${percent(exactMatch)} exact, perplexity ${perplexity.toFixed(2)}`;
  return `BLEU ${bleu.toFixed(1)} (${interval}), ${rest}`;
}
