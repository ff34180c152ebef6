/** Names and their places in a list, for tasks whose labels and tags may be many: looked up, not looked for. */

/** The lists that were asked about, each as long as somebody has it. */
const known = /* @__PURE__ */ new WeakMap<readonly string[], ReadonlyMap<string, number>>();

/** The place of each name of a list. The list must not change. */
export function placesOf(names: readonly string[]): ReadonlyMap<string, number> {
  const places = known.get(names) ?? new Map(names.map((name, i) => [name, i]));
  known.set(names, places);
  return places;
}
