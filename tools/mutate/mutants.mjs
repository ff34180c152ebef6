// @ts-check
/**
 * Mutants as plain values: what names one, which of them a sample takes, and the texts that a reader needs.
 */
import { createHash } from "node:crypto";

/** @typedef {{ line: number, column: number }} Place counted from 0 */
/**
 * @typedef {object} Mutant
 * @property {string} file from the root of the repository
 * @property {{ start: Place, end: Place }} location
 * @property {string} mutatorName
 * @property {string} replacement
 */

/** What tells a mutant from all others of the same text. @param {Mutant} mutant */
export function keyOf({ file, location: { start, end }, mutatorName, replacement }) {
  return `${file}:${start.line}:${start.column}-${end.line}:${end.column} ${mutatorName} ${replacement}`;
}

/** @param {string} text */
export const digest = (text) => createHash("sha256").update(text).digest("hex");

/**
 * `count` of the mutants, always the same ones of a seed. Each has its rank from the seed and its key alone, so that most of a
 * sample stays when code changes.
 * @template {Mutant} M
 * @param {readonly M[]} mutants @param {number} count @param {number} seed @returns {M[]}
 */
export function sample(mutants, count, seed) {
  return mutants
    .map((mutant) => ({ mutant, rank: digest(`${seed} ${keyOf(mutant)}`) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .slice(0, count)
    .map(({ mutant }) => mutant);
}

/** What stands between two places. @param {string} text @param {{ start: Place, end: Place }} location */
export function textAt(text, { start, end }) {
  const lines = text.split("\n").slice(start.line, end.line + 1);
  lines[lines.length - 1] = (lines.at(-1) ?? "").slice(0, end.column);
  lines[0] = (lines[0] ?? "").slice(start.column);
  return lines.join("\n");
}

/** On one line, and not too long for a table. @param {string} text */
export function short(text) {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > 100 ? `${line.slice(0, 97)}...` : line;
}

/**
 * How a person finds the mutant, and how the table of accepted survivors names it, which outlasts changes elsewhere in the file.
 * @param {Mutant} mutant @param {string} text of its file
 */
export function described({ file, location, replacement }, text) {
  const line = (text.split("\n")[location.start.line] ?? "").trim();
  return { file, line, from: short(textAt(text, location)), to: short(replacement) };
}
