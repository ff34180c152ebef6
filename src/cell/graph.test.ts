// Cells as data: there and back gives the same equations, and data that is no cell is refused, each way
// that it can be wrong by a test of its own and others by chance.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gru, lstmPeephole } from "./catalogue/index.js";
import { type CellEquations, cell } from "./cell.js";
import { cells, normalised } from "./cells.cases.js";
import { CellError, topological } from "./expr.js";
import { add, mul } from "./functions.js";
import { type CellGraph, fromGraph, toGraph } from "./graph.js";
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

test("what is read is frozen, as what is traced", () => {
  const read = fromGraph(stored(toGraph(gru.equations())));
  expect([read, ...Object.values(read.next)].every(Object.isFrozen)).toBe(true);
});

/** Data as a person could damage it. */
type Editable = {
  name: unknown;
  states: unknown;
  output: unknown;
  parameters: Record<string, unknown>[];
  nodes: Record<string, unknown>[];
  next: Record<string, unknown>;
  gates: Record<string, unknown>;
};

// Its nodes: 0 p, 1 h, 2 x, 3 w_u [h, x] + b_u, 4 p ∘ (3), 5 s, 6 s ∘ h, 7 (4) + (6), 8 the number 0.5, 9 (8) ∘ (7).
const small = cell("small", { states: ["h"], output: "h" }, ({ h, x, affine, vector, scalar }) => {
  const sum = add(mul(vector("p", { from: 0, to: 1 }), affine("u", h, x)), mul(scalar("s"), h));
  return { gates: { sum }, h: mul(0.5, sum) };
});
const nodeOf = (g: Editable, op: string): Record<string, unknown> => g.nodes.find((n) => n["op"] === op)!;
const weightOf = (g: Editable): Record<string, unknown> =>
  nodeOf(g, "affine")["weight"] as Record<string, unknown>;
const parameterOf = (g: Editable, name: string): Record<string, unknown> =>
  g.parameters.find((p) => p["name"] === name)!;
const blocksOf = (g: Editable): Record<string, unknown>[] =>
  parameterOf(g, "w_u")["blocks"] as Record<string, unknown>[];
const append = (g: Editable, node: Record<string, unknown>): void => {
  g.nodes.push(node);
};

