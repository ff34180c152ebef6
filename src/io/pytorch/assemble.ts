/**
 * Values with what they read as a network of ours, its parameters, and the file's own formulas in their order.
 */
import { type NetworkInput, network, type Tensor } from "../../nn/index.js";
import type { Imported, Mapping, Rows, RunnableFile } from "../imported.js";
import type { Made } from "./modules/made.js";
import { heads } from "./options.js";

/** What surrounds the values of a network. */
export interface Around {
  readonly input: NetworkInput;
  readonly head: keyof typeof heads;
  /** True: the file gives logarithms of the predictions. */
  readonly logarithms?: boolean;
  /** Sentences on what was taken for what. */
  readonly assumed: readonly string[];
}

/** A network of values; the last one is its output. */
export function assemble(
  made: readonly Made[],
  { input, head, logarithms = false, assumed }: Around,
): Imported {
  const ours = new Map<string, string>([["input", "input"]]);
  const counts = new Map<string, number>();
  const layers = made.map(({ layer, from, name }, i) => {
    const count = (counts.get(layer.kind) ?? 0) + 1;
    counts.set(layer.kind, count);
    ours.set(name, `${layer.kind}${count}`);
    const names = from.map((each) => ours.get(each)!);
    const before = i === 0 ? "input" : ours.get(made[i - 1]!.name);
    return names.length === 1 && names[0] === before ? layer : { layer, from: names };
  });
  const net = network({ input, layers, loss: heads[head].loss });
  const filled = made.map((each) => each.fill(ours.get(each.name)!));
  const parameters = new Map<string, Tensor>(filled.flatMap((each) => [...each.parameters]));
  const mapped: readonly Mapping[] = filled.flatMap((each) => each.mapped);
  return {
    format: "pytorch",
    network: net,
    parameters,
    mapped,
    layers: [],
    graph: graphOf(made, { ours, head }),
    ...(logarithms ? { gives: "log prediction" as const } : {}),
    assumed,
  };
}

/** The file's formulas, one after the other. */
function graphOf(
  made: readonly Made[],
  { ours, head }: { readonly ours: ReadonlyMap<string, string>; readonly head: Around["head"] },
): RunnableFile {
  const { evaluate } = heads[head];
  const runOne = (input: Rows): ReadonlyMap<string, Rows> => {
    const values = new Map<string, Rows>([["input", input]]);
    for (const { name, from, evaluate: of } of made)
      values.set(name, of(from.map((each) => values.get(each)!)));
    return values;
  };
  // Pooling by the last state stands together with its recurrent layer, and is compared with it, or in the whole alone.
  const isEnd = ({ layer }: Made): boolean => layer.kind === "pool" && layer.by === "last";
  const follows = ({ from }: Made, i: number): boolean => from[0] === made[i - 1]?.name;
  const text = (each: Made, i: number): string =>
    isEnd(each) && follows(each, i) ? `${made[i - 1]!.name}, ${each.name}` : each.name;
  const compared = made.filter((each, i) => !isEnd(each) || follows(each, i));
  return {
    names: new Map(made.map((each, i) => [ours.get(each.name)!, text(each, i)])),
    run(inputs) {
      const all = inputs.map((input) => runOne(input as Rows));
      const last = all.map((values) => values.get(made.at(-1)!.name)!);
      return {
        outputs: evaluate ? last.map(evaluate) : last,
        ...(evaluate ? { scores: last } : {}),
        values: new Map(
          compared.map(({ name }) => [ours.get(name)!, all.map((values) => values.get(name)!)]),
        ),
      };
    },
  };
}
