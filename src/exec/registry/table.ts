/** The executors, one row each. */
import type { ReferenceOptions } from "../reference/options.js";
import { precisions } from "../reference/options.js";
import { tierNames, type WasmOptions } from "../wasm/options.js";
import type { ExecutorRow } from "./row.js";

/** The rows by name, that of every day first. */
export const executors = {
  wasm: {
    tiers: tierNames,
    options: {
      tier: { kind: "name", names: [...tierNames, "auto", "fastest"] },
      threads: { kind: "whole", most: 64 },
      module: { kind: "data" },
      maximumBytes: { kind: "whole" },
    },
    create: async (options) => (await import("../wasm/create.js")).createWasmExecutor(options as WasmOptions),
  },
  reference: {
    tiers: precisions,
    options: {
      tier: { kind: "name", names: [...precisions, "auto", "fastest"] },
      threads: { kind: "whole", most: 1 },
    },
    async create(options) {
      const { tier } = options as { readonly tier?: string };
      const precision = precisions.find((name) => name === tier);
      const chosen: ReferenceOptions = precision === undefined ? {} : { precision };
      return (await import("../reference/index.js")).createReferenceExecutor(chosen);
    },
  },
} as const satisfies Readonly<Record<string, ExecutorRow>>;