const damages: readonly (readonly [string, (g: Editable) => void, string])[] = [
  [
    "no name",
    (g) => {
      g.name = 3;
    },
    "the cell's name should be text, found number",
  ],
  [
    "states that are no list",
    (g) => {
      g.states = "h";
    },
    "states should be a list, found string",
  ],
  [
    "a state that is no text",
    (g) => {
      g.states = [null];
    },
    "a state's name should be text, found null",
  ],
  [
    "no states",
    (g) => {
      g.states = [];
    },
    'its output "h" is none of its states',
  ],
  [
    "a state twice",
    (g) => {
      g.states = ["h", "h"];
    },
    '"h" names a state already and cannot name a state too',
  ],
  [
    "a state that is no name",
    (g) => {
      g.states = ["h", "h t"];
      g.next["h t"] = 9;
    },
    '"h t" cannot name a state',
  ],
  [
    "an output that is no text",
    (g) => {
      g.output = ["h"];
    },
    "output should be text, found a list",
  ],
  [
    "an output that is no state",
    (g) => {
      g.output = "c";
    },
    'its output "c" is none of its states',
  ],
  [
    "parameters that are no list",
    (g) => {
      g.parameters = {} as never;
    },
    "parameters should be a list, found object",
  ],
  [
    "a parameter that is no object",
    (g) => {
      g.parameters[0] = [] as never;
    },
    "parameter 0 should be an object, found a list",
  ],
  [
    "a parameter without a name",
    (g) => {
      delete g.parameters[0]!["name"];
    },
    "the name of parameter 0 should be text, found undefined",
  ],
  [
    "a parameter of an unknown kind",
    (g) => {
      parameterOf(g, "p")["kind"] = "matrix";
    },
    'parameter p is of unknown kind "matrix"',
  ],
  [
    "a parameter twice",
    (g) => {
      g.parameters.push(parameterOf(g, "p"));
    },
    '"p" names a parameter already',
  ],
  [
    "a parameter that is no name",
    (g) => {
      g.parameters.push({ ...parameterOf(g, "p"), name: "" });
    },
    '"" cannot name a parameter',
  ],
  [
    "a start that is no number",
    (g) => {
      parameterOf(g, "p")["initial"] = "0";
    },
    "the start of p should be an object, found string",
  ],
  [
    "a start without end",
    (g) => {
      parameterOf(g, "p")["initial"] = { from: 0, to: Infinity };
    },
    "parameter p does not say how it starts",
  ],
  [
    "blocks that are no list",
    (g) => {
      parameterOf(g, "p")["blocks"] = null;
    },
    "the blocks of p should be a list, found null",
  ],
  [
    "blocks of a vector",
    (g) => {
      parameterOf(g, "p")["blocks"] = blocksOf(g);
    },
    "parameter p is a vector and has 2 blocks of columns",
  ],
  [
    "a weight without blocks",
    (g) => {
      parameterOf(g, "w_u")["blocks"] = [];
    },
    "parameter w_u is a weight and has 0 blocks of columns",
  ],
  [
    "a block that is no object",
    (g) => {
      blocksOf(g)[0] = "w_uh" as never;
    },
    "block 0 of w_u should be an object, found string",
  ],
  [
    "a block without a name",
    (g) => {
      blocksOf(g)[0]!["name"] = 1;
    },
    "the name of block 0 of w_u should be text, found number",
  ],
  [
    "a block of unknown width",
    (g) => {
      blocksOf(g)[0]!["columns"] = "7";
    },
    "block 0 of w_u has 7 columns, not X or H",
  ],
  [
    "a block twice",
    (g) => {
      blocksOf(g)[0]!["name"] = "w_ux";
      weightOf(g)["blocks"] = ["w_ux", "w_ux"];
    },
    '"w_ux" names a block of columns already',
  ],
  [
    "nodes that are no list",
    (g) => {
      g.nodes = "none" as never;
    },
    "nodes should be a list, found string",
  ],
  [
    "a node that is no object",
    (g) => {
      g.nodes[2] = 7 as never;
    },
    "node 2 should be an object, found number",
  ],
  [
    "a node without an op",
    (g) => {
      delete g.nodes[2]!["op"];
    },
    "the op of node 2 should be text, found undefined",
  ],
  [
    "an op that is not known",
    (g) => {
      append(g, { op: "sin", args: [0], width: "H" });
    },
    'has the op "sin", which this version does not know',
  ],
  [
    "an op that objects have",
    (g) => {
      append(g, { op: "constructor", args: [0], width: "H" });
    },
    'has the op "constructor", which this version does not know',
  ],
  [
    "an op of gradients",
    (g) => {
      append(g, { op: "incoming", name: "h", width: "H" });
    },
    "has the op incoming, which stands only in gradients",
  ],
  [
    "a product of gradients",
    (g) => {
      append(g, { op: "transposed", args: [2], width: "H", weight: weightOf(g) });
    },
    "has the op transposed, which stands only in gradients",
  ],
  [
    "arguments that are no list",
    (g) => {
      nodeOf(g, "add")["args"] = 0;
    },
    "should be a list, found number",
  ],
  [
    "an argument that comes later",
    (g) => {
      nodeOf(g, "add")["args"] = [0, 99];
    },
    "refers to node 99, which does not stand before it",
  ],
  [
    "an argument that is no number",
    (g) => {
      nodeOf(g, "add")["args"] = [0, "1"];
    },
    'refers to node "1", which does not stand before it',
  ],
  [
    "an argument between two",
    (g) => {
      nodeOf(g, "add")["args"] = [0, 0.5];
    },
    "refers to node 0.5, which does not stand before it",
  ],
  [
    "an argument that lists have",
    (g) => {
      nodeOf(g, "add")["args"] = [0, "length"];
    },
    'refers to node "length", which does not stand before it',
  ],
  [
    "too many arguments",
    (g) => {
      nodeOf(g, "add")["args"] = [0, 0, 0];
    },
    "(add) has 3 arguments, not 2",
  ],
  [
    "a leaf with arguments",
    (g) => {
      nodeOf(g, "constant")["args"] = [0];
    },
    "(constant) has 1 arguments, not 0",
  ],
  [
    "arguments of two widths",
    (g) => {
      nodeOf(g, "add")["args"] = [0, 2];
    },
    "add was given widths H and X",
  ],
  [
    "a width that does not follow",
    (g) => {
      nodeOf(g, "add")["width"] = "1";
    },
    '(add) should have width H, found "1"',
  ],
  [
    "a width that is no text",
    (g) => {
      nodeOf(g, "state")["width"] = 3;
    },
    "(state) should have width H, found 3",
  ],
  [
    "another input",
    (g) => {
      nodeOf(g, "input")["name"] = "y";
    },
    "(input) is not called x, as a cell's input is",
  ],
  [
    "a state that is not there",
    (g) => {
      nodeOf(g, "state")["name"] = "c";
    },
    'reads the state "c", which the cell has not',
  ],
  [
    "a state without a name",
    (g) => {
      delete nodeOf(g, "state")["name"];
    },
    "should be text, found undefined",
  ],
  [
    "a parameter that is not there",
    (g) => {
      nodeOf(g, "parameter")["name"] = "q";
    },
    'reads "q", which is no vector and no scalar of the cell',
  ],
  [
    "a weight as a vector",
    (g) => {
      nodeOf(g, "parameter")["name"] = "w_u";
    },
    'reads "w_u", which is no vector and no scalar of the cell',
  ],
  [
    "a bias as a vector",
    (g) => {
      append(g, { op: "parameter", name: "b_u", width: "H" });
    },
    'reads "b_u", which is the bias of a product',
  ],
  [
    "a constant without a number",
    (g) => {
      delete nodeOf(g, "constant")["value"];
    },
    "(constant) has no finite number",
  ],
  [
    "a constant without end",
    (g) => {
      nodeOf(g, "constant")["value"] = JSON.parse("1e999");
    },
    "(constant) has no finite number",
  ],
  [
    "a product without a weight",
    (g) => {
      delete nodeOf(g, "affine")["weight"];
    },
    "the weight of node 3 (affine) should be an object, found undefined",
  ],
  [
    "a product of no gate",
    (g) => {
      weightOf(g)["gate"] = null;
    },
    "the gate of node 3 (affine) should be text, found null",
  ],
  [
    "a product of another gate",
    (g) => {
      weightOf(g)["gate"] = "r";
    },
    "is the product of r, whose parameters are called w_r and b_r",
  ],
  [
    "a product with another bias",
    (g) => {
      weightOf(g)["bias"] = "p";
    },
    "is the product of u, whose parameters are called w_u and b_u",
  ],
  [
    "a weight that is not there",
    (g) => {
      parameterOf(g, "w_u")["name"] = "w_r";
    },
    'multiplies by "w_u", which is no weight of the cell',
  ],
  [
    "a bias that is not there",
    (g) => {
      parameterOf(g, "b_u")["name"] = "b_r";
    },
    'adds "b_u", which is no vector of the cell',
  ],
  [
    "a weight in two products",
    (g) => {
      append(g, { ...nodeOf(g, "affine") });
    },
    "uses w_u, which is used elsewhere already",
  ],
  [
    "a bias that stands alone before",
    (g) => {
      g.nodes.unshift({ op: "parameter", name: "b_u", width: "H" });
      shift(g);
    },
    "uses b_u, which is used elsewhere already",
  ],
  [
    "blocks of a product that are no list",
    (g) => {
      weightOf(g)["blocks"] = {};
    },
    "the blocks of node 3 (affine) should be a list, found object",
  ],
  [
    "blocks that are not the weight's",
    (g) => {
      weightOf(g)["blocks"] = ["w_uh", "w_u1"];
    },
    "and the blocks of columns of w_u do not fit",
  ],
  [
    "a block too many",
    (g) => {
      weightOf(g)["blocks"] = ["w_uh", "w_ux", "w_u2"];
    },
    "and the blocks of columns of w_u do not fit",
  ],
  [
    "arguments that are not as wide as the blocks",
    (g) => {
      nodeOf(g, "affine")["args"] = [1, 1];
    },
    "and the blocks of columns of w_u do not fit",
  ],
  [
    "an input block that is no input",
    (g) => {
      blocksOf(g)[1]!["input"] = false;
    },
    "and the blocks of columns of w_u do not fit",
  ],
  [
    "new states that are no object",
    (g) => {
      g.next = [] as never;
    },
    "next should be an object, found a list",
  ],
  [
    "a state without a new value",
    (g) => {
      g.next = {};
    },
    'its state "h" has no new value of width H',
  ],
  [
    "a new value of another width",
    (g) => {
      g.next["h"] = 2;
    },
    'its state "h" has no new value of width H',
  ],
  [
    "a new value that is no node",
    (g) => {
      g.next["h"] = 99;
    },
    "next.h refers to node 99",
  ],
  [
    "a new value that is no number",
    (g) => {
      g.next["h"] = "length";
    },
    'next.h refers to node "length"',
  ],
  [
    "a new value of no state",
    (g) => {
      g.next["c"] = 0;
    },
    'it gives a new value to "c", which is none of its states',
  ],
  [
    "gates that are no object",
    (g) => {
      g.gates = null as never;
    },
    "gates should be an object, found null",
  ],
  [
    "a gate that is no node",
    (g) => {
      g.gates["sum"] = -1;
    },
    "gates.sum refers to node -1",
  ],
  [
    "a gate that lists have",
    (g) => {
      g.gates["sum"] = "map";
    },
    'gates.sum refers to node "map"',
  ],
  [
    "a gate that is no name",
    (g) => {
      g.gates["the sum"] = 0;
    },
    '"the sum" cannot name a gate',
  ],
  [
    "a gate called like a state",
    (g) => {
      g.gates["h"] = 0;
    },
    '"h" names a state already and cannot name a gate too',
  ],
];

