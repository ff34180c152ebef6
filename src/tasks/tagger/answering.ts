/**
 * A tagger's answers as JSON and as text: a line for each token, with its tag and the tag's probability, and an empty line.
 */
import { type AnsweringRow, tabbed } from "../answer.js";
import type { Tagger, Tagging } from "./model.js";
import { tagger } from "./tagger.js";

/** The row of taggers. */
export const taggerAnswering: AnsweringRow<Tagger, string | readonly string[], Tagging> = {
  inputs: "texts, or lists of tokens",
  takes: (input) =>
    typeof input === "string" || (Array.isArray(input) && input.every((token) => typeof token === "string")),
  options: [],
  atOnce: 256,
  open: (file, options) => tagger.open(file, options),
  answer: async (model, inputs) =>
    (await model.predict(inputs)).map((value) => {
      const { tokens, tags, probabilities, spans } = value;
      const rows = tokens.map((token, t) => tabbed([token, tags[t], probabilities[t]?.toFixed(3)]));
      return { value, json: { tokens, tags, probabilities, spans }, text: [...rows, ""].join("\n") };
    }),
};
