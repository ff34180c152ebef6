/**
 * A hundred thousand mutations of valid files: whatever is done to one, reading it gives tensors or a FileFormatError, at once,
 * and takes no more memory than the file itself explains. Mutations are numbered, so that one that fails can be looked at.
 */
import { getHeapStatistics } from "node:v8";
import { describe, expect, test } from "vitest";
import { gru } from "../cell/index.js";
import { embedding, initialParameters, linear, network, recurrent } from "../nn/index.js";
import { purposes, randomWord } from "../tensor/random.js";
import { type TensorData, tensorAs, tensorFrom } from "./dtypes.js";
import { FileFormatError } from "./errors.js";
import { readModel, writeModel } from "./model.js";
import { readSafetensors, writeSafetensors } from "./safetensors.js";

/** Of each file below. */
const MUTATIONS = 34_000;

const several: TensorData[] = [
  tensorFrom("w_a", [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6)),
  tensorFrom("ids", [2], Int32Array.of(-1, 7)),
  tensorAs("F16", "half", { shape: [], values: [0.5] }),
  tensorAs("I64", "ünï 😀", { shape: [2], values: [1, -1] }),
  tensorFrom("nothing", [0, 4], new Float32Array(0)),
];
const net = network({
  input: { vocabulary: 5 },
  layers: [embedding({ width: 3 }), recurrent({ cell: gru, units: 2 }), linear({ units: 3 })],
  loss: "crossEntropy",
});
const model = {
  task: "none",
  network: net,
  parameters: initialParameters(net, 1),
  data: { labels: ["a", "b"] },
};
const large = tensorFrom("w", [128, 128], new Float32Array(128 * 128));

/** Valid files: tensors of many kinds, a model, and one that is mostly data. */
const files: Readonly<Record<string, Uint8Array>> = {
  "many types": writeSafetensors(several, { cell: "gru", layers: "2" }),
  "a model": writeModel(model, { storage: "int8" }),
  "mostly data": writeSafetensors([large, ...several], { cell: "gru" }),
};

/** What a header is made of, to be put anywhere in it. */
const pieces = [
  ...'{}[]:,"\\0123456789-.eE tn',
  '"w_a":{',
  '"dtype":"F64"',
  '"shape":[0]',
  '"data_offsets":[0,4]',
  '"__metadata__":{}',
  "[0,24]",
  "null",
  "1e400",
  "\\u0000",
  "18446744073709551615",
  "9007199254740993",
  '{"":[[[[[[[[[',
  "\ud800",
  "\ufeff",
  "é",
].map((piece) => new TextEncoder().encode(piece));

/** Mutation number n of a file: one to three changes, most of them in its header. */
function mutated(file: Uint8Array, n: number): Uint8Array {
  let drawn = 0;
  const draw = (below: number): number =>
    randomWord({ seed: 1, purpose: purposes.synthetic, sequence: n }, drawn++) % below;
  const headerEnd = 8 + new DataView(file.buffer).getUint32(0, true);
  let bytes = file;
  for (let changes = 1 + draw(3); changes > 0; changes--) {
    const at = draw(Math.min(bytes.length, draw(8) === 0 ? bytes.length : headerEnd) + 1);
    const kind = draw(6);
    const removed = kind < 2 ? 1 + draw(9) : kind === 2 ? 1 : 0;
    const inserted =
      kind === 1 || kind === 2
        ? Uint8Array.of(draw(256))
        : kind > 2
          ? pieces[draw(pieces.length)]
          : undefined;
    bytes = spliced(bytes, at, { removed, inserted: inserted ?? new Uint8Array(0) });
  }
  // Half of the time the header's length is made true again, so that what is inside is looked at.
  if (bytes.length >= 8 && draw(2) === 0) {
    const grown = Math.max(0, headerEnd - 8 + bytes.length - file.length);
    bytes = bytes.slice();
    new DataView(bytes.buffer).setBigUint64(0, BigInt(grown), true);
  }
  return draw(20) === 0 ? bytes.subarray(0, draw(bytes.length + 1)) : bytes;
}

