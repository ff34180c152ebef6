/** The import of TensorFlow.js models: model.json, with the layers of Keras in it, and its shards. */
import { checkArguments } from "../../options/check.js";
import { FileFormatError } from "../errors.js";
import type { Imported } from "../imported.js";
import { fileBudget, type ReadLimits } from "../limits.js";
import { type Fields, fieldsOf, isObject, parseJson } from "./fields.js";
import { importModel } from "./network.js";
import type { Dialect } from "./source.js";
import { type ReadShard, readTfjsWeights } from "./tfjs-weights.js";
import { readTopology } from "./topology.js";
import { namedWeights } from "./weights.js";

/** What an import is told. */
export interface TfjsOptions extends ReadLimits {
  /** Of a model with several outputs, the one to import: its layer's name, or its number from 1. */
  readonly output?: string;
}

/**
 * Imports a layers model of TensorFlow.js: what `model.save` writes, or `tensorflowjs_converter` makes of a Keras model
 * with `--output_format tfjs_layers_model`.
 *
 * @param modelJson the text of model.json
 * @param readShard gives the bytes of a weights file by its path in model.json, such as "./model.weights.bin"; it is only asked
 *   for paths that are relative and do not lead out of the folder
 * @param name model.json's name, for messages
 * @param options which output, how much reading it may take, shards included
 * @example
 * const folder = new URL("models/tagger/", import.meta.url);
 * const imported = await importTfjs(await readFile(new URL("model.json", folder), "utf8"), (path) => readFile(new URL(path, folder)));
 * @throws FileFormatError listing what cannot be imported, or naming what is wrong with the file
 */
export async function importTfjs(
  modelJson: string,
  readShard: ReadShard,
  name = "model.json",
  options: TfjsOptions = {},
): Promise<Imported> {
  const { output, ...limits } = options;
  checkArguments("importTfjs", { modelJson }, { modelJson: { kind: "text" } });
  const budget = fileBudget(name, limits, modelJson.length);
  const root = fieldsOf(parseJson(modelJson, { file: name, where: "the file" }), {
    file: name,
    where: "the file",
  });
  const topology = topologyOf(root, name);
  const refused: string[] = [];
  const context = { file: name, refuse: (what: string) => void refused.push(what) };
  // The converter wraps the model's configuration once more.
  const model = readTopology(topology.json["model_config"] ?? topology.json, context);
  return importModel({
    format: "tfjs",
    file: name,
    topology: model,
    refused,
    dialect: dialectOf(topology.json["keras_version"]),
    ...(output === undefined ? {} : { output }),
    weights: async () =>
      namedWeights(
        await readTfjsWeights(root.list("weightsManifest"), { file: name, readShard, budget }),
        model,
      ),
  });
}

/** Whether model.json is of a version that keeps to Keras 3's definitions: only if Keras 3 wrote what was converted. */
function dialectOf(version: unknown): Dialect {
  return typeof version === "string" && /^[3-9]\./.test(version) ? "keras3" : "keras2";
}

function topologyOf(root: Fields, file: string): Fields {
  const { format, modelTopology } = root.json;
  const isGraph = format === "graph-model" || (isObject(modelTopology) && "node" in modelTopology);
  if (!isGraph) return fieldsOf(modelTopology, { file, where: "modelTopology" });
  throw new FileFormatError({
    file,
    where: "modelTopology",
    problem:
      "is a graph model: single operations of TensorFlow, in which the layers are no longer to be seen",
    remedy:
      "Convert the Keras model with --output_format tfjs_layers_model, or import its .keras or .h5 file.",
  });
}
