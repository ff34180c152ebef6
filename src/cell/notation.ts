/**
 * The two ways in which equations are written, one row each: Unicode text as it stands in our comments, and
 * LaTeX as it stands in the notes. A row knows signs and layout; what is written where stands in print.ts
 * (cells) and grad/print.ts (their gradients). How an op is written stands in the op table.
 */

/** The ways to write equations. */
export type NotationName = "unicode" | "latex";

/** A line: what is defined and, unless the line only names it, what it is. */
export interface Line {
  readonly left: string;
  readonly right?: string;
}

/** How one notation writes things. All texts that go in or out are in that notation, but for names. */
export interface Notation {
  /** Its column in the op table. */
  readonly column: NotationName;
  /** A name as the cell's author gave it: Γu, c̃, w_ux. */
  readonly name: (name: string) => string;
  /** A value at this step or at the step before: c⟨t⟩, c⟨t−1⟩. */
  readonly at: (text: string, step: "t" | "t−1") => string;
  /** A number that is not negative. */
  readonly number: (value: number) => string;
  readonly minus: string;
  /** (a). */
  readonly group: (text: string) => string;
  /** [a, b]: values one below the other. */
  readonly stack: (items: readonly string[]) => string;
  /** [w_uc : w_ux]: blocks of columns side by side. */
  readonly columns: (blocks: readonly string[]) => string;
  /** w_u (H, H + X). */
  readonly shaped: (name: string, dimensions: readonly string[]) => string;
  /** aᵀ, where `a` is a name or stands in brackets. */
  readonly transposed: (text: string) => string;
  /** Σ_t a: over the steps, and over the sequences of a batch. */
  readonly sumOverSteps: (text: string) => string;
  /** ∂L/∂a⟨t⟩: the loss by a value, as far as it reads that value itself. */
  readonly fromOutside: (text: string) => string;
  /** (da⟨t⟩ from step t+1). */
  readonly fromNextStep: (text: string) => string;
  /** Everything together: a remark, and sections of lines. */
  readonly document: (sections: readonly (readonly Line[])[], remark?: string) => string;
}

/** The notations by name. */
export const notations: Readonly<Record<NotationName, Notation>> = {
  unicode: {
    column: "unicode",
    name: (name) => name,
    at: (text, step) => `${text}⟨${step}⟩`,
    number: (value) => String(value).replace("+", "").replace("-", "−"),
    minus: "−",
    group: (text) => `(${text})`,
    stack: (items) => `[${items.join(", ")}]`,
    columns: (blocks) => `[${blocks.join(" : ")}]`,
    shaped: (name, dimensions) => `${name} (${dimensions.join(", ")})`,
    transposed: (text) => `${text}ᵀ`,
    sumOverSteps: (text) => `Σ_t ${text}`,
    fromOutside: (text) => `∂L/∂${text}`,
    fromNextStep: (text) => `(${text} from step t+1)`,
    document: (sections, remark) => {
      const parts = sections.filter((lines) => lines.length > 0).map(alignUnicode);
      return [...(remark ? [remark] : []), ...parts].join("\n\n");
    },
  },
  latex: {
    column: "latex",
    name: latexName,
    at: (text, step) => `${text}^{\\langle ${step.replace("−", "-")} \\rangle}`,
    number: (value) => String(value).replace("+", "").replace(/e(.*)/, "\\mathrm{e}{$1}"),
    minus: "-",
    group: (text) => `\\left( ${text} \\right)`,
    stack: (items) => `\\left[ ${items.join(", ")} \\right]`,
    columns: (blocks) => `\\left[ ${blocks.join(" : ")} \\right]`,
    shaped: (name, dimensions) => `${name} \\; (${dimensions.join(", ")})`,
    transposed: (text) => `{${text}}^{\\top}`,
    sumOverSteps: (text) => `\\sum_t ${text}`,
    fromOutside: (text) => `\\frac{\\partial \\mathcal{L}}{\\partial ${text}}`,
    fromNextStep: (text) => `\\left( ${text} \\text{ from step } t+1 \\right)`,
    document: (sections, remark) => {
      const lines = sections
        .flat()
        .map(({ left, right }) => `${left} &${right === undefined ? "" : `= ${right}`}`);
      return [
        ...(remark ? [`% ${remark}`] : []),
        "\\begin{aligned}",
        lines.join(" \\\\\n"),
        "\\end{aligned}",
      ].join("\n");
    },
  },
};

