/**
 * Products with a block of Householder reflections, in float32 with SIMD: the work of a large orthogonal matrix
 * (orthogonal.ts). Plain functions say what is computed and in which order; where there is WebAssembly, a module that is
 * written here by hand does the same sums and gives the same bits, some twenty times as fast. Executors cannot serve: what
 * needs initial weights has none yet, and their builds differ in rounding.
 */

/** Reflections of a block. */
export const BLOCK = 32;
/** Columns of a panel. */
export const PANEL = 16;
/** Rows that lie side by side in V, and of a tile of sums: with 2 × 16 of them products are fastest. */
export const GROUP = 2;

/** Where entry (row, column) of V lies, in floats: [rows / 2][32][2]. */
export const placeIn = (row: number, column: number): number =>
  (Math.floor(row / GROUP) * BLOCK + column) * GROUP + (row % GROUP);

/**
 * Products over a memory of floats, at byte addresses that are multiples of 16. V is `rows` × 32, see `placeIn`; a panel,
 * `rows` × 16, lies row after row. `rows` is a multiple of 2.
 */
export interface Reflector {
  readonly floats: Float32Array;
  /** W ← W + Vᵀ Q, 32 × 16. */
  project(v: number, q: number, w: number, rows: number): void;
  /** Q ← Q − V W. */
  subtract(v: number, w: number, q: number, rows: number): void;
}

/** A reflector with so many bytes of memory, which start as zeros. */
export function reflector(bytes: number): Reflector {
  return inWebAssembly(bytes) ?? plainReflector(bytes);
}

/** The definition. */
export function plainReflector(bytes: number): Reflector {
  const floats = new Float32Array(bytes / 4);
  const { fround } = Math;
  const at = (v: number, i: number, p: number): number => floats[v / 4 + placeIn(i, p)]!;
  return {
    floats,
    project(v, q, w, rows) {
      for (let p = 0; p < BLOCK; p++) {
        for (let c = 0; c < PANEL; c++) {
          let sum = floats[w / 4 + p * PANEL + c]!;
          for (let i = 0; i < rows; i++)
            sum = fround(sum + fround(at(v, i, p) * floats[q / 4 + i * PANEL + c]!));
          floats[w / 4 + p * PANEL + c] = sum;
        }
      }
    },
    subtract(v, w, q, rows) {
      for (let i = 0; i < rows; i++) {
        for (let c = 0; c < PANEL; c++) {
          let rest = floats[q / 4 + i * PANEL + c]!;
          for (let p = 0; p < BLOCK; p++)
            rest = fround(rest - fround(at(v, i, p) * floats[w / 4 + p * PANEL + c]!));
          floats[q / 4 + i * PANEL + c] = rest;
        }
      }
    },
  };
}

/** The same in WebAssembly; undefined where an engine has none, or a page forbids it. */
function inWebAssembly(bytes: number): Reflector | undefined {
  const page = 65_536;
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes()));
    const { memory, ...products } = exports as unknown as Omit<Reflector, "floats"> & {
      readonly memory: WebAssembly.Memory;
    };
    memory.grow(Math.ceil(bytes / page));
    return { ...products, floats: new Float32Array(memory.buffer) };
  } catch {
    // Without it everything takes longer and is the same.
    return undefined;
  }
}

const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const tee = (local: number): number[] => [0x22, local];
const whole = (n: number): number[] => (n < 64 ? [n] : [(n & 127) | 128, ...whole(n >> 7)]);
const constant = (n: number): number[] => [0x41, ...whole(n)];
const length = (n: number): number[] => (n < 128 ? [n] : [(n & 127) | 128, ...length(n >> 7)]);
const sized = (bytes: readonly number[]): number[] => [...length(bytes.length), ...bytes];
const vector = (...code: readonly number[]): number[] => [0xfd, ...code];
const load = (address: number, offset: number): number[] => [
  ...get(address),
  ...vector(0, 4, ...length(offset)),
];
const splat = (address: number, offset: number): number[] => [
  ...get(address),
  ...vector(9, 2, ...length(offset)),
];
const store = (address: number, offset: number, value: number): number[] => [
  ...get(address),
  ...get(value),
  ...vector(11, 4, ...length(offset)),
];
const ADD = [0xfd, 0xe4, 1];
const SUBTRACT = [0xfd, 0xe5, 1];
const MULTIPLY = [0xfd, 0xe6, 1];
const [INT_ADD, INT_MULTIPLY, BELOW, DROP] = [0x6a, 0x6c, 0x49, 0x1a];
/** An address moved on by a constant. */
const move = (local: number, by: number): number[] => [
  ...get(local),
  ...constant(by),
  INT_ADD,
  ...tee(local),
];
/** A body that is done again while an address, moved on at its end, is below another. */
const loop = (body: readonly number[], local: number, by: number, end: number): number[] => [
  ...[0x03, 0x40, ...body, ...move(local, by)],
  ...[...get(end), BELOW, 0x0d, 0, 0x0b],
];
/** The ends of a panel of Q, whose rows are the fourth parameter, and of one of W. */
const ends = (q: number, qEnd: number, w: number, wEnd: number): number[] => [
  ...[...get(q), ...get(3), ...constant(ROW), INT_MULTIPLY, INT_ADD, ...set(qEnd)],
  ...[...get(w), ...constant(BLOCK * ROW), INT_ADD, ...set(wEnd)],
];
/** 0 to n − 1. */
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
/** The vectors of a row of a panel. */
const VECTORS = PANEL / 4;
/** Bytes of a row of a panel, of a group of rows of V, and of a vector of it. */
const ROW = 4 * PANEL;
const V_ROWS = 4 * BLOCK * GROUP;
const V_VECTOR = 4 * GROUP;
/** Both functions have four addresses from local 4 on, then the vectors of a row, a factor, and a tile of GROUP rows of sums. */
const RIGHT = 8;
const FACTOR = RIGHT + VECTORS;
const SUMS = FACTOR + 1;
const LOCALS = [2, 4, 0x7f, VECTORS + 1 + GROUP * VECTORS, 0x7b];
const loadRow = (address: number, offset: number, to: number): number[] =>
  upTo(VECTORS).flatMap((k) => [...load(address, offset + 16 * k), ...set(to + k)]);
