/**
 * The import of Keras' own files: `.keras`, a zip archive of config.json, metadata.json and model.weights.h5; the legacy `.h5`,
 * whose attribute model_config is the configuration; and weights alone, whose description is given beside them.
 * Sources: keras/src/saving/saving_lib.py, keras/src/legacy/saving/legacy_h5_format.py.
 */
import { checkArguments } from "../../options/check.js";
import { FileFormatError } from "../errors.js";
import type { Imported } from "../imported.js";
import { type Budget, fileBudget, type ReadLimits } from "../limits.js";
import { isZip, openZip } from "../zip.js";
import { fieldsOf, isObject, parseJson } from "./fields.js";
import { isHdf5, openHdf5 } from "./hdf5.js";
import { asKeras2, isKeras1, joinedGates } from "./keras1.js";
import { importModel } from "./network.js";
import type { Dialect, Topology, WeightReader } from "./source.js";
import { readTopology } from "./topology.js";
import { archiveWeights, isArchiveWeights, legacyWeights, listIn } from "./weights.js";

/** What an import is told. */
export interface KerasOptions extends ReadLimits {
  /**
   * The description of a model whose weights are in a file of their own (`save_weights`): the JSON of `model.to_json()`, or the
   * config.json of an archive; as a text, or the bytes of its file, which may be the archive itself.
   */
  readonly description?: string | Uint8Array;
  /** Of a model with several outputs, the one to import: its layer's name, or its number from 1. */
  readonly output?: string;
}

/**
 * Imports a model that Keras saved: `model.save("model.keras")` or `model.save("model.h5")`; or weights of
 * `model.save_weights` with the model's description.
 *
 * @param name the file's name, for messages
 * @param options a description, which output, how much reading it may take
 * @example
 * const imported = await importKeras(await readFile("tagger.keras"), "tagger.keras");
 * const certificate = await certify(imported, { reference: createReferenceExecutor, wasm: createWasmExecutor });
 * @throws FileFormatError listing what cannot be imported, or naming what is wrong with the file
 */
export async function importKeras(
  bytes: Uint8Array,
  name = "model.keras",
  options: KerasOptions = {},
): Promise<Imported> {
  checkArguments("importKeras", { bytes }, { bytes: { kind: "bytes" } });
  const { description, output, ...limits } = options;
  const budget = fileBudget(name, limits, bytes.length);
  const request: Request = {
    file: name,
    budget,
    ...(description === undefined ? {} : { description: await descriptionText(description, budget) }),
    ...(output === undefined ? {} : { output }),
  };
  if (isZip(bytes)) return importArchive(bytes, request);
  if (isHdf5(bytes)) return importLegacy(bytes, request);
  throw new FileFormatError({
    file: name,
    where: "start",
    ...whatElse(bytes),
  });
}

interface Request {
  readonly file: string;
  readonly budget: Budget;
  readonly description?: string;
  readonly output?: string;
}

/** The description as JSON. */
async function descriptionText(description: string | Uint8Array, budget: Budget): Promise<string> {
  if (typeof description === "string") return description;
  const archive = isZip(description) ? openZip(description, "description", budget) : undefined;
  return new TextDecoder().decode(archive ? await archive.read("config.json") : description);
}

