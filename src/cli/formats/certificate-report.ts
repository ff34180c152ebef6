/**
 * The certificate of an import in words.
 */
import { type Certificate, certificateLengths, certificateTolerances } from "../../io/index.js";
import { aligned, count } from "../terminal/talk.js";

/** A heading, a row for each comparison, and what would not have passed. */
export function certificateLines({ rows, tiers }: Certificate): readonly string[] {
  const { reference, wasm } = certificateTolerances;
  const lengths = certificateLengths.join(", ");
  return [
    "Largest differences between the model and the file's own formulas, evaluated apart in float64 on seeded",
    `sequences of ${lengths} steps; as fractions of the largest value, at least 1:`,
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
