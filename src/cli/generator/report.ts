// How a generator did, in words.
import type { GeneratorEvaluation } from "../../tasks/index.js";
import { counted, percent } from "../talk.js";

/** "1.512 nats per character, perplexity 4.54 per token, 2.1 % of the tokens unknown". */
export function scoreText({ metrics, unknown }: GeneratorEvaluation): string {
  const { nllPerCharacter, perplexity } = metrics;
  const rest = unknown > 0 ? `, ${percent(unknown)} of the tokens unknown` : "";
  return `${nllPerCharacter.toFixed(3)} nats per character, perplexity ${perplexity.toFixed(2)} per token${rest}`;
}

/** " on 111,540 tokens, held back from training". */
export const onText = ({ count }: GeneratorEvaluation, from?: string): string =>
  ` on ${counted(count, "token")}${from === undefined ? "" : `, ${from}`}`;
