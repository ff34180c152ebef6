/** The model file: what is written comes back, and every way a file can be wrong is named. */
import { describe, expect, it } from "vitest";
import { gru } from "../cell/index.js";
import { embedding, initialParameters, linear, network, pool, recurrent } from "../nn/index.js";
import { readModel, readSafetensors, writeModel, writeSafetensors } from "./index.js";

const net = network({
  input: { vocabulary: 4 },
  layers: [
    embedding({ width: 3 }),
    recurrent({ cell: gru, units: 2 }),
    pool({ by: "max" }),
    linear({ units: 2 }),
  ],
  loss: "crossEntropy",
});
const parameters = initialParameters(net, 1);
const bytes = writeModel({ task: "classifier", network: net, parameters, data: { labels: ["a", "b"] } });

describe("a model file", () => {
  it("comes back as it was written", () => {
    const model = readModel(bytes, "m.safetensors");
    expect(model.parameters).toEqual(parameters);
    expect(model.network.parameters).toEqual(net.parameters);
    expect({ task: model.task, data: model.data }).toEqual({
      task: "classifier",
      data: { labels: ["a", "b"] },
    });
  });
  it("keeps numbers of the task's own beside the parameters", () => {
    const own = new Map([["linear.w", { shape: [2], data: Float32Array.of(1, 2) }]]);
    const model = { task: "classifier", network: net, parameters, data: {}, own };
    const written = writeModel(model);
    expect(readModel(written).own).toEqual(own);
    expect(readModel(written).parameters).toEqual(parameters);
    expect([...readSafetensors(written).tensors.keys()]).toContain("task.linear.w");
    expect(readModel(writeModel(model, { storage: "int8" })).own).toEqual(own);
    expect(readModel(bytes)).not.toHaveProperty("own");
  });
  it("is one safetensors file with the parameters by name and one key of metadata", () => {
    const file = readSafetensors(bytes);
    expect([...file.tensors.keys()].sort()).toEqual(net.parameters.map((p) => p.name).sort());
    expect(file.tensors.get("recurrent1.w_u")).toMatchObject({ dtype: "F32", shape: [2, 5] });
    expect(Object.keys(file.metadata)).toEqual(["unrolled"]);
  });

  const changed = (change: (header: Record<string, unknown>) => unknown): Uint8Array => {
    const file = readSafetensors(bytes);
    const header = JSON.parse(file.metadata["unrolled"]!);
    const text = change(header) ?? header;
    return writeSafetensors(file.tensors.values(), {
      unrolled: typeof text === "string" ? text : JSON.stringify(text),
    });
  };
  const set = (key: string, value: unknown) => (header: Record<string, unknown>) => ({
    ...header,
    [key]: value,
  });
  it.each<[string, Uint8Array, RegExp]>([
    ["cut short", bytes.slice(0, bytes.length - 10), /m\.safetensors/],
    ["cut inside the header", bytes.slice(0, 20), /m\.safetensors/],
    ["empty", new Uint8Array(0), /m\.safetensors/],
    [
      "without metadata",
      writeSafetensors(readSafetensors(bytes).tensors.values()),
      /has no key "unrolled".*must be imported/,
    ],
    ["with metadata that is no JSON", changed(() => "{"), /is not JSON/],
    ["of a later format", changed(set("format", 99)), /has format 99.*reads formats 1 to 3; install a newer/],
    ["of a format that is no number", changed(set("format", "1")), /has format "1", which is not the number/],
    ["of format 0", changed(set("format", 0)), /has format 0, which is not the number of a format/],
    ["without a format", changed(set("format", undefined)), /has format nothing/],
    ["without a task", changed(set("task", 1)), /names no task/],
    [
      "with a damaged network",
      changed(
        set("network", {
          input: { vocabulary: 4 },
          layers: [{ kind: "magic" }],
          cells: [],
          loss: "crossEntropy",
        }),
      ),
      /kind "magic"/,
    ],
    [
      "with a missing tensor",
      writeSafetensors(
        [...readSafetensors(bytes).tensors.values()].slice(1),
        readSafetensors(bytes).metadata,
      ),
      /tensor .* is missing.*shape/,
    ],
    [
      "with a tensor of another shape",
      writeSafetensors(
        [...readSafetensors(bytes).tensors.values()].map((t) =>
          t.name === "linear1.b_y" ? { ...t, shape: [1, 2] } : t,
        ),
        readSafetensors(bytes).metadata,
      ),
      /linear1\.b_y: has the shape \(1, 2\).*should be \(2\)/,
    ],
  ])("is refused %s, naming the file and what would be right", (_what, file, message) => {
    expect(() => readModel(file, "m.safetensors")).toThrow(message);
    try {
      readModel(file, "m.safetensors");
    } catch (error) {
      expect((error as Error).name).toBe("FileFormatError");
    }
  });
});
