/**
 * Models that TensorFlow.js wrote (test/golden/tfjs): every layer's formula against TensorFlow.js' outputs, and the
 * certificate of the network; shards, quantised weights and the converter's form of model.json; damaged files.
 */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { parameterCount } from "../../nn/index.js";
import { toFloat64 } from "../dtypes.js";
import { FileFormatError } from "../errors.js";
import { agreesWithTool, golden } from "./fixtures.cases.js";
import { importTfjs } from "./index.js";

const json = async (name: string): Promise<string> =>
  (await golden(`tfjs/${name}/model.json`)).toString("utf8");
const shardsOf = (name: string) => (path: string) => golden(`tfjs/${name}/${path}`);

describe.each(["classifier", "tagger", "forecaster"])("the %s", (name) => {
  it("does what TensorFlow.js does", async () => {
    const imported = await importTfjs(await json(name), shardsOf(name));
    const { rows } = await agreesWithTool(imported, `tfjs/${name}/expected.json`);
    expect(rows.at(-1)?.name).toBe("expected outputs");
    expect(parameterCount(imported.network)).toBe(
      [...imported.parameters.values()].reduce((sum, { data }) => sum + data.length, 0),
    );
  });
});

test("says what was mapped to what, and what is different here", async () => {
  const { network, mapped, assumed } = await importTfjs(await json("forecaster"), shardsOf("forecaster"));
  expect(network.layers.map(({ name }) => name)).toEqual([
    "recurrent1",
    "recurrent2",
    "recurrent3",
    "pool1",
    "linear1",
  ]);
  expect(mapped.slice(0, 5)).toEqual([
    { from: "plain/kernel", to: "recurrent1.w_a (columns of x)", how: "transposed" },
    { from: "plain/recurrent_kernel", to: "recurrent1.w_a (columns of the state)", how: "transposed" },
    { from: "plain/bias", to: "recurrent1.b_a", how: "as it is" },
    {
      from: "gated/kernel",
      to: "recurrent2.w_z, w_r, w_n (columns of x)",
      how: "columns z, r, h, transposed",
    },
    {
      from: "gated/recurrent_kernel",
      to: "recurrent2.w_z, w_r, w_n (columns of the state)",
      how: "columns z, r, h, transposed",
    },
  ]);
  expect(assumed).toEqual([
    "memory (LSTM) has no bias: ours is zero.",
    "The loss, if the model is trained on, is squaredError.",
  ]);
});

/** model.json as an object, changed. */
async function changed(name: string, change: (model: ModelJson) => void): Promise<string> {
  const model = JSON.parse(await json(name)) as ModelJson;
  change(model);
  return JSON.stringify(model);
}

interface ModelJson {
  format: string;
  modelTopology: Record<string, unknown> & { keras_version: string };
  weightsManifest: {
    paths: string[];
    weights: { name: string; shape: number[]; dtype: string; quantization?: Record<string, unknown> }[];
  }[];
}

test("weights are cut from any number of shards, in groups", async () => {
  const bytes = await golden("tfjs/tagger/model.weights.bin");
  const split = await changed("tagger", ({ weightsManifest: [group] }) => {
    if (group) group.paths = ["a", "b", "c"];
  });
  const parts: Record<string, Uint8Array> = {
    a: bytes.subarray(0, 5),
    b: bytes.subarray(5, 700),
    c: bytes.subarray(700),
  };
  const whole = await importTfjs(await json("tagger"), shardsOf("tagger"));
  const cut = await importTfjs(split, (path) => parts[path]!);
  expect(cut.parameters).toEqual(whole.parameters);

  const grouped = await changed("tagger", (model) => {
    const weights = model.weightsManifest[0]?.weights ?? [];
    model.weightsManifest = [
      { paths: ["first"], weights: weights.slice(0, 1) },
      { paths: ["rest"], weights: weights.slice(1) },
    ];
  });
  // The embeddings: 7 words, 3 numbers of 4 bytes.
  const groups = await importTfjs(grouped, (path) =>
    path === "first" ? bytes.subarray(0, 84) : bytes.subarray(84),
  );
  expect(groups.parameters).toEqual(whole.parameters);
});

