/**
 * How the program talks: results go to stdout, everything else to stderr; and how numbers are written in both.
 */
import type { Surroundings, TextSink } from "./surroundings.js";
import { visibleCell } from "./visible.js";

/** Prints a line of results. */
export function print({ stdout }: Surroundings, line: string): void {
  stdout.write(`${line}\n`);
}

/** Prints a line to stderr, unless the command is to be quiet. */
export function say({ stderr }: Surroundings, quiet: boolean | undefined, line: string): void {
  if (!quiet) stderr.write(`${line}\n`);
}

/** The word before an error: red on a terminal, unless colours are turned off (no-color.org). */
export function errorLabel(sink: TextSink, env: Surroundings["env"]): string {
  const coloured = sink.isTTY === true && !env["NO_COLOR"] && env["TERM"] !== "dumb";
  return coloured ? "\u001b[31merror:\u001b[39m" : "error:";
}

/** 1,234,567. */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** "1 example", "2,000 examples". */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** 0.7712 as 77.1 %. */
export function percent(fraction: number): string {
  // Otherwise a value slightly below 0 would be "-0.0".
  return `${(100 * fraction).toFixed(1).replace(/^-(?=0\.0$)/, "")} %`;
}

/** 0.8 s, 41 s, 3 min 20 s, 2 h 5 min. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** Rows of texts as lines with aligned columns; the last column is not padded. */
export function aligned(table: readonly (readonly string[])[]): string[] {
  // Made visible before they are measured, and so that a cell stays in its line.
  const rows = table.map((row) => row.map(visibleCell));
  const widths = rows.reduce<number[]>((all, row) => {
    for (const [i, cell] of row.entries()) all[i] = Math.max(all[i] ?? 0, letters(cell));
    return all;
  }, []);
  return rows.map((row) =>
    row
      .map((cell, i) => cell + " ".repeat(widths[i]! - letters(cell)))
      .join("  ")
      .trimEnd(),
  );
}

/** How many columns a text occupies: the accent of c̃ occupies none. */
const letters = (text: string): number => [...text.replaceAll(/\p{Mn}/gu, "")].length;
