/**
 * The import of Keras' own files: `.keras`, a zip archive of config.json,
 * metadata.json and model.weights.h5; and the legacy `.h5`, whose attribute model_config is the configuration.
 * Sources: keras/src/saving/saving_lib.py, keras/src/legacy/saving/legacy_h5_format.py.
 */
import { checkArguments } from "../../options/check.js";
import { FileFormatError } from "../errors.js";
import type { Imported } from "../imported.js";
import { type Budget, fileBudget, type ReadLimits } from "../limits.js";
import { isZip, openZip } from "../zip.js";
import { fieldsOf, parseJson } from "./fields.js";
import { type Hdf5Group, isHdf5, openHdf5 } from "./hdf5.js";
import { importModel } from "./network.js";
import type { Dialect, SourceTensor, WeightReader } from "./source.js";
import { readTopology } from "./topology.js";

/**
 * Imports a model that Keras saved: `model.save("model.keras")` or `model.save("model.h5")`.
 *
 * @param name the file's name, for messages
 * @param limits how much reading it may take
 * @example
 * const imported = await importKeras(await readFile("tagger.keras"), "tagger.keras");
 * const certificate = await certify(imported, { reference: createReferenceExecutor, wasm: createWasmExecutor });
 * @throws FileFormatError listing what cannot be imported, or naming what is wrong with the file
 */
export async function importKeras(
  bytes: Uint8Array,
  name = "model.keras",
  limits: ReadLimits = {},
): Promise<Imported> {
  checkArguments("importKeras", { bytes }, { bytes: { kind: "bytes" } });
  const budget = fileBudget(name, limits, bytes.length);
  if (isZip(bytes)) return importArchive(bytes, name, budget);
  if (isHdf5(bytes)) return importLegacy(bytes, name, budget);
  throw new FileFormatError({
    file: name,
    where: "start",
    problem: "is neither a .keras archive nor an HDF5 file",
    remedy: 'Save the model with model.save("model.keras").',
  });
}

async function importArchive(bytes: Uint8Array, file: string, budget: Budget): Promise<Imported> {
  const zip = openZip(bytes, file, budget);
  const text = async (entry: string): Promise<string> => new TextDecoder().decode(await zip.read(entry));
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
  return finish({ file, config, version, weights });
}

/** Paths are layers/<class, counted>/<part>/vars/<number>. */
function archiveWeights(root: Hdf5Group): WeightReader {
  const layers = root.group("layers");
  return async ({ variablesName }, variables) => {
    const out: SourceTensor[] = [];
    for (const part of new Set(variables.map((each) => each.part))) {
      const path = [variablesName, ...(part === "" ? [] : [part]), "vars"].join("/");
      const group = layers?.group(path);
      const numbers = group?.keys.map((key) => Number(key)).sort((a, b) => a - b) ?? [];
      for (const number of numbers) {
        const tensor = await group?.tensor(String(number));
        if (tensor) out.push(tensor);
      }
    }
    return out;
  };
}

async function importLegacy(bytes: Uint8Array, file: string, budget: Budget): Promise<Imported> {
  const root = openHdf5(bytes, file, budget);
  const text = root.text("model_config");
  const weights = root.group("model_weights");
  if (text === undefined || !weights)
    throw new FileFormatError({
      file,
      where: "root",
      problem: "has weights at most, and no description of the model (model_config)",
      remedy: 'Save the whole model, with model.save("model.keras") instead of save_weights.',
    });
  const config = parseJson(text, { file, where: "model_config" });
  const version = root.text("keras_version") ?? weights.text("keras_version") ?? "";
  return finish({ file, config, version, weights: () => legacyWeights(weights, file) });
}

/** A layer's group has the attribute weight_names: the paths of its tensors, in order. */
function legacyWeights(weights: Hdf5Group, file: string): WeightReader {
  return async ({ name }) => {
    const group = weights.group(name);
    const out: SourceTensor[] = [];
    for (const path of group?.texts("weight_names") ?? []) {
      const tensor = await group?.tensor(path);
      if (!tensor)
        throw new FileFormatError({
          file,
          where: group?.path ?? name,
          problem: `has no numbers at ${path}, which its weight_names list`,
          remedy: "Save the model again.",
        });
      out.push(tensor);
    }
    return out;
  };
}

interface Found {
  readonly file: string;
  readonly config: unknown;
  readonly version: string;
  readonly weights: () => WeightReader | Promise<WeightReader>;
}

function finish({ file, config, version, weights }: Found): Promise<Imported> {
  const refused: string[] = [];
  const topology = readTopology(config, { file, refuse: (what) => void refused.push(what) });
  const dialect: Dialect = /^[3-9]\./.test(version) ? "keras3" : "keras2";
  return importModel({ format: "keras", file, topology, refused, dialect, weights });
}
