/**
 * In what two networks differ, in words: a run that goes on must have the network that it began with. What tells is all
 * that a model file says of a network (data.ts), for two networks may have the same parameters and compute another thing.
 */
import type { CellGraph } from "../cell/graph.js";
import { networkData } from "./data.js";
import type { Network } from "./network.js";

type Fields = Readonly<Record<string, unknown>>;

/**
 * The first difference between two networks; undefined if there is none.
 *
 * @example
 * networkDifference(small, large); // "recurrent1.units was 8 and is 16"
 */
export function networkDifference(was: Network, is: Network): string | undefined {
  const [before, now] = [fieldsOf(was), fieldsOf(is)];
  const kinds = [was, is].map(({ layers }) => layers.map(({ name }) => name).join(", "));
  if (kinds[0] !== kinds[1]) return `layers were ${kinds[0]} and are ${kinds[1]}`;
  return difference(before, now, "");
}

/** A network as data, its layers by name and each with its cell in it. */
function fieldsOf(net: Network): Fields {
  const { layers, cells, ...rest } = networkData(net);
  const named = layers.map((layer, i) => [net.layers[i]?.name ?? String(i), withCells(layer, cells)]);
  return { ...rest, ...Object.fromEntries(named) };
}

/** Puts cells in the place of their numbers. */
function withCells(value: unknown, cells: readonly CellGraph[]): unknown {
  if (Array.isArray(value)) return value.map((item) => withCells(item, cells));
  if (!isFields(value)) return value;
  const fields = Object.entries(value).map(([key, of]) => [
    key,
    key === "cell" ? cells[Number(of)] : withCells(of, cells),
  ]);
  return Object.fromEntries(fields);
}

function difference(was: unknown, is: unknown, path: string): string | undefined {
  if (JSON.stringify(was) === JSON.stringify(is)) return undefined;
  if (!isFields(was) || !isFields(is)) return `${path} was ${text(was)} and is ${text(is)}`;
  if (path.endsWith(".cell"))
    return was["name"] === is["name"]
      ? `${path} ${text(is["name"])} has other equations than it had`
      : `${path} was ${text(was["name"])} and is ${text(is["name"])}`;
  for (const key of new Set([...Object.keys(was), ...Object.keys(is)])) {
    const found = difference(was[key], is[key], path === "" ? key : `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

const text = (value: unknown): string => (value === undefined ? "not given" : JSON.stringify(value));

/** Lists too: their numbers are their keys. */
const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null;
