/**
 * Cells as data: there and back gives the same equations, and data that is no cell is refused, each way
 * that it can be wrong by a test of its own and others by chance.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gru, lstmLayerNorm, lstmPeephole } from "./catalogue/index.js";
import { cell } from "./cell.js";
import { cells, normalised } from "./cells.cases.js";
import type { CellEquations } from "./equations.js";
import { CellError, topological } from "./expr.js";
import { add, div, mul, sub, sumFeatures } from "./functions.js";
import { type CellGraph, fromGraph, toGraph } from "./graph.js";
import { featureCount } from "./nodes.js";
import { printCell } from "./print.js";

const named = cells.map((c) => [c.name, c.equations()] as const);
const stored = (graph: CellGraph): unknown => JSON.parse(JSON.stringify(graph));

test.each(named)("%s survives being stored", (_name, equations) => {
  const graph = toGraph(equations);
  const read = fromGraph(stored(graph));
  expect(read).toEqual(equations);
  expect(toGraph(read)).toEqual(graph); // sharing too: as many nodes, at the same places
  expect(printCell(read)).toBe(printCell(equations));
});

test("what is shared is stored once", () => {
  const { next, gates } = lstmPeephole.equations();
  const roots = [...Object.values(next), ...Object.values(gates)];
  expect(toGraph(lstmPeephole.equations()).nodes).toHaveLength(topological(roots).length);
});

test("the number of features, of input and state, survives being stored", () => {
  const mean = cell("mean", { states: ["h"], output: "h" }, ({ h, x, affine }) => ({
    h: sub(
      affine("u", h, x),
      add(div(sumFeatures(h), featureCount("H")), div(sumFeatures(x), featureCount("X"))),
    ),
  }));
  expect(fromGraph(stored(toGraph(mean.equations())))).toEqual(mean.equations());
});

test("what is read is frozen, as what is traced", () => {
  const read = fromGraph(stored(toGraph(gru.equations())));
  expect([read, ...Object.values(read.next)].every(Object.isFrozen)).toBe(true);
});

// Its parameters: 0 p, 1 w_u, 2 b_u, 3 s. Its nodes: 0 p, 1 h, 2 x, 3 w_u [h, x] + b_u, 4 p ∘ (3), 5 s,
// 6 s ∘ h, 7 (4) + (6), 8 the number 0.5, 9 (8) ∘ (7), which is the new h; the gate "sum" is 7.
const small = cell("small", { states: ["h"], output: "h" }, ({ h, x, affine, vector, scalar }) => {
  const sum = add(mul(vector("p", { from: 0, to: 1 }), affine("u", h, x)), mul(scalar("s"), h));
  return { gates: { sum }, h: mul(0.5, sum) };
});
const graph = stored(toGraph(small.equations())) as {
  nodes: readonly object[];
  parameters: readonly object[];
};

/** Path to a place -> what stands there instead; undefined takes it out. */
type Changes = Readonly<Record<string, unknown>>;
const p = { name: "q", kind: "vector", blocks: [], initial: 0 };
const tanh = { op: "tanh", args: [0], width: "H" };

