// @ts-check
/** Hostile ONNX files: constants of huge shapes, graphs inside graphs, chains of nodes, and messages of two bytes. */
import { joined } from "../parts/containers.mjs";

/** @typedef {import("../hostile.mjs").Hostile} Hostile */

/** @param {bigint | number} value */
function varint(value) {
  const bytes = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Uint8Array.of(...bytes, Number(rest));
}
const utf8 = (/** @type {string} */ text) => new TextEncoder().encode(text);
/** Fields of messages: bytes, texts and messages with their length, and whole numbers. */
const part = (/** @type {number} */ field, /** @type {Uint8Array | string} */ of) => {
  const bytes = typeof of === "string" ? utf8(of) : of;
  return joined([varint(field * 8 + 2), varint(bytes.length), bytes]);
};
const whole = (/** @type {number} */ field, /** @type {number | bigint} */ value) =>
  joined([varint(field * 8), varint(value)]);

/** @param {string} name @param {readonly (number | bigint)[]} dims @param {number} type @param {Uint8Array} raw */
const tensor = (name, dims, type, raw) =>
  joined([...dims.map((n) => whole(1, n)), whole(2, type), part(8, name), part(9, raw)]);
const int64 = (/** @type {string} */ name, /** @type {readonly number[]} */ values) =>
  tensor(name, [values.length], 7, new Uint8Array(BigInt64Array.from(values, BigInt).buffer));
/** @param {string} op @param {readonly string[]} inputs @param {readonly string[]} outputs @param {readonly Uint8Array[]} [attributes] */
const node = (op, inputs, outputs, attributes = []) =>
  joined([
    ...inputs.map((name) => part(1, name)),
    ...outputs.map((name) => part(2, name)),
    part(4, op),
    ...attributes.map((of) => part(5, of)),
  ]);
const axes = (/** @type {readonly number[]} */ ints) =>
  joined([part(1, "axes"), ...ints.map((n) => whole(8, n)), whole(20, 7)]);
/** An input of vectors: batch, time, features. */
const vectors = (() => {
  const dim = (/** @type {Uint8Array} */ of) => part(1, of);
  const shape = joined([dim(part(2, "batch")), dim(part(2, "time")), dim(whole(1, 3))]);
  return joined([part(1, "x"), part(2, part(1, joined([whole(1, 1), part(2, shape)])))]);
})();

/** @param {{ nodes?: readonly Uint8Array[], tensors?: readonly Uint8Array[], output?: string }} graph */
const model = ({ nodes = [], tensors = [], output = "y" }) =>
  joined([
    whole(1, 8),
    part(8, whole(2, 17)),
    part(
      7,
      joined([
        ...nodes.map((of) => part(1, of)),
        ...tensors.map((of) => part(5, of)),
        part(11, vectors),
        part(12, part(1, output)),
      ]),
    ),
  ]);

/** @param {string} name @param {() => Uint8Array} make @returns {Hostile} */
const imported = (name, make) => ({
  format: "onnx",
  name,
  files: () => ({ "m.onnx": make() }),
  args: ["import", "m.onnx", "--from", "onnx", "--out", "out.safetensors"],
});

const many = (/** @type {number} */ count, /** @type {(i: number) => Uint8Array} */ of) =>
  Array.from({ length: count }, (_, i) => of(i));

/** A graph in a graph, as the attribute of a node. @param {number} depth */
function nestedGraph(depth) {
  let graph = new Uint8Array(0);
  for (let i = 0; i < depth; i++) graph = part(1, part(5, joined([part(1, "body"), part(6, graph)])));
  return joined([whole(1, 8), part(8, whole(2, 17)), part(7, graph)]);
}