/** All references one further, after a node was put in front. */
function shift(g: Editable): void {
  for (const n of g.nodes) if (Array.isArray(n["args"])) n["args"] = n["args"].map((at: number) => at + 1);
}

const damaged = (damage: (g: Editable) => void): unknown => {
  const data = stored(toGraph(small.equations())) as Editable;
  damage(data);
  return data;
};

describe("data that is no cell is refused", () => {
  test.each(damages)("%s", (_title, damage, message) => {
    const data = damaged(damage);
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
function places(data: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (data === null || typeof data !== "object") return [path];
  return [path, ...Object.entries(data).flatMap(([key, value]) => places(value, [...path, key]))];
}

/** The data with the value at a place replaced, or taken out where the new value is undefined. */
function replace(data: unknown, [key, ...rest]: readonly (string | number)[], value: unknown): unknown {
  if (key === undefined) return value;
  const copy = (Array.isArray(data) ? [...data] : { ...(data as object) }) as Record<string, unknown>;
  const inner = replace(copy[key], rest, value);
  if (inner !== undefined) copy[key] = inner;
  else if (Array.isArray(copy)) copy.splice(key as number, 1);
  else delete copy[key];
  return copy;
}

function attempt(data: unknown): CellEquations | Error {
  try {
    return fromGraph(data);
  } catch (error) {
    return error as Error;
  }
}

test("whatever is changed in a file, it is a cell that can be stored again, or refused with a CellError", () => {
  const files = [small, gru, lstmPeephole, normalised].map((c) => stored(toGraph(c.equations())));
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
