/**
 * The values of a network in a plan, by the names that its layers have for them (graph.ts): inputs, outputs, and where states
 * end. What lies in the order of another input's sequences is brought into that of the network's own.
 */
import { type Builder, lookUp, type Value } from "../../plan/index.js";
import { INPUT, stepsOf } from "../graph.js";
import type { Activation, BuildContext } from "../layers/layer.js";
import { kindOf } from "../layers/table.js";
import { names, packingOf, placeBeside } from "../names.js";
import type { PlacedLayer } from "../network.js";

/** What building a layer needs to know that is not its place. */
type Surroundings = Omit<BuildContext, "packing" | "name" | "index" | "starts">;

/** Builds the layers of a network one after the other. */
export interface Layers {
  /** Builds one, of which `index` is the number, and gives its output. */
  readonly build: (placed: PlacedLayer, index: number) => Activation;
}

/** @param input what goes in: see inputActivation */
export function layersOn(input: Activation, surroundings: Surroundings): Layers {
  const { builder, finals } = surroundings;
  const values = new Map<string, Activation>([[INPUT, input]]);
  for (const [name, value] of input.inputs ?? []) values.set(`${INPUT}.${name}`, value);
  let before = input;
  return {
    build(placed, index) {
      const { name, layer, from, states = {} } = placed;
      const read = from?.map((value) => values.get(value)!) ?? [before];
      const kind = kindOf(layer);
      const several = placed.input.over === "values";
      const given = several ? { shape: placed.input, value: read[0]!.value, values: read } : read[0]!;
      const beside = stepsOf(placed.input);
      const packing = beside === undefined ? names.packing : packingOf(beside);
      const ends = new Map<string, Value>();
      const starts = new Map(
        Object.entries(states).map(([state, value]) => [`${name}.${state}`, values.get(value)!.value]),
      );
      const context: BuildContext = {
        ...surroundings,
        packing,
        name,
        index,
        finals: beside === undefined ? finals : ends,
        ...(starts.size > 0 ? { starts } : {}),
      };
      let made = kind.build(layer, given, context);
      if (beside !== undefined) {
        for (const [state, value] of ends) finals.set(state, own(builder, beside, value));
        if (made.shape.over === "sequences") made = { ...made, value: own(builder, beside, made.value) };
      }
      values.set(name, made);
      for (const { name: state, ...shape } of kind.states?.(layer, name) ?? []) {
        const value = finals.get(state);
        if (value) values.set(state, { shape, value });
      }
      before = made;
      return made;
    },
  };
}

/** A vector for each sequence of an input beside the network's own, in the order of the network's own. */
function own(builder: Builder, input: string, value: Value): Value {
  const places = builder.input(placeBeside(input), `sequences:${names.packing}`, 1, "index");
  return lookUp(builder, `${value.buffer}.own`, value, places);
}
