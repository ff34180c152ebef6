/**
 * No file of src imports itself, by whatever way round: a ring of files can be read, tested and moved only as a
 * whole. Imports of types and `import()` count like others; what two files both need stands in a file below both.
 */
import { importsOf } from "./imports.js";
import { isTest, type Source } from "./sources.js";

/** A ring that is let through for a reason: one whose files all stand in `within`, a folder (`src/a/`) or a file. */
export interface CircleException {
  readonly within: string;
  readonly reason: string;
}

/** The table of exceptions. One that no ring needs is itself refused. */
export const CIRCLES: readonly CircleException[] = [];

/** One message per ring of imports, which names its files and where each imports the next of them. */
export function checkImportCircles(
  sources: readonly Source[],
  exceptions: readonly CircleException[] = CIRCLES,
): readonly string[] {
  const graph = importGraph(sources);
  const unused = new Set(exceptions);
  const problems: string[] = [];
  for (const ring of rings(graph)) {
    const exception = exceptions.find(({ within }) => ring.every((path) => path.startsWith(within)));
    if (exception) unused.delete(exception);
    else problems.push(describe(ring, graph));
  }
  for (const { within } of unused)
    problems.push(`the exception for a ring in ${within} is not used: delete it`);
  return problems;
}

/** Each file of src, what it imports of src, and the place of the first import of each. */
type Graph = ReadonlyMap<string, ReadonlyMap<string, string>>;

function importGraph(sources: readonly Source[]): Graph {
  const files = sources.filter(({ path }) => path.startsWith("src/") && !isTest(path));
  const paths = new Set(files.map(({ path }) => path));
  return new Map(
    files.map((source) => {
      const targets = new Map<string, string>();
      for (const { target, place } of importsOf(source)) {
        // AssemblyScript leaves the ending out.
        const path = [target, `${target}.ts`].find((name) => name !== undefined && paths.has(name));
        if (path !== undefined && !targets.has(path)) targets.set(path, place);
      }
      return [source.path, targets];
    }),
  );
}

/**
 * The strongly connected parts of more than one file, or of one that imports itself (Tarjan 1972): a file belongs
 * to the part of the earliest file on the path to it that it leads back to.
 */
function rings(graph: Graph): readonly (readonly string[])[] {
  const order = new Map<string, number>();
  const earliest = new Map<string, number>();
  const path: string[] = [];
  const found: string[][] = [];
  const visit = (file: string): number => {
    const at = order.size;
    order.set(file, at);
    path.push(file);
    let low = at;
    for (const next of graph.get(file)!.keys()) {
      if (!order.has(next)) low = Math.min(low, visit(next));
      else if (path.includes(next)) low = Math.min(low, earliest.get(next) ?? order.get(next)!);
    }
    earliest.set(file, low);
    if (low === at) {
      const part = path.splice(path.indexOf(file));
      if (part.length > 1 || graph.get(file)!.has(file)) found.push(part.sort());
    }
    return low;
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return found;
}

function describe(ring: readonly string[], graph: Graph): string {
  const imports = ring.flatMap((file) =>
    [...graph.get(file)!]
      .filter(([target]) => ring.includes(target))
      .map(([target, place]) => `${place} imports ${target}`),
  );
  return `a ring of ${ring.length} files import each other: ${imports.join("; ")}`;
}
