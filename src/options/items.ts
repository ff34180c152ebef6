/**
 * Lists of things, as callers without types may give them: null for a list, a number for an example. What is wrong is said
 * by the place in the list; each area throws it as an error of its own.
 */
import { OptionError, shown, spelled } from "./error.js";

/** What the items of a list are. */
export interface ItemKind {
  /** All of them: "sentences". */
  readonly what: string;
  /** One, and what it is made of: "a sentence, { tokens, tags }". */
  readonly one: string;
  readonly takes: (item: unknown) => boolean;
}

/** What is wrong with a list, to follow what it is called; undefined if nothing is. */
export function listProblem(items: unknown, { what, one, takes }: ItemKind): string | undefined {
  const found = (value: unknown): string => spelled(shown(value));
  if (!Array.isArray(items)) return `is ${found(items)}; it must be a list of ${what}`;
  const odd = items.findIndex((item) => !takes(item));
  return odd < 0 ? undefined : `has ${found(items[odd])} at place ${odd}; it must be ${one}`;
}

/** Whether a value is an object, and no list. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether a value is a list of texts. */
export const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === "string");

/** Whether a value is a list of anything, typed or not. */
export const isList = (value: unknown): boolean =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value);

/** @throws OptionError if an argument is no text; for functions that are called very often */
export function requireText(what: string, text: unknown): asserts text is string {
  if (typeof text !== "string") throw new OptionError(`${what} takes a text, and was given ${shown(text)}`);
}
