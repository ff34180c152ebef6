/**
 * Equations typeset from what is printed as text are what is printed as LaTeX, for cells of the catalogue; and what pages
 * have beside those.
 */
import { expect, test } from "vitest";
import {
  gru,
  gruResetAfter,
  lstm,
  lstmCoupled,
  lstmNotes,
  lstmPeephole,
  rnn,
  rnnRelu,
} from "../../src/cell/index.js";
import { printCell } from "../../src/cell/print.js";
import { printBackward } from "../../src/grad/index.js";
import { typeset, typesetLines } from "./typeset.mjs";

const bare = (text: string): string => text.replaceAll(/\s+/g, "");
const equationsOf = (text: string): string =>
  text
    .split("\n")
    .filter((line) => / = /.test(line) && !line.includes("(H") && !line.startsWith("For t"))
    .join("\n");

test.each(
  [rnn, rnnRelu, gru, gruResetAfter, lstm, lstmNotes, lstmPeephole, lstmCoupled].map((c) => [c.name, c]),
)("%s", (_name, cell) => {
  for (const print of [printCell, printBackward]) {
    const latex = bare(print(cell.equations(), "latex"));
    for (const line of equationsOf(print(cell.equations())).split("\n")) {
      const [, set = ""] = /\n([\s\S]*)\n/.exec(typesetLines(line)) ?? [];
      expect(latex).toContain(bare(set));
    }
  }
});

test("layers, words, predictions and losses", () => {
  expect(typeset("a[l−1]⟨t⟩")).toBe("a^{[l-1]\\langle t \\rangle}");
  expect(typeset("ŷ⟨t⟩ − y⟨t⟩")).toBe("\\hat{y}^{\\langle t \\rangle} - y^{\\langle t \\rangle}");
  expect(typeset("Σ_t L⟨t⟩")).toBe("\\sum_t \\mathcal{L}^{\\langle t \\rangle}");
  expect(typesetLines("many to one: ŷ = z")).toContain("\\text{many to one:} \\quad & \\hat{y} &= z");
});
