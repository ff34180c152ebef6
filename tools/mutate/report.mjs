// @ts-check
/**
 * From results to what is printed: the score by target, survivors nobody has accepted, and rows of the table of accepted ones
 * that no longer survive.
 */
import { described, keyOf } from "./mutants.mjs";
import { targetOf, targets } from "./targets.mjs";

/** @typedef {import("./mutants.mjs").Mutant} Mutant */
/** @typedef {"Killed" | "Timeout" | "Survived" | "NoCoverage"} Status */
/** @typedef {{ file: string, line: string, from: string, to: string, reason: string }} Accepted */

const SURVIVING = ["Survived", "NoCoverage"];
const KILLED = ["Killed", "Timeout"];

/** @param {number} killed @param {number} all */
const percent = (killed, all) => (all === 0 ? "–" : `${((100 * killed) / all).toFixed(1)} %`);

/** @param {Pick<Accepted, "file" | "line" | "from" | "to">} row */
const rowKey = ({ file, line, from, to }) => JSON.stringify([file, line, from, to]);

/**
 * @param {readonly Mutant[]} mutants those that were asked for
 * @param {ReadonlyMap<string, { status: string }>} results by the keys of mutants
 * @returns {{ score: number, lines: string[] }} killed per mutant with a result, and a table in Markdown
 */
export function scores(mutants, results) {
  /** @param {readonly Mutant[]} list @param {readonly string[]} wanted */
  const count = (list, wanted) =>
    list.filter((mutant) => wanted.includes(results.get(keyOf(mutant))?.status ?? "")).length;
  /** @param {string} name @param {readonly Mutant[]} list */
  const line = (name, list) => {
    const [killed, survived] = [count(list, KILLED), count(list, SURVIVING)];
    return `| ${name} | ${killed + survived} | ${killed} | ${survived} | ${percent(killed, killed + survived)} |`;
  };
  const [killed, survived] = [count(mutants, KILLED), count(mutants, SURVIVING)];
  return {
    score: killed / Math.max(killed + survived, 1),
    lines: [
      "| folder | mutants | killed | survived | score |",
      "| --- | ---: | ---: | ---: | ---: |",
      ...targets.map((target) =>
        line(
          target,
          mutants.filter(({ file }) => targetOf(file) === target),
        ),
      ),
      line("all", mutants),
    ],
  };
}

/**
 * What a person has to look at.
 * @param {readonly Mutant[]} asked the mutants that were asked for
 * @param {readonly Mutant[]} all every mutant that there is
 * @param {ReadonlyMap<string, { status: string }>} results
 * @param {{ accepted: readonly Accepted[], textOf: (file: string) => string }} options
 */
export function findings(asked, all, results, { accepted, textOf }) {
  const wanted = new Map(accepted.map((row) => [rowKey(row), row]));
  /** @param {Mutant} mutant */
  const row = (mutant) => described(mutant, textOf(mutant.file));
  const survivors = asked.filter((mutant) => SURVIVING.includes(results.get(keyOf(mutant))?.status ?? ""));
  const unexplained = survivors.filter((mutant) => !wanted.has(rowKey(row(mutant))));
  const present = new Set(all.map((mutant) => rowKey(row(mutant))));
  // Where two mutants of a file look the same on paper, the row stays as long as one of them survives.
  const surviving = new Set(survivors.map((mutant) => rowKey(row(mutant))));
  const dead = new Set(
    asked
      .filter((mutant) => KILLED.includes(results.get(keyOf(mutant))?.status ?? ""))
      .map((mutant) => rowKey(row(mutant))),
  );
  return {
    accepted: survivors.length - unexplained.length,
    unexplained: unexplained.map((mutant) => {
      const { file, location } = mutant;
      const { from, to } = row(mutant);
      const none = results.get(keyOf(mutant))?.status === "NoCoverage" ? " (no test runs it)" : "";
      return `${file}:${location.start.line + 1}:${location.start.column + 1} ${mutant.mutatorName}${none}\n    ${from}\n    ${to}`;
    }),
    stale: accepted.flatMap((entry) => {
      const key = rowKey(entry);
      const what = `${entry.file}: ${entry.from} -> ${entry.to}`;
      if (!present.has(key)) return [`${what}: there is no such mutant`];
      return dead.has(key) && !surviving.has(key) ? [`${what}: it does not survive`] : [];
    }),
  };
}
