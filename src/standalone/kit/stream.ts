/** Streams of a module, as a text of JavaScript: one step at a time, with states that can be saved and restored. */
import type { Piece } from "./piece.js";

/** The pieces. */
export const streamPieces: Readonly<Record<string, Piece>> = {
  streamOf: {
    code: `
/** A stream over layers: the states are copied out and in under "layer.state", as lists of numbers. */
function streamOf(layers, look, output, initial, through) {
  const withStates = layers.filter((layer) => layer.start);
  const begin = (given) => new Map(withStates.map((layer) => [layer, layer.start(given)]));
  let states;
  const running = () => (states ??= begin(initial));
  const places = () =>
    [...running()].flatMap(([{ name }, own]) => Object.keys(own).map((key) => [name + "." + key, own[key]]));
  return {
    step(x) {
      const own = running();
      if (through) return output(through(look(x), own));
      return output(layers.reduce((value, layer) => layer.step(value, own.get(layer)), look(x)));
    },
    state: () => Object.fromEntries(places().map(([key, values]) => [key, Array.from(values)])),
    restore(saved) {
      // A network whose states are to be given has none before.
      states ??= begin({ ...initial, ...saved });
      const there = new Map(places());
      for (const key of Object.keys(saved))
        if (!there.has(key)) throw new RangeError("there is no state " + key + "; there are " + [...there.keys()].join(", "));
      for (const [key, values] of there)
        if (saved[key]?.length !== values.length)
          throw new RangeError("the state " + key + " holds " + values.length + " numbers");
      for (const [key, values] of there) values.set(saved[key]);
    },
    reset() {
      states = undefined;
    },
  };
}`,
  },
};
