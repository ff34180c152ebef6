/**
 * Sizes that files and cells may have, and that take minutes or hours wherever something is looked for in a list for every item
 * of another. No clock is read: what grows with the square does not end within the time of a test. Each has a small part of what
 * makes it large, so that nothing else takes long.
 */
import { describe, expect, it } from "vitest";
import type { Expr } from "./cell/expr.js";
import { add, cell, gru, printCell, tanh } from "./cell/index.js";
import {
  bytesSource,
  type MusicNote,
  type Piece,
  pieceRoll,
  readExamples,
  readMidi,
  readTimeTable,
  textSource,
  writeMidi,
} from "./data/index.js";
import { backward } from "./grad/backward.js";
import { predictionPlan } from "./nn/build/index.js";
import { linear, network, recurrent } from "./nn/index.js";
import { forecaster, schemeOf } from "./tasks/index.js";
import { adam, entityReport, trainingPlan } from "./train/index.js";

/** Within what is linear ends, on a slow machine that does something else as well. */
const timeout = 20_000;

const note = (start: number, more: Partial<MusicNote> = {}): MusicNote => ({
  pitch: 60,
  start,
  end: start + 1,
  velocity: 80,
  channel: 0,
  track: 0,
  ...more,
});
const piece = (notes: readonly MusicNote[]): Piece => ({
  name: "piece",
  ticksPerBeat: 480,
  notes,
  tempos: [],
});

describe("music", () => {
  /** A file whose only key is struck again and again while the pedal goes up and down. */
  const pedalled = (strikes: number): Uint8Array => {
    const events: number[] = [];
    for (let i = 0; i < strikes; i++) {
      events.push(1, 0x90, 60, 80, 0, 0xb0, 64, 127, 1, 0x80, 60, 0);
      if (i % 2 === 1) events.push(0, 0xb0, 64, 0);
    }
    events.push(0, 0xff, 0x2f, 0);
    const word = (n: number): number[] => [24, 16, 8, 0].map((shift) => (n >>> shift) & 255);
    const head = [...word(0x4d546864), ...word(6), 0, 0, 0, 1, 0x01, 0xe0];
    return Uint8Array.from([...head, ...word(0x4d54726b), ...word(events.length), ...events]);
  };

  it(
    "one key struck 150,000 times",
    async () => {
      const { notes } = await readMidi(bytesSource("one.mid", pedalled(150_000)));
      expect(notes.length).toBe(150_000);
      // The pedal goes up at the end of every second note, and the key is struck anew a tick after every end.
      expect(notes.slice(0, 4).map(({ heardUntil, end }) => (heardUntil ?? end) - end)).toEqual([1, 0, 1, 0]);
    },
    timeout,
  );

  it(
    "30,000 voices that hold one key for 30,000 steps",
    () => {
      const notes = Array.from({ length: 30_000 }, (_, track) => note(track, { end: 480 * 30_000, track }));
      expect(pieceRoll(piece(notes)).roll.length).toBe(30_000);
    },
    timeout,
  );

  it(
    "a note in each of 65,000 tracks",
    async () => {
      const notes = Array.from({ length: 65_000 }, (_, track) => note(track, { track }));
      const read = await readMidi(bytesSource("tracks.mid", await writeMidi(piece(notes))));
      expect(read.notes.length).toBe(65_000);
    },
    timeout,
  );
});

describe("tables", () => {
  const names = Array.from({ length: 200_000 }, (_, i) => `c${i}`);
  const table = [names, names.map((_, i) => i % 7), names.map((_, i) => i % 5)]
    .map((row) => row.join(","))
    .join("\n");

  it(
    "of 200,000 columns",
    async () => {
      const { columns, series } = await readTimeTable(textSource("wide.csv", table), { columns: names });
      expect([columns.length, series[0]?.length]).toEqual([200_000, 2]);
    },
    timeout,
  );

  it(
    "of 200,000 columns, none of which says that it is forecast: the message names some",
    async () => {
      const { series } = await readTimeTable(textSource("wide.csv", table));
      const made = forecaster.train({ train: [...series], horizon: 1 });
      await expect(made).rejects.toThrow(/c19 … and 199,980 more/);
    },
    timeout,
  );

  it(
    "of 200,000 features",
    async () => {
      const labelled = `label,${names.join(",")}\na,${names.map(() => 1).join(",")}\nb,${names.map(() => 2).join(",")}\n`;
      const { examples } = await readExamples([textSource("wide.csv", labelled)], {
        features: names,
        label: "label",
      });
      expect(examples.length).toBe(2);
    },
    timeout,
  );
});