/** Hostile ONNX files. @type {readonly Hostile[]} */
export const onnx = [
  ...[
    [4096, 4096],
    [2 ** 24],
    [2 ** 31],
    [2 ** 20, 2 ** 20],
    [2 ** 40],
    [-1, 2 ** 30],
    new Array(2000).fill(1),
  ].flatMap((shape, i) => [
    imported(`a constant of the shape number ${i + 1}, kept 200 times`, () =>
      model({
        tensors: [int64("s", shape)],
        nodes: many(200, (k) => node("ConstantOfShape", ["s"], [k === 0 ? "y" : `y${k}`])),
        output: "y",
      }),
    ),
    imported(`numbers expanded to it 200 times, each added to the one before`, () =>
      model({
        tensors: [int64("s", shape), int64("one", [1])],
        nodes: many(200, (k) =>
          k % 2
            ? node("Add", [`y${k - 1}`, `y${Math.max(k - 2, 0)}`], [`y${k}`])
            : node("Expand", ["one", "s"], [`y${k}`]),
        ),
        output: "y199",
      }),
    ),
  ]),
  ...[2 ** 31, 2 ** 40, 2n ** 63n - 1n, -1].map((dims) =>
    imported(`a tensor of ${dims} numbers that are not there`, () =>
      model({ tensors: [tensor("y", [dims], 1, new Uint8Array(8))] }),
    ),
  ),
  imported("a tensor of 2^31 times none", () =>
    model({
      tensors: [tensor("w", [2 ** 31, 0], 1, new Uint8Array(0))],
      nodes: [node("Transpose", ["w"], ["y"])],
    }),
  ),
  imported("a tensor of 100,000 dimensions", () =>
    model({
      tensors: [tensor("w", new Array(100_000).fill(1), 1, new Uint8Array(4))],
      nodes: [node("Transpose", ["w"], ["y"])],
    }),
  ),
  ...[50, 1000, 20_000].map((depth) =>
    imported(`graphs ${depth} deep in each other`, () => nestedGraph(depth)),
  ),
  ...[1_000_000, 5_000_000].map((count) =>
    imported(`${count} nodes of two bytes`, () =>
      joined([
        whole(1, 8),
        part(8, whole(2, 17)),
        part(
          7,
          new Uint8Array(2 * count).map((_, i) => (i % 2 ? 0 : 10)),
        ),
      ]),
    ),
  ),
  ...[2000, 20_000].map((count) =>
    imported(`a chain of ${count} activations`, () =>
      model({
        nodes: many(count, (i) => node("Tanh", [i === 0 ? "x" : `y${i - 1}`], [`y${i}`])),
        output: `y${count - 1}`,
      }),
    ),
  ),
  imported("20,000 operators that nobody knows", () =>
    model({
      nodes: many(20_000, (i) => node("Odd", [i === 0 ? "x" : `y${i - 1}`], [`y${i}`])),
      output: "y19999",
    }),
  ),
  ...[20, 1000, 100_000].map((count) =>
    imported(`${count} axes more, reshaped to nobody knows what`, () =>
      model({
        tensors: [int64("s", new Array(count + 6).fill(-1))],
        nodes: [
          node("Unsqueeze", ["x"], ["u"], [axes(Array.from({ length: count }, (_, i) => i))]),
          node("Reshape", ["u", "s"], ["y"]),
        ],
      }),
    ),
  ),
  imported("10,000 nodes that look at 16 million numbers each", () =>
    model({
      tensors: [tensor("w", [2 ** 22], 2, new Uint8Array(2 ** 22)), int64("i", [0])],
      nodes: many(10_000, (i) =>
        node("Concat", ["w"], [`y${i}`], [joined([part(1, "axis"), whole(3, 0), whole(20, 2)])]),
      ),
      output: "y9999",
    }),
  ),
  imported("weights in another file", () =>
    model({
      tensors: [
        joined([
          whole(1, 4),
          whole(2, 1),
          part(8, "y"),
          part(13, joined([part(1, "location"), part(2, "/etc/passwd")])),
          whole(14, 1),
        ]),
      ],
    }),
  ),
  imported("a million numbers of ten bytes", () =>
    joined([whole(1, 8), part(7, part(5, part(1, joined(new Array(1_000_000).fill(varint(-1))))))]),
  ),
  imported("lengths that lead backwards", () =>
    joined([whole(1, 8), Uint8Array.of(58, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1)]),
  ),
];
