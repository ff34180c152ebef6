/** The wasm executor: conformance, golden values, and what it alone promises. */
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import type { ElementwiseStep, Plan, Step } from "../../plan/plan.js";
import { packing } from "../../tensor/packing.js";
import { buffer, indices, planOf } from "../cases/harness.cases.js";
import { executorCases } from "../executor.cases.js";
import { ExecutorError } from "../executor.js";
import { goldenCases } from "../golden.cases.js";
import { createWasmExecutor, type TierName } from "./index.js";

// `npm run test:tiers` runs this file in every tier, on every Node that is there.
const tier = (process.env["UNROLLED_TIER"] ?? "simd") as TierName;
const create = () => createWasmExecutor({ tier });

// float32 has 24 bits: a sum of n products within ±1 is off by some √n · 2⁻²⁴ and at most n · 2⁻²⁴; n reaches 1100,
// and sums pass through up to a dozen steps. Functions: exp, log and softplus are within 3 units in the last place.
executorCases("wasm", create, { sums: 2e-5, functions: 4e-7 });

// Twelve time steps of cells of a dozen units, forward and back, in float32.
goldenCases(create, 1e-5);

const add = (a: string, b: string, into: string): ElementwiseStep => ({
  kind: "elementwise",
  space: "tokens:p",
  width: 100,
  inputs: [a, b],
  program: [{ op: "add", args: [0, 1] }],
  outputs: [{ buffer: into, register: 2 }],
});

/** x doubled `length` times through temporaries, of which two live at any time. */
function chain(length: number): Plan {
  const names = ["x", ...Array.from({ length: length - 1 }, (_, i) => `t${i}`), "y"];
  const buffers = names.map((name) =>
    buffer(name, "tokens:p", 100, name === "x" ? "input" : name === "y" ? "output" : "temporary"),
  );
  const steps = names.slice(1).map((into, i) => add(names[i]!, names[i]!, into));
  return planOf(`chain of ${length}`, [...buffers, buffer("w", "rows:10", 10, "parameter")], steps);
}

const p = packing([40, 30, 30]);
const capacity = { p: { B: 3, T: 40, N: 100 } };
const rowBytes = 112 * 4;

describe("memory of the wasm executor", () => {
  it("lets temporaries share memory and gives the right result", async () => {
    const executor = await createWasmExecutor();
    const session = executor.session();
    const program = session.prepare(chain(12), capacity);
    // Input, output and two temporaries, not eleven; tables and scratch are small beside them.
    expect(program.bytes).toBeLessThan(5 * 100 * rowBytes);
    program.write("x", new Array(10000).fill(0.5));
    program.run({ packings: { p } });
    expect(new Set(program.read("y"))).toEqual(new Set([2048]));
    executor.dispose();
  });

  it("comes back when programs are disposed of, and is zero when it is handed out again", async () => {
    const executor = await createWasmExecutor();
    const session = executor.session();
    const first = session.prepare(chain(3), capacity);
    const all = executor.bytes;
    first.write("x", new Array(10000).fill(1));
    first.run({ packings: { p } });
    first.dispose();
    first.dispose();
    expect(executor.bytes).toBeLessThan(all - 4 * 100 * rowBytes);
    const second = session.prepare(chain(3), capacity);
    expect(executor.bytes).toBe(all);
    second.run({ packings: { p } });
    expect(new Set(second.read("y"))).toEqual(new Set([0]));
    expect(() => first.run({ packings: { p } })).toThrow(/disposed/);
    executor.dispose();
    expect(() => second.run({ packings: { p } })).toThrow(ExecutorError);
    expect(() => session.prepare(chain(3), capacity)).toThrow(/disposed/);
    expect(executor.bytes).toBe(0);
  });

  it("has a limit, and a plan that passes it leaves nothing behind", async () => {
    const executor = await createWasmExecutor({ maximumBytes: 2 ** 21 });
    const session = executor.session();
    expect(() => session.prepare(chain(3), { p: { B: 3, T: 40, N: 100000 } })).toThrow(
      /MB more, of 2 MB at most/,
    );
    expect(executor.bytes).toBe(0);
    session.prepare(chain(3), capacity).run({ packings: { p } });
    executor.dispose();
    await expect(createWasmExecutor({ maximumBytes: 1000 })).rejects.toThrow(ExecutorError);
  });

  it("takes a half, a quarter and so on where 4 GB of addresses are not to be had, unless it is told how much", async () => {
    const { Memory } = WebAssembly;
    let most = 2 ** 28;
    const asked: number[] = [];
    WebAssembly.Memory = class extends Memory {
      constructor(descriptor: WebAssembly.MemoryDescriptor) {
        const bytes = descriptor.maximum! * 65_536;
        asked.push(bytes);
        if (bytes > most) throw new RangeError("could not allocate memory");
        super(descriptor);
      }
    };
    try {
      const executor = await create();
      expect(asked).toEqual([2 ** 32, 2 ** 31, 2 ** 30, 2 ** 29, 2 ** 28]);
      const session = executor.session();
      session.prepare(chain(3), capacity).run({ packings: { p } });
      expect(() => session.prepare(chain(3), { p: { B: 3, T: 40, N: 1_000_000 } })).toThrow(
        /MB more, of 256 MB at most/,
      );
      executor.dispose();
      await expect(createWasmExecutor({ maximumBytes: 2 ** 30 })).rejects.toThrow(
        /up to 1024 MB is not to be had here: .*, or give a lower maximumBytes/s,
      );
      most = 0;
      asked.length = 0;
      await expect(create()).rejects.toThrow(/up to 64 MB is not to be had here: .*ulimit -v/s);
      expect(asked.at(-1)).toBe(2 ** 26);
    } finally {
      WebAssembly.Memory = Memory;
    }
  });
});

