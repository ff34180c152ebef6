/**
 * Where the weights of a layer are, in each kind of file: by paths of classes and numbers (Keras 3), by the names of weights in
 * the group of an outermost layer (Keras 1 and 2), or by names alone (TensorFlow.js).
 * Sources: keras/src/saving/saving_lib.py, keras/src/legacy/saving/legacy_h5_format.py.
 */
import { FileFormatError } from "../errors.js";
import type { Hdf5Group } from "./hdf5.js";
import type { SourceConfig, SourceTensor, Topology, WeightReader } from "./source.js";

/** Paths are layers/<class, counted>/<part>/vars/<number>. */
export function archiveWeights(root: Hdf5Group): WeightReader {
  return async ({ weights }, variables) => {
    const out: SourceTensor[] = [];
    for (const part of new Set(variables.map((each) => each.part))) {
      const path = [weights.path, ...(part === "" ? [] : [part]), "vars"].join("/");
      const group = groupAt(root, path.split("/"));
      const numbers = group?.keys.map((key) => Number(key)).sort((a, b) => a - b) ?? [];
      for (const number of numbers) {
        const tensor = await group?.tensor(String(number));
        if (tensor) out.push(tensor);
      }
    }
    return out;
  };
}

/** What some versions called the list of layers. */
const otherNames: Readonly<Record<string, string>> = { _layer_checkpoint_dependencies: "layers" };

/** A group by its path; Keras on Windows wrote parts of paths as one name, with backslashes between them. */
function groupAt(group: Hdf5Group, path: readonly string[]): Hdf5Group | undefined {
  if (path.length === 0) return group;
  for (const key of group.keys) {
    const parts = key.split("\\").map((part) => otherNames[part] ?? part);
    if (!parts.every((part, i) => part === path[i])) continue;
    const inner = group.group(key);
    const found = inner && groupAt(inner, path.slice(parts.length));
    if (found) return found;
  }
  return undefined;
}

/** True for the weights that `save_weights` of Keras 3 writes, and that are in an archive. */
export const isArchiveWeights = ({ keys }: Hdf5Group): boolean =>
  keys.some((key) => /^(layers|_layer_checkpoint_dependencies)(\\|$)/.test(key));

/** The group of an outermost layer has the attribute weight_names: the paths of its tensors, in order. */
export function legacyWeights(weights: Hdf5Group, file: string, topology: Topology): WeightReader {
  const owners = ownersOf(topology);
  return async (layer) => {
    const [, outermost = ""] = layer.weights.names;
    const group = weights.group(outermost);
    const out: SourceTensor[] = [];
    for (const path of (group && listIn(group, "weight_names")) ?? []) {
      if (layer.weights.names.length > 2 && ownerOf(path, owners) !== layer.weights.path) continue;
      const tensor = await group?.tensor(path);
      if (!tensor)
        throw new FileFormatError({
          file,
          where: group?.path ?? outermost,
          problem: `has no numbers at ${path}, which its weight_names list`,
          remedy: "Save the model again.",
        });
      out.push(tensor);
    }
    return out;
  };
}

/** A list of texts, which Keras cuts into several attributes where it is long: weight_names0, weight_names1, … */
export function listIn(group: Hdf5Group, name: string): readonly string[] | undefined {
  const whole = group.texts(name);
  if (whole) return whole;
  const parts: string[] = [];
  for (let i = 0; ; i++) {
    const part = group.texts(`${name}${i}`);
    if (!part) return i === 0 ? undefined : parts;
    parts.push(...part);
  }
}

/** Weights by their names alone: each is that of the layer whose name, after those of models around it, its path begins with. */
export function namedWeights(tensors: readonly SourceTensor[], topology: Topology): WeightReader {
  const owners = ownersOf(topology);
  const byOwner = new Map<string, SourceTensor[]>();
  for (const tensor of tensors) {
    const owner = ownerOf(tensor.name, owners);
    if (owner === undefined) continue;
    const own = byOwner.get(owner) ?? [];
    byOwner.set(owner, own);
    own.push(tensor);
  }
  return ({ weights }) => byOwner.get(weights.path) ?? [];
}

/** How the path of a layer's weights may begin, with the layer's place. */
type Owners = readonly (readonly [beginning: string, layer: string])[];

function ownersOf({ calls }: Topology): Owners {
  const layers = new Map(calls.map(({ layer }): [string, SourceConfig] => [layer.weights.path, layer]));
  const all = [...layers.values()].flatMap(({ weights: { path, names } }) =>
    names.map((_, from): readonly [string, string] => [`${names.slice(from).join("/")}/`, path]),
  );
  // Names may have slashes, and a model may be called as one of its layers is: the longest that fits is meant.
  return all.sort(([a], [b]) => b.length - a.length);
}

const ownerOf = (path: string, owners: Owners): string | undefined =>
  owners.find(([beginning]) => path.startsWith(beginning))?.[1];