function spliced(
  bytes: Uint8Array,
  at: number,
  change: { readonly removed: number; readonly inserted: Uint8Array },
): Uint8Array {
  const after = bytes.subarray(at + change.removed);
  const out = new Uint8Array(at + change.inserted.length + after.length);
  out.set(bytes.subarray(0, at));
  out.set(change.inserted, at);
  out.set(after, at + change.inserted.length);
  return out;
}

/** Bytes of buffers that are made while something runs: every typed array and buffer says how large it is. */
function buffersDuring(run: () => void): number {
  let bytes = 0;
  const names = [
    "ArrayBuffer",
    "Uint8Array",
    "Int8Array",
    "Float32Array",
    "Float64Array",
    "Int32Array",
    "DataView",
  ] as const;
  const before = names.map((name) => [name, globalThis[name]] as const);
  for (const [name, original] of before)
    Object.assign(globalThis, {
      [name]: new Proxy(original, {
        construct(target, args, receiver) {
          const made = Reflect.construct(target, args, receiver);
          // A view of what is there already takes nothing.
          if (typeof args[0] !== "object" || !("byteLength" in args[0])) bytes += made.byteLength;
          return made;
        },
      }),
    });
  try {
    run();
  } finally {
    Object.assign(globalThis, Object.fromEntries(before));
  }
  return bytes;
}

/** Reads, and says whether it was refused; anything but tensors of the file or a FileFormatError fails. */
function refuses(bytes: Uint8Array): boolean {
  try {
    const { tensors } = readSafetensors(bytes);
    for (const { data } of tensors.values())
      if (data.buffer !== bytes.buffer) throw new Error("a tensor was copied");
    return false;
  } catch (error) {
    if (error instanceof FileFormatError) return true;
    throw error;
  }
}

describe.each(Object.entries(files))("mutations of %s", (_, file) => {
  test("are read or refused; one that hangs runs into the time limit of all tests", () => {
    let refused = 0;
    for (let n = 0; n < MUTATIONS; n++) {
      const bytes = mutated(file, n);
      try {
        if (refuses(bytes)) refused++;
      } catch (error) {
        throw new Error(`mutation ${n}: ${error}`, { cause: error });
      }
    }
    // Both must happen, or the mutations would be too mild or too wild to tell anything.
    expect(refused).toBeGreaterThan(MUTATIONS / 2);
    expect(refused).toBeLessThan(MUTATIONS);
  });

  test("make the reader allocate no buffers at all: tensors are views", () => {
    for (let n = 0; n < 1000; n++) {
      const bytes = mutated(file, n);
      expect(buffersDuring(() => void refuses(bytes))).toBe(0);
    }
  });
});

test("mutations of a model file give a model or a FileFormatError", () => {
  const file = files["a model"]!;
  const read = (bytes: Uint8Array): string => {
    try {
      return typeof readModel(bytes, "m").task;
    } catch (error) {
      if (error instanceof FileFormatError) return "refused";
      throw error;
    }
  };
  for (let n = 0; n < 4000; n++)
    expect(["string", "refused"], `mutation ${n}`).toContain(read(mutated(file, n)));
});

test("all that reading a mutated file allocates, what is thrown away at once too, is less than twice the file", () => {
  // V8 counts its heap in pages of 256 KB, so the file is one of several; its header is as long as that of a real model.
  const tensors = Array.from({ length: 60 }, (_, i) =>
    tensorFrom(`layer${i}.w`, [64, 128], new Float32Array(64 * 128)),
  );
  const file = writeSafetensors([...tensors, ...several], { cell: "gru" });
  const heap = (): number => getHeapStatistics().used_heap_size;
  let [most, measured] = [0, 0];
  for (let n = 0; n < 600; n++) {
    const bytes = mutated(file, n);
    const before = heap();
    refuses(bytes);
    const taken = heap() - before;
    // Where the collector ran in between there is nothing to be seen, and a file that was cut short says little.
    if (taken < 0 || bytes.length < file.length / 2) continue;
    measured++;
    most = Math.max(most, taken / bytes.length);
  }
  expect(measured).toBeGreaterThan(100);
  expect(most).toBeLessThan(2);
});
