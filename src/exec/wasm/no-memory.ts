/**
 * What is said where the memory of the kernels is not to be had, and what would help.
 */
import { ExecutorError } from "../executor.js";

/** The option of Node with which addresses are checked instead of reserved. */
const LESS_SPACE = "--disable-wasm-trap-handler";

/** @param bytes the least that was tried @param wanted what was asked for; undefined: nothing in particular */
export function noMemory(
  bytes: number,
  { wanted, reason }: { readonly wanted: number | undefined; readonly reason: unknown },
): ExecutorError {
  const found = `shared memory of up to ${Math.floor(bytes / 2 ** 20)} MB is not to be had here`;
  const lower = wanted === undefined ? "" : ", or give a lower maximumBytes";
  const isNode = globalThis.process?.versions?.node !== undefined;
  const help = isNode
    ? `Node reserves 10 GB of addresses for it, and this process may have fewer (ulimit -v): allow more, set NODE_OPTIONS=${LESS_SPACE}, with which Node reserves no more than what is used and computes somewhat slower`
    : "a page needs cross-origin isolation, and enough address space";
  return new ExecutorError(`${found}: ${help}${lower}`, { cause: reason });
}
