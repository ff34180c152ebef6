/**
 * For tests: checkpoints that are kept in memory.
 */
import type { CheckpointStore } from "./checkpointing.js";

/** Files in memory. */
export function memoryStore(): CheckpointStore & { readonly files: Map<string, Uint8Array> } {
  const files = new Map<string, Uint8Array>();
  return {
    files,
    save: async (name, bytes) => void files.set(name, bytes),
    list: async () => [...files.keys()],
    load: async (name) => files.get(name)!,
    remove: async (name) => void files.delete(name),
  };
}
