/**
 * Names of a model as identifiers of JavaScript: Γu and c̃ stay what they are, whatever is no identifier, is reserved or
 * is taken becomes one that is not. Texts of a model file come from anywhere, so nothing of them gets into code but this way.
 */

const reserved = new Set(
  (
    "await break case catch class const continue debugger default delete do else enum export extends false finally for " +
    "function if import in instanceof let new null return static super switch this throw true try typeof var void while " +
    "with yield implements interface package private protected public arguments eval undefined NaN Infinity Math Number Float64Array"
  ).split(" "),
);

/** Gives names, each once. */
export interface Identifiers {
  /** An identifier as near to the name as can be. */
  readonly fresh: (name: string) => string;
}

/** @param taken identifiers that stand around the place where these are used */
export function identifiers(taken: Iterable<string>): Identifiers {
  const used = new Set(taken);
  return {
    fresh(name) {
      const cleaned = name.normalize("NFC").replace(/[^\p{ID_Continue}]/gu, "_");
      const base = /^\p{ID_Start}|^_/u.test(cleaned) ? cleaned : `_${cleaned}`;
      let found = base;
      for (let n = 2; used.has(found) || reserved.has(found); n++)
        found = `${base}${/\d$/.test(base) ? "_" : ""}${n}`;
      used.add(found);
      return found;
    },
  };
}

/**
 * A value as a literal that holds in a script of a page as well. The key `__proto__`, which is one in JSON, would set the
 * prototype in code unless it stands in brackets; within texts its quotes are escaped, so it is found by them.
 */
export const literal = (value: unknown): string =>
  (JSON.stringify(value) ?? "undefined")
    .replaceAll("<", "\\u003c")
    .replaceAll(/([{,])"__proto__":/g, '$1["__proto__"]:');

/** A text within a block comment, also of a script of a page, which `<!--` with a script in it would keep from ending. */
export const inComment = (text: string): string =>
  text.replaceAll("*/", "* /").replaceAll(/<(?=[/!])/g, "< ");