const damages: readonly (readonly [string, Changes, string])[] = [
  ["no name", { name: 3 }, "the cell's name should be text, found number"],
  ["states that are no list", { states: "h" }, "states should be a list, found string"],
  ["a state that is no text", { states: [null] }, "a state's name should be text, found null"],
  ["no states", { states: [] }, 'its output "h" is none of its states'],
  ["a state twice", { states: ["h", "h"] }, '"h" names a state already and cannot name a state too'],
  ["a state that is no name", { "states.1": "h t", "next.h t": 9 }, '"h t" cannot name a state'],
  ["an output that is no text", { output: ["h"] }, "output should be text, found a list"],
  ["an output that is no state", { output: "c" }, 'its output "c" is none of its states'],
  ["parameters that are no list", { parameters: {} }, "parameters should be a list, found object"],
  ["a parameter that is no object", { "parameters.0": [] }, "parameter 0 should be an object, found a list"],
  [
    "a parameter without a name",
    { "parameters.0.name": undefined },
    "the name of parameter 0 should be text, found undefined",
  ],
  [
    "a parameter of an unknown kind",
    { "parameters.0.kind": "matrix" },
    'parameter p is of unknown kind "matrix"',
  ],
  ["a parameter twice", { "parameters.4": { ...p, name: "p" } }, '"p" names a parameter already'],
  ["a parameter that is no name", { "parameters.4": { ...p, name: "" } }, '"" cannot name a parameter'],
  [
    "a start that is no number",
    { "parameters.0.initial": "0" },
    "the start of p should be an object, found string",
  ],
  ["a start without end", { "parameters.0.initial.to": Infinity }, "parameter p does not say how it starts"],
  [
    "blocks that are no list",
    { "parameters.0.blocks": null },
    "the blocks of p should be a list, found null",
  ],
  [
    "blocks of a vector",
    { "parameters.1.kind": "vector" },
    "parameter w_u is a vector and has 2 blocks of columns",
  ],
  [
    "a weight without blocks",
    { "parameters.1.blocks": [] },
    "parameter w_u is a weight and has 0 blocks of columns",
  ],
  [
    "a block that is no object",
    { "parameters.1.blocks.0": "w_uh" },
    "block 0 of w_u should be an object, found string",
  ],
  [
    "a block without a name",
    { "parameters.1.blocks.0.name": 1 },
    "the name of block 0 of w_u should be text, found number",
  ],
  [
    "a block of unknown width",
    { "parameters.1.blocks.0.columns": "7" },
    "block 0 of w_u has 7 columns, not X or H",
  ],
  [
    "a block twice",
    { "parameters.1.blocks.0.name": "w_ux", "nodes.3.weight.blocks.0": "w_ux" },
    '"w_ux" names a block of columns already',
  ],
  [
    "a number of features of no width",
    { "nodes.8": { op: "featureCount", name: "h", width: "1" } },
    'node 8 (featureCount) counts the features of X or H, not of "h"',
  ],
  ["nodes that are no list", { nodes: "none" }, "nodes should be a list, found string"],
  ["a node that is no object", { "nodes.2": 7 }, "node 2 should be an object, found number"],
  ["a node without an op", { "nodes.2.op": undefined }, "the op of node 2 should be text, found undefined"],
  [
    "an op that is not known",
    { "nodes.10": { ...tanh, op: "sin" } },
    'has the op "sin", which this version does not know',
  ],
  [
    "an op that objects have",
    { "nodes.10": { ...tanh, op: "valueOf" } },
    'has the op "valueOf", which this version does not know',
  ],
  [
    "an op of gradients",
    { "nodes.1.op": "incoming" },
    "node 1 has the op incoming, which stands only in gradients",
  ],
  [
    "a product of gradients",
    { "nodes.3.op": "transposed" },
    "has the op transposed, which stands only in gradients",
  ],
  [
    "arguments that are no list",
    { "nodes.7.args": 0 },
    "the arguments of node 7 should be a list, found number",
  ],
  [
    "an argument that comes later",
    { "nodes.7.args.1": 8 },
    "node 7 refers to node 8, which does not stand before it",
  ],
  ["an argument that is no number", { "nodes.7.args.1": "1" }, 'node 7 refers to node "1", which does not'],
  ["an argument between two", { "nodes.7.args.1": 0.5 }, "node 7 refers to node 0.5, which does not"],
  [
    "an argument that lists have",
    { "nodes.7.args.1": "length" },
    'node 7 refers to node "length", which does not',
  ],
  ["too many arguments", { "nodes.7.args.2": 0 }, "node 7 (add) has 3 arguments, not 2"],
  ["a leaf with arguments", { "nodes.8.args": [0] }, "node 8 (constant) has 1 arguments, not 0"],
  ["arguments of two widths", { "nodes.7.args.1": 2 }, "add was given widths H and X"],
  ["a width that does not follow", { "nodes.7.width": "1" }, 'node 7 (add) should have width H, found "1"'],
  ["a width that is no text", { "nodes.1.width": 3 }, "node 1 (state) should have width H, found 3"],
  ["another input", { "nodes.2.name": "y" }, "node 2 (input) is not called x, as a cell's input is"],
  [
    "a state that is not there",
    { "nodes.1.name": "c" },
    'node 1 (state) reads the state "c", which the cell does not have',
  ],
  [
    "a state without a name",
    { "nodes.1.name": undefined },
    "the name of node 1 (state) should be text, found undefined",
  ],
  [
    "a parameter that is not there",
    { "nodes.0.name": "q" },
    'reads "q", which is no vector and no scalar of the cell',
  ],
  [
    "a weight as a vector",
    { "nodes.0.name": "w_u" },
    'reads "w_u", which is no vector and no scalar of the cell',
  ],
  [
    "a bias as a vector",
    { "nodes.5.name": "b_u" },
    'node 5 (parameter) reads "b_u", which is the bias of a product',
  ],
  [
    "a vector as a bias",
    { "nodes.0.name": "b_u" },
    "node 3 (affine) uses b_u, which is used elsewhere already",
  ],
  ["a constant without a number", { "nodes.8.value": undefined }, "node 8 (constant) has no finite number"],
  [
    "a constant without end",
    { "nodes.8.value": JSON.parse("1e999") },
    "node 8 (constant) has no finite number",
  ],
  [
    "a product without a weight",
    { "nodes.3.weight": undefined },
    "the weight of node 3 (affine) should be an object, found undefined",
  ],
  [
    "a product of no gate",
    { "nodes.3.weight.gate": null },
    "the gate of node 3 (affine) should be text, found null",
  ],
  [
    "a product of another gate",
    { "nodes.3.weight.gate": "r" },
    "is the product of r, whose parameters are called w_r and b_r",
  ],
  [
    "a product with another bias",
    { "nodes.3.weight.bias": "p" },
    "is the product of u, whose parameters are called w_u and b_u",
  ],
  [
    "a weight that is not there",
    { "parameters.1.name": "w_r" },
    'multiplies by "w_u", which is no weight of the cell',
  ],
  ["a bias that is not there", { "parameters.2.name": "b_r" }, 'adds "b_u", which is no vector of the cell'],
  [
    "a weight in two products",
    { "nodes.10": graph.nodes[3] },
    "node 10 (affine) uses w_u, which is used elsewhere already",
  ],
  [
    "blocks of a product that are no list",
    { "nodes.3.weight.blocks": {} },
    "the blocks of node 3 (affine) should be a list, found object",
  ],
  [
    "a block of a product that is no text",
    { "nodes.3.weight.blocks.1": 0 },
    "a block of node 3 (affine) should be text, found number",
  ],
  [
    "blocks that are not the weight's",
    { "nodes.3.weight.blocks.1": "w_u1" },
    "the blocks of columns of w_u do not fit",
  ],
  ["a block too many", { "nodes.3.weight.blocks.2": "w_u2" }, "the blocks of columns of w_u do not fit"],
  [
    "arguments of other widths than the blocks",
    { "nodes.3.args.1": 1 },
    "the blocks of columns of w_u do not fit",
  ],
  [
    "an input block that is no input",
    { "parameters.1.blocks.1.input": false },
    "the blocks of columns of w_u do not fit",
  ],
  ["new states that are no object", { next: [] }, "next should be an object, found a list"],
  ["a state without a new value", { "next.h": undefined }, 'its state "h" has no new value of width H'],
  ["a new value of another width", { "next.h": 2 }, 'its state "h" has no new value of width H'],
  ["a new value that is no node", { "next.h": 99 }, "next.h refers to node 99"],
  ["a new value that is no number", { "next.h": "length" }, 'next.h refers to node "length"'],
  ["a new value of no state", { "next.c": 0 }, 'it gives a new value to "c", which is none of its states'],
  ["gates that are no object", { gates: null }, "gates should be an object, found null"],
  ["a gate that is no node", { "gates.sum": -1 }, "gates.sum refers to node -1"],
  ["a gate that lists have", { "gates.sum": "map" }, 'gates.sum refers to node "map"'],
  ["a gate that is no name", { "gates.the sum": 0 }, '"the sum" cannot name a gate'],
  ["a gate called like a state", { "gates.h": 0 }, '"h" names a state already and cannot name a gate too'],
];

