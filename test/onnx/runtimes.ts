/**
 * ONNX Runtime, native and compiled to WebAssembly as browsers load it: what the tests of unrolled/onnx run files in. Both
 * stand in this folder's own package.json, for together they are 400 MB; `npm test` installs them
 * (tools/ensure-onnx.mjs).
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** A tensor that goes into a graph or comes out. */
export interface RunTensor {
  readonly type: "float32" | "int32" | "int64" | "bool";
  readonly dims: readonly number[];
  readonly data: ArrayLike<number> | BigInt64Array;
}

/** A file, loaded. */
export interface Session {
  run(feeds: Readonly<Record<string, RunTensor>>): Promise<Record<string, RunTensor>>;
}

/** Loads files. */
export interface Runtime {
  readonly name: string;
  load(bytes: Uint8Array): Promise<Session>;
}

/** As much of onnxruntime-common as is used here. */
interface Ort {
  readonly env: { wasm: { numThreads: number }; logLevel: string };
  readonly Tensor: new (type: string, data: unknown, dims: readonly number[]) => RunTensor;
  readonly InferenceSession: {
    create(
      bytes: Uint8Array,
      options: object,
    ): Promise<{ run(feeds: Readonly<Record<string, RunTensor>>): Promise<Record<string, RunTensor>> }>;
  };
}

const folder = fileURLToPath(new URL(".", import.meta.url));

/** How each of them is loaded in Node. */
const entries: Readonly<Record<string, (path: string) => Promise<Ort>>> = {
  "onnxruntime-node": async () => createRequire(join(folder, "package.json"))("onnxruntime-node") as Ort,
  "onnxruntime-web": async (path) =>
    (await import(/* @vite-ignore */ pathToFileURL(join(path, "dist/ort.node.min.mjs")).href)) as Ort,
};

const pathOf = (name: string): string => join(folder, "node_modules", name);

/** Their names. */
export const runtimeNames: readonly string[] = Object.keys(entries);

/** True if a runtime is not installed here. */
export const isMissing = (name: string): boolean => !existsSync(pathOf(name));

/** What a suite is called: with the reason and the remedy where it is skipped. */
export const suiteName = (name: string): string =>
  isMissing(name) ? `${name} (not installed: npm ci --prefix test/onnx)` : name;

const arrays = {
  float32: Float32Array,
  int32: Int32Array,
  bool: Uint8Array,
} as const;

/** A runtime on one thread. */
export async function runtime(name: string): Promise<Runtime> {
  const ort = await entries[name]!(pathOf(name));
  ort.env.wasm.numThreads = 1;
  const options = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 };
  const wasm = name === "onnxruntime-web" ? { executionProviders: ["wasm"] } : {};
  return {
    name,
    async load(bytes) {
      const session = await ort.InferenceSession.create(bytes, { ...options, ...wasm });
      return {
        run(feeds) {
          const tensors = Object.entries(feeds).map(([key, { type, dims, data }]) => {
            const values =
              type === "int64"
                ? BigInt64Array.from(data as Iterable<bigint>)
                : arrays[type].from(data as number[]);
            return [key, new ort.Tensor(type, values, dims)] as const;
          });
          return session.run(Object.fromEntries(tensors));
        },
      };
    },
  };
}
