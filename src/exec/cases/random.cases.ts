/** Random numbers are those of tensor/random.ts, bit for bit: multiples of 2⁻²⁴, which no executor may round. */
import { expect, it } from "vitest";
import type { RandomStep } from "../../plan/plan.js";
import { packing, placeOfRow, timeOfRow } from "../../tensor/packing.js";
import { purposes, uniform } from "../../tensor/random.js";
import { buffer, capacityOf, indices, planOf, type Subject } from "./harness.cases.js";

/** Registers the cases. */
export function randomCases(subject: Subject): void {
  it.each([1, 3, 8, 16, 17, 100])("random of width %i", async (width) => {
    const common = { kind: "random", width, seed: "seed", step: "step", purpose: purposes.dropout } as const;
    const perToken: RandomStep = {
      ...common,
      space: "tokens:p",
      layer: 65535,
      into: "x",
      sequence: "ids",
      time: "time",
    };
    const perSequence: RandomStep = {
      ...common,
      space: "sequences:p",
      layer: 2,
      into: "y",
      sequence: "places",
    };
    const inLoop: RandomStep = { ...perSequence, space: "tokens:p", into: "z", time: "time" };
    const plan = planOf(
      "random",
      [
        indices("seed", "rows:1"),
        indices("step", "rows:1"),
        indices("ids", "tokens:p"),
        indices("time", "tokens:p"),
        indices("places", "sequences:p"),
        buffer("x", "tokens:p", width, "output"),
        buffer("y", "sequences:p", width, "output"),
        buffer("z", "tokens:p", width, "output"),
      ],
      [perToken, perSequence, { kind: "loop", packing: "p", reverse: true, body: [inLoop] }],
    );
    const p = packing([4, 0, 7, 3], [4294967295, 1, 0, 3000000000]);
    const executor = await subject.create();
    const session = executor.session();
    const program = session.prepare(plan, capacityOf({ packings: { p } }));
    const [seed, step] = [2 ** 40 + 4000000000, 3999999999];
    const times = timeOfRow(p);
    const sequences = Array.from(placeOfRow(p), (place) => p.ids[place]! >>> 0);
    program.write("seed", [seed]);
    program.write("step", [step]);
    program.write("ids", sequences);
    program.write("time", times);
    program.write(
      "places",
      Array.from(p.ids, (id) => id >>> 0),
    );
    program.run({ packings: { p } });
    const place = { seed, purpose: purposes.dropout, step };
    const token = (layer: number) =>
      sequences.flatMap((sequence, i) =>
        Array.from({ length: width }, (_, f) => uniform({ ...place, layer, sequence, time: times[i]! }, f)),
      );
    expect([...program.read("x")]).toEqual(token(65535));
    expect([...program.read("z")]).toEqual(token(2));
    expect([...program.read("y")]).toEqual(
      Array.from(p.ids).flatMap((id) =>
        Array.from({ length: width }, (_, f) => uniform({ ...place, layer: 2, sequence: id >>> 0 }, f)),
      ),
    );
    executor.dispose();
  });
}
