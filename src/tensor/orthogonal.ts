/**
 * Random orthogonal matrices, every one as likely as any other (Haar). Small ones are made of random vectors by
 * Gram-Schmidt; large ones are products of random reflections (Stewart 1980), 32 of them at a time as I − V T Vᵀ
 * (Schreiber and Van Loan 1989), so that nearly all work is matrix products. A matrix is a function of its place and size:
 * the same bits on every machine. Of a large one with float32 columns, QᵀQ differs from I by a few 2⁻²³.
 */
import { fillNormal, fillNormalLike, type RandomPlace } from "./random.js";
import { BLOCK, GROUP, PANEL, placeIn, type Reflector, reflector } from "./reflect.js";

/** Up to so many vectors Gram-Schmidt is quick enough, and earlier versions have no other bits. */
export const MOST_SMALL = 256;

/** What the products of large matrices can address. */
const MOST_BYTES = 2 ** 32 - 65_536;

/** Whether a matrix is small enough to be made: up to about 32,000 × 32,000. */
export function canBeMade(rows: number, columns: number): boolean {
  const [count, length] = rows <= columns ? [rows, columns] : [columns, rows];
  return count <= MOST_SMALL || layoutOf(count, length).bytes <= MOST_BYTES;
}

/**
 * A matrix, row after row, whose rows are orthonormal or, if there are more of them than columns, whose columns are. A
 * generator: it gives the share of the work that is done, several times a second, and returns the matrix.
 *
 * @param rows with `columns` a size that {@link canBeMade}
 */
export function* orthogonal(
  rows: number,
  columns: number,
  place: RandomPlace,
): Generator<number, Float32Array | Float64Array> {
  const [count, length] = rows <= columns ? [rows, columns] : [columns, rows];
  const isTall = rows > columns;
  if (count <= MOST_SMALL) {
    const flat = gramSchmidt(count, length, place);
    if (!isTall) return flat;
    return Float64Array.from(
      { length: rows * columns },
      (_, k) => flat[(k % columns) * length + Math.floor(k / columns)]!,
    );
  }
  const { floats, panels } = yield* reflections(count, length, place);
  const out = new Float32Array(rows * columns);
  const [down, across] = isTall ? [count, 1] : [1, length];
  for (let first = 0; first < count; first += PANEL) {
    const [from, width] = [panels(first), Math.min(PANEL, count - first)];
    for (let r = 0; r < length; r++) {
      for (let c = 0; c < width; c++) out[r * down + (first + c) * across] = floats[from + r * PANEL + c]!;
    }
  }
  return out;
}

/** Orthonormal vectors, one after another: random ones, made so by Gram-Schmidt, twice. */
function gramSchmidt(count: number, length: number, place: RandomPlace): Float64Array {
  const flat = new Float64Array(count * length);
  fillNormalLike(place, flat);
  const vectors = Array.from({ length: count }, (_, i) => flat.subarray(i * length, (i + 1) * length));
  vectors.forEach((v, i) => {
    // A second round removes what rounding left of the first.
    for (let round = 0; round < 2; round++) {
      for (const before of vectors.slice(0, i)) {
        let dot = 0;
        for (let k = 0; k < length; k++) dot += v[k]! * before[k]!;
        for (let k = 0; k < length; k++) v[k] = v[k]! - dot * before[k]!;
      }
    }
    let norm = 0;
    for (const value of v) norm += value * value;
    const scale = 1 / Math.sqrt(norm);
    for (let k = 0; k < length; k++) v[k] = v[k]! * scale;
  });
  return flat;
}

/** Where things lie in a reflector's memory, in bytes. */
interface Layout {
  /** −T, as V lies. */
  readonly t: number;
  readonly w: number;
  readonly tw: number;
  readonly v: number;
  /** V once more, as panels. */
  readonly vPanels: number;
  /** The matrix, as panels. */
  readonly q: number;
  readonly bytes: number;
  /** Rows of a panel: a multiple of 2. */
  readonly rows: number;
}

function layoutOf(count: number, length: number): Layout {
  const rows = GROUP * Math.ceil(length / GROUP);
  const [square, small, tall] = [4 * BLOCK * BLOCK, 4 * BLOCK * PANEL, 4 * BLOCK * rows];
  const w = square;
  const v = w + 2 * small;
  const q = v + 2 * tall;
  const bytes = q + 4 * rows * PANEL * Math.ceil(count / PANEL);
  return { t: 0, w, tw: w + small, v, vPanels: v + tall, q, bytes, rows };
}

/**
 * `count` orthonormal columns of a `length`: the first columns of H₁ H₂ … times signs, where each reflection acts on one
 * entry less than the one before. They lie in panels of sixteen; `panels` is the place of a column's first entry.
 */
