/** Traces as NumPy's .npz, one array for each value: `numpy.load("trace.npz")["recurrent1/gates/Γu"]` has shape (T, H). */
import { type NpzArray, writeNpz } from "../io/index.js";
import type { ExampleTrace, LayerTraces, TraceRows } from "./trace.js";

/**
 * The bytes of a .npz file with a trace, or with those of several examples.
 *
 * Names are "recurrent1/gates/Γu", "recurrent1/states/c", "recurrent1/gradients/dΓu", "decoder1/attention", "rows", "z", "dz"
 * and "loss"; of layers inside step 3 "inside3/features1.characters.recurrent1/states/c". Of several examples "example0/"
 * stands before them. All numbers are float64.
 *
 * @throws RangeError if that is too much for a .npz file
 */
export function traceToNpz(trace: ExampleTrace | readonly ExampleTrace[]): Uint8Array {
  const all = "layers" in trace ? [["", trace] as const] : trace.map((t, i) => [`example${i}/`, t] as const);
  return writeNpz(new Map(all.flatMap(([prefix, each]) => arraysOf(prefix, each))));
}

function arraysOf(
  prefix: string,
  { layers, inside = [], rows, z, dz, loss }: ExampleTrace,
): [string, NpzArray][] {
  const rest = Object.entries({ rows, z, dz }).flatMap(([name, value]) =>
    value ? [[prefix + name, matrix(value)] as [string, NpzArray]] : [],
  );
  return [
    ...layerArrays(prefix, layers),
    ...inside.flatMap((step, t) => layerArrays(`${prefix}inside${t}/`, step)),
    ...rest,
    ...(loss === undefined
      ? []
      : [[`${prefix}loss`, { shape: [], data: Float64Array.of(loss) }] as [string, NpzArray]]),
  ];
}

function layerArrays(prefix: string, layers: LayerTraces): [string, NpzArray][] {
  return Object.entries(layers).flatMap(([layer, { attention, ...kinds }]) => [
    ...Object.entries(kinds).flatMap(([kind, values]) =>
      Object.entries(values).map(([name, rows]): [string, NpzArray] => [
        `${prefix}${layer}/${kind}/${name}`,
        matrix(rows),
      ]),
    ),
    ...(attention ? [[`${prefix}${layer}/attention`, matrix(attention)] as [string, NpzArray]] : []),
  ]);
}

const matrix = (rows: TraceRows): NpzArray => ({
  shape: [rows.length, rows[0]?.length ?? 0],
  data: Float64Array.from(rows.flat()),
});
