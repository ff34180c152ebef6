// @ts-check
/**
 * Writes the parts of the kernels that are rows of a table or shapes of a tile, as *.generated.ts beside
 * this file (git-ignored; tools/build.mjs runs it before the compiler):
 *   micro.generated.ts   the register-tiled products, from (rows, columns)
 *   loops.generated.ts   one loop per elementwise op, from the table `operations`, numbered as in ../../../cell/meanings.ts
 *   table.generated.ts   the numbers of ../../lowering/table.ts, which the driver is compiled from too
 * `node generate.mjs [tier]`; bench/kernels.mjs imports the functions to measure other tile shapes.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * @typedef {object} Tile
 * @property {number} rows
 * @property {number} columns
 * @property {boolean} fused whether product and sum are rounded once (relaxed_madd) or each
 */

/**
 * The tile of each tier, chosen by bench/kernels.mjs. simd: two accumulators of four lanes per row and 16 columns
 * leave registers for a row of b, which 3x16 and 6x8 do not; one row alone still has four independent sums, which
 * 1x8 (the last row of 4x8, or a batch of one) has not. relaxed: the fused instruction needs no register for the
 * product, and 6x8 has the fewest loads per sum. paired: two vectors become one, so that a tile of 16 columns
 * takes as many registers as one of 8.
 * @type {Readonly<Record<string, Tile>>}
 */
export const tiles = {
  simd: { rows: 2, columns: 16, fused: false },
  relaxed: { rows: 6, columns: 8, fused: true },
  paired: { rows: 5, columns: 16, fused: true },
};

/** @param {number} count @param {(i: number) => string} line */
const lines = (count, line) => Array.from({ length: count }, (_, i) => line(i)).join("\n");

/**
 * The function for whole tiles of `rows` rows. Every element is start + a[0]·b[0] + a[1]·b[1] + …, in this
 * order and with the same rounding whatever `rows` is: so a row has the same bits in any tile.
 * @param {number} rows @param {Tile} tile
 */
function tileFunction(rows, { columns, fused }) {
  const vectors = columns / 4;
  const sum = (/** @type {string} */ x, /** @type {string} */ y, /** @type {string} */ c) =>
    fused ? `f32x4.relaxed_madd(${x}, ${y}, ${c})` : `f32x4.add(${c}, f32x4.mul(${x}, ${y}))`;
  const at = (/** @type {string} */ base, /** @type {string} */ stride, /** @type {number} */ r) =>
    r === 0 ? base : `${base} + ${r === 1 ? "" : `${r} * `}${stride}`;
  const each = (/** @type {(r: number, v: number) => string} */ line) =>
    lines(rows, (r) => lines(vectors, (v) => line(r, v)));
  return `
function tile${rows}(
  a: usize, aStride: usize, panel: usize, k: usize,
  start: usize, startStride: usize, c: usize, cStride: usize, tiles: i32,
): void {
  const bytes = k << 2;
  do {
${each((r, v) => `    let c${r}_${v} = v128.load(${at("start", "startStride", r)}, ${16 * v});`)}
    let a0 = a;
${lines(rows - 1, (r) => `    let a${r + 1} = ${at("a", "aStride", r + 1)};`)}
    let b = panel;
    const end = a0 + bytes;
    do {
${lines(vectors, (v) => `      const b${v} = v128.load(b, ${16 * v});`)}
${lines(
  rows,
  (r) => `      const x${r} = v128.load32_splat(a${r});
${lines(vectors, (v) => `      c${r}_${v} = ${sum(`x${r}`, `b${v}`, `c${r}_${v}`)};`)}`,
)}
${lines(rows, (r) => `      a${r} += 4;`)}
      b += ${4 * columns};
    } while (a0 != end);
${each((r, v) => `    v128.store(${at("c", "cStride", r)}, c${r}_${v}, ${16 * v});`)}
    a += ${rows} * aStride;
    start += ${rows} * startStride;
    c += ${rows} * cStride;
  } while (--tiles);
}
`;
}

/** Columns that one row takes at once with fused products: eight sums, which hide that each waits for the one before. */
const ROW_COLUMNS = 32;

/**
 * The function for one row, a batch of one: neighbouring panels go side by side, for one panel alone has too few
 * independent sums. The same products in the same order as in tiles, so the same bits.
 * @param {Tile} tile
 */
