/**
 * A translator's two graphs in ONNX Runtime: the encoder once, then the step token by token, against the whole target at once.
 */
import { beforeAll, describe, expect, it } from "vitest";
import {
  isMissing,
  type RunTensor,
  type Runtime,
  runtime,
  runtimeNames,
  suiteName,
} from "../../../../test/onnx/runtimes.js";
import { gru, lstm, lstmNotes } from "../../../cell/index.js";
import { createReferenceExecutor } from "../../../exec/reference/index.js";
import {
  createPredictor,
  type DecoderOptions,
  decoder,
  embedding,
  linear,
  type Network,
  network,
  recurrent,
} from "../../../nn/index.js";
import { distance, livelyParameters, rowsOf, TOLERANCE } from "./export.cases.js";
import { exportOnnx } from "./export.js";
import type { OnnxPart } from "./part.js";

const V = 6;
const variants: Readonly<Record<string, Partial<DecoderOptions>>> = {
  "additive attention, input feeding": {},
  "additive attention of its own width, no input feeding": { attentionWidth: 5, inputFeeding: false },
  "general attention, two cells": { attention: "general", cell: lstm, units: [3, 4] },
  "a recurrent layer over the target": {
    target: [embedding({ width: 3 }), recurrent({ cell: lstmNotes, units: 3 })],
  },
  "a one-hot target": { target: [] },
  "no attention": { attention: "none" },
};

function translator(options: Partial<DecoderOptions>): Network {
  const source = [embedding({ width: 3 }), recurrent({ cell: lstm, units: 3, direction: "both" })];
  return network({
    input: { inputs: { source: { vocabulary: 7, beside: true }, target: { vocabulary: V } } },
    layers: [
      decoder({ source, target: [embedding({ width: 3 })], cell: gru, units: [4], ...options }),
      linear({ units: V }),
    ],
    loss: "crossEntropy",
  });
}

/** Sources of many lengths, one of them empty, and targets. */
const sources = [[1, 4, 6, 2], [], [3], [5, 5, 0]];
const targets = sources.map((_, i) => Array.from({ length: 5 }, (_, t) => (2 * i + 3 * t + 1) % V));

for (const name of runtimeNames) {
  describe.skipIf(isMissing(name))(suiteName(name), () => {
    let ort: Runtime;
    beforeAll(async () => {
      ort = await runtime(name);
    });

    it.each(Object.keys(variants))("%s", async (variant) => {
      const net = translator(variants[variant]!);
      const parameters = livelyParameters(net);
      const [encoder, step] = exportOnnx({ network: net, parameters }) as [OnnxPart, OnnxPart];
      expect([encoder.part, step.part]).toEqual(["encoder", "step"]);
      const examples = sources.map((source, i) => ({ input: { source, target: targets[i]! } }));
      const executor = await createReferenceExecutor();
      const wanted = createPredictor(net, executor, { parameters, scores: true }).predict(examples);
      executor.dispose();

      const B = sources.length;
      const lengths = { type: "int32", dims: [B], data: sources.map((source) => source.length) } as const;
      const S = Math.max(...lengths.data);
      const ids = Array.from({ length: S * B }, (_, k) => sources[k % B]?.[Math.floor(k / B)] ?? 6);
      const source = { type: "int32", dims: [S, B], data: ids } as const;
      const memory = await (await ort.load(encoder.bytes)).run({ source, "source.lengths": lengths });
      const session = await ort.load(step.bytes);
      const attends = memory["h"] !== undefined;
      let states = Object.fromEntries(
        step.states.map(({ name: state, input = "", width, start }): [string, RunTensor] => {
          const zeros = { type: "float32", dims: [B, width], data: new Float32Array(B * width) } as const;
          return [input, start === 0 ? zeros : memory[`${state}.start`]!];
        }),
      );
      for (let t = 0; t < 5; t++) {
        const target = {
          type: "int32",
          dims: [B],
          data: targets.map((tokens) => tokens[t]!),
        } as const;
        const fixed = attends ? { h: memory["h"]!, keys: memory["keys"]!, "source.lengths": lengths } : {};
        const found = await session.run({ target, ...fixed, ...states });
        wanted.forEach(({ rows, scores = [] }, b) => {
          const at = (of: string): number[][] => rowsOf(found[of]!, b, 1);
          expect(distance(at("scores"), [scores[t] as number[]])).toBeLessThan(TOLERANCE);
          expect(distance(at("prediction"), [rows[t] as number[]])).toBeLessThan(TOLERANCE);
        });
        if (attends) expectWeights(found["attention"]!, lengths.data);
        states = Object.fromEntries(step.states.map(({ input = "", output }) => [input, found[output]!]));
      }
    });
  });
}

/** The weights of a source's rows sum to one over its own rows, and are zero beyond. */
function expectWeights({ dims, data }: RunTensor, lengths: readonly number[]): void {
  const [S = 0, B = 0] = dims;
  for (let b = 0; b < B; b++) {
    const column = Array.from({ length: S }, (_, j) => (data as ArrayLike<number>)[j * B + b]!);
    const length = lengths[b]!;
    expect(column.slice(0, length).reduce((a, v) => a + v, 0)).toBeCloseTo(length > 0 ? 1 : 0, 5);
    expect(column.slice(length).every((v) => v === 0)).toBe(true);
  }
}
