// probe
import { test } from "vitest";
import { createReferenceExecutor } from "../exec/reference/index.js";
import { certify } from "./certificate.js";
import {
  readModel,
  readSafetensors,
  type TensorData,
  tensorAs,
  tensorFrom,
  toFloat32,
  writeModel,
  writeSafetensors,
} from "./index.js";
import { importTfjs } from "./keras/index.js";
import { importPyTorch, readStateDict } from "./pytorch/index.js";

const n = (count: number, seed: number) =>
  Float32Array.from({ length: count }, (_, k) => 0.7 * Math.sin(1.7 * k + seed));
let seed = 0;
const t = (name: string, ...shape: number[]): TensorData =>
  tensorFrom(
    name,
    shape,
    n(
      shape.reduce((a, b) => a * b, 1),
      seed++,
    ),
  );
const rnn = (path: string, g: number, X: number, H: number, bias = true): TensorData[] => [
  t(`${path}.weight_ih_l0`, g * H, X),
  t(`${path}.weight_hh_l0`, g * H, H),
  ...(bias ? [t(`${path}.bias_ih_l0`, g * H), t(`${path}.bias_hh_l0`, g * H)] : []),
];
const ex = { reference: createReferenceExecutor, wasm: createReferenceExecutor };
const show = async (what: string, f: () => unknown) => {
  try {
    console.log(what, "=>", JSON.stringify(await f()));
  } catch (e) {
    console.log(
      what,
      "THROWS",
      (e as Error).name,
      (e as Error).message,
      (e as Error).name === "TypeError" || (e as Error).name === "RangeError" ? (e as Error).stack : "",
    );
  }
};
const brief = async (tensors: TensorData[], options = {}) => {
  const i = importPyTorch(await readStateDict(writeSafetensors(tensors), "m.safetensors"), options);
  await certify(i, ex);
  return [i.network.layers.map((l) => l.name + " " + l.output.width), i.assumed];
};
test("pytorch", async () => {
  for (let pad = 0; pad < 40; pad++) {
    const bytes = writeSafetensors([...rnn("r".repeat(1), 3, 4, 3)], { x: "x".repeat(pad * 8) });
    const len = new DataView(bytes.buffer).getUint32(0, true);
    if (len === 640)
      await show("header 640", async () => [...(await readStateDict(bytes, "m.safetensors")).keys()]);
  }
  await show("huge layer", () => brief([...rnn("r", 3, 4, 3), t("r.weight_ih_l99999999999", 2, 2)]));
  await show("layer 1e9", () => brief([...rnn("r", 3, 4, 3), t("r.weight_ih_l999999999", 2, 2)]));
  await show("enc dec", () => brief([...rnn("encoder", 3, 4, 4), ...rnn("decoder", 3, 4, 4)]));
  await show("11 rnns", () => brief(Array.from({ length: 11 }, (_, i) => rnn(`rnns.${i}`, 3, 4, 4)).flat()));
  await show("no bias", () => brief(rnn("r", 3, 4, 3, false)));
  await show("proto", () =>
    brief([
      t("__proto__.weight", 9, 4),
      ...rnn("constructor", 4, 4, 3),
      t("to String.ü.weight", 2, 3),
      t("to String.ü.bias", 2),
    ]),
  );
  await show("bf16", () =>
    brief(rnn("r", 3, 4, 3).map((x) => tensorAs("BF16", x.name, { shape: x.shape, values: toFloat32(x) }))),
  );
  await show("nan", () =>
    brief([
      ...rnn("r", 3, 4, 3).slice(1),
      tensorFrom("r.weight_ih_l0", [9, 4], new Float32Array(36).fill(NaN)),
    ]),
  );
  await show("H 0", () => brief([t("r.weight_ih_l0", 0, 4), t("r.weight_hh_l0", 0, 0)]));
  await show("X 0", () => brief([t("r.weight_ih_l0", 9, 0), t("r.weight_hh_l0", 9, 3)]));
  await show("vocab 0", () => brief([t("e.weight", 0, 4), ...rnn("r", 3, 4, 3)]));
  await show("dup modules", () =>
    brief([t("e.weight", 9, 4), ...rnn("r", 3, 4, 4)], { modules: ["e", "r", "r"] }),
  );
  await show("linear width 0", () => brief([...rnn("r", 3, 4, 3), t("fc.weight", 0, 3), t("fc.bias", 0)]));
  await show("overflow shape", () => {
    const h = JSON.stringify({ a: { dtype: "U8", shape: [2 ** 52, 2 ** 52, 0], data_offsets: [0, 0] } });
    const b = new Uint8Array(8 + h.length);
    new DataView(b.buffer).setUint32(0, h.length, true);
    b.set(new TextEncoder().encode(h), 8);
    return [...readSafetensors(b).tensors.keys()];
  });
});