/** Lines with their equals signs below each other. */
function alignUnicode(lines: readonly Line[]): string {
  // Accents take no place of their own.
  const width = (text: string): number => [...text.normalize("NFD").replace(/\p{M}/gu, "")].length;
  const widest = Math.max(...lines.map(({ left }) => width(left)));
  return lines
    .map(({ left, right }) =>
      right === undefined ? left : `${left}${" ".repeat(widest - width(left))} = ${right}`,
    )
    .join("\n");
}

// "Γ Gamma Δ Delta ..." : the Greek letters for which LaTeX has a name.
const greek = new Map(
  (
    "Γ Gamma|Δ Delta|Θ Theta|Λ Lambda|Ξ Xi|Π Pi|Σ Sigma|Υ Upsilon|Φ Phi|Ψ Psi|Ω Omega|α alpha|β beta|γ gamma|" +
    "δ delta|ε varepsilon|ζ zeta|η eta|θ theta|ι iota|κ kappa|λ lambda|μ mu|ν nu|ξ xi|π pi|ρ rho|σ sigma|" +
    "τ tau|υ upsilon|φ varphi|χ chi|ψ psi|ω omega"
  )
    .split("|")
    .map((pair) => pair.split(" ") as [string, string]),
);
const accents = new Map([
  ["\u0303", "tilde"],
  ["\u0302", "hat"],
  ["\u0304", "bar"],
  ["\u0307", "dot"],
]);

/**
 * A name in LaTeX: Γu is \Gamma_u, w_uc is w_{uc}, c̃ is \tilde{c}, h1 is h_1; a word stays a word.
 * One letter, perhaps with an accent, takes what follows as its index if that is a number, stands after "_",
 * or follows a Greek letter.
 */
function latexName(name: string): string {
  const plain = name.replace(/′+$/, "").normalize("NFD");
  const primes = "'".repeat([...name].filter((c) => c === "′").length);
  const [, letter = "", accent = "", rest = ""] = /^(\p{L})(\p{M}?)(.*)$/u.exec(plain) ?? [];
  const known = accent === "" || accents.has(accent);
  const indexed = rest === "" || rest.startsWith("_") || /^\d+$/.test(rest) || greek.has(letter);
  if (letter === "" || !known || !indexed) {
    const [, word = "", index = ""] = /^([^_]+)_(.+)$/.exec(plain) ?? [undefined, plain];
    return `${latexWord(word)}${latexIndex(index)}${primes}`;
  }
  const head = latexLetter(letter);
  const marked = accent === "" ? head : `\\${accents.get(accent)}{${head}}`;
  return `${marked}${latexIndex(rest.replace(/^_/, ""))}${primes}`;
}

const latexWord = (word: string): string =>
  /^[A-Za-z0-9]+$/.test(word) ? `\\mathit{${word}}` : `\\text{${escapeText(word)}}`;
const latexLetter = (letter: string): string =>
  greek.has(letter) ? `\\${greek.get(letter)}` : /[A-Za-z]/.test(letter) ? letter : `\\text{${letter}}`;
const escapeText = (text: string): string =>
  text.normalize("NFC").replaceAll("_", "\\_").replaceAll("~", "\\textasciitilde{}");

function latexIndex(index: string): string {
  if (index === "") return "";
  if (/^[A-Za-z0-9]$/.test(index)) return `_${index}`;
  if (/^[A-Za-z0-9]+$/.test(index)) return `_{${index}}`;
  return [...index].length === 1 ? `_{${latexLetter(index)}}` : `_{\\text{${escapeText(index)}}}`;
}
