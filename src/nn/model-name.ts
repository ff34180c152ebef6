/**
 * The name of a model: what its network and its weights are, in 16 digits, wherever it was trained, saved or loaded. States
 * of streams carry it, so that none goes on in another model.
 */
import { fingerprint } from "../tensor/fingerprint.js";
import { networkData } from "./data.js";
import type { Network } from "./network.js";
import type { Parameters } from "./parameters.js";

/** The names so far: weights are looked through once. */
const known = /* @__PURE__ */ new WeakMap<Parameters, WeakMap<Network, string>>();

/**
 * The name of a network with weights.
 *
 * @example
 * modelName(net, parameters); // "5d1c0f27a4b3e690"
 */
export function modelName(net: Network, parameters: Parameters): string {
  const names = known.get(parameters) ?? new WeakMap<Network, string>();
  known.set(parameters, names);
  const there = names.get(net);
  if (there !== undefined) return there;
  const text = JSON.stringify(networkData(net));
  const characters = Array.from(text, (character) => character.codePointAt(0)!);
  const weights = net.parameters.map(({ name }) => parameters.get(name)?.data ?? []);
  const name = fingerprint([[characters], weights]);
  names.set(net, name);
  return name;
}
