/**
 * nn.BatchNorm1d in inference: a gain and a shift for each feature.
 */
import type { NormModule } from "./types.js";

/** γ / √(σ² + ε) and β − μ γ / √(σ² + ε), in float64. */
export function scaleOf({
  width,
  gamma,
  beta,
  mean,
  variance,
  epsilon = 1e-5,
}: NormModule): readonly [Float64Array, Float64Array] {
  const gain = Float64Array.from(
    { length: width },
    (_, k) => (gamma?.[k] ?? 1) / Math.sqrt(variance![k]! + epsilon),
  );
  return [gain, gain.map((g, k) => (beta?.[k] ?? 0) - mean![k]! * g)];
}
