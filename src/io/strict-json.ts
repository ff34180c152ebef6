/**
 * JSON as a file header has to hold it: what `JSON.parse` lets pass and a strict reader refuses. Finds keys that
 * occur twice in an object (JSON.parse keeps the last one silently), numbers that are not plain whole numbers, halves of
 * surrogate pairs (which JSON can spell and UTF-8 cannot),
 * and what would cost many times the header's size in memory: nesting deeper than any header has, lists in lists, and
 * lists longer than any shape.
 */

/** The value, or what is wrong in words that follow "the header". */
export type StrictJsonResult = { readonly value: unknown } | { readonly problem: string };

const deepest = 8;

/** Sizes in a shape: as many as NumPy and PyTorch have dimensions. */
const longest = 64;

/** Objects in a header, one for each tensor: each takes ten times the memory of its text. */
const most = 500_000;

/** Parses a text whose numbers are sizes and offsets. */
export function parseStrictJson(text: string): StrictJsonResult {
  try {
    const problem = findProblem(text);
    return problem === undefined ? { value: JSON.parse(text) } : { problem };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { problem: `is not JSON (${error.message})` };
  }
}

/** One pass over the text, in time proportional to its length; the grammar is left to `JSON.parse`. */
function findProblem(text: string): string | undefined {
  // One entry per open bracket: the keys seen in an object, or the entries of a list so far.
  const open: (Set<string> | number)[] = [];
  let lastString = "";
  let objects = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (char === '"') {
      const end = stringEnd(text, at);
      lastString = text.slice(at, end);
      if (lastString.includes("\\u") && /\p{Surrogate}/u.test(JSON.parse(lastString)))
        return `holds the text ${lastString.slice(0, 40)}, which is not valid Unicode`;
      at = end - 1;
    } else if (char === "{" || char === "[") {
      if (open.length === deepest) return `is nested more than ${deepest} levels deep`;
      if (typeof open.at(-1) === "number") return `holds \`${char}\` in a list, where only sizes belong`;
      if (char === "{" && ++objects > most) return `describes more than ${most} tensors`;
      open.push(char === "{" ? new Set() : 1);
    } else if (char === "}" || char === "]") {
      open.pop();
    } else if (char === ",") {
      const entries = open.at(-1);
      if (typeof entries !== "number") continue;
      if (entries === longest) return `holds a list of more than ${longest} entries`;
      open[open.length - 1] = entries + 1;
    } else if (char === ":" && lastString !== "") {
      const key: string = JSON.parse(lastString);
      const keys = open.at(-1);
      if (typeof keys !== "object") continue;
      if (keys.has(key)) return `has the key ${JSON.stringify(key)} twice`;
      keys.add(key);
    } else if (/[-0-9]/.test(char)) {
      const end = numberEnd(text, at);
      const number = text.slice(at, end);
      if (!/^(?:0|[1-9][0-9]*)$/.test(number)) {
        return `holds the number ${number.slice(0, 40)}, where only whole numbers from 0 are allowed`;
      }
      at = end - 1;
    }
  }
  return undefined;
}

/** The index after the closing quote, or the text's length when there is none. */
function stringEnd(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return Math.min(at + 1, text.length);
}

function numberEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && /[-+.0-9eE]/.test(text[at]!)) at++;
  return at;
}
