/**
 * The translator's row in the table of tasks: how its models are evaluated, asked and shown.
 */
import { readParallel } from "../../../data/index.js";
import { counted } from "../../terminal/talk.js";
import { trainableRow } from "../../training/train.js";
import { lookAt } from "../diagnose.js";
import type { DataRequest, TaskRow } from "../row.js";
import { scoreText } from "./report.js";
import { trainableTranslator } from "./train.js";

/** Pairs to judge a model on, and what a person should know about them. */
async function readPairs({ sources }: DataRequest) {
  const { pairs, skipped } = await readParallel(sources);
  return { pairs, remarks: skipped > 0 ? [`skipped ${counted(skipped, "line")} without a text`] : [] };
}

/** The translator's row. */
export const translatorTask: TaskRow<"translator"> = {
  ...trainableRow(trainableTranslator),
  // Either two parallel files, or one with a tab between text and translation: there is nothing to choose.
  takes: () => [],
  async evaluate({ model }, data) {
    const { pairs, remarks } = await readPairs(data);
    const result = await model.evaluate(pairs);
    return {
      metrics: result.metrics,
      count: result.count,
      facts: { interval: result.interval },
      lines: [`${scoreText(result)} on ${counted(result.count, "pair")}`],
      remarks,
    };
  },
  async look({ model }, data, request) {
    const { pairs: examples, remarks } = await readPairs(data);
    return lookAt(model, { examples, remarks, ...request });
  },
  facts({ data }) {
    const size = (side: unknown): number => {
      const { tokens } = (side ?? {}) as { readonly tokens?: unknown };
      const list = Array.isArray(tokens) ? tokens : ((tokens ?? {}) as { readonly tokens?: unknown }).tokens;
      return Array.isArray(list) ? list.length : 0;
    };
    const fact = (side: unknown) => ({ value: size(side), text: counted(size(side), "token") });
    return { source: fact(data["source"]), target: fact(data["target"]) };
  },
};
