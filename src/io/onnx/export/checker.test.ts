/** Exports before the checker of the onnx package, which knows what the standard says beside what a runtime puts up with. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { cells } from "../../../cell/cells.cases.js";
import { gru, lstm } from "../../../cell/index.js";
import {
  decoder,
  embedding,
  features,
  linear,
  type Network,
  network,
  pool,
  recurrent,
  stack,
} from "../../../nn/index.js";
import { livelyParameters } from "./export.cases.js";
import { exportOnnx } from "./export.js";

const program = fileURLToPath(new URL("../../../../test/onnx/check.py", import.meta.url));
// Debian's Python may stand behind another on the path.
const python = ["python3", "/usr/bin/python3"].find(
  (name) => spawnSync(name, ["-c", "import onnx"]).status === 0,
);

const ids = { vocabulary: 9 };
const networks: readonly Network[] = [
  ...cells.map((cell) =>
    network({
      input: ids,
      layers: [
        ...stack({ cell, units: [3, 3], direction: "both", initialState: "learned" }),
        linear({ units: 2 }),
      ],
      loss: "crossEntropy",
    }),
  ),
  ...(["last", "mean", "max", "meanMax", "attention"] as const).map((by) =>
    network({
      input: { width: 3 },
      layers: [recurrent({ cell: lstm, units: 3 }), pool({ by }), linear({ units: 2 })],
      loss: "binaryCrossEntropy",
    }),
  ),
  network({
    input: { inputs: { word: ids, characters: { vocabulary: 5, inside: true } } },
    layers: [
      features({
        word: [embedding({ width: 3 })],
        characters: [recurrent({ cell: gru, units: 2 }), pool({ by: "last" })],
      }),
      linear({ units: 3 }),
    ],
    loss: "crf",
  }),
  network({
    input: { inputs: { source: { ...ids, beside: true }, target: ids } },
    layers: [
      decoder({ source: [recurrent({ cell: gru, units: 3 })], target: [], cell: lstm, units: [3] }),
      linear({ units: 9 }),
    ],
    loss: "crossEntropy",
  }),
];

describe.skipIf(!python)(
  `the onnx package${python ? "" : " (not found: apt-get install python3-onnx)"}`,
  () => {
    it("finds nothing wrong with our files", () => {
      const folder = mkdtempSync(join(tmpdir(), "unrolled-onnx-"));
      try {
        const files = networks.flatMap((net, i) =>
          exportOnnx({ network: net, parameters: livelyParameters(net) }).map(({ part, bytes }) => {
            const file = join(folder, `${i}.${part}.onnx`);
            writeFileSync(file, bytes);
            return file;
          }),
        );
        const { status, stderr, stdout } = spawnSync(python!, [program, ...files], {
          encoding: "utf8",
        });
        expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
        expect(stdout.trim().split("\n")).toHaveLength(files.length);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  },
);