const loadTile = (address: number): number[] =>
  upTo(GROUP).flatMap((n) => loadRow(address, ROW * n, SUMS + VECTORS * n));
const storeTile = (address: number): number[] =>
  upTo(GROUP).flatMap((n) =>
    upTo(VECTORS).flatMap((k) => store(address, ROW * n + 16 * k, SUMS + VECTORS * n + k)),
  );
/** Row n of the tile ± a factor times the vectors of a row. */
const onTile = (n: number, factor: readonly number[], plusOrMinus: readonly number[]): number[] => [
  ...[...factor, ...set(FACTOR)],
  ...upTo(VECTORS).flatMap((k) => [
    ...[...get(SUMS + VECTORS * n + k), ...get(FACTOR), ...get(RIGHT + k), ...MULTIPLY, ...plusOrMinus],
    ...set(SUMS + VECTORS * n + k),
  ]),
];

/** For as many reflections at a time as a tile has rows, sums over all rows. */
function projecting(): number[] {
  const [v, q, w, at, qEnd, wEnd, vAt] = [0, 1, 2, 4, 5, 6, 7];
  const rows = upTo(GROUP).flatMap((row) => [
    ...loadRow(at, ROW * row, RIGHT),
    ...upTo(GROUP).flatMap((p) => onTile(p, splat(vAt, V_VECTOR * p + 4 * row), ADD)),
  ]);
  const group = [
    ...[...loadTile(w), ...get(q), ...set(at), ...get(v), ...set(vAt)],
    ...loop([...rows, ...move(vAt, V_ROWS), DROP], at, GROUP * ROW, qEnd),
    ...[...storeTile(w), ...move(v, GROUP * V_VECTOR), DROP],
  ];
  return [...ends(q, qEnd, w, wEnd), ...loop(group, w, GROUP * ROW, wEnd)];
}

/** For as many rows at a time as a tile has, less all reflections. */
function subtracting(): number[] {
  const [v, w, q, at, qEnd, wEnd] = [0, 1, 2, 4, 5, 6];
  const reflections = upTo(GROUP).flatMap((p) => [
    ...loadRow(at, ROW * p, RIGHT),
    ...upTo(GROUP).flatMap((n) => onTile(n, splat(v, V_VECTOR * p + 4 * n), SUBTRACT)),
  ]);
  const rows = [
    ...[...loadTile(q), ...get(w), ...set(at)],
    ...loop([...reflections, ...move(v, GROUP * V_VECTOR), DROP], at, GROUP * ROW, wEnd),
    ...storeTile(q),
  ];
  return [...ends(q, qEnd, w, wEnd), ...loop(rows, q, GROUP * ROW, qEnd)];
}

/** The module: one memory, and the two functions of four integers each. */
function moduleBytes(): Uint8Array<ArrayBuffer> {
  const name = (text: string): number[] => sized([...text].map((letter) => letter.charCodeAt(0)));
  const section = (id: number, ...content: readonly number[]): number[] => [id, ...sized(content)];
  const body = (code: readonly number[]): number[] => sized([...LOCALS, ...code, 0x0b]);
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, 1, 0x60, 4, 0x7f, 0x7f, 0x7f, 0x7f, 0),
    ...section(3, 2, 0, 0),
    ...section(5, 1, 0, 1),
    ...section(7, 3, ...name("memory"), 2, 0, ...name("project"), 0, 0, ...name("subtract"), 0, 1),
    ...section(10, 2, ...body(projecting()), ...body(subtracting())),
  ]);
}
