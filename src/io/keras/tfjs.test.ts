import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { createReferenceExecutor } from "../../exec/reference/index.js";
import { createPredictor } from "../../nn/index.js";
import { importTfjs } from "./index.js";

test.each(["classifier","tagger","forecaster"])("%s", async (name) => {
  const folder = new URL(`../../../test/golden/tfjs/${name}/`, import.meta.url);
  const imported = await importTfjs(await readFile(new URL("model.json", folder), "utf8"), (path) => readFile(new URL(path, folder)));
  const expected = JSON.parse(await readFile(new URL("expected.json", folder), "utf8"));
  console.log(imported.mapped, imported.assumed, imported.network.layers.map((l) => l.name));
  const p = createPredictor(imported.network, await createReferenceExecutor(), { parameters: imported.parameters });
  for (const { input, layers } of expected) {
    let rows = input.map((x: number | number[]) => typeof x === "number" ? [x] : x);
    const [ours] = p.predict([{ input: input.flat() }]);
    for (const stage of imported.layers) rows = stage.evaluate(rows);
    console.log(JSON.stringify(ours!.rows), JSON.stringify(rows), JSON.stringify(Object.values(layers).at(-1)));
  }
});
