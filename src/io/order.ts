/**
 * The order of names in files and vocabularies: by Unicode code points, which is also the order of the UTF-8
 * bytes. JavaScript's own `<` compares UTF-16 units and puts an emoji before U+FF01.
 */

/** Compares two texts by code points; fit for `sort`. */
export function compareCodePoints(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const unitA = a.charCodeAt(i);
    const unitB = b.charCodeAt(i);
    if (unitA === unitB) continue;
    // The first differing unit decides; a surrogate stands for a code point above all single units.
    const surrogateA = isSurrogate(unitA);
    return surrogateA === isSurrogate(unitB) ? unitA - unitB : surrogateA ? 1 : -1;
  }
  return a.length - b.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}
