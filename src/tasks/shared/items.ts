/** What the lists hold that tasks take, for those who have no types: examples to train with, inputs to answer. */
import { type ItemKind, isList, isObject, isTexts } from "../../options/items.js";

const isText = (value: unknown): value is string => typeof value === "string";

/** Texts. */
export const textItems: ItemKind = { what: "texts", one: "a text", takes: isText };

/** Sentences to tag: texts, or their tokens. */
export const sentenceItems: ItemKind = {
  what: "sentences",
  one: "a text, or the list of its tokens",
  takes: (item) => isText(item) || isTexts(item),
};

/** Sentences with tags. */
export const taggedItems: ItemKind = {
  what: "tagged sentences",
  one: "a sentence with its tags, { tokens, tags }",
  takes: (item) => isObject(item) && isTexts(item["tokens"]) && isTexts(item["tags"]),
};

/** Texts with translations. */
export const pairItems: ItemKind = {
  what: "pairs of texts",
  one: "a pair of texts, { source, target }",
  takes: (item) => isObject(item) && isText(item["source"]) && isText(item["target"]),
};

/** Inputs of a classifier. */
export const inputItems: ItemKind = {
  what: "texts, series or vectors",
  one: "a text, a series (a list of steps) or a vector (a list of numbers)",
  takes: (item) => isText(item) || isList(item),
};

/** Inputs of a classifier with labels. */
export const labelledItems: ItemKind = {
  what: "labelled examples",
  one: "an example, { text, label }, with series or vector for text, or labels for label",
  takes: (item) =>
    isObject(item) &&
    (isText(item["text"]) || isList(item["series"]) || isList(item["vector"])) &&
    (isText(item["label"]) || isTexts(item["labels"])),
};

/** Lines to learn. */
export const lineItems: ItemKind = {
  what: "texts",
  one: "a text, or { text, label }",
  takes: (item) => isText(item) || (isObject(item) && isText(item["text"])),
};

/** Series in time. */
export const seriesItems: ItemKind = {
  what: "series",
  one: "a series, as timeSeries() gives one",
  takes: (item) => isObject(item) && isObject(item["columns"]) && typeof item["length"] === "number",
};
