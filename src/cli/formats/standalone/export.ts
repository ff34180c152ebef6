/**
 * `unrolled export --to js`: one module of JavaScript without dependencies. It is run once before it is written.
 */
import { basename } from "node:path";
import { wholeSequenceReason } from "../../../nn/build/index.js";
import type { StandaloneWeights } from "../../../standalone/index.js";
import { choice } from "../../terminal/options.js";
import type { ExportRow } from "../export-row.js";

const storages = ["float32", "int8"] as const satisfies readonly StandaloneWeights[];

/** What the exported module has, as far as it matters here. */
interface Module {
  readonly predict?: unknown;
  readonly selfTest: () => { readonly cases: number; readonly largest: number };
}

/** The exporter's row. */
export const standaloneExporter: ExportRow = {
  describes: "one ES module without dependencies, for Node, browsers, workers and the edge",
  options: [
    choice("For js:", "--weights <name>", "how weight matrices are stored", storages).default("float32"),
  ],
  async write({ model, file, out, chosen }) {
    const { standaloneModule } = await import("../../../standalone/index.js");
    const weights = chosen["weights"] as StandaloneWeights;
    const text = await standaloneModule(model, { weights, name: file });
    const bytes = new TextEncoder().encode(text);
    const url = `data:text/javascript;base64,${Buffer.from(bytes).toString("base64")}`;
    const module: Module = await import(url);
    const { cases, largest } = module.selfTest();
    const reason = wholeSequenceReason(model.network);
    const [use, names] = module.predict
      ? ["predict(input);", "predict, selfTest"]
      : ["run(input);", "run, selfTest"];
    return {
      files: [{ path: out, bytes }],
      mapped: model.network.parameters.map(({ name, shape, exact }) => {
        const small = weights === "int8" && shape.length === 2 && !exact;
        return { from: name, to: name, how: small ? "int8, with a scale for each row" : "float32" };
      }),
      notes: [
        ...(reason === undefined ? [] : [`The module has no step(): ${reason}.`]),
        `Its self-test agreed with the reference: ${cases} inputs, largest difference ${largest.toExponential(0)}.`,
      ],
      loading: [`import { ${names} } from "./${basename(out)}";`, use],
    };
  },
};
