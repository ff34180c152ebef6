// @ts-check
/** Hostile model files and other safetensors: headers that nest, list or promise too much, weights that are no numbers. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { putTogether, takenApart } from "../parts/containers.mjs";

/** @typedef {import("../hostile.mjs").Hostile} Hostile */

const golden = fileURLToPath(new URL("../../../test/golden/model-files/", import.meta.url));
const names = readdirSync(golden)
  .filter((file) => /format-1\.safetensors$/.test(file))
  .sort();
const model = (/** @type {string} */ name) => takenApart(new Uint8Array(readFileSync(`${golden}${name}`)));
const empty = new Uint8Array(0);
const nested = (/** @type {number} */ depth, open = "[", close = "]") =>
  open.repeat(depth) + close.repeat(depth);

/** The classifier of texts with another text in its metadata. @param {(header: any) => unknown} change */
function withHeader(change) {
  const { header, data } = model("classifier-texts.format-1.safetensors");
  const own = JSON.parse(header.__metadata__.unrolled);
  const changed = change(own) ?? own;
  header.__metadata__.unrolled = typeof changed === "string" ? changed : JSON.stringify(changed);
  return putTogether(header, data);
}

/** @param {string} name @param {() => Uint8Array} make @param {string[]} [more] @returns {Hostile} */
const opened = (name, make, more = []) => ({
  format: "model file",
  name,
  files: () => ({ "m.safetensors": make(), "in.txt": "good\n" }),
  args: [
    ...(more.length > 0 ? more : ["predict"]),
    "m.safetensors",
    ...(more[0] === "inspect" ? [] : ["in.txt"]),
  ],
});

const chain = (/** @type {number} */ length) =>
  withHeader((own) => {
    const [cell] = own.network.cells;
    const first = cell.nodes.length;
    let at = cell.next.h ?? Object.values(cell.next)[0];
    for (let i = 0; i < length; i++) {
      cell.nodes.push({ op: "tanh", args: [at], width: "H" });
      at = first + i;
    }
    for (const key of Object.keys(cell.next)) cell.next[key] = at;
    return own;
  });

/** Hostile model files. @type {readonly Hostile[]} */
export const modelFiles = [
  ...[100, 1_000, 100_000, 3_000_000].flatMap((depth) => [
    opened(`lists ${depth} deep in the model's header`, () => withHeader(() => nested(depth))),
    opened(`objects ${depth} deep`, () => withHeader(() => nested(depth, '{"a":', "}").replace(":}", ":0}"))),
    opened(`a file header ${depth} deep`, () => putTogether(`{"a":${nested(depth)}}`, empty), ["inspect"]),
  ]),
  ...[200_000, 1_000_000].flatMap((count) => [
    opened(`${count} keys of metadata`, () =>
      putTogether(
        { __metadata__: Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, ""])) },
        empty,
      ),
    ),
    opened(`${count} tensors without numbers`, () =>
      putTogether(
        Object.fromEntries(
          Array.from({ length: count }, (_, i) => [
            `t${i}`,
            { dtype: "F32", shape: [0], data_offsets: [0, 0] },
          ]),
        ),
        empty,
      ),
    ),
    opened(`${count} keys in the model's header`, () =>
      withHeader((own) => ({
        ...own,
        data: { ...own.data, ...Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i])) },
      })),
    ),
  ]),
  ...[1000, 20_000, 200_000].map((length) =>
    opened(`a cell whose values stand ${length} deep on each other`, () => chain(length)),
  ),
  ...[1e9, 2 ** 53, 1e300, -1, 0.5, "64", null].map((units) =>
    opened(`${units} units`, () =>
      withHeader((own) => {
        for (const layer of own.network.layers) if ("units" in layer) layer.units = units;
      }),
    ),
  ),
  ...[2 ** 40, -5, "9"].map((size) =>
    opened(`a vocabulary of ${size}`, () =>
      withHeader((own) => {
        own.network.input = { vocabulary: size };
      }),
    ),
  ),
  opened("200,000 layers", () =>
    withHeader((own) => {
      own.network.layers = new Array(200_000).fill(own.network.layers[0]);
    }),
  ),
  opened("200,000 cells", () =>
    withHeader((own) => {
      own.network.cells = new Array(20_000).fill(own.network.cells[0]);
    }),
  ),
  opened("the key __proto__", () => withHeader(() => '{"__proto__": {"format": 1, "task": "classifier"}}')),
  opened("a length of 2^63", () => Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0x80, 0x7b, 0x7d)),
  // A weight that is no number, in every kind of model.
  ...names.map(
    (name) =>
      /** @type {Hostile} */ ({
        format: "model file",
        name: `weights that are NaN: ${name}`,
        says: /holds NaN at place/,
        files() {
          const { header, data } = model(name);
          const changed = data.slice();
          const large = Object.entries(header).find(
            ([key, of]) =>
              key !== "__metadata__" &&
              !key.startsWith("task.") &&
              /** @type {any} */ (of).shape.length === 2,
          );
          const [from] = /** @type {any} */ (large ?? ["", { data_offsets: [0, 0] }])[1].data_offsets;
          new DataView(changed.buffer).setFloat32(from, Number.NaN, true);
          return { "m.safetensors": putTogether(header, changed), "in.txt": "a b\n" };
        },
        args: ["evaluate", "m.safetensors", "--data", "in.txt"],
      }),
  ),
];
