/**
 * Keras' own files, written by Keras 3 (and one in the layout of tf.keras 2; test/golden/keras): every layer's formula
 * against Keras' outputs, and the certificate of the network; what was mapped to what; damaged files.
 */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { createReferenceExecutor } from "../../exec/reference/index.js";
import { createWasmExecutor } from "../../exec/wasm/index.js";
import { certify } from "../certificate.js";
import { FileFormatError } from "../errors.js";
import { zipOf } from "../zip.cases.js";
import { openZip } from "../zip.js";
import { agreesWithTool, golden } from "./fixtures.cases.js";
import { importKeras } from "./index.js";

describe.each([
  ["sentiment.keras", ["embedding1", "dropout1", "recurrent1", "recurrent2", "recurrent3", "recurrent4"]],
  ["tagger.keras", ["embedding1", "recurrent1", "recurrent2", "linear1"]],
  ["forecast.keras", ["recurrent1", "recurrent2", "recurrent3", "recurrent4", "pool1", "linear1"]],
  ["legacy.h5", ["recurrent1", "recurrent2", "pool1", "linear1"]],
  ["keras2.h5", ["embedding1", "recurrent1", "recurrent2", "pool1", "linear1"]],
])("%s", (file, layers) => {
  it("does what Keras does", async () => {
    const imported = await importKeras(await golden(`keras/${file}`), file);
    expect(imported.network.layers.map(({ name }) => name).slice(0, layers.length)).toEqual(layers);
    const { rows } = await agreesWithTool(imported, `keras/${file.split(".")[0]}.json`);
    expect(rows.at(-1)?.name).toBe("expected outputs");
  });
});

test.each([
  ["Keras 1's LSTM, whose gates stand apart", "k1-lstm"],
  ["Keras 1's GRU", "k1-gru"],
  ["CuDNNLSTM", "cudnn-lstm"],
  ["CuDNNGRU", "cudnn-gru"],
])("weights alone with their description: %s", async (_, name) => {
  const { description, input, output } = JSON.parse(
    (await golden(`keras/old-${name}.json`)).toString("utf8"),
  ) as { readonly description: unknown; readonly input: number[][]; readonly output: number[] };
  const weights = await golden(`keras/old-${name}.h5`);
  const imported = await importKeras(weights, name, { description: JSON.stringify(description) });
  const executors = { reference: createReferenceExecutor, wasm: createWasmExecutor };
  const { rows } = await certify({ ...imported, expected: [{ input, output: [output] }] }, executors);
  expect(rows.at(-1)?.name).toBe("expected outputs");
  const refusal = await importKeras(weights, name, { description: "{}" }).catch((error: unknown) => error);
  expect((refusal as Error).message).toContain("model: has no class_name");
});

test("the usual cells are the catalogue's, others are named by their activations", async () => {
  const cells = async (file: string): Promise<string[]> =>
    (await importKeras(await golden(`keras/${file}`), file)).network.layers.flatMap(({ layer }) =>
      layer.kind === "recurrent" ? [layer.cell.name] : [],
    );
  expect(await cells("sentiment.keras")).toEqual(["lstm", "lstm", "lstm", "gruResetAfter"]);
  expect(await cells("tagger.keras")).toEqual(["gru", "rnnRelu"]);
  expect(await cells("forecast.keras")).toEqual([
    "lstm_softsign_hard_sigmoid",
    "gruResetAfter_elu_hard_sigmoid",
    "gruResetBefore_tanh_hard_sigmoid",
    "lstm",
  ]);
});

test("says what was mapped to what", async () => {
  const { mapped } = await importKeras(await golden("keras/sentiment.keras"), "sentiment.keras");
  expect(mapped.filter(({ to }) => to.startsWith("recurrent4"))).toEqual([
    {
      from: "layers/gru/cell/vars/0",
      to: "recurrent4.w_z, w_r, w_nx (columns of x)",
      how: "columns z, r, h, transposed",
    },
    {
      from: "layers/gru/cell/vars/1",
      to: "recurrent4.w_z, w_r, w_nh (columns of the state)",
      how: "columns z, r, h, transposed",
    },
    {
      from: "layers/gru/cell/vars/2",
      to: "recurrent4.b_z, b_r, b_nx, b_nh",
      how: "parts z, r, h, h; its two rows summed for z, r",
    },
  ]);
  const before = await importKeras(await golden("keras/tagger.keras"), "tagger.keras");
  expect(before.mapped.find(({ from }) => from === "layers/gru/cell/vars/0")?.how).toBe(
    "columns −z, r, h, transposed",
  );
});

