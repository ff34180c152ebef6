// @ts-check
/**
 * Equations as they stand in our pages and in print, in LaTeX: the site shows them typeset, and nothing is written twice.
 * The test holds it against the LaTeX that the library prints of its own cells.
 */

const functions = new Set(["tanh", "log", "exp", "max", "min"]);
/** @type {Readonly<Record<string, string>>} */
const signs = {
  "∘": "\\circ",
  "−": "-",
  "…": "\\dots",
  "·": "\\cdot",
  "≠": "\\neq",
  "(": "\\left(",
  ")": "\\right)",
};
/** @type {Readonly<Record<string, string>>} */
const letters = {
  Γ: "\\Gamma",
  σ: "\\sigma",
  α: "\\alpha",
  β: "\\beta",
  ε: "\\varepsilon",
  L: "\\mathcal{L}",
};
/** @type {Readonly<Record<string, string>>} */
const accents = { "\u0303": "tilde", "\u0302": "hat" };

const name = "\\p{L}\\p{M}?(?:_?(?!ᵀ)[\\p{L}\\p{N}](?!\\p{M}))*";
const token = new RegExp(
  `(?<loss>∂L/∂)|(?<from>from step t\\+1)|Σ_t|(?<name>${name})(?:\\[(?<layer>[\\p{L}\\p{N}−]+)\\])?(?:⟨(?<step>[^⟩]+)⟩)?(?<turned>ᵀ)?|\\]ᵀ|\\S`,
  "gu",
);

/**
 * Lines of equations as one aligned environment.
 * @param {string} text lines `left = right`, or with words and a colon before @returns {string}
 */
export function typesetLines(text) {
  const lines = text
    .trimEnd()
    .split("\n")
    .filter((line) => line.trim() !== "");
  const set = lines.map((line) => {
    const [, words, equation = ""] = /^((?:\p{L}+ )+\p{L}+: )?(.*)$/u.exec(line) ?? [];
    const at = equation.search(/ +=/);
    const [left, right] =
      at < 0 ? [equation, ""] : [equation.slice(0, at), equation.slice(at).trim().slice(2)];
    const label = words === undefined ? "" : `\\text{${words.trim()}} \\quad & `;
    return `${label}${typeset(left)} &${at < 0 ? "" : `= ${typeset(right)}`}`;
  });
  return `\\begin{aligned}\n${set.join(" \\\\\n")}\n\\end{aligned}`;
}

/** One side of an equation in LaTeX. @param {string} text @returns {string} */
export function typeset(text) {
  const plain = text.normalize("NFD");
  /** What an opening bracket needs to know of its end. */
  const rows = [...plain.matchAll(token)].map((match) => {
    const { loss, from, name: called, layer, step, turned } = match.groups ?? {};
    if (loss) return "\\frac{\\partial \\mathcal{L}}{\\partial";
    if (from) return "\\text{ from step } t+1";
    if (match[0] === "Σ_t") return "\\sum_t";
    if (match[0] === "]ᵀ") return "\\right] }^{\\top}";
    if (called === undefined) return signs[match[0]] ?? match[0];
    const above = `${layer ? `[${layer}]` : ""}${step ? `\\langle ${step} \\rangle` : ""}`.replaceAll(
      "−",
      "-",
    );
    const whole = `${letterOf(called)}${above === "" ? "" : `^{${above.replaceAll("…", "\\dots")}}`}`;
    return turned ? `{${whole}}^{\\top}` : whole;
  });
  return joined(rows);
}

/** Signs one after another: a fraction ends after its name, and what is turned on its side stands in braces. @param {readonly string[]} rows */
function joined(rows) {
  /** @type {string[]} */
  const out = [];
  /** @type {number[]} */
  const open = [];
  for (const row of rows) {
    const fraction = out.at(-1)?.endsWith("{\\partial");
    if (row === "[") open.push(out.length);
    if (row === "]") open.pop();
    if (row.startsWith("\\right] }")) {
      const at = open.pop() ?? 0;
      out[at] = `{${out[at]}`;
    }
    if (fraction) out[out.length - 1] += ` ${row}}`;
    else out.push(row);
  }
  return out
    .join(" ")
    .replaceAll(/(?<!\{)\[ /g, "\\left[ ")
    .replaceAll(/\{\[ /g, "{\\left[ ")
    .replaceAll(/ \](?=$| )/g, " \\right]")
    .replaceAll(" }^", "}^")
    .replaceAll(/ ,/g, ",")
    .replaceAll(/(\\sigma|\\tanh|\\log|\\exp|\\max|\\operatorname\{ReLU\}|g_\d) \\left/g, "$1\\left");
}

/** A name: one letter with what it carries, after a d where it is a gradient; words stay words. @param {string} text @returns {string} */
function letterOf(text) {
  if (functions.has(text)) return `\\${text}`;
  if (text === "ReLU") return "\\operatorname{ReLU}";
  const gradient = /^d(?=\p{L}(?:\p{M}|_|$)|[Γ])/u.test(text) ? "d" : "";
  const [, letter = "", accent = "", rest = ""] =
    /^(\p{L})(\p{M}?)(.*)$/u.exec(text.slice(gradient.length)) ?? [];
  const index = rest.replace(/^_/, "");
  if (rest !== "" && !rest.startsWith("_") && letter !== "Γ" && !/^\d+$/.test(rest)) return `\\text{${text}}`;
  const head = letters[letter] ?? letter;
  const marked = accent === "" ? head : `\\${accents[accent]}{${head}}`;
  return `${gradient}${marked}${index === "" ? "" : index.length === 1 ? `_${index}` : `_{${index}}`}`;
}
