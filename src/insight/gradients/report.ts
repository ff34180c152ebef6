/** A comparison of gradients as text: what is right, the first term to look at, and what the mistake looks like. */
import type { GradientCheck, TermCheck } from "./check.js";

/**
 * A comparison for people.
 *
 * @example
 * printGradientCheck(checkGradients(rnn, { mine }));
 * // rnn: of 3 terms 1 is right, 1 is wrong, 1 follows from that. Not given: da, dx, …
 * //
 * // wrong    dz_a = da⟨t⟩ ∘ (1 − a⟨t⟩ ∘ a⟨t⟩)
 * //          at [2] yours is 0.31, right is 0.42
 * //          forgotten square: tanh′ is 1 − a⟨t⟩ ∘ a⟨t⟩; the square is missing, 1 − a⟨t⟩.
 * // follows  dw_aa = Σ_t dz_a a⟨t−1⟩ᵀ
 * // right    db_a = Σ_t dz_a
 */
export function printGradientCheck({ cell, terms, missing }: GradientCheck): string {
  const count = (status: TermCheck["status"]): number =>
    terms.filter((term) => term.status === status).length;
  const [right, wrong, follows] = [count("right"), count("wrong"), count("follows")];
  const parts = [
    `${right} ${right === 1 ? "is" : "are"} right`,
    ...(wrong > 0 ? [`${wrong} ${wrong === 1 ? "is" : "are"} wrong`] : []),
    ...(follows > 0
      ? [`${follows} ${follows === 1 ? "follows" : "follow"} from ${wrong === 1 ? "that" : "those"}`]
      : []),
  ];
  const rest = missing.length > 0 ? ` Not given: ${missing.join(", ")}.` : "";
  const head = `${cell}: of ${terms.length} terms ${parts.join(", ")}.${rest}`;
  return `${[head, "", ...terms.flatMap(termLines)].join("\n")}\n`;
}

const margin = 9;

function termLines({ status, equation, at, mistake }: TermCheck): string[] {
  const more: string[] = [];
  if (status === "wrong" && at)
    more.push(`at [${at.index.join(", ")}] yours is ${short(at.mine)}, right is ${short(at.right)}`);
  if (mistake) more.push(`${mistake.name}${mistake.in ? ` in ${mistake.in}` : ""}: ${mistake.says}`);
  else if (status === "wrong") more.push("none of the typical mistakes gives these numbers");
  return [status.padEnd(margin) + equation, ...more.map((line) => " ".repeat(margin) + line)];
}

const short = (value: number): string => `${Number(value.toPrecision(6))}`;
