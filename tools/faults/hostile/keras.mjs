// @ts-check
/** Hostile Keras files: descriptions that nest or go in circles, archives and data sets that unpack to anything. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { deflatedBomb, zlibBomb } from "../parts/bombs.mjs";
import { joined, unzipped, zipped } from "../parts/containers.mjs";
import { fieldsOf, hdf5Of } from "../parts/hdf5.mjs";

/** @typedef {import("../hostile.mjs").Hostile} Hostile */

const golden = (/** @type {string} */ name) =>
  new Uint8Array(readFileSync(fileURLToPath(new URL(`../../../test/golden/keras/${name}`, import.meta.url))));
const utf8 = (/** @type {string} */ text) => new TextEncoder().encode(text);

/** @param {string} name @param {() => Uint8Array} make @param {string} [file] @returns {Hostile} */
const imported = (name, make, file = "m.keras") => ({
  format: "keras",
  name,
  files: () => ({ [file]: make() }),
  args: ["import", file, "--from", "keras", "--out", "out.safetensors"],
});

/** An archive with one entry replaced. @param {string} entry @param {Partial<import("../parts/containers.mjs").Entry> & { bytes: Uint8Array }} by */
const withEntry = (entry, by) =>
  zipped(
    unzipped(golden("tagger.keras")).map((each) => (each.name === entry ? { name: entry, ...by } : each)),
  );

/** @param {(config: any) => unknown} change */
function withConfig(change) {
  const own = JSON.parse(
    new TextDecoder().decode(
      unzipped(golden("tagger.keras")).find(({ name }) => name === "config.json")?.bytes,
    ),
  );
  const changed = change(own) ?? own;
  return withEntry("config.json", {
    bytes: utf8(typeof changed === "string" ? changed : JSON.stringify(changed)),
  });
}

/** A legacy file with its bytes changed behind every place of a signature. @param {string} signature @param {number} offset @param {Uint8Array} by */
function patched(signature, offset, by) {
  const bytes = golden("keras2.h5").slice();
  const sign = utf8(signature);
  for (let at = 0; at < bytes.length - 64; at++)
    if (sign.every((byte, i) => bytes[at + i] === byte)) bytes.set(by, at + offset);
  return bytes;
}

/** A file of one data set in the place of a model's weights. @param {import("../parts/hdf5.mjs").DataSet} set */
const weights = (set) => withEntry("model.weights.h5", { bytes: hdf5Of(set) });

/** The same as a legacy file, whose description is an attribute of such texts. @param {NonNullable<import("../parts/hdf5.mjs").DataSet["texts"]>} texts */
const described = (texts) => hdf5Of({ shape: [1], numbers: new Uint8Array(4), texts });

/** Hostile Keras files. @type {readonly Hostile[]} */
export const keras = [
  ...[1e7, 1e9, 4e9].flatMap((bytes) =>
    ["config.json", "metadata.json", "model.weights.h5"].map((entry) =>
      imported(`${entry} that unpacks to ${bytes} bytes`, () => {
        const { packed, size } = deflatedBomb(entry.endsWith("h5") ? "\0" : "[", bytes);
        return withEntry(entry, { bytes: new Uint8Array(0), packed, size });
      }),
    ),
  ),
  ...[200, 10_000, 1_000_000].flatMap((depth) => [
    imported(`lists ${depth} deep`, () =>
      withConfig(() => `{"class_name":"Sequential","config":${"[".repeat(depth)}${"]".repeat(depth)}}`),
    ),
    imported(`models ${depth} deep in each other`, () =>
      withConfig(
        () => `${'{"class_name":"Sequential","config":{"layers":['.repeat(depth)}${"]}}".repeat(depth)}`,
      ),
    ),
  ]),
  imported("200,000 layers", () =>
    withConfig((own) => {
      own.config.layers = new Array(200_000).fill(own.config.layers.at(-1));
    }),
  ),
  imported("layers that read each other", () =>
    withConfig((own) => {
      own.class_name = "Functional";
      const layers = ["a", "b"].map((name) => ({
        class_name: "Dense",
        name,
        config: { name, units: 2 },
        inbound_nodes: [[[name === "a" ? "b" : "a", 0, 0, {}]]],
      }));
      own.config = { name: "m", layers, input_layers: [["a", 0, 0]], output_layers: [["b", 0, 0]] };
    }),
  ),
  ...[1e9, 2 ** 53, 1e300, -3].map((units) =>
    imported(`${units} units`, () =>
      withConfig((own) => {
        for (const { config } of own.config.layers) if ("units" in config) config.units = units;
      }),
    ),
  ),
  // Structures that lead in circles, or say more than there is.
  ...["TREE", "SNOD", "HEAP", "GCOL"].flatMap((signature) =>
    [5, 6, 8, 24].flatMap((offset) => [
      imported(
        `${signature} with all bits set at ${offset}`,
        () => patched(signature, offset, new Uint8Array(8).fill(255)),
        "m.h5",
      ),
      imported(
        `${signature} with 2^31 at ${offset}`,
        () => patched(signature, offset, fieldsOf([8, 2 ** 31])),
        "m.h5",
      ),
    ]),
  ),
  imported("a data set of packed zeros", () =>
    weights({
      shape: [2 ** 30],
      piece: [2 ** 30],
      pieces: [{ offset: [0], bytes: zlibBomb(4e9) }],
      filter: 2,
    }),
  ),
  ...[2 ** 26, 2 ** 30, 2 ** 40, 2n ** 60n].map((size) =>
    imported(`a data set of ${size} numbers that were never written`, () => weights({ shape: [size] })),
  ),
  imported("pieces of 2^32 numbers of a data set of one", () =>
    weights({
      shape: [1],
      piece: [2 ** 32 - 1],
      pieces: [{ offset: [0], bytes: new Uint8Array(4) }],
      filter: 1,
    }),
  ),
  imported("the same piece ten thousand times", () =>
    weights({
      shape: [1024],
      piece: [1024],
      pieces: new Array(10_000).fill({ offset: [0], bytes: new Uint8Array(4096) }),
      filter: 1,
    }),
  ),
  ...[0, 1, 2 ** 31 - 1, 2 ** 32 - 1].map((count) =>
    imported(
      `${count} texts of no length`,
      () => described({ name: "model_config", size: 0, count, bytes: new Uint8Array(8) }),
      "m.h5",
    ),
  ),
  imported(
    "a text of 2^31 bytes",
    () => described({ name: "model_config", size: 2 ** 31, count: 1, bytes: new Uint8Array(8) }),
    "m.h5",
  ),
  imported(
    "2^60 texts of one byte",
    () =>
      described({
        name: "model_config",
        size: 1,
        count: 2n ** 60n,
        bytes: joined([utf8("x"), new Uint8Array(7)]),
      }),
    "m.h5",
  ),
];