describe("kernels", () => {
  it("may be given as bytes or as a place", async () => {
    const place = new URL("./kernels.simd.wasm", import.meta.url);
    for (const module of [place, await readFile(place)]) {
      const executor = await createWasmExecutor({ module });
      expect(executor.tier).toBe("wasm simd");
      executor.dispose();
    }
  });

  it("that are missing or no kernels are refused", async () => {
    const missing = createWasmExecutor({ module: new URL("./nothing.wasm", import.meta.url) });
    await expect(missing).rejects.toThrow(/nothing\.wasm/);
    await expect(createWasmExecutor({ module: new Uint8Array([0, 97, 115, 109]) })).rejects.toThrow(
      ExecutorError,
    );
  });
});

describe("the wasm executor refuses", () => {
  const shapes = [
    buffer("x", "tokens:p", 4, "input"),
    buffer("y", "tokens:p", 4, "output"),
    buffer("c", "tokens:p", 1, "output"),
    buffer("row", "rows:1", 4, "slot"),
    indices("s", "rows:1"),
    indices("i", "tokens:p"),
    { ...indices("j", "tokens:p"), role: "output" } as const,
  ];
  const reduce = { kind: "reduce", space: "tokens:p", from: "x", start: "zero" } as const;
  const gather = { kind: "gather", axis: "rows", space: "tokens:p", index: "i", start: "zero" } as const;
  const wrong: Readonly<Record<string, readonly [Step, RegExp]>> = {
    "a reduction it does not have": [
      { ...reduce, op: "max", along: "rows", into: "row" },
      /step 3 .*"max" along rows/,
    ],
    "a maximum that accumulates": [
      { ...reduce, op: "max", along: "features", into: "c", start: "accumulate" },
      /"max" cannot accumulate/,
    ],
    "indices gathered as reals": [{ ...gather, from: "j", into: "c" }, /different kinds/],
    "columns that overlap": [
      { kind: "columns", space: "tokens:p", from: "y", fromColumn: 0, into: "y", intoColumn: 1, width: 2 },
      /overlap/,
    ],
    "a result that is its own operand": [{ ...gather, from: "y", into: "y" }, /its own operand/],
    "a purpose that is too large": [
      {
        kind: "random",
        space: "tokens:p",
        width: 4,
        into: "y",
        purpose: 70000,
        layer: 0,
        seed: "s",
        step: "s",
        sequence: "i",
      },
      /70000/,
    ],
  };
  it.each(Object.keys(wrong))("%s", async (name) => {
    const [step, message] = wrong[name]!;
    // Three steps that are right write everything that the wrong one may read.
    const right: Step[] = [
      { ...gather, from: "x", into: "y" },
      { ...gather, from: "i", into: "j" },
      { ...reduce, op: "sum", along: "features", into: "c" },
    ];
    const plan = planOf("wrong", shapes, right);
    const executor = await createWasmExecutor();
    const session = executor.session();
    const prepare = () => session.prepare({ ...plan, steps: [...right, step] }, { p: { B: 1, T: 1, N: 1 } });
    expect(prepare).toThrow(ExecutorError);
    expect(prepare).toThrow(message);
    expect(executor.bytes).toBe(0);
    executor.dispose();
  });

  it("a plan that does not verify", async () => {
    const executor = await createWasmExecutor();
    const session = executor.session();
    const broken = { ...planOf("broken", shapes, []), steps: [add("x", "x", "y")] };
    expect(() => session.prepare(broken, capacity)).toThrow(ExecutorError);
    executor.dispose();
  });

  it("a persistent buffer whose size depends on the batch", async () => {
    const executor = await createWasmExecutor();
    const session = executor.session();
    const plan = planOf("tokens kept", [buffer("kept", "tokens:p", 4, "slot")], []);
    expect(() => session.prepare(plan, capacity)).toThrow(/"kept"/);
    executor.dispose();
  });

  it("an index outside its bound when the run is over, naming step, row and index", async () => {
    const plan = planOf(
      "bad index",
      [
        buffer("table", "rows:7", 3, "parameter"),
        indices("i", "tokens:p"),
        buffer("y", "tokens:p", 3, "output"),
      ],
      [{ ...gather, from: "table", into: "y" }],
    );
    const executor = await createWasmExecutor();
    const session = executor.session();
    const program = session.prepare(plan, { p: { B: 2, T: 2, N: 3 } });
    const batch = { packings: { p: packing([2, 1]) } };
    for (const bad of [7, -2, 2 ** 31 - 1]) {
      program.write("i", [6, -1, bad]);
      expect(() => program.run(batch)).toThrow(new RegExp(`step 0: row 2 has the index ${bad}, .* below 7`));
    }
    program.write("i", [6, -1, 0]);
    program.run(batch);
    expect(new Set(program.read("y"))).toEqual(new Set([0]));
    executor.dispose();
  });

  it("to read a temporary, whose memory may hold something else", async () => {
    const executor = await createWasmExecutor();
    const session = executor.session();
    const program = session.prepare(chain(3), capacity);
    expect(() => program.read("t0")).toThrow(/temporary/);
    executor.dispose();
  });
});
