// @ts-check
/**
 * What a heading's address is, as GitHub makes it; the check of links and the site agree on it, so that a link to a part
 * of a page works in both places.
 */

/**
 * The part of an address after "#": lower case, letters, digits, "-" and "_", a "-" for each blank.
 * @param {string} heading its text, without marks of code or emphasis @returns {string}
 */
export function slug(heading) {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\s_-]/gu, "")
    .replaceAll(/\s/g, "-");
}

/**
 * The addresses of a Markdown page's headings; a heading that is there before gets a number.
 * @param {string} text @returns {ReadonlySet<string>}
 */
export function anchorsOf(text) {
  /** @type {Set<string>} */
  const found = new Set();
  for (const [, heading = ""] of withoutCode(text).matchAll(/^#{1,6} +(.*)$/gm)) {
    const plain = slug(heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1"));
    let name = plain;
    for (let number = 1; found.has(name); number++) name = `${plain}-${number}`;
    found.add(name);
  }
  return found;
}

/** Markdown with its blocks of code empty: nothing in them is a link or a heading. @param {string} text @returns {string} */
export function withoutCode(text) {
  return text.replaceAll(/^( *)(```+)[^\n]*\n[\s\S]*?^\1\2 *$/gm, "");
}