test.each([
  ["uint8", 1, 2 / 255],
  ["uint16", 2, 2 / 65535],
] as const)("%s weights are stretched again", async (dtype, bytes, scale) => {
  const min = -1;
  const original = await golden("tfjs/classifier/model.weights.bin");
  const values = toFloat64({ name: "all", dtype: "F32", shape: [original.length / 4], data: original });
  const packed = new Uint8Array(values.length * bytes);
  const view = new DataView(packed.buffer);
  values.forEach((v, i) => {
    const q = Math.round((v - min) / scale);
    if (bytes === 1) view.setUint8(i, q);
    else view.setUint16(2 * i, q, true);
  });
  const model = await changed("classifier", ({ weightsManifest: [group] }) => {
    for (const weight of group?.weights ?? [])
      weight.quantization = { dtype, scale, min, original_dtype: "float32" };
  });
  const { parameters } = await importTfjs(model, () => packed);
  const exact = (await importTfjs(await json("classifier"), shardsOf("classifier"))).parameters;
  for (const [name, { data }] of parameters) {
    data.forEach((v, i) => {
      // Half a step of the quantisation, and float32's rounding.
      expect(Math.abs(v - exact.get(name)!.data[i]!)).toBeLessThan(scale / 2 + 1e-6);
    });
  }
});

test("names of layers may have slashes", async () => {
  const text = (await json("tagger")).replaceAll(/"words(?=["/])/g, '"text/words');
  const plain = await importTfjs(await json("tagger"), shardsOf("tagger"));
  expect((await importTfjs(text, shardsOf("tagger"))).parameters).toEqual(plain.parameters);
});

test("float16 weights are read as they are", async () => {
  const model = await changed("classifier", ({ weightsManifest: [group] }) => {
    for (const weight of group?.weights ?? []) weight.quantization = { dtype: "float16" };
  });
  // 0x3800 is 0.5 in float16.
  const halves = new Uint8Array((await golden("tfjs/classifier/model.weights.bin")).length / 2).map((_, i) =>
    i % 2 === 0 ? 0 : 0x38,
  );
  const { parameters } = await importTfjs(model, () => halves);
  expect([...(parameters.get("linear1.b_y")?.data ?? [])]).toEqual([0.5, 0.5, 0.5]);
});

test("the converter's model.json wraps the configuration, and keeps Keras 3's hard sigmoid where Keras 3 made it", async () => {
  const wrap = (version: string) =>
    changed("classifier", (model) => {
      const { keras_version: _, ...config } = model.modelTopology;
      model.modelTopology = { keras_version: version, backend: "tensorflow", model_config: config };
    });
  const cells = async (text: string): Promise<string> => {
    const { network } = await importTfjs(text, shardsOf("classifier"));
    const [, { layer } = { layer: undefined }] = network.layers;
    return layer?.kind === "recurrent" ? JSON.stringify(layer.cell.equations().gates["Γu"]) : "";
  };
  const bare = await cells(await json("classifier"));
  expect(bare).toContain("0.2");
  expect(await cells(await wrap("2.15.0"))).toBe(bare);
  expect(await cells(await wrap("3.5.0"))).toContain(String(1 / 6));
});