/** What a file is that is no model of Keras. */
function whatElse(bytes: Uint8Array): { readonly problem: string; readonly remedy: string } {
  const start = new TextDecoder("latin1").decode(bytes.subarray(0, 200));
  if (/^version https:\/\/git-lfs/.test(start))
    return {
      problem: "is a pointer of Git LFS, which stands for the file",
      remedy: "Fetch the file itself with git lfs pull.",
    };
  if (/^\s*\{/.test(start))
    return {
      problem: "is JSON: the description of a model, without its weights",
      remedy: "Import the file with the weights, and give this one as its description.",
    };
  return {
    problem: "is neither a .keras archive nor an HDF5 file",
    remedy: 'Save the model with model.save("model.keras").',
  };
}

async function importArchive(bytes: Uint8Array, request: Request): Promise<Imported> {
  const { file, budget } = request;
  const zip = openZip(bytes, file, budget);
  const text = async (entry: string): Promise<string> => new TextDecoder().decode(await zip.read(entry));
  if (!zip.names.includes("config.json") && zip.names.some((entry) => /saved_model\.pb$/.test(entry)))
    throw new FileFormatError({
      file,
      where: "archive",
      problem: "is a SavedModel of TensorFlow: operations, in which the layers are no longer to be seen",
      remedy: 'Save the Keras model with model.save("model.keras").',
    });
  const config = parseJson(await text("config.json"), { file, where: "config.json" });
  const metadata = parseJson(await text("metadata.json"), { file, where: "metadata.json" });
  const version = fieldsOf(metadata, { file, where: "metadata.json" }).text("keras_version");
  const weights = async (): Promise<WeightReader> => {
    if (zip.names.includes("model.weights.h5"))
      return archiveWeights(
        openHdf5(await zip.read("model.weights.h5"), `${file}, model.weights.h5`, budget),
      );
    const found = zip.names.find((entry) => entry.startsWith("model.weights"));
    throw new FileFormatError({
      file,
      where: "archive",
      problem: `has no model.weights.h5${found ? `, but ${found}` : ""}`,
      remedy: "Save the model again without options for the format of its weights.",
    });
  };
  return finish(request, { config, version, weights });
}

async function importLegacy(bytes: Uint8Array, request: Request): Promise<Imported> {
  const { file, budget, description } = request;
  const root = openHdf5(bytes, file, budget);
  const text = description ?? root.text("model_config");
  const whole = root.group("model_weights");
  const isArchive = !whole && isArchiveWeights(root);
  const weights = whole ?? root;
  if (text === undefined || (!whole && !isArchive && listIn(root, "layer_names") === undefined))
    throw new FileFormatError({
      file,
      where: "root",
      problem:
        text === undefined
          ? "has weights at most, and no description of the model (model_config)"
          : "has no weights of layers (model_weights, layers or layer_names)",
      remedy:
        'Give the description beside it (the JSON of model.to_json(), or config.json), or save the whole model with model.save("model.keras").',
    });
  const config = parseJson(text, { file, where: description === undefined ? "model_config" : "description" });
  const written =
    isObject(config) && typeof config["keras_version"] === "string" ? config["keras_version"] : "";
  const version = root.text("keras_version") ?? weights.text("keras_version") ?? written;
  return finish(request, {
    config,
    version,
    weights: (topology) => (isArchive ? archiveWeights(root) : legacyWeights(weights, file, topology)),
  });
}

interface Found {
  readonly config: unknown;
  readonly version: string;
  readonly weights: (topology: Topology) => WeightReader | Promise<WeightReader>;
}

function finish({ file, output }: Request, { config, version, weights }: Found): Promise<Imported> {
  const refused: string[] = [];
  // Some have the configuration wrapped once more.
  const root = isObject(config) && isObject(config["model_config"]) ? config["model_config"] : config;
  const read = readTopology(root, { file, refuse: (what) => void refused.push(what) });
  const old = isKeras1(read);
  const topology = old ? asKeras2(read) : read;
  const dialect: Dialect = isKeras3(version, topology) ? "keras3" : "keras2";
  return importModel({
    format: "keras",
    file,
    topology,
    refused,
    dialect,
    ...(output === undefined ? {} : { output }),
    weights: async () => {
      const reader = await weights(read);
      return old ? joinedGates(reader) : reader;
    },
  });
}

/** By the version that wrote it; where none is told, by precisions, which are objects since Keras 3. */
const isKeras3 = (version: string, { calls }: Topology): boolean =>
  version === "" ? calls.some(({ layer }) => isObject(layer.config["dtype"])) : /^[3-9]\./.test(version);
