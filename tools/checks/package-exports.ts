/**
 * package.json's exports against the sources: every subpath is an index that exists, and every name that an
 * index exports comes from one place.
 */
import { posix } from "node:path";
import ts from "typescript";
import { parse, type Source } from "./sources.js";

/** The `exports` of package.json. */
export type ExportMap = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

/** Subpaths of other tools' formats: each is a folder of src/io. */
const FORMATS = ["./pytorch", "./keras", "./onnx"];

/** The source file that a subpath stands for: `./exec/wasm` is src/exec/wasm/index.ts. */
export function sourceOf(subpath: string): string {
  // What executors are is below them; the table that knows them all is above.
  if (subpath === "./exec") return "src/exec/registry/index.ts";
  if (FORMATS.includes(subpath)) return posix.join("src/io", subpath, "index.ts");
  // One file of a folder: what only Node can load, and the module of a worker.
  if (/\/(node|worker)$/.test(subpath)) return `${posix.join("src", subpath)}.ts`;
  return posix.join("src", subpath, "index.ts");
}

/** The source files of all subpaths. */
export function publishedSources(exports: ExportMap): readonly string[] {
  return Object.keys(exports)
    .filter((subpath) => subpath !== "./package.json")
    .map(sourceOf);
}

/** One message per subpath whose source is missing or whose conditions name other files. */
export function checkSubpaths(exports: ExportMap, sources: readonly Source[]): readonly string[] {
  return Object.entries(exports).flatMap(([subpath, value]) => {
    if (subpath === "./package.json") return [];
    const source = sourceOf(subpath);
    const built = source.replace(/^src/, "./dist").replace(/\.ts$/, "");
    const wanted = { types: `${built}.d.ts`, default: `${built}.js` };
    // Compared as text because the order counts: a resolver takes the first condition that applies.
    return [
      ...(JSON.stringify(value) === JSON.stringify(wanted)
        ? []
        : [`${subpath} should be ${JSON.stringify(wanted)}`]),
      ...(sources.some(({ path }) => path === source) ? [] : [`${subpath} has no ${source}`]),
    ];
  });
}

/** One message per name that an index file exports more than once. */
export function checkDuplicateNames(
  indexes: readonly string[],
  sources: readonly Source[],
): readonly string[] {
  const files = new Map(sources.map((source) => [source.path, source]));
  return indexes.flatMap((index) => {
    const places = new Map<string, string[]>();
    for (const { name, from } of exportedNames(index, files))
      places.set(name, [...(places.get(name) ?? []), from]);
    return [...places]
      .filter(([, from]) => from.length > 1)
      .map(([name, from]) => `${index} exports ${name} more than once: from ${from.join(" and ")}`);
  });
}

interface Exported {
  readonly name: string;
  readonly from: string;
}

/** The names a file exports and, for each, the file it is taken from. Stars are followed. */
function exportedNames(path: string, files: ReadonlyMap<string, Source>): readonly Exported[] {
  const source = files.get(path);
  if (source === undefined) return []; // checkSubpaths and the compiler report what is missing
  // Overloads, and a type and a value of one name, are one export of the file they are declared in.
  const own = new Set<string>();
  const passedOn: Exported[] = [];
  for (const statement of parse(source).statements) {
    if (!ts.isExportDeclaration(statement)) {
      for (const name of declaredExports(statement)) own.add(name);
      continue;
    }
    const specifier = statement.moduleSpecifier;
    const target =
      specifier && ts.isStringLiteral(specifier)
        ? posix.join(posix.dirname(path), specifier.text).replace(/\.js$/, ".ts")
        : path;
    const clause = statement.exportClause;
    if (clause === undefined)
      passedOn.push(...exportedNames(target, files).map(({ name }) => ({ name, from: target })));
    else if (ts.isNamespaceExport(clause)) passedOn.push({ name: clause.name.text, from: target });
    else passedOn.push(...clause.elements.map((element) => ({ name: element.name.text, from: target })));
  }
  return [...[...own].map((name) => ({ name, from: path })), ...passedOn];
}

function declaredExports(statement: ts.Statement): string[] {
  if (!ts.canHaveModifiers(statement)) return [];
  if (!ts.getModifiers(statement)?.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword))
    return [];
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map((declaration) => declaration.name.getText());
  }
  const name = (statement as ts.DeclarationStatement).name;
  return name ? [name.getText()] : [];
}
