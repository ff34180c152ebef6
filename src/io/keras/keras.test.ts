/**
 * Keras' own files, written by Keras 3 (and one in the layout of tf.keras 2): every layer's formula against Keras'
 * outputs, and the certificate of the network; what was mapped to what; what is said about the rest.
 */
import { expect, test } from "vitest";
import { agreesWithTool, golden } from "./fixtures.cases.js";
import { importKeras } from "./index.js";

test.each(["sentiment.keras", "tagger.keras", "forecast.keras", "legacy.h5", "keras2.h5"])("%s", async (file) => {
  const imported = await importKeras(await golden(`keras/${file}`), file);
  const certificate = await agreesWithTool(imported, `keras/${file.split(".")[0]}.json`);
  console.log(JSON.stringify(certificate.rows, null, 1), imported.assumed, imported.mapped);
});
