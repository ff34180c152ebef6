/**
 * Where weights start, from a seed: recurrent ones orthogonal, the others as their layers say. Large orthogonal matrices
 * take seconds, so the work can also be done piece by piece, by whoever has to stay alive in between.
 */
import { canBeMade, orthogonal } from "../tensor/orthogonal.js";
import { fillUniform, purposes, type RandomPlace } from "../tensor/random.js";
import { type BlockStart, NetworkError, type ParameterSpec } from "./layers/layer.js";
import { checkNetwork, type Network } from "./network.js";
import { copyBlock, type Parameters, roomForParameter, rowsOf, type Tensor, widthOf } from "./parameters.js";

/**
 * Initial parameters: recurrent weights orthogonal (Saxe et al. 2014), input and output weights Glorot uniform
 * (Glorot and Bengio 2010), biases as the cell says (a forget gate's 1), everything from the seed. The same bits everywhere.
 *
 * @param seed any whole number between −(2⁵³ − 1) and 2⁵³ − 1
 * @throws NetworkError if there is no room for a parameter
 */
export function initialParameters(net: Network, seed: number): Parameters {
  const work = initialSteps(net, seed);
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/**
 * The same as a generator, which gives the share of the work that is done, many times a second for large networks, and
 * returns the parameters.
 */
export function* initialSteps(net: Network, seed: number): Generator<number, Parameters> {
  checkNetwork(net, "initialParameters");
  const all = net.parameters.reduce((sum, spec) => sum + workOf(spec), 0);
  const parameters = new Map<string, Tensor>();
  let before = 0;
  for (const [number, spec] of net.parameters.entries()) {
    const [rows, width] = [rowsOf(spec), widthOf(spec)];
    const data = roomForParameter(spec);
    let from = 0;
    for (const [b, { start, columns }] of spec.blocks.entries()) {
      const place: RandomPlace = { seed, purpose: purposes.initialise, layer: number, step: b };
      const steps = startValues(start, { rows, columns }, place);
      if (isOrthogonal(start) && !canBeMade(rows, columns))
        throw new NetworkError(
          `${spec.name} would start as an orthogonal matrix of ${rows} × ${columns}, and none larger than about 32,000 × 32,000 can be made; take fewer units`,
        );
      const work = workOf({ shape: spec.shape, blocks: [{ start, columns }] });
      let step = steps.next();
      for (; !step.done; step = steps.next()) yield (before + step.value * work) / all;
      copyBlock(step.value, columns, 0, data, width, from, rows, columns);
      from += columns;
      before += work;
      yield before / all;
    }
    parameters.set(spec.name, { shape: spec.shape, data });
  }
  return parameters;
}

const isOrthogonal = (start: BlockStart): start is { readonly orthogonal: true } =>
  typeof start === "object" && "orthogonal" in start;

/** Parameters for what is filled later, as a run is that goes on. @throws NetworkError if there is no room for one */
export function zeroParameters(net: Network): Parameters {
  return new Map(
    net.parameters.map((spec) => [spec.name, { shape: spec.shape, data: roomForParameter(spec) }]),
  );
}

/** About how long a parameter takes, in nanoseconds. */
function workOf({
  shape,
  blocks,
}: Pick<ParameterSpec, "shape"> & {
  readonly blocks: readonly Pick<ParameterSpec["blocks"][number], "start" | "columns">[];
}): number {
  const rows = shape.length === 1 ? 1 : shape[0]!;
  return blocks.reduce((sum, { start, columns }) => {
    return sum + rows * columns * (20 + (isOrthogonal(start) ? 80 + Math.min(rows, columns) / 12 : 0));
  }, 1);
}

/** A block's starting numbers, rows × columns, and on the way the share of them that is there. */
function* startValues(
  start: BlockStart,
  { rows, columns }: { readonly rows: number; readonly columns: number },
  place: RandomPlace,
): Generator<number, ArrayLike<number>> {
  if (isOrthogonal(start)) return yield* orthogonal(rows, columns, place);
  const out = new Float32Array(rows * columns);
  if (typeof start === "number") return out.fill(start);
  const limit = "glorot" in start ? Math.sqrt(6 / (rows + start.glorot.fanIn)) : 0;
  const [from, to] = "glorot" in start ? [-limit, limit] : [start.from, start.to];
  fillUniform(place, out);
  for (let i = 0; i < out.length; i++) out[i] = from + out[i]! * (to - from);
  return out;
}