test("says what is different here", async () => {
  const { assumed } = await importKeras(await golden("keras/sentiment.keras"), "sentiment.keras");
  expect(assumed).toEqual([
    "first (LSTM) has dropout 0.1, which acts in training only, and was left out.",
    "words (Embedding) masks the id 0: such steps are left out before anything is computed, wherever they stand.",
    "The loss, if the model is trained on, is crossEntropy.",
  ]);
  const legacy = await importKeras(await golden("keras/legacy.h5"), "legacy.h5");
  expect(legacy.assumed).toEqual([
    "The file's input has 3 steps; here sequences have any length.",
    "The loss, if the model is trained on, is binaryCrossEntropy.",
  ]);
});

const archive = (files: Readonly<Record<string, Uint8Array>>): Uint8Array =>
  zipOf(Object.entries(files).map(([name, bytes]) => ({ name, bytes })));

/** The entries of a `.keras` file. */
async function entries(file: string): Promise<Record<string, Uint8Array>> {
  const zip = openZip(await golden(`keras/${file}`), file);
  const read = zip.names.map(async (name) => [name, await zip.read(name)] as const);
  return Object.fromEntries(await Promise.all(read));
}

describe("refuses", () => {
  const refusal = async (bytes: Uint8Array): Promise<string> => {
    const error = await importKeras(bytes, "m").catch((e: unknown) => e);
    expect(error).toBeInstanceOf(FileFormatError);
    return (error as Error).message;
  };

  test("what is neither archive nor HDF5", async () =>
    expect(await refusal(Uint8Array.of(1, 2, 3))).toContain("is neither a .keras archive nor an HDF5 file"));
  test("an archive of something else", async () =>
    expect(await refusal(archive({ "a.txt": Uint8Array.of(1) }))).toContain("entry config.json: is missing"));
  test("weights without the model", async () => {
    const { "model.weights.h5": weights } = await entries("tagger.keras");
    expect(await refusal(weights!)).toBe(
      'm, root: has weights at most, and no description of the model (model_config). Give the description beside it (the JSON of model.to_json(), or config.json), or save the whole model with model.save("model.keras").',
    );
  });
  test("weights in another format", async () => {
    const { "model.weights.h5": weights, ...others } = await entries("tagger.keras");
    const bytes = archive({ ...others, "model.weights.npz": weights! });
    expect(await refusal(bytes)).toContain("archive: has no model.weights.h5, but model.weights.npz");
  });
  test("weights of another model", async () => {
    const { "model.weights.h5": weights } = await entries("tagger.keras");
    const bytes = archive({
      ...(await entries("sentiment.keras")),
      "model.weights.h5": weights!,
    });
    expect(await refusal(bytes)).toContain(
      "layer words (Embedding): has the weights layers/embedding/vars/0 (9, 3), and by its options it needs embeddings (9, 4)",
    );
  });
  test("an archive without the version that wrote it", async () => {
    const bytes = archive({
      ...(await entries("tagger.keras")),
      "metadata.json": new TextEncoder().encode("{}"),
    });
    expect(await refusal(bytes)).toContain("metadata.json: has no keras_version");
  });
});

describe("a damaged file is imported or refused clearly, wherever the damage is", () => {
  test.each(["legacy.h5", "keras2.h5", "tagger.keras"])("%s", async (file) => {
    const bytes = new Uint8Array(await golden(`keras/${file}`));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.option(fc.nat(bytes.length)),
        async (changes, cut) => {
          const damaged = bytes.slice(0, cut ?? bytes.length);
          for (const [at, value] of changes) if (at < damaged.length) damaged[at] = value;
          const from = performance.now();
          const error = await importKeras(damaged, file).catch((e: unknown) => e);
          if (error instanceof Error) expect(error).toBeInstanceOf(FileFormatError);
          // Minutes, when counts in a file were taken for true; a whole file takes a hundredth of this.
          expect(performance.now() - from).toBeLessThan(5000);
        },
      ),
      { numRuns: 60 },
    );
  });
});
