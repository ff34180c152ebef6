/**
 * `unrolled/exec`: executors by name, and what executors, sessions and programs are. Which executor it is decides how fast
 * and with which rounding plans run, never what they mean.
 */
import { checkArguments, checkOptions } from "../../options/check.js";
import type { OptionTable } from "../../options/row.js";
import type { Executor } from "../executor.js";
import type { TierName, WasmOptions } from "../wasm/options.js";
import type { ExecutorRow } from "./row.js";
import { executors } from "./table.js";

export type {
  Batch,
  BufferView,
  Capacity,
  Executor,
  Home,
  PlanMemory,
  Program,
  Session,
} from "../executor.js";
export { ExecutorError } from "../executor.js";
export { executorOf, type OpenHome, openHome } from "../home.js";
export type { Resource } from "../resource.js";
export type { ExecutorRow } from "./row.js";

/** The executors that there are. */
export type ExecutorName = keyof typeof executors;

/** Their names, that of every day first. */
export const executorNames = Object.keys(executors) as readonly ExecutorName[];

/** Which executor, and how it runs. */
export interface ExecutorOptions {
  /** "wasm" (the default), float32 in WebAssembly; or "reference", the float64 interpreter that defines what plans mean. */
  readonly name?: ExecutorName;
  /**
   * How it computes: of wasm the build of the kernels, of the reference the precision of what is stored. Default "auto", the
   * best that leaves the process as it is; "fastest" may change it, see `WasmOptions`.
   */
  readonly tier?: TierName | "float64" | "float32" | "auto" | "fastest";
  /** Of wasm: how many threads run a plan, this one among them; default 1. The bits are the same for any number. */
  readonly threads?: number;
  /** Of wasm: where the kernels are; see `WasmOptions`. */
  readonly module?: NonNullable<WasmOptions["module"]>;
  /** Of wasm: the most memory that it may ever hold; default 4 GB, or as much of it as can be reserved. */
  readonly maximumBytes?: number;
}

/** The tiers of an executor: `tiersOf("wasm")` are those of the kernels. */
export function tiersOf(name: ExecutorName): readonly string[] {
  checkArguments("tiersOf", { name }, { name: { kind: "name", names: executorNames } });
  return executors[name].tiers;
}

/**
 * Creates an executor.
 *
 * ```ts
 * const executor = await createExecutor({ threads: 2 });
 * const session = executor.session();
 * ```
 *
 * @throws OptionError if there is no such executor, or it has no such option; ExecutorError if it does not run here
 */
export async function createExecutor(options: ExecutorOptions = {}): Promise<Executor> {
  const { name = "wasm", ...own } = Object(options) as ExecutorOptions;
  const names: OptionTable = { name: { kind: "name", names: executorNames } };
  checkOptions({ name }, names, "createExecutor");
  const row: ExecutorRow = executors[name];
  checkOptions(own, row.options, `the executor ${name}`);
  return row.create(own);
}

/**
 * What to create to get what is recorded as the tier of a run.
 *
 * @example
 * executorRecorded("wasm simd, 2 threads"); // { name: "wasm", tier: "simd" }: on threads no bit depends
 */
export function executorRecorded(tier: string): Pick<ExecutorOptions, "name" | "tier"> | undefined {
  const [own, kernels] = (String(tier).split(",")[0] ?? "").split(" ");
  const name = executorNames.find((each) => each === own);
  const found = name && tiersOf(name).find((each) => each === kernels);
  return name && found ? { name, tier: found as NonNullable<ExecutorOptions["tier"]> } : undefined;
}