function* reflections(
  count: number,
  length: number,
  place: RandomPlace,
): Generator<number, { readonly floats: Float32Array; readonly panels: (column: number) => number }> {
  const layout = layoutOf(count, length);
  const memory = reflector(layout.bytes);
  const { floats } = memory;
  const panels = (column: number): number =>
    layout.q / 4 + Math.floor(column / PANEL) * layout.rows * PANEL + (column % PANEL);
  const vectors = Array.from({ length: BLOCK }, () => new Float64Array(length));
  const work = count ** 2 * (length / 2 - count / 6);
  let done = 0;
  // From the last block to the first: later reflections leave the columns before them as they are.
  for (let first = BLOCK * Math.floor((count - 1) / BLOCK); first >= 0; first -= BLOCK) {
    const size = Math.min(BLOCK, count - first);
    const block = vectors.slice(0, size).map((vector, p) => {
      const column = first + p;
      const values = vector.subarray(0, length - column);
      fillNormal({ ...place, time: column }, values);
      floats[panels(column) + column * PANEL] = toReflection(values);
      return values;
    });
    packReflections(memory, layout, { vectors: block, first });
    packTriangle(memory, layout, { vectors: block, first });
    for (let column = first; column < count; column += PANEL)
      reflect(memory, layout, { first, panel: 4 * (panels(column) + first * PANEL) });
    done += size * (length - first) * (count - first);
    yield Math.min(done / work, 1);
  }
  return { floats, panels };
}

/**
 * Makes of a random vector x the vector v of the reflection H = I − v vᵀ that turns the first axis to ∓x / |x|. The numbers
 * are float32 afterwards.
 *
 * @returns the sign with which the first column of H is x / |x|
 */
function toReflection(x: Float64Array): number {
  let square = 0;
  for (let i = 0; i < x.length; i++) square += x[i]! * x[i]!;
  const norm = Math.sqrt(square);
  const sign = x[0]! < 0 ? -1 : 1;
  // vᵀv is 2.
  const scale = 1 / Math.sqrt(square + Math.abs(x[0]!) * norm);
  x[0] = x[0]! + sign * norm;
  for (let i = 0; i < x.length; i++) x[i] = Math.fround(x[i]! * scale);
  return -sign;
}

/** The vectors of a block, of which the one numbered p begins at entry `first` + p. */
interface Block {
  readonly vectors: readonly Float64Array[];
  readonly first: number;
}

/** Writes V from row `first` on, in both ways in which it is read. */
function packReflections(
  { floats }: Reflector,
  { v, vPanels, q, rows }: Layout,
  { vectors, first }: Block,
): void {
  floats.fill(0, v / 4, q / 4);
  vectors.forEach((vector, p) => {
    const panel = vPanels / 4 + Math.floor(p / PANEL) * (rows - first) * PANEL + (p % PANEL);
    for (let k = 0; k < vector.length; k++) {
      floats[v / 4 + placeIn(p + k, p)] = vector[k]!;
      floats[panel + (p + k) * PANEL] = vector[k]!;
    }
  });
}

/** Writes −T, where the inverse of T is the upper triangle of VᵀV with half its diagonal. */
function packTriangle(memory: Reflector, layout: Layout, { vectors, first }: Block): void {
  const { floats } = memory;
  const { t, w, vPanels, rows } = layout;
  const size = vectors.length;
  /** VᵀV, but for its diagonal. */
  const products = Array.from({ length: size }, () => new Float64Array(size));
  for (let from = 0; from < size; from += PANEL) {
    project(memory, layout, { panel: vPanels + 4 * from * (rows - first), height: rows - first });
    for (let i = 0; i < size; i++)
      for (let j = from; j < Math.min(from + PANEL, size); j++)
        products[i]![j] = floats[w / 4 + i * PANEL + (j - from)]!;
  }
  // Of long sums in float32 the diagonal, where all terms are positive, would be the least exact.
  const scales = vectors.map((vector) => 2 / squareOf(vector));
  const inverse = Array.from({ length: size }, () => new Float64Array(size));
  floats.fill(0, t / 4, t / 4 + BLOCK * BLOCK);
  for (let j = 0; j < size; j++) {
    for (let i = j; i >= 0; i--) {
      let sum = 0;
      for (let k = i + 1; k <= j; k++) sum += products[i]![k]! * inverse[k]![j]!;
      inverse[i]![j] = scales[i]! * (i === j ? 1 : -sum);
      floats[t / 4 + placeIn(i, j)] = -inverse[i]![j]!;
    }
  }
}

function squareOf(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  return sum;
}

/** Q ← Q − V T Vᵀ Q, a panel of it, from row `first` on. */
function reflect(
  memory: Reflector,
  layout: Layout,
  { first, panel }: { readonly first: number; readonly panel: number },
): void {
  const { t, w, tw, v, rows } = layout;
  const height = rows - first;
  project(memory, layout, { panel, height });
  memory.floats.fill(0, tw / 4, tw / 4 + BLOCK * PANEL);
  memory.subtract(t, w, tw, BLOCK);
  memory.subtract(v, tw, panel, height);
}

/** Rows of which V and a panel stay in the nearest cache while all sums of them are made. */
const NEAR = 128;

/** W = Vᵀ Q, of a panel of so many rows. */
function project(
  { floats, project: add }: Reflector,
  { v, w }: Layout,
  { panel, height }: { readonly panel: number; readonly height: number },
): void {
  floats.fill(0, w / 4, w / 4 + BLOCK * PANEL);
  for (let row = 0; row < height; row += NEAR)
    add(v + 4 * row * BLOCK, panel + 4 * row * PANEL, w, Math.min(NEAR, height - row));
}
