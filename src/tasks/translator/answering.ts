/**
 * A translator's answers as JSON and as text: the translation alone.
 */
import type { AnsweringRow } from "../answer.js";
import type { Translation, Translator } from "./model.js";
import { translator } from "./translator.js";

/** The row of translators. */
export const translatorAnswering: AnsweringRow<Translator, string, Translation> = {
  inputs: "texts",
  takes: (input) => typeof input === "string",
  options: ["search"],
  atOnce: 64,
  open: (file, options) => translator.open(file, options),
  answer: async (model, inputs, { search }) =>
    (await model.predict(inputs, search)).map((value) => {
      const { text, logProbability, source, tokens, attention } = value;
      return { value, json: { translation: text, logProbability, source, tokens, attention }, text };
    }),
};
