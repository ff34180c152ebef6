/**
 * What a generator of texts writes, as JSON and as text: its prime and what it wrote.
 */
import type { AnsweringRow } from "../../answer.js";
import { generator } from "../generator.js";
import type { GeneratedText, TextGenerator } from "./model.js";
import type { GenerateOptions } from "./stream.js";

/** The row of generators of texts: an input says how to write one text. */
export const textAnswering: AnsweringRow<TextGenerator, GenerateOptions, GeneratedText> = {
  inputs: "objects that say how a text is written: prime, length, temperature and others",
  takes: (input) => typeof input === "object" && input !== null && !Array.isArray(input),
  options: ["signal"],
  atOnce: 1,
  open: (file, options) => generator.open(file, options),
  async answer(model, inputs, { signal }) {
    const answers = [];
    for (const input of inputs) {
      const [value] = await model.generate({ ...input, ...(signal ? { signal } : {}) });
      const { tokens, ...written } = value!;
      const { prime = "", label } = input;
      const json = { prime, label, ...written, length: tokens.length };
      answers.push({ value: value!, json, text: prime + written.text });
    }
    return answers;
  },
};
