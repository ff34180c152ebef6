/**
 * The tiers: builds of the same kernels for what an engine can do, and how one is chosen. Tiers differ in the
 * rounding of products (simd rounds product and sum, the others once), so a run records its tier.
 */
import { ExecutorError } from "../executor.js";
import type { TierName } from "./options.js";

/** The row of a tier. */
export interface TierRow {
  /** The build of the kernels. */
  readonly file: URL;
  /** What it needs, for messages. */
  readonly needs: string;
  /** True if this engine can run it; may change the engine where the tier is about that. */
  readonly ready: () => boolean;
  /** Chosen by itself where it is ready: tiers that change the host are not. */
  readonly automatic: boolean;
  /** The kernels are checked before they are used. */
  readonly checked: boolean;
}

/** A module whose only function uses f32x4.relaxed_madd: an engine either validates it or does not know it. */
const relaxedProbe = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 29, 1, 27, 0, 67, 0, 0, 0, 0, 253, 19, 67,
  0, 0, 0, 0, 253, 19, 67, 0, 0, 0, 0, 253, 19, 253, 133, 2, 26, 11,
];
const hasRelaxed = (): boolean => WebAssembly.validate(Uint8Array.from(relaxedProbe));

/**
 * Tells V8 to pair neighbouring 128-bit operations into 256-bit ones, in modules that are compiled from now on.
 * The flag is experimental and holds for the whole process. V8 before 13 prints a complaint about it instead of
 * throwing, so the version is looked at first.
 */
function pairOperations(): boolean {
  const v8Version = Number((globalThis.process?.versions?.["v8"] ?? "0").split(".")[0]);
  if (v8Version < 13) return false;
  process.getBuiltinModule("node:v8").setFlagsFromString("--experimental-wasm-revectorize");
  return true;
}

/** The rows, the fastest first. */
export const tiers: Readonly<Record<TierName, TierRow>> = {
  paired: {
    file: /* @__PURE__ */ new URL("./kernels.paired.wasm", import.meta.url),
    needs: "Node 24 or later, whose V8 can pair 128-bit operations into 256",
    ready: () => hasRelaxed() && pairOperations(),
    automatic: false,
    checked: true,
  },
  relaxed: {
    file: /* @__PURE__ */ new URL("./kernels.relaxed.wasm", import.meta.url),
    needs: "relaxed SIMD: Node 24 or later, or a browser of 2024 or later",
    ready: hasRelaxed,
    automatic: true,
    checked: false,
  },
  simd: {
    file: /* @__PURE__ */ new URL("./kernels.simd.wasm", import.meta.url),
    needs: "WebAssembly with SIMD and threads: Node 20, or a browser of 2023 or later",
    ready: () => true,
    automatic: true,
    checked: false,
  },
};

/**
 * Chooses a tier.
 *
 * @param wanted a tier, "auto" for the best that leaves the host as it is, or "fastest" for the best of all
 * @throws ExecutorError if the wanted tier cannot run here, saying what it needs
 */
export function chooseTier(wanted: TierName | "auto" | "fastest"): TierName {
  if (wanted !== "auto" && wanted !== "fastest") {
    const row = tiers[wanted];
    if (!row)
      throw new ExecutorError(
        `there is no tier "${wanted}"; there are ${Object.keys(tiers).join(", ")}, auto and fastest`,
      );
    if (row.ready()) return wanted;
    throw new ExecutorError(`the tier "${wanted}" does not run here: it needs ${row.needs}`);
  }
  for (const [name, row] of Object.entries(tiers)) {
    if ((row.automatic || wanted === "fastest") && row.ready()) return name as TierName;
  }
  return "simd";
}
