/**
 * A plain network's answers as JSON and as text: the numbers of its output.
 */
import { type AnsweringRow, isNumbers } from "../answer.js";
import { type PlainNetwork, plainNetwork, type SequenceOutput } from "./model.js";
import type { SequenceInput } from "./sequences.js";

/** The row of networks without a task. */
export const networkAnswering: AnsweringRow<PlainNetwork, SequenceInput, SequenceOutput> = {
  inputs: "lists of token ids, or of the numbers of each step; of several inputs, such lists by name",
  takes: (input) =>
    isNumbers(input) || (typeof input === "object" && input !== null && !Array.isArray(input)),
  options: [],
  atOnce: 256,
  open: (file, options) => plainNetwork.open(file, options),
  answer: async (model, inputs) =>
    (await model.predict(inputs)).map((value) => {
      // float32 holds seven digits; the JSON has everything that was computed.
      const text = JSON.stringify(value, (_, each) =>
        typeof each === "number" ? Number(each.toPrecision(7)) : each,
      );
      return { value, json: { output: value }, text };
    }),
};
