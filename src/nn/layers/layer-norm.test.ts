/**
 * Layer normalisation in cells of all kinds: gradients against central differences, alone and with dropout and
 * zoneout; the same bits on every executor, in every batch and in streams; and model files.
 */
import { describe, expect, it } from "vitest";
import {
  add,
  type Cell,
  cell,
  lstmLayerNorm,
  meanFeatures,
  mul,
  sigmoid,
  standardised,
  sub,
  tanh,
} from "../../cell/index.js";
import type { Executor } from "../../exec/executor.js";
import { createReferenceExecutor } from "../../exec/reference/index.js";
import { createWasmExecutor } from "../../exec/wasm/index.js";
import { networkData, networkFromData, predictionPlan } from "../build/index.js";
import {
  agreeWithReference,
  checkGradients,
  examplesFor,
  sameBitsInAnyBatch,
  streamsSameBits,
  vectors,
} from "../gradient.cases.js";
import { dropout, linear, type NetworkOptions, network, recurrent } from "../index.js";

/** The notes' GRU with its gates normalised: a normalised value is shared, and gates what is normalised again. */
const gruNorm = cell("gruNorm", { states: ["c"], output: "c" }, ({ c, x, linear, affine, layerNorm }) => {
  const before = layerNorm("u", linear("u", c, x));
  const u = sigmoid(before);
  const candidate = tanh(
    layerNorm("c", affine("c", mul(before, c), x), { gain: 0.5, bias: { from: 0, to: 1 } }),
  );
  return { c: add(mul(u, candidate), mul(sub(1, u), layerNorm("s", c))) };
});
/** Normalises its input, its state and a mean. */
const plain = cell("plain", { states: ["h"], output: "h" }, ({ h, x, affine }) => {
  const seen = affine("h", standardised(h, 0.1), standardised(x, 0.01));
  return { h: tanh(add(seen, mul(meanFeatures(x), meanFeatures(mul(h, h))))) };
});

describe("gradients through layer normalisation agree with central differences", () => {
  it.each<Cell>([gruNorm, plain])("in $name, in all directions, stacked", async (of) => {
    for (const direction of ["forward", "reverse", "both"] as const)
      expect(await checkGradients(vectors(of, [3], { direction }), [5, 3, 0, 1, 3])).toBeGreaterThan(0);
    const stacked = vectors(of, [4, 3], { direction: "both", initialState: "learned" });
    expect(await checkGradients(stacked, [3, 0, 2])).toBeGreaterThan(0);
  });
  it.each<Cell>([gruNorm, lstmLayerNorm])("in $name, with recurrent dropout and zoneout", async (of) => {
    const noise = { direction: "both", recurrentDropout: 0.3, zoneout: 0.2 } as const;
    expect(await checkGradients(vectors(of, [4], noise), [4, 0, 2], true)).toBeGreaterThan(0);
  });
});

type Create = () => Promise<Executor>;
const executors: Readonly<Record<string, Create>> = {
  reference: createReferenceExecutor,
  wasm: () => createWasmExecutor({ tier: "simd" }),
};
const layers: NetworkOptions["layers"] = [
  recurrent({ cell: gruNorm, units: 19, direction: "both", zoneout: 0.1 }),
  dropout({ rate: 0.2, mask: "sequence" }),
  recurrent({ cell: plain, units: 17 }),
  recurrent({ cell: lstmLayerNorm, units: 5, recurrentDropout: 0.2, zoneout: { c: 0.5 } }),
  linear({ units: 4 }),
];
const net = network({ input: { width: 3 }, layers, loss: "squaredError" });

describe("layer normalisation on every executor", () => {
  const examples = examplesFor(net, [7, 3, 0, 12, 1, 5]);
  it("gives the loss and the gradients of the reference", () =>
    // Sums of up to a few hundred float32 products of numbers around 1.
    agreeWithReference(executors["wasm"]!, net, examples, 1e-4));
  it.each(Object.entries(executors))("gives the same bits in any batch, on %s", (_name, create) =>
    sameBitsInAnyBatch(create, net, examples),
  );
  it.each(Object.entries(executors))("streams the bits of the whole sequence, on %s", (_name, create) => {
    const forward = [
      recurrent({ cell: gruNorm, units: 19, zoneout: 0.3 }),
      recurrent({ cell: lstmLayerNorm, units: 16, zoneout: { c: 0.5, a: 0.05 } }),
      recurrent({ cell: plain, units: 5 }),
      linear({ units: 3 }),
    ];
    return streamsSameBits(create, network({ input: { width: 3 }, layers: forward, loss: "squaredError" }));
  });
  it("is part of one loop: nothing of it is done token by token outside", () => {
    const loops = predictionPlan(network(vectors(lstmLayerNorm, [4]))).steps.filter((s) => s.kind === "loop");
    expect(loops).toHaveLength(1);
    expect(loops[0]?.body.filter((s) => s.kind === "reduce")).toHaveLength(10);
  });
});

it("a model file carries a normalised cell of one's own", () => {
  const data = JSON.parse(JSON.stringify(networkData(net)));
  const back = networkFromData(data);
  expect(networkData(back)).toEqual(data);
  expect(back.parameters).toEqual(net.parameters);
  expect(predictionPlan(back)).toEqual(predictionPlan(net));
});
