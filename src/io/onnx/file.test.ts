/** Weights in files beside the model: read, by name, and never out of the model's folder. */
import { describe, expect, it } from "vitest";
import { gru } from "../../cell/index.js";
import { linear, network, recurrent } from "../../nn/index.js";
import { livelyParameters } from "./export/export.cases.js";
import { exportOnnx } from "./export/export.js";
import { importOnnx, loadOnnx } from "./import/import.js";
import { decodeModel, encodeModel, type OnnxTensor } from "./messages.js";

const net = network({
  input: { width: 3 },
  layers: [recurrent({ cell: gru, units: 4 }), linear({ units: 2 })],
  loss: "squaredError",
});
const parameters = livelyParameters(net);
const whole = exportOnnx({ network: net, parameters })[0]!.bytes;

/** The same file with its floats in another one. */
function apart(
  location: string,
  change: (length: number) => number = (length) => length,
): { readonly model: Uint8Array; readonly data: Uint8Array } {
  const decoded = decodeModel(whole);
  const parts: Uint8Array[] = [];
  let offset = 0;
  const initializers = decoded.graph!.initializers.map((tensor): OnnxTensor => {
    if (tensor.type !== 1 || !tensor.raw) return tensor;
    const { raw, ...rest } = tensor;
    parts.push(raw);
    const external = [
      { key: "location", value: location },
      { key: "offset", value: String(offset) },
      { key: "length", value: String(change(raw.length)) },
    ];
    offset += raw.length;
    return { ...rest, external, location: 1 };
  });
  const data = new Uint8Array(offset);
  let at = 0;
  for (const part of parts) {
    data.set(part, at);
    at += part.length;
  }
  return { model: encodeModel({ ...decoded, graph: { ...decoded.graph!, initializers } }), data };
}

describe("weights beside the model", () => {
  it("are read as if they stood in it", async () => {
    const { model, data } = apart("weights/m.data");
    const asked: string[] = [];
    const made = await loadOnnx(model, (name) => {
      asked.push(name);
      return data;
    });
    expect(asked).toEqual(["weights/m.data"]);
    expect([...made.parameters]).toEqual([...importOnnx(whole).parameters]);
    expect([...importOnnx(model, { files: { "weights/m.data": data } }).parameters]).toEqual([
      ...made.parameters,
    ]);
  });

  it.each([
    ["../m.data", "leads out of the folder"],
    ["/etc/m.data", "is absolute"],
    ["https://example.org/m.data", "is an address"],
  ])("%s is refused before anything is asked for", async (location, says) => {
    const { model } = apart(location);
    let asked = 0;
    const made = loadOnnx(model, () => {
      asked++;
      return new Uint8Array();
    });
    await expect(made).rejects.toThrow(says);
    expect(asked).toBe(0);
  });

  it("that are missing or cut off are named", () => {
    const { model, data } = apart("m.data");
    expect(() => importOnnx(model)).toThrow('has its numbers in another file, "m.data"');
    expect(() => importOnnx(model, { files: { "m.data": data.subarray(8) } })).toThrow(
      /at the bytes \d+ to \d+ of "m\.data", which has \d+/,
    );
    const short = apart("m.data", (length) => length - 4);
    expect(() => importOnnx(short.model, { files: { "m.data": short.data } })).toThrow(
      /has \d+ numbers and the shape/,
    );
  });
});
