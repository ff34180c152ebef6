// @ts-check
/**
 * What the kernels reach on one thread: the bare product for every tile shape that was considered (the choice in
 * src/exec/wasm/assembly/generate.mjs rests on this), and elementwise programs in ns per element and op.
 * Run it after `npm run build`: node bench/kernels.mjs [--rounds 9] [--shapes 4x8,2x16] [product|elementwise]
 * Shapes are measured in turn, many rounds; medians and bests are printed, since a neighbour on the machine halves both.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createWasmExecutor } from "unrolled/exec/wasm";
import { microSource, tiles } from "../src/exec/wasm/assembly/generate.mjs";
import { summary } from "./statistics.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "9" },
    shapes: { type: "string", default: "4x8,2x16,1x16,5x8,6x8,3x12,3x16,1x32" },
  },
});
const rounds = Number(values.rounds);
const shapes = values.shapes.split(",").map((shape) => shape.split("x").map(Number));

/** Compiles the micro-kernels of one shape. @param {number} rows @param {number} columns */
async function compile(rows, columns) {
  const folder = mkdtempSync(join(tmpdir(), "unrolled-tile-"));
  try {
    writeFileSync(join(folder, "tile.ts"), microSource({ rows, columns, fused: false }));
    const asc = fileURLToPath(new URL("../node_modules/assemblyscript/bin/asc.js", import.meta.url));
    const flags = ["-O3", "--noAssert", "--runtime", "stub", "--enable", "simd", "--enable", "threads"];
    const memory = ["--importMemory", "--sharedMemory", "--initialMemory", "16", "--maximumMemory", "65536"];
    const args = [asc, "tile.ts", "-o", "tile.wasm", ...flags, ...memory];
    const { status } = spawnSync(process.execPath, args, { cwd: folder, stdio: "inherit" });
    if (status !== 0) throw new Error(`the tile ${rows}x${columns} did not compile`);
    return await WebAssembly.compile(readFileSync(join(folder, "tile.wasm")));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Whole panels of a [60, 256] by [256, 384] product; where the columns do not divide 384, fewer. */
async function products() {
  const [M, K, N] = [60, 256, 384];
  const memory = new WebAssembly.Memory({ initial: 64, maximum: 65536, shared: true });
  new Float32Array(memory.buffer).forEach((_, i, all) => {
    all[i] = Math.sin(i);
  });
  const [a, b, c, zeros] = [65536, 2 ** 18, 2 ** 21, 2 ** 21 + 2 ** 18];
  new Float32Array(memory.buffer).fill(0, zeros / 4, zeros / 4 + 64);
  const runs = [];
  for (const [rows = 0, columns = 0] of shapes) {
    const { exports } = await WebAssembly.instantiate(await compile(rows, columns), { env: { memory } });
    const tileColumn = /** @type {(...args: number[]) => void} */ (exports["tileColumn"]);
    const panels = Math.floor(N / columns);
    const once = () => {
      for (let j = 0; j < panels; j++) {
        tileColumn(a, 4 * K, b + 4 * j * columns * K, K, zeros, 0, c + 4 * j * columns, 4 * N, M);
      }
    };
    const name = `${rows}x${columns}`;
    const chosen = rows === tiles.simd?.rows && columns === tiles.simd.columns ? "  <- chosen" : "";
    runs.push({
      name,
      chosen,
      once,
      flops: 2 * M * K * panels * columns,
      rates: /** @type {number[]} */ ([]),
    });
  }
  for (let round = 0; round <= rounds; round++) {
    for (const { once, flops, rates } of runs) {
      const from = performance.now();
      for (let i = 0; i < 60; i++) once();
      if (round > 0) rates.push((60 * flops) / (performance.now() - from) / 1e6);
    }
  }
  console.log(`bare product 60 x 384 x 256, GFLOP/s on one thread, Node ${process.version}`);
  for (const { name, chosen, rates } of runs) {
    console.log(
      `  ${name.padEnd(5)} median ${summary(rates).median.toFixed(1)}, best ${Math.max(...rates).toFixed(1)}${chosen}`,
    );
  }
}

const ops = [
  "widen",
  "add",
  "mul",
  "div",
  "max",
  "relu",
  "select",
  "sqrt",
  "sigmoid",
  "tanh",
  "exp",
  "log",
  "softplus",
];
const arity = { add: 2, mul: 2, div: 2, max: 2, select: 3 };

/** A chain of eight of one op over [32, 128] values, as in a loop over time. */
async function elementwise() {
  const executor = await createWasmExecutor();
  const session = executor.session();
  const [rows, width, length] = [32, 128, 8];
  const buffer = (/** @type {string} */ name, /** @type {"input" | "output"} */ role) =>
    /** @type {const} */ ({ name, role, dtype: "real", space: `rows:${rows}`, width });
  const runs = ops.map((op) => {
    const count = arity[/** @type {keyof typeof arity} */ (op)] ?? 1;
    const program = Array.from({ length }, (_, i) => ({
      op: /** @type {import("unrolled/plan").Instruction["op"]} */ (op),
      args: [i === 0 ? 0 : i + 2, 1, 2].slice(0, count),
    }));
    const plan = /** @type {import("unrolled/plan").Plan} */ ({
      name: op,
      packings: [],
      buffers: {
        x: buffer("x", "input"),
        y: buffer("y", "input"),
        z: buffer("z", "input"),
        out: buffer("out", "output"),
      },
      steps: Array.from({ length: 50 }, () => ({
        kind: "elementwise",
        space: `rows:${rows}`,
        width,
        inputs: ["x", "y", "z"],
        program,
        outputs: [{ buffer: "out", register: length + 2 }],
      })),
    });
    const prepared = session.prepare(plan, {});
    for (const name of ["x", "y", "z"]) {
      prepared.write(
        name,
        Float32Array.from({ length: rows * width }, (_, i) => 1 + 0.5 * Math.sin(i)),
      );
    }
    return { op, prepared, times: /** @type {number[]} */ ([]) };
  });
  for (let round = 0; round < rounds + 3; round++) {
    for (const { prepared, times } of runs) {
      const from = performance.now();
      for (let i = 0; i < 10; i++) prepared.run({ packings: {} });
      if (round > 2) times.push((performance.now() - from) / (10 * 50 * rows * width * length));
    }
  }
  console.log("elementwise, ns per element and op, in a program of eight over [32, 128]");
  for (const { op, times } of runs) {
    const [middle, best] = [summary(times).median * 1e6, Math.min(...times) * 1e6];
    console.log(`  ${op.padEnd(8)} median ${middle.toFixed(3)}, best ${best.toFixed(3)}`);
  }
  executor.dispose();
}

const [what] = positionals;
if (what !== "elementwise") await products();
if (what !== "product") await elementwise();
