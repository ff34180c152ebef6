/**
 * How a generator did, what it had to beat and what it copied, in words.
 */
import type { CopiedText, GeneratedText, GeneratorEvaluation, NGramScore } from "../../../../tasks/index.js";
import { count, counted, percent } from "../../../terminal/talk.js";

/** "1.512 nats per character, perplexity 4.54 per token, 2.1 % of the tokens unknown". */
export function scoreText({ metrics, unknown }: GeneratorEvaluation): string {
  const { nllPerCharacter, perplexity } = metrics;
  const rest = unknown > 0 ? `, ${percent(unknown)} of the tokens unknown` : "";
  return `${nllPerCharacter.toFixed(3)} nats per character, perplexity ${perplexity.toFixed(2)} per token${rest}`;
}

/** " on 111,540 tokens, held back from training". */
export const onText = ({ count: tokens }: GeneratorEvaluation, from?: string): string =>
  ` on ${counted(tokens, "token")}${from === undefined ? "" : `, ${from}`}`;

/** Whether the network learned more than counting does. */
export function verdict({ metrics }: GeneratorEvaluation, { metrics: counts }: NGramScore): string {
  const ahead = counts.nllPerCharacter - metrics.nllPerCharacter;
  const by = `by ${Math.abs(ahead).toFixed(3)} nats per character`;
  return ahead > 0 ? `the network is ahead of them ${by}` : `the network is behind them ${by}`;
}

/** "longest run in the training data 23 tokens ("…"), 61.2 % of the 10-grams occur there". */
export function copiedText({ longest, tokens, n, seen, whole }: CopiedText): string {
  const shown = longest.length > 60 ? `${longest.slice(0, 57)}...` : longest;
  const all = whole === undefined ? "" : `, ${percent(whole)} occur there as a whole`;
  const run = `longest run in the training data ${counted(tokens, "token")} (${JSON.stringify(shown)})`;
  return `${run}, ${percent(seen)} of the ${n}-grams occur there${all}`;
}

/** Rows of the report that show samples: some lines, or the beginning of a text. */
export function sampleLines(
  sample: readonly (GeneratedText & { readonly label?: string })[],
): readonly string[][] {
  const [first] = sample;
  const shown =
    sample.length === 1 && first
      ? first.text.slice(0, 600).split("\n").slice(0, 12)
      : sample.slice(0, 10).map(({ text, label }) => (label === undefined ? text : `${label}: ${text}`));
  const more = sample.length > 10 ? [["", `(${count(sample.length)} were written)`]] : [];
  return [...shown.map((text, i) => [i === 0 ? "sample" : "", text]), ...more];
}