describe("tags", () => {
  it(
    "20,000 types of entities in as many sentences",
    () => {
      const truth = Array.from({ length: 20_000 }, (_, i) => [`B-t${i}`, "O"]);
      const { correct, byType } = entityReport({ truth, predicted: truth });
      expect([correct, Object.keys(byType).length]).toEqual([20_000, 20_000]);
      expect(schemeOf(truth)).toBe("IOB2");
    },
    timeout,
  );
});

describe("cells", () => {
  /** A cell of so many products, or of so many values without one, each of the one before. */
  const chain = (length: number, products: boolean) =>
    cell("chain", { states: ["a"], output: "a" }, ({ a, x, affine, linear: product }) => {
      let value: Expr = affine("in", a, x);
      for (let i = 0; i < length; i++) value = tanh(products ? product(`g${i}_`, value) : value);
      return { a: value };
    });

  it.each([
    ["values", false],
    ["products", true],
  ])(
    "a chain of 3,000 %s is traced, derived, printed, and becomes a plan",
    (_, products) => {
      const own = chain(3000, products);
      const equations = own.equations();
      expect(Object.keys(backward(equations.next).previous)).toEqual(["a"]);
      expect(printCell(equations).length).toBeGreaterThan(3000);
      const net = network({
        input: { width: 3 },
        layers: [recurrent({ cell: own, units: 4 }), linear({ units: 2 })],
        loss: "crossEntropy",
      });
      expect(trainingPlan(net, { optimizer: adam() }).steps.length).toBeGreaterThan(3);
      expect(predictionPlan(net).steps.length).toBeGreaterThan(1);
    },
    3 * timeout,
  );

  const names = Array.from({ length: 2000 }, (_, i) => `s${i}`);
  const states = { states: names, output: "s0" };
  const together = (next: readonly Expr[]) => Object.fromEntries(next.map((e, i) => [names[i], e])) as never;
  it.each([
    [
      "products of their own",
      cell("many", states, (scope) =>
        together(names.map((s, i) => tanh(scope.linear(`g${i}_`, scope[s]!, scope.x)))),
      ),
    ],
    [
      "one product for all",
      cell("many", states, (scope) => {
        const shared = tanh(scope.affine("a", scope["s0"]!, scope.x));
        return together(names.map((s) => add(scope[s]!, shared)));
      }),
    ],
  ])(
    "of 2,000 states with %s becomes a plan",
    (_, many) => {
      const net = network({
        input: { width: 3 },
        layers: [recurrent({ cell: many, units: 2 }), linear({ units: 2 })],
        loss: "crossEntropy",
      });
      expect(trainingPlan(net, { optimizer: adam() }).steps.length).toBeGreaterThan(3);
    },
    3 * timeout,
  );

  it("has 2,000 states at most", () => {
    const make = (): unknown =>
      cell("most", { states: [...names, "more"], output: "more" }, () => ({}) as never);
    expect(make).toThrow('cell "most" has 2001 states; it can have 2000, each of any width');
  });

  it(
    "stacked a thousand times are a network, and once more are none",
    () => {
      const layers = Array.from({ length: 1001 }, () => recurrent({ cell: gru, units: 2 }));
      const make = (count: number) => () =>
        network({ input: { width: 2 }, layers: layers.slice(0, count), loss: "meanSquaredError" });
      expect(make(1000)().layers.length).toBe(1000);
      expect(make(1001)).toThrow("the network has 1001 layers; it can have 1000");
    },
    timeout,
  );
});
