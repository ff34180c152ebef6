/**
 * For tests: the models that the real tools wrote (test/golden/keras, test/golden/tfjs), and the comparison of an import
 * with what those tools computed, layer by layer.
 */
import { readFile } from "node:fs/promises";
import { expect } from "vitest";
import { createReferenceExecutor } from "../../exec/reference/index.js";
import { createWasmExecutor } from "../../exec/wasm/index.js";
import { type Certificate, certify } from "../certificate.js";
import type { Imported, Rows } from "../imported.js";

/** A file beside the programs that made it: "keras/tagger.keras". */
export function golden(path: string): Promise<Buffer> {
  return readFile(new URL(`../../../test/golden/${path}`, import.meta.url));
}

/** An input with the output of every layer, as the tool computed it: a vector for each step, or one vector. */
interface Expected {
  readonly input: readonly (number | readonly number[])[];
  readonly layers: Readonly<Record<string, readonly number[] | Rows>>;
}

/** A list of vectors, of what may be one vector or a list of ids. */
const rowsOf = (value: readonly (number | readonly number[])[], one: boolean): Rows =>
  one && value.every((v) => typeof v === "number")
    ? [value as readonly number[]]
    : value.map((v) => (typeof v === "number" ? [v] : v));

/**
 * The tools compute in float32: sums of a few dozen products of numbers around 1, through at most nine layers, are off by
 * some 1e-6; a wrong gate or a bias left out makes 1e-2 and more.
 */
const tolerance = 1e-5;

/**
 * Compares every layer's own formula, which certificates rely on, with what the tool computed; then certifies the
 * network, with the tool's outputs among what it is compared with.
 *
 * @param file of expected outputs: "keras/tagger.json"
 */
export async function agreesWithTool(imported: Imported, file: string): Promise<Certificate> {
  const all = JSON.parse((await golden(file)).toString("utf8")) as Expected[];
  const expected = all.map(({ input, layers }) => {
    let rows = rowsOf(input, false);
    const found: [string, Rows][] = imported.layers.map((stage) => {
      rows = stage.evaluate(rows);
      return [stage.name.split(/ \(|, /)[0]!, rows];
    });
    // Where a layer has several stages, the last one's output is the layer's; without one it passes on what it gets.
    const byLayer = new Map(found);
    let given = rowsOf(input, false);
    for (const [name, wanted] of Object.entries(layers)) {
      given = byLayer.get(name) ?? given;
      byLayer.delete(name);
      const [ours, theirs] = [given.flat(), rowsOf(wanted, true).flat()];
      expect(ours).toHaveLength(theirs.length);
      ours.forEach((v, i) => {
        if (!(Math.abs(v - theirs[i]!) <= tolerance))
          throw new Error(`${file}, ${name}, number ${i}: ${v}, and the tool has ${theirs[i]}`);
      });
    }
    expect([...byLayer.keys()]).toEqual([]);
    return { input: rowsOf(input, false), output: rowsOf(Object.values(layers).at(-1) ?? [], true) };
  });
  return certify(
    { ...imported, expected },
    { reference: createReferenceExecutor, wasm: () => createWasmExecutor({ tier: "simd" }) },
  );
}
