/**
 * Models of every layer that meets recurrent ones, as Keras describes them, with weights by a formula and what Keras computes
 * (test/keras/make.py): each is imported, certified and compared; or refused for the reason that stands here.
 */
import { describe, expect, test } from "vitest";
import { createReferenceExecutor } from "../../exec/reference/index.js";
import { createWasmExecutor } from "../../exec/wasm/index.js";
import type { FlatInput } from "../../nn/index.js";
import { certify } from "../certificate.js";
import { FileFormatError } from "../errors.js";
import type { ExpectedOutput, FileInput, Imported, Rows } from "../imported.js";
import { golden } from "./fixtures.cases.js";
import { importTfjs } from "./index.js";
import type { Json } from "./source.js";

/** A model of Keras. */
interface Model {
  readonly kind: string;
  readonly name: string;
  readonly model: Json;
  readonly weights: readonly (readonly [name: string, shape: readonly number[]])[];
  readonly output?: string;
  readonly examples: readonly {
    readonly input: Readonly<Record<string, unknown>>;
    readonly output: unknown;
  }[];
}

const models = JSON.parse((await golden("keras/models.json")).toString("utf8")) as Model[];

const kinds = [...new Set(models.map(({ kind }) => kind))].map(
  (kind) => [kind, models.filter((model) => model.kind === kind)] as const,
);

/** What cannot be imported, and why. */
const refused: Readonly<Record<string, string>> = {
  "Conv1D: valid, pooled": 'padding "valid": it gives 2 steps fewer than it reads',
  "shapes: RepeatVector to other steps": "RepeatVector needs 2 steps, and the input has 5",
  "shapes: RepeatVector to more steps": "RepeatVector needs 7 steps, and the input has 5",
  "attention: causal": "the option use_causal_mask true: it looks at steps up to its own alone",
};

/** Imports a model as TensorFlow.js has it: its weights go by their names. */
function imported({ model, weights, output }: Model): Promise<Imported> {
  const values = weights.flatMap(([name, shape], i) =>
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, k) => {
      const value = 0.6 * Math.cos(1.7 * i + 0.9 * k);
      return name.includes("variance") ? Math.abs(value) + 0.3 : value;
    }),
  );
  const manifest = weights.map(([name, shape]) => ({ name, shape, dtype: "float32" }));
  const text = JSON.stringify({
    modelTopology: { keras_version: "3.15.1", model_config: model },
    weightsManifest: [{ paths: ["w.bin"], weights: manifest }],
  });
  const bytes = new Uint8Array(Float32Array.from(values).buffer);
  return importTfjs(text, () => bytes, "m.json", output === undefined ? {} : { output });
}

/** A list of numbers, however nested, in rows of so many. */
function rows(value: unknown, width: number): Rows {
  const all = (value as number[][]).flat(9) as number[];
  return Array.from({ length: all.length / width }, (_, t) => all.slice(t * width, (t + 1) * width));
}

function expectedOf({ network }: Imported, { examples }: Model): ExpectedOutput<FileInput>[] {
  const { input } = network;
  return examples.map((example) => {
    const output = rows(example.output, network.output.width);
    const widthOf = (of: FlatInput): number => ("width" in of ? of.width : 1);
    if (!("inputs" in input)) return { input: rows(Object.values(example.input)[0], widthOf(input)), output };
    const named = Object.entries(input.inputs).map(([name, of]): [string, Rows] => [
      name,
      rows(example.input[name], widthOf(of)),
    ]);
    return { input: Object.fromEntries(named), output };
  });
}

describe.each(kinds)("%s", (_, all) => {
  test.each(all.map((model) => [model.name, model] as const))("%s", async (name, model) => {
    const reason = refused[`${model.kind}: ${name}`];
    const found = await imported(model).catch((error: unknown) => error);
    if (reason !== undefined) {
      expect(found).toBeInstanceOf(FileFormatError);
      expect((found as Error).message).toContain(reason);
      return;
    }
    if (found instanceof Error) throw found;
    const whole = found as Imported;
    // Both compute in float32; the tolerances of certificates hold for what Keras computes as well.
    const { rows: compared } = await certify(
      { ...whole, expected: expectedOf(whole, model) },
      { reference: createReferenceExecutor, wasm: () => createWasmExecutor({ tier: "simd" }) },
    );
    expect(compared.at(-1)?.name).toBe("expected outputs");
  });
});