describe("refuses", () => {
  const refusal = async (text: string, read = shardsOf("tagger")): Promise<string> => {
    const error = await importTfjs(text, read).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(FileFormatError);
    return (error as Error).message;
  };

  test("a graph model, saying what to convert instead", async () => {
    const text = await changed("tagger", (model) => {
      model.format = "graph-model";
    });
    expect(await refusal(text)).toContain("is a graph model: single operations");
    expect(await refusal(text)).toContain("--output_format tfjs_layers_model");
  });
  test("what is no JSON", async () =>
    expect(await refusal("{")).toBe("model.json, the file: is not JSON. Save the model again."));
  test("JSON of something else", async () =>
    expect(await refusal('{"a": 1}')).toContain("model.json, modelTopology: is undefined, not an object"));
  test("shards that are too short", async () =>
    expect(await refusal(await json("tagger"), async () => Buffer.alloc(10))).toContain(
      "weights, group 0 (./model.weights.bin): has 10 bytes, and its tensors need 924",
    ));
  test("a type of element that it does not know", async () => {
    const text = await changed("tagger", ({ weightsManifest: [group] }) => {
      if (group?.weights[0]) group.weights[0].dtype = "string";
    });
    expect(await refusal(text)).toContain(
      'weights, words/embeddings: holds elements of the type "string"; float32, int32, bool can be imported',
    );
  });
  test("quantisation without its numbers", async () => {
    const text = await changed("tagger", ({ weightsManifest: [group] }) => {
      if (group?.weights[0]) group.weights[0].quantization = { dtype: "uint8", min: 0 };
    });
    expect(await refusal(text)).toContain("words/embeddings: is quantised without scale and min");
  });
  test("weights of another shape than the layer's options say", async () => {
    const text = await changed("tagger", ({ weightsManifest: [group] }) => {
      if (group?.weights[0]) group.weights[0].shape = [3, 7];
    });
    expect(await refusal(text)).toContain(
      "layer words (Embedding): has the weights words/embeddings (3, 7), and by its options it needs embeddings (7, 3)",
    );
  });
  test("weights in another order", async () => {
    const text = await changed("forecaster", ({ weightsManifest: [group] }) => {
      const [, , , kernel, recurrentKernel] = group?.weights ?? [];
      if (kernel && recurrentKernel)
        [kernel.name, recurrentKernel.name] = [recurrentKernel.name, kernel.name];
    });
    expect(await refusal(text, shardsOf("forecaster"))).toContain(
      "layer gated (GRU): has the weights gated/recurrent_kernel",
    );
  });
});

test("a changed model.json is imported or refused clearly, whatever the change", async () => {
  const text = await json("tagger");
  const bytes = await golden("tfjs/tagger/model.weights.bin");
  await fc.assert(
    fc.asyncProperty(
      fc.nat(text.length - 1),
      fc.constantFrom("", "0", "9", "null", '"', "{", "]", "-1", "1e999", "[]", "x"),
      fc.nat(6),
      async (at, put, remove) => {
        const error = await importTfjs(text.slice(0, at) + put + text.slice(at + remove), () => bytes).catch(
          (e: unknown) => e,
        );
        if (error instanceof Error) expect(error).toBeInstanceOf(FileFormatError);
      },
    ),
    { numRuns: 400 },
  );
});

test("a value of another kind anywhere in the configuration is imported or refused clearly", async () => {
  const model = JSON.parse(await json("forecaster")) as unknown;
  const bytes = await golden("tfjs/forecaster/model.weights.bin");
  const paths = pathsIn(model);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...paths),
      fc.constantFrom<unknown>(null, -1, 0, 1.5, 2 ** 40, "", "x", "constructor", true, [], {}, [[]], [{}]),
      async (path, value) => {
        const copy = JSON.parse(JSON.stringify(model)) as Record<string, unknown>;
        let at = copy;
        for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
        at[path.at(-1)!] = value;
        const error = await importTfjs(JSON.stringify(copy), () => bytes).catch((e: unknown) => e);
        if (error instanceof Error) expect(error).toBeInstanceOf(FileFormatError);
      },
    ),
    { numRuns: 600 },
  );
});

/** The way to every value in a JSON value. */
function pathsIn(value: unknown, before: readonly string[] = []): string[][] {
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    [...before, key],
    ...pathsIn(inner, [...before, key]),
  ]);
}

describe("a shard is nothing but a file beside model.json", () => {
  test.each(["/etc/passwd", "../weights.bin", "a/../../b", "http://host/weights.bin", "C:\\weights.bin", ""])(
    "%j is not asked for",
    async (path) => {
      const text = await changed("tagger", (model) => {
        model.weightsManifest[0]!.paths = [path];
      });
      const asked: string[] = [];
      const read = (name: string): Uint8Array => {
        asked.push(name);
        return new Uint8Array();
      };
      const error = await importTfjs(text, read).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(FileFormatError);
      expect((error as Error).message).toMatch(/has the path ".*", which (is|leads)/);
      expect(asked).toEqual([]);
    },
  );
  test("and a tensor is no larger than the limits say, before a shard is read", async () => {
    const text = await changed("tagger", (model) => {
      model.weightsManifest[0]!.weights[0]!.shape = [2 ** 40];
    });
    const read = (): never => {
      throw new Error("a shard was read");
    };
    await expect(importTfjs(text, read)).rejects.toThrow("and reading a file may take 512 MiB");
  });
});
