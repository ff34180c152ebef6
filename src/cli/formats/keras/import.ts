/**
 * `unrolled import --from keras` and `--from tfjs`: which files belong to them, and where the weights of a
 * TensorFlow.js model are.
 */
import { basename } from "node:path";
import { DataError } from "../../../data/index.js";
import { limitsHere, readFileBytes, readPart } from "../../../data/node.js";
import { option } from "../../terminal/options.js";
import type { ImportRow } from "../import-row.js";

const startsWith = (bytes: Uint8Array, text: string): boolean =>
  new TextDecoder("latin1").decode(bytes.subarray(0, text.length)) === text;

/** JSON of a model without its weights, as to_json writes it. */
function isDescription(file: string, bytes: Uint8Array): boolean {
  if (!/\.json$/i.test(file)) return false;
  const text = new TextDecoder().decode(bytes);
  return text.includes('"class_name"') && !text.includes('"weightsManifest"');
}

const outputOption = option(
  "Input:",
  "--output <name>",
  "of a model with several outputs, the one to import: its layer's name, or its number from 1",
);

/** The row of Keras' own files. */
export const kerasImporter: ImportRow = {
  describes: "a whole model: .keras, or .h5 with its description; weights alone with --description",
  recognises: (file, bytes) =>
    /\.keras$/i.test(file) || startsWith(bytes, "\x89HDF") || isDescription(file, bytes),
  options: [
    option(
      "Input:",
      "--description <file>",
      "what describes the layers of weights alone: the JSON of to_json, or config.json",
    ),
    outputOption,
  ],
  async read({ file, bytes, chosen }) {
    if (isDescription(file, bytes))
      throw new DataError({
        file,
        problem: "is the description of a Keras model, without its weights",
        remedy: `Import the file that holds them: unrolled import WEIGHTS.h5 --description ${basename(file)}`,
      });
    const { importKeras } = await import("../../../io/keras/index.js");
    const { description, output } = chosen as { readonly description?: string; readonly output?: string };
    return importKeras(bytes, file, {
      ...limitsHere(),
      ...(description === undefined ? {} : { description: await readFileBytes(description) }),
      ...(output === undefined ? {} : { output }),
    });
  },
};

/** The row of TensorFlow.js. */
export const tfjsImporter: ImportRow = {
  describes: "a layers model: model.json, with its weights files next to it",
  recognises: (file, bytes) =>
    /\.json$/i.test(file) && new TextDecoder().decode(bytes).includes('"weightsManifest"'),
  options: [outputOption],
  async read({ file, bytes, chosen }) {
    const { importTfjs } = await import("../../../io/keras/index.js");
    const shard = (path: string): Promise<Uint8Array> => readPart(file, path);
    const { output } = chosen as { readonly output?: string };
    return importTfjs(new TextDecoder().decode(bytes), shard, file, {
      ...limitsHere(),
      ...(output === undefined ? {} : { output }),
    });
  },
};