function rowFunction({ columns, fused }) {
  // A sum alone is shorter than a fused product: there one panel's four sums are as fast as eight.
  const panels = fused ? Math.max(1, Math.floor(ROW_COLUMNS / columns)) : 1;
  const vectors = columns / 4;
  const sum = (/** @type {string} */ y, /** @type {string} */ c) =>
    fused ? `f32x4.relaxed_madd(x, ${y}, ${c})` : `f32x4.add(${c}, f32x4.mul(x, ${y}))`;
  const each = (/** @type {(p: number, v: number) => string} */ line) =>
    lines(panels, (p) => lines(vectors, (v) => line(p, v)));
  return `export const ROW_PANELS = ${panels};
/** c[${panels * columns}] = start + a[k] · ${panels} panels, one after another; start's columns of panel p are p * startStep bytes on. */
export function tileRow(a: usize, panel: usize, k: usize, start: usize, startStep: usize, c: usize): void {
  const end = a + (k << 2);
  const next = k * ${4 * columns};
${each((p, v) => `  let c${p}_${v} = v128.load(start + ${p} * startStep, ${16 * v});`)}
  do {
    const x = v128.load32_splat(a);
${each((p, v) => `    c${p}_${v} = ${sum(`v128.load(panel + ${p} * next, ${16 * v})`, `c${p}_${v}`)};`)}
    a += 4;
    panel += ${4 * columns};
  } while (a != end);
${each((p, v) => `  v128.store(c, c${p}_${v}, ${4 * columns * p + 16 * v});`)}
}
`;
}

/**
 * The micro-kernels of a tile shape, and tileColumn, which walks down the rows of one panel.
 * @param {Tile} tile
 */
export function microSource(tile) {
  const { rows, columns } = tile;
  const pass = "panel, k, start, startStride, c, cStride";
  return `// Written by generate.mjs: register tiles of ${rows} rows and ${columns} columns.
export const TILE_ROWS = ${rows};
export const TILE_COLUMNS = ${columns};
${lines(rows, (r) => tileFunction(r + 1, tile))}
${rowFunction(tile)}
/**
 * c[rows, ${columns}] = start[rows, ${columns}] + a[rows, k] · panel[k, ${columns}]. Strides in bytes; a stride of 0 repeats the
 * row of \`start\`. \`c\` may be \`start\` (an element is read before it is written) and is neither \`a\` nor \`panel\`.
 * Needs rows >= 1 and k >= 1.
 */
export function tileColumn(
  a: usize, aStride: usize, panel: usize, k: usize,
  start: usize, startStride: usize, c: usize, cStride: usize, rows: i32,
): void {
  // So few rows are left by whole tiles that a tile of them would wait for its sums: some tiles give up a row instead.
  const left = rows % ${rows};
  const short = left ? ${rows} - left : 0;
  if (short * ${rows - 1} <= rows) {
    const whole = (rows - short * ${rows - 1}) / ${rows};
    if (whole) tile${rows}(a, aStride, ${pass}, whole);
    if (!short) return;
    const done = <usize>(whole * ${rows});
    tile${rows - 1}(a + done * aStride, aStride, panel, k, start + done * startStride, startStride, c + done * cStride, cStride, short);
    return;
  }
  const tiles = rows / ${rows};
  if (tiles) tile${rows}(a, aStride, ${pass}, tiles);
  const done = <usize>(tiles * ${rows});
  a += done * aStride;
  start += done * startStride;
  c += done * cStride;
  switch (left) {
${lines(rows - 1, (r) => `    case ${r + 1}: { tile${r + 1}(a, aStride, ${pass}, 1); break; }`)}
  }
}
`;
}

/**
 * One row per elementwise op: its arity and its value for vectors a, b, c. \`one\` and \`zero\` are vectors.
 * max and min are IEEE 754-2019's maximum and minimum, as Math.max: NaN propagates and −0 < +0.
 * @type {Readonly<Record<string, readonly [arity: number, value: string]>>}
 */
export const operations = {
  widen: [1, "a"],
  add: [2, "f32x4.add(a, b)"],
  sub: [2, "f32x4.sub(a, b)"],
  mul: [2, "f32x4.mul(a, b)"],
  div: [2, "f32x4.div(a, b)"],
  neg: [1, "f32x4.neg(a)"],
  sigmoid: [1, "sigmoid4(a)"],
  tanh: [1, "tanh4(a)"],
  // pmax(a, 0) keeps NaN and costs one instruction where max costs seven; adding 0 makes −0 to 0.
  relu: [1, "f32x4.add(f32x4.pmax(a, zero), zero)"],
  exp: [1, "exp4(a)"],
  log: [1, "log4(a)"],
  sqrt: [1, "f32x4.sqrt(a)"],
  abs: [1, "f32x4.abs(a)"],
  softplus: [1, "softplus4(a)"],
  max: [2, "f32x4.max(a, b)"],
  min: [2, "f32x4.min(a, b)"],
  greater: [2, "v128.and(f32x4.gt(a, b), one)"],
  select: [3, "v128.bitselect(b, c, f32x4.gt(a, zero))"],
  isFinite: [1, "v128.and(f32x4.lt(f32x4.abs(a), infinity), one)"],
  erf: [1, "erf4(a)"],
};

