/**
 * `unrolled import --from keras` and `--from tfjs`: which files belong to them, and where the weights of a
 * TensorFlow.js model are.
 */
import { limitsHere, readNamed } from "../../../data/node.js";
import type { ImportRow } from "../import-row.js";

const startsWith = (bytes: Uint8Array, text: string): boolean =>
  new TextDecoder("latin1").decode(bytes.subarray(0, text.length)) === text;

/** The row of Keras' own files. */
export const kerasImporter: ImportRow = {
  describes: "a whole model: .keras, or .h5 with its description",
  recognises: (file, bytes) => /\.keras$/i.test(file) || startsWith(bytes, "\x89HDF"),
  options: [],
  async read({ file, bytes }) {
    const { importKeras } = await import("../../../io/keras/index.js");
    return importKeras(bytes, file, limitsHere());
  },
};

/** The row of TensorFlow.js. */
export const tfjsImporter: ImportRow = {
  describes: "a layers model: model.json, with its weights files next to it",
  recognises: (file, bytes) =>
    /\.json$/i.test(file) && new TextDecoder().decode(bytes).includes('"weightsManifest"'),
  options: [],
  async read({ file, bytes }) {
    const { importTfjs } = await import("../../../io/keras/index.js");
    const shard = (path: string): Promise<Uint8Array> => readNamed(file, path);
    return importTfjs(new TextDecoder().decode(bytes), shard, file, limitsHere());
  },
};
