/**
 * Modules of PyTorch as a pickle or a TorchScript program holds them: records of their classes, with parameters, buffers and
 * the modules inside. Walked they give what state_dict() would, and beside it what each module was made with.
 */
import { PickleRecord } from "./pickle.js";
import { StoredTensor } from "./tensors.js";

/** A module as its file describes it. */
export interface TorchClass {
  /** "torch.nn.modules.rnn.LSTM", "__main__.Net". */
  readonly name: string;
  /** "LSTM". */
  readonly kind: string;
  /** Its name as the file has it: "__torch__.torch.nn.modules.rnn.___torch_mangle_2.LSTM". */
  readonly source: string;
  /** What it was made with: numbers, texts, true and false by name. */
  readonly made: ReadonlyMap<string, unknown>;
  /** Names of the modules inside, in the order in which they were made. */
  readonly children: readonly string[];
}

/** A module and all modules inside it. */
export interface ModuleTree {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** By path; the module itself is "". */
  readonly classes: ReadonlyMap<string, TorchClass>;
}

/** Modules around another that add nothing to what it does, and the name of the one inside. */
const wrappers: Readonly<Record<string, string>> = {
  DataParallel: "module",
  DistributedDataParallel: "module",
  FullyShardedDataParallel: "_fsdp_wrapped_module",
  OptimizedModule: "_orig_mod",
  AveragedModel: "module",
};

/** Modules inside each other, at most. */
const MOST_DEPTH = 60;

/** The parts of a record that is a module; undefined if it is none. */
interface Parts {
  readonly tensors: readonly (readonly [string, unknown])[];
  readonly modules: readonly (readonly [string, PickleRecord])[];
  readonly made: ReadonlyMap<string, unknown>;
}

/** Whether a value is a module. */
export const isModule = (value: unknown): value is PickleRecord => partsOf(value) !== undefined;

/** "__torch__.torch.nn.modules.rnn.___torch_mangle_2.GRU" is torch.nn.modules.rnn.GRU. */
export const classNameOf = (name: string): string =>
  name.replace(/^__torch__\./, "").replace(/___torch_mangle_\d+\./g, "");

/** A module's parameters, buffers and modules, with those inside. */
export function moduleTree(root: PickleRecord): ModuleTree {
  const tensors = new Map<string, StoredTensor>();
  const classes = new Map<string, TorchClass>();
  const walk = (record: PickleRecord, path: string, around: readonly PickleRecord[]): void => {
    const parts = partsOf(record);
    // A module that is inside itself is not walked again.
    if (parts === undefined || around.includes(record) || around.length > MOST_DEPTH) return;
    const name = classNameOf(record.name);
    const kind = name.slice(name.lastIndexOf(".") + 1);
    const inner = parts.modules.find(([own]) => own === wrappers[kind]);
    if (inner && parts.modules.length === 1) return walk(inner[1], path, [...around, record]);
    const full = (own: string): string => (path === "" ? own : `${path}.${own}`);
    classes.set(path, {
      name,
      kind,
      source: record.name,
      made: parts.made,
      children: parts.modules.map(([own]) => own),
    });
    for (const [own, tensor] of parts.tensors)
      if (tensor instanceof StoredTensor) tensors.set(full(own), tensor);
    for (const [own, each] of parts.modules) walk(each, full(own), [...around, record]);
  };
  walk(root, "", []);
  return { tensors, classes };
}

function partsOf(value: unknown): Parts | undefined {
  if (!(value instanceof PickleRecord)) return undefined;
  const { state } = value;
  if (!(state instanceof Map)) return undefined;
  if (value.name.startsWith("__torch__.")) return scriptParts(state);
  const [parameters, buffers, modules] = ["_parameters", "_buffers", "_modules"].map((key) => state.get(key));
  if (!(parameters instanceof Map && modules instanceof Map)) return undefined;
  const passing: unknown = state.get("_non_persistent_buffers_set");
  const kept = [...(buffers instanceof Map ? buffers : [])].filter(
    ([name]) => !(Array.isArray(passing) && passing.includes(name)),
  );
  return {
    tensors: texts([...parameters, ...kept]),
    modules: texts([...modules]).filter((each): each is [string, PickleRecord] => isRecord(each[1])),
    made: plainOnes(state),
  };
}

/** A program's modules have attributes alone: tensors, modules, and what they were made with. */
function scriptParts(state: ReadonlyMap<unknown, unknown>): Parts {
  const all = texts([...state]);
  return {
    tensors: all.filter(([, each]) => each instanceof StoredTensor),
    modules: all.filter((each): each is [string, PickleRecord] => isRecord(each[1])),
    made: plainOnes(state),
  };
}

const isRecord = (value: unknown): value is PickleRecord => value instanceof PickleRecord;

const texts = (pairs: readonly (readonly unknown[])[]): (readonly [string, unknown])[] =>
  pairs.flatMap(([key, value]) => (typeof key === "string" ? [[key, value] as const] : []));

/** Numbers, texts, true and false, and lists of such. */
function plainOnes(state: ReadonlyMap<unknown, unknown>): ReadonlyMap<string, unknown> {
  const isPlain = (value: unknown): boolean =>
    ["number", "string", "boolean"].includes(typeof value) ||
    (Array.isArray(value) && value.length < 9 && value.every((each) => typeof each === "number"));
  return new Map(texts([...state]).filter(([, value]) => isPlain(value)));
}