/**
 * The loop of one op. Both values are made before the first is stored: a store would keep the compiler from
 * sharing the loads of their constants (a quarter of the time of tanh).
 * @param {string} name @param {number} arity @param {string} value
 */
function loopFunction(name, arity, value) {
  const operands = ["a", "b", "c"].slice(0, arity);
  const vector = (/** @type {number} */ i) => value.replace(/\b[abc]\b/g, (x) => x + i);
  const load = (/** @type {number} */ i) =>
    operands.map((x) => `    const ${x}${i} = v128.load(${x}, ${16 * i});`).join("\n");
  const constants = [
    ["one", "  const one = v128.load32_splat(ONE);\n"],
    ["infinity", "  const infinity = v128.load32_splat(INFINITY);\n"],
    ["zero", "  const zero = f32x4.splat(0);\n"],
  ].map(([word, line]) => (new RegExp(`\\b${word}\\b`).test(value) ? line : ""));
  return `
function ${name}Loop(into: usize, end: usize, ${operands.map((x) => `${x}: usize, ${x}Step: usize`).join(", ")}): void {
${constants.join("")}  do {
${load(0)}
${load(1)}
    const value0 = ${vector(0)};
    const value1 = ${vector(1)};
    v128.store(into, value0);
    v128.store(into, value1, 16);
${operands.map((x) => `    ${x} += ${x}Step;`).join("\n")}
    into += 32;
  } while (into != end);
}
`;
}

/** The names of the elementwise ops in the order of their codes, out of the list that the library is compiled from. */
function operationNames() {
  const text = readFileSync(new URL("../../../cell/meanings.ts", import.meta.url), "utf8");
  const names = /elementwiseOps = \[([^\]]*)\]/.exec(text)?.[1]?.match(/\w+/g) ?? [];
  const [listed, written] = [names, Object.keys(operations)].map((all) => [...all].sort().join(", "));
  if (listed !== written)
    throw new Error(`the kernels' operations are ${written}, but the ops of cell/meanings.ts are ${listed}`);
  return names;
}

/** The loops and the function that chooses one by its op. */
export function loopsSource() {
  const rows = operationNames().map((name) => /** @type {const} */ ([name, ...(operations[name] ?? [0, ""])]));
  const call = (/** @type {string} */ name, /** @type {number} */ arity) =>
    `${name}Loop(into, end, ${["a, aStep", "b, bStep", "c, cStep"].slice(0, arity).join(", ")})`;
  return `// Written by generate.mjs: one loop per elementwise op.
// A loop computes \`end - into\` bytes, a multiple of 32 and not 0, two vectors at a time. The step of an operand
// is 32, or 0 for eight equal floats that stand for all. \`into\` may be an operand: both vectors of every
// operand are read before the first is written.
import { erf4, exp4, log4, sigmoid4, softplus4, tanh4 } from "./math";
import { ONE, INFINITY } from "./constants";
${rows.map(([name, arity, value]) => loopFunction(name, arity, value)).join("")}
/** Runs the loop of \`op\`. */
export function runLoop(
  op: i32, into: usize, end: usize,
  a: usize, aStep: usize, b: usize, bStep: usize, c: usize, cStep: usize,
): void {
  switch (op) {
${rows.map(([name, arity], code) => `    case ${code}: return ${call(name, arity)};`).join("\n")}
  }
}
`;
}

/** Writes the three files of a tier into a folder. @param {URL} folder @param {string} tier */
export function generate(folder, tier) {
  const tile = tiles[tier];
  if (!tile) throw new Error(`there is no tier "${tier}"; there are ${Object.keys(tiles).join(", ")}`);
  const table = readFileSync(new URL("../../lowering/table.ts", import.meta.url), "utf8");
  const files = {
    "micro.generated.ts": microSource(tile),
    "loops.generated.ts": loopsSource(),
    "table.generated.ts": `// A copy of ../../lowering/table.ts, written by generate.mjs.\n${table}`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(new URL(name, folder), text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) generate(new URL("./", import.meta.url), process.argv[2] ?? "simd");