/** The data with the value at a place replaced, or taken out where the new value is undefined. */
function replace(data: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  const copy = (Array.isArray(data) ? [...data] : { ...(data as object) }) as Record<string, unknown>;
  const inner = replace(copy[key], rest, value);
  if (inner !== undefined) copy[key] = inner;
  else if (Array.isArray(copy)) copy.splice(Number(key), 1);
  else delete copy[key];
  return copy;
}

describe("data that is no cell is refused", () => {
  test.each(damages)("%s", (_title, changes, message) => {
    const data = Object.entries(changes).reduce<unknown>(
      (now, [path, value]) => replace(now, path.split("."), value),
      graph,
    );
    expect(() => fromGraph(data)).toThrow(CellError);
    expect(() => fromGraph(data)).toThrow(message);
  });

  test.each([null, undefined, 3, "cell", [], {}, { name: "a" }])("%j", (data) => {
    expect(() => fromGraph(data)).toThrow(CellError);
  });

  test("a name that every object has", () => {
    const text = JSON.stringify(toGraph(small.equations())).replaceAll('"sum"', '"__proto__"');
    expect(() => fromGraph(JSON.parse(text))).toThrow('"__proto__" cannot name a gate');
  });
});

/** Every place inside JSON data, as the path to it. */
function places(data: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (data === null || typeof data !== "object") return [path];
  return [path, ...Object.entries(data).flatMap(([key, value]) => places(value, [...path, key]))];
}

