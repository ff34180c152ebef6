/**
 * Output biases that state from the start how often each output is on, or each token occurs: training then begins with
 * what counting already knows, instead of spending its first steps on it. With f the frequency, one added on either side:
 *
 *     sigmoids: b = ln f − ln(1 − f)          softmax: b = ln f
 */
import type { Example, Parameters } from "../../nn/index.js";
import { portableLog } from "../../tensor/portable.js";

/**
 * Parameters with the biases of the output layer set.
 *
 * @param options.bias name of the output layer's biases: "linear1.b_y"
 * @param options.targets "numbers": 0 or 1 for each output; "class": a token
 */
export function firstBiases(
  parameters: Parameters,
  examples: readonly Pick<Example, "target">[],
  { bias, targets }: { readonly bias: string; readonly targets: "numbers" | "class" },
): Parameters {
  const found = parameters.get(bias);
  if (found === undefined) throw new RangeError(`there is no parameter ${bias}`);
  const { length } = found.data;
  const counts = new Float64Array(length).fill(1);
  let total = 0;
  for (const { target = [] } of examples) {
    total += targets === "class" ? target.length : target.length / length;
    for (let i = 0; i < target.length; i++) {
      if (targets === "class") counts[target[i]!]!++;
      else counts[i % length]! += target[i]!;
    }
  }
  const data = Float32Array.from(counts, (n) =>
    targets === "class"
      ? portableLog(n / (total + length))
      : portableLog(n / (total + 2)) - portableLog(1 - n / (total + 2)),
  );
  return new Map(parameters).set(bias, { ...found, data });
}
