/**
 * docs/model-file.md says what stands in a file: its example is what is written, and its tables name every kind there is.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { rnn } from "../cell/index.js";
import { layerKinds, losses } from "../nn/build/index.js";
import { embedding, initialParameters, linear, network, pool, poolings, recurrent } from "../nn/index.js";
import { modelFormat, readSafetensors, weightStorages, writeModel } from "./index.js";

const page = readFileSync(new URL("../../docs/model-file.md", import.meta.url), "utf8");

describe("the page on model files", () => {
  it("shows the metadata that its example has, key for key in this order", () => {
    const net = network({
      input: { vocabulary: 3 },
      layers: [
        embedding({ width: 2 }),
        recurrent({ cell: rnn, units: 2 }),
        pool({ by: "max" }),
        linear({ units: 2 }),
      ],
      loss: "crossEntropy",
    });
    const data = { labels: ["bad", "good"], vocabulary: ["<unk>", "a", "day"] };
    const bytes = writeModel({
      task: "classifier",
      network: net,
      parameters: initialParameters(net, 1),
      data,
    });
    const [, shown = ""] = /^```json\n(.*?)^```/ms.exec(page) ?? [];
    expect(readSafetensors(bytes).metadata).toEqual({ unrolled: JSON.stringify(JSON.parse(shown)) });
  });

  it("names every kind of layer, way to pool, loss, format and storage", () => {
    const names = [...Object.keys(layerKinds), ...poolings, ...Object.keys(losses)];
    for (const name of names) expect(page, name).toContain(`\`${name}\``);
    for (const name of Object.keys(weightStorages)) expect(page).toContain(`| \`"${name}"\` |`);
    for (let format = 1; format <= modelFormat; format++)
      expect(page).toMatch(new RegExp(`^\\| ${format} \\|`, "m"));
  });
});
