/**
 * The certificate of an import in words.
 */
import { type Certificate, certificateLengths, certificateTolerances } from "../../io/index.js";
import { aligned, count } from "../terminal/talk.js";

/** A heading, a row for each comparison, and the tolerance that would have failed. */
export function certificateLines({ rows, tiers }: Certificate): readonly string[] {
  const { reference, wasm } = certificateTolerances;
  const lengths = certificateLengths.join(", ");
  return [
    "Largest differences between the model and the file's own formulas, evaluated independently in float64 on seeded",
    `sequences of ${lengths} steps; as fractions of the largest value, or of 1 if that is larger:`,
    ...aligned([
      ["in the file", "in the model", "values", tiers.reference, tiers.wasm],
      ...rows.map(({ name, layers, values, differences }) => [
        name,
        layers.join(", ") || "all layers",
        count(values),
        differences.reference.toExponential(1),
        differences.wasm.toExponential(1),
      ]),
      ["would fail above", "", "", reference.toExponential(1), wasm.toExponential(1)],
    ]),
  ];
}
