/**
 * What follows what in a network out of a file: its modules, and what stands between them without parameters, which a state
 * dict does not tell and the option modules does.
 */
import type { ActivationName } from "../../../nn/index.js";
import { activationNames } from "../../../nn/layers/activation.js";
import { keyed, plain, someOf } from "../../../options/error.js";
import { type Fail, pathText } from "./fail.js";
import type { PlainModule, TorchModule } from "./types.js";

/** Ways to make one vector of all steps. */
export const poolWays = ["last", "ends", "mean", "max"] as const;

/** A way to make one vector of all steps. */
export type PoolWay = (typeof poolWays)[number];

/** Ways to put values together. */
export const joinWays = ["add", "subtract", "multiply", "concatenate"] as const;

/** A way to put values together. */
export type JoinWay = (typeof joinWays)[number];

/** A part of a network, in its place. */
export type Item =
  | TorchModule
  | {
      readonly kind: "activation";
      readonly name: string;
      readonly by: ActivationName;
      /** Where it differs from what it is by default. */
      readonly alpha?: number;
    }
  | { readonly kind: "pool"; readonly by: PoolWay }
  /** What comes before, put together with the values of earlier parts. */
  | { readonly kind: "join"; readonly by: JoinWay; readonly with: readonly string[] }
  /** Σ α⟨t⟩ h⟨t⟩, α the softmax over the steps of what the parts make of h, which is one number for each step. */
  | { readonly kind: "attend"; readonly score: readonly Item[] };

/** What an item is called: a module by its path. */
export function itemText(item: Item): string {
  if ("path" in item) return pathText(item.path);
  if (item.kind === "activation") return item.name;
  if (item.kind === "pool") return item.by;
  if (item.kind === "join") return `${item.by}:${item.with.join("+")}`;
  return `attend:${item.score.map(itemText).join(">")}`;
}

/** "input[:1]" is the first feature of the input. */
export function partOf(text: string): { readonly name: string; readonly first: number | undefined } {
  const [, name = text, first] = /^(.*)\[:(\d+)\]$/.exec(text) ?? [];
  return { name, first: first === undefined ? undefined : Number(first) };
}

/** An activation with what it was made with. */
type Activation = { readonly by: ActivationName; readonly alpha?: number };

/** PyTorch's classes of activations, by our names. */
const activationClasses: Readonly<Record<string, (made: PlainModule["made"]) => Activation | undefined>> = {
  ReLU: () => ({ by: "relu" }),
  Tanh: () => ({ by: "tanh" }),
  Sigmoid: () => ({ by: "sigmoid" }),
  Softsign: () => ({ by: "softsign" }),
  SiLU: () => ({ by: "silu" }),
  SELU: () => ({ by: "selu" }),
  GELU: (made) => ({ by: made.get("approximate") === "tanh" ? "geluTanh" : "gelu" }),
  ELU: (made) => ({ by: "elu", alpha: Number(made.get("alpha") ?? 1) }),
  LeakyReLU: (made) => ({ by: "leakyRelu", alpha: Number(made.get("negative_slope") ?? 0.01) }),
  Hardsigmoid: () => ({ by: "hardSigmoid", alpha: 1 / 6 }),
  Softplus: (made) => ((made.get("beta") ?? 1) === 1 ? { by: "softplus" } : undefined),
};

/** Classes that do nothing in inference. */
const nothing = /^((Alpha|Feature)?(Alpha)?Dropout\d?d?|Identity|LockedDropout|VariationalDropout)$/;

/** Classes that make predictions of scores, and the head that they are. */
const headClasses: Readonly<Record<string, "softmax" | "sigmoid">> = {
  Softmax: "softmax",
  LogSoftmax: "softmax",
  Sigmoid: "sigmoid",
};

/** What a module without parameters is. */
export type PlainRole =
  | { readonly role: "nothing" }
  | ({ readonly role: "activation"; readonly head?: "softmax" | "sigmoid" } & Activation)
  | { readonly role: "head"; readonly head: "softmax" | "sigmoid" }
  | { readonly role: "unknown" };

/** What a module without parameters does. */
export function plainRole(module: PlainModule): PlainRole {
  const torch = module.name.startsWith("torch.");
  if (nothing.test(module.class)) return { role: "nothing" };
  const by =
    torch && Object.hasOwn(activationClasses, module.class)
      ? activationClasses[module.class]!(module.made)
      : undefined;
  const head = torch && Object.hasOwn(headClasses, module.class) ? headClasses[module.class] : undefined;
  if (by !== undefined) return { role: "activation", ...by, ...(head ? { head } : {}) };
  return head === undefined ? { role: "unknown" } : { role: "head", head };
}

/** The paths of modules that the option modules names. */
export function namedPaths(given: readonly string[], tensorsHave: (path: string) => boolean): string[] {
  return given.flatMap((text) =>
    text.startsWith("attend:") && !tensorsHave(text)
      ? text.slice("attend:".length).split(">").filter(tensorsHave)
      : tensorsHave(text)
        ? [text]
        : [],
  );
}

/**
 * The items that the option modules names.
 *
 * @param paths of what there is in the file
 * @throws FileFormatError naming an item that is neither in the file nor a part without parameters
 */
export function namedItems(
  given: readonly string[],
  modules: readonly TorchModule[],
  { paths, fail }: { readonly paths: readonly string[]; readonly fail: Fail },
): readonly Item[] {
  const before: string[] = ["input"];
  const one = (text: string): Item => {
    const module = modules.find(({ path }) => path === text);
    if (module) return module;
    if ((activationNames as readonly string[]).includes(text))
      return { kind: "activation", name: text, by: text as ActivationName };
    if ((poolWays as readonly string[]).includes(text)) return { kind: "pool", by: text as PoolWay };
    // "add:input[:1]" has a colon in its name as well.
    const [, way = "", rest] = /^([a-z]+):(.*)$/.exec(text) ?? [];
    if (rest !== undefined && (joinWays as readonly string[]).includes(way)) {
      const others = rest.split("+");
      const missing = others.find((name) => !before.includes(partOf(name).name));
      if (missing !== undefined)
        throw fail(
          `part ${text}`,
          `takes ${missing}, which does not come before it`,
          `Before it come ${before.join(", ")}.`,
        );
      return { kind: "join", by: way as JoinWay, with: others };
    }
    if (rest !== undefined && way === "attend") return { kind: "attend", score: rest.split(">").map(one) };
    const words = [...activationNames, ...poolWays, ...joinWays.map((name) => `${name}:PART`), "attend:PART"];
    throw fail(
      `module ${text}`,
      "is not in the file",
      keyed(
        plain(`There are ${someOf(paths.map(pathText), 40)}; and without parameters ${words.join(", ")}.`),
      ),
    );
  };
  return given.map((text) => {
    const item = one(text);
    before.push(text);
    return item;
  });
}
