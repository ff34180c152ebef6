/**
 * A larger vocabulary for a network that has learned already: the weights of known tokens stay, and every new token starts
 * with those of token 0, the unknown one, as which it was read so far. So no prediction changes until training goes on.
 */
import { NetworkError, type ParameterSpec } from "./layers/layer.js";
import { checkNetwork, layerList, type Network, network } from "./network.js";
import type { Parameters, Tensor } from "./parameters.js";

/**
 * Extends the vocabulary of a network that reads token ids.
 *
 * ```ts
 * const larger = extendVocabulary(net, parameters, 5200); // tokens 5000 to 5199 are new
 * ```
 *
 * @param size tokens of the new vocabulary; the first ones are those of the old
 * @throws NetworkError if the network reads no token ids, or has more of them already
 */
export function extendVocabulary(
  net: Network,
  parameters: Parameters,
  size: number,
): { readonly net: Network; readonly parameters: Parameters } {
  checkNetwork(net, "extendVocabulary");
  if (!("vocabulary" in net.input))
    throw new NetworkError("the network reads vectors, so it has no vocabulary to extend");
  if (!(Number.isInteger(size) && size >= net.input.vocabulary)) {
    throw new NetworkError(
      `the vocabulary has ${net.input.vocabulary} tokens and cannot be extended to ${size}; give that many or more`,
    );
  }
  const larger = network({
    input: { vocabulary: size },
    layers: layerList(net),
    loss: net.loss,
    ...(net.quantiles ? { quantiles: net.quantiles } : {}),
  });
  return {
    net: larger,
    parameters: new Map(
      larger.parameters.map((spec, i): [string, Tensor] => {
        const old = net.parameters[i]!;
        return [spec.name, extended(old, spec, parameters.get(spec.name)!)];
      }),
    ),
  };
}

const rowsOf = ({ shape }: ParameterSpec): number => (shape.length === 1 ? 1 : shape[0]!);
const widthOf = ({ shape }: ParameterSpec): number => shape[shape.length - 1]!;

/** A parameter with its new rows (an embedding's) or columns (those of one-hot inputs) filled from the first. */
function extended(old: ParameterSpec, spec: ParameterSpec, { data }: Tensor): Tensor {
  const [rows, width] = [rowsOf(spec), widthOf(spec)];
  const [oldRows, oldWidth] = [rowsOf(old), widthOf(old)];
  const out = new Float32Array(rows * width);
  let [from, to] = [0, 0];
  spec.blocks.forEach((block, b) => {
    const oldColumns = old.blocks[b]!.columns;
    for (let r = 0; r < rows; r++) {
      const row = r < oldRows ? r : 0;
      for (let c = 0; c < block.columns; c++)
        out[r * width + to + c] = data[row * oldWidth + from + (c < oldColumns ? c : 0)]!;
    }
    from += oldColumns;
    to += block.columns;
  });
  return { shape: spec.shape, data: out };
}
