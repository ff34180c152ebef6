/**
 * The networks in what torch.save wrote: a state dict or a module, alone or among the other things of a checkpoint. Which one
 * is meant, the usual names of trainers tell, or the option part.
 */
import { keyed, plain, someOf } from "../../../options/error.js";
import { FileFormatError } from "../../errors.js";
import { isModule, type ModuleTree, moduleTree } from "./module-tree.js";
import { PickleRecord } from "./pickle.js";
import { StoredTensor } from "./tensors.js";

/** A network in a file. */
interface Found {
  /** Keys that lead to it, joined by points; "" is the value itself. */
  readonly path: string;
  readonly tree: ModuleTree;
  /** A tensor or a module of whole numbers with a scale. Undefined: there is none. */
  readonly quantised: string | undefined;
}

/** What was chosen of a file. */
export interface Contents extends ModuleTree {
  /** Sentences on what was chosen, and what else there is. */
  readonly said: readonly string[];
}

/** What trainers call the network in their checkpoints, where there are several; the first that is there is taken. */
const usual = ["state_dict", "model_state_dict", "model_state", "model", "net", "network", "state", "module"];

/** Dictionaries in each other, and networks, at most. */
const [MOST_DEPTH, MOST_FOUND] = [8, 200];

/**
 * The network of a file.
 *
 * @param part which one, where there are several
 * @throws FileFormatError if there is none, or several and nothing tells which
 */
export function contentsOf(value: unknown, part: string | undefined, file: string): Contents {
  const fail = (problem: string, remedy: ConstructorParameters<typeof FileFormatError>[0]["remedy"]) =>
    new FileFormatError({ file, where: "value", problem, remedy });
  const contents = ({ tree, quantised }: Found, ...said: readonly string[]): Contents => {
    if (quantised === undefined) return { ...tree, said };
    throw fail(
      `holds ${quantised}, which is quantised: PyTorch computes there with whole numbers, and rounds what goes in as well`,
      "Save the model as it was before quantize_dynamic: torch.save(model.state_dict(), FILE).",
    );
  };
  const found = networksIn(value);
  const paths = someOf(found.map(({ path }) => (path === "" ? "the whole file" : path)));
  if (part !== undefined) {
    const chosen =
      found.find(({ path }) => path === part) ??
      onlyOne(found.filter(({ path }) => path.endsWith(`.${part}`)));
    if (chosen) return contents(chosen, `The network is the file's ${chosen.path} (option part).`);
    throw fail(`has no part ${part}`, found.length > 0 ? `It has ${paths}.` : saveStateDict);
  }
  const [only] = found;
  if (only === undefined) throw fail(`holds no state dict${otherThings(value)}`, saveStateDict);
  if (found.length === 1) return contents(only);
  const named = usual.map((key) => found.find(({ path }) => path === key)).find((each) => each !== undefined);
  const recurrent = onlyOne(found.filter(isRecurrent));
  const chosen = named && isRecurrent(named) ? named : (recurrent ?? named);
  if (chosen === undefined)
    throw fail(`holds several networks: ${paths}`, keyed(`{part} chooses one: ${plain(found[0]!.path)}.`));
  const others = someOf(found.filter((each) => each !== chosen).map(({ path }) => path));
  return contents(
    chosen,
    `Of the file's networks this is ${chosen.path}; there are also ${others} (option part).`,
  );
}

const saveStateDict = "Save the tensors alone: torch.save(model.state_dict(), FILE).";

const onlyOne = <T>(all: readonly T[]): T | undefined => (all.length === 1 ? all[0] : undefined);

const isRecurrent = ({ tree, quantised }: Found): boolean =>
  quantised !== undefined || [...tree.tensors.keys()].some((name) => /(^|\.)weight_hh(_l0)?$/.test(name));

/** State dicts and modules, however deep in dictionaries and attributes; nothing inside one of them is another. */
function networksIn(value: unknown): readonly Found[] {
  const found: Found[] = [];
  const seen = new Set<unknown>();
  const look = (each: unknown, path: string, depth: number): void => {
    if (typeof each !== "object" || each === null || seen.has(each) || depth > MOST_DEPTH) return;
    if (found.length >= MOST_FOUND) return;
    seen.add(each);
    if (isModule(each)) {
      const tree = moduleTree(each);
      const quantised = [...tree.classes].find(([, { name }]) => name.includes(".quantized."));
      if (tree.tensors.size > 0 || quantised) found.push({ path, tree, quantised: quantised?.[1].name });
      return;
    }
    const dict = stateDict(each);
    if (dict) {
      const { tensors, quantised } = dict;
      found.push({ path, tree: { tensors, classes: new Map() }, quantised });
      return;
    }
    for (const [key, inside] of insideOf(each))
      if (typeof key === "string") look(inside, path === "" ? key : `${path}.${key}`, depth + 1);
  };
  look(value, "", 0);
  return found;
}

function insideOf(value: object): Iterable<readonly [unknown, unknown]> {
  if (value instanceof Map) return value as ReadonlyMap<unknown, unknown>;
  if (!(value instanceof PickleRecord)) return [];
  return [...value.entries, ...(value.state instanceof Map ? value.state : [])];
}

/** What a state dict holds beside tensors: what modules add for themselves, and nothing at all. */
const isExtra = (name: string, value: unknown): boolean =>
  value === null || /(^|\.)(_extra_state|_packed_params\.dtype)$/.test(name);

/** Weights of whole numbers, in what PyTorch makes of them. */
const isQuantised = (value: unknown): boolean =>
  Array.isArray(value)
    ? value.length < 9 && value.some((each) => each instanceof PickleRecord && isQuantised(each))
    : value instanceof PickleRecord && /^torch\.(ScriptObject|_utils\._rebuild_qtensor)$/.test(value.name);

/** The tensors of a state dict; undefined of what is none. */
function stateDict(
  value: unknown,
): { tensors: Map<string, StoredTensor>; quantised: string | undefined } | undefined {
  const pairs = value instanceof PickleRecord ? value.entries : value;
  if (!(pairs instanceof Map) || pairs.size === 0) return undefined;
  const tensors = new Map<string, StoredTensor>();
  let quantised: string | undefined;
  for (const [name, each] of pairs as ReadonlyMap<unknown, unknown>) {
    if (typeof name !== "string") return undefined;
    if (each instanceof StoredTensor) tensors.set(name, each);
    else if (isQuantised(each)) quantised ??= name;
    else if (!isExtra(name, each)) return undefined;
  }
  return tensors.size > 0 || quantised !== undefined ? { tensors, quantised } : undefined;
}

/** What a file holds instead. */
function otherThings(value: unknown): string {
  if (value instanceof StoredTensor) return "; it is one tensor, without a name";
  if (value instanceof PickleRecord) return `; it is a ${value.name}`;
  if (Array.isArray(value)) {
    const tensors = value.filter((each) => each instanceof StoredTensor).length;
    return tensors > 0 ? `; it is a list of ${tensors} tensors without names` : "; it is a list";
  }
  if (!(value instanceof Map) || value.size === 0) return "";
  // A key may be a tuple of tuples, of which a text could be larger than any memory.
  const keys = [...value.keys()]
    .slice(0, 8)
    .map((key) =>
      typeof key === "string" || typeof key === "number" ? key : "something that is not a text",
    );
  return `; it has ${keys.join(", ")}`;
}
