/** Products with a tensor of the file, in float64 and written for themselves: what certificates compare with. */
import type { SourceTensor } from "../source.js";

/** x · W for one row of features, W of shape (features, columns). */
export function timesMatrix(x: readonly number[], { shape, values }: SourceTensor): number[] {
  const columns = shape[1]!;
  const out = new Array<number>(columns).fill(0);
  x.forEach((v, i) => {
    for (let k = 0; k < columns; k++) out[k] = out[k]! + v * values[i * columns + k]!;
  });
  return out;
}

/** The rows of a tensor; of a vector, the one row that it is. */
export function rowsOf({ shape, values }: SourceTensor): number[][] {
  const width = shape.at(-1) ?? 1;
  return Array.from({ length: values.length / width }, (_, r) =>
    Array.from(values.subarray(r * width, (r + 1) * width)),
  );
}