function attempt(data: unknown): CellEquations | Error {
  try {
    return fromGraph(data);
  } catch (error) {
    return error as Error;
  }
}

test("whatever is changed in a file, it is a cell that can be stored again, or refused with a CellError", () => {
  const files = [small, gru, lstmPeephole, normalised, lstmLayerNorm].map((c) =>
    stored(toGraph(c.equations())),
  );
  const words = [
    "h",
    "x",
    "H",
    "X",
    "1",
    "w_u",
    "b_u",
    "affine",
    "state",
    "widen",
    "__proto__",
    "length",
    "",
  ];
  const junk = fc.oneof(
    fc.constantFrom(undefined, null, true, [], {}, -1, 0.5, Number.NaN, Infinity, ...words),
    fc.nat({ max: 20 }),
    fc.jsonValue(),
  );
  const change = fc.tuple(fc.nat(), junk);
  let refused = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...files),
      fc.array(change, { minLength: 1, maxLength: 3 }),
      (file, changes) => {
        const data = changes.reduce<unknown>((now, [at, value]) => {
          const all = places(now);
          return replace(now, all[at % all.length]!, value);
        }, file);
        const result = attempt(data);
        if (result instanceof Error) {
          refused++;
          expect(result).toBeInstanceOf(CellError);
          return;
        }
        expect(fromGraph(stored(toGraph(result)))).toEqual(result);
        expect(printCell(result)).not.toBe("");
      },
    ),
    { numRuns: 2000 },
  );
  expect(refused).toBeGreaterThan(1000);
});

test("values that stand on each other too deep are refused", () => {
  const nodes = (depth: number): unknown[] => [
    { op: "state", name: "h", width: "H" },
    ...Array.from({ length: depth }, (_, i) => ({ op: "tanh", args: [i], width: "H" })),
  ];
  const deep = (depth: number) => (): unknown =>
    fromGraph({
      name: "deep",
      states: ["h"],
      output: "h",
      parameters: [],
      nodes: nodes(depth),
      next: { h: depth },
      gates: {},
    });
  expect(deep(100)).not.toThrow();
  expect(deep(10_000)).toThrow(/values stand on each other more than \d+ deep/);
});
