/**
 * Finds the imports of a file: static ones, re-exports, `import("x")` and `import("x").Type`.
 */
import { posix } from "node:path";
import ts from "typescript";
import { parse, place, type Source } from "./sources.js";

/** One import: what is written, where, and the file it names when it is relative. */
export interface Import {
  readonly specifier: string;
  readonly place: string;
  /** False for `import("x")` at run time, which loads only when it is reached. */
  readonly isStatic: boolean;
  /** The imported source file (`src/cell/ops.ts`), for a relative specifier. */
  readonly target?: string;
}

/** All imports of a file, in order. */
export function importsOf(source: Source): readonly Import[] {
  const file = parse(source);
  const found: Import[] = [];
  const add = (node: ts.Node, specifier: ts.Node | undefined, isStatic: boolean): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    const target = specifier.text.startsWith(".") ? { target: resolve(source.path, specifier.text) } : {};
    found.push({ specifier: specifier.text, place: place(file, node), isStatic, ...target });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) add(node, node.moduleSpecifier, true);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(node, node.argument.literal, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node, node.arguments[0], false);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** `./ops.js` as seen from `src/cell/gru.ts` is `src/cell/ops.ts`. */
function resolve(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier).replace(/\.js$/, ".ts");
}
