/**
 * Comments that must be there: a header in every file, and a doc comment on everything src exports.
 * Whether they say something worth reading is for a person to judge.
 */
import ts from "typescript";
import { isTest, parse, place, type Source } from "./sources.js";

const MAX_HEADER_LINES = 12;

/** Comments for tools; the header may stand after them. */
const DIRECTIVE = /^(#!.*|\/\/ @ts-check|\/\/\/ <.*)\n/;

interface Header {
  readonly start: number;
  readonly end: number;
  readonly lines: number;
}

/**
 * The first comment of a file: a block, or the run of `//` lines that is refused in its place. Undefined when
 * code comes first. `lines` counts those that say something.
 */
function header(text: string): Header | undefined {
  let start = 0;
  for (let match = DIRECTIVE.exec(text); match; match = DIRECTIVE.exec(text.slice(start)))
    start += match[0].length;
  const comment = /^\s*(\/\*[\s\S]*?\*\/|(?:\/\/.*\n?)+)/.exec(text.slice(start))?.[1];
  if (comment === undefined) return undefined;
  start = text.indexOf(comment, start);
  return {
    start,
    end: start + comment.length,
    lines: comment.split("\n").filter((line) => /[^\s/*]/.test(line)).length,
  };
}

/** One message per file without a header of 1 to 12 lines in one block comment. */
export function checkHeaders(sources: readonly Source[]): readonly string[] {
  return sources.flatMap(({ path, text }) => {
    const found = header(text);
    const lines = found?.lines;
    if (found && text[found.start + 1] === "/")
      return [`${path}:1 has a header of // lines; headers are /** ... */ in every file`];
    if (!lines) return [`${path}:1 has no header comment saying what it is (two to six lines)`];
    return lines > MAX_HEADER_LINES
      ? [`${path}:1 has a header of ${lines} lines, at most ${MAX_HEADER_LINES}`]
      : [];
  });
}

/**
 * One message per exported function, class, const, interface or type of src without its own comment.
 * Numbers on neighbouring lines (the layout of a table, say) may share the comment above them.
 */
export function checkDocComments(sources: readonly Source[]): readonly string[] {
  return sources
    .filter(({ path }) => path.startsWith("src/") && path.endsWith(".ts") && !isTest(path))
    .flatMap((source) => {
      const file = parse(source);
      // The header speaks of the file, so it does not count as the comment of what follows it.
      const first = header(source.text);
      const documented = (node: ts.Node): boolean =>
        ts.getJSDocCommentsAndTags(node).some((doc) => ts.isJSDoc(doc) && doc.pos !== first?.start) ||
        (isNumber(node) && sharesComment(source.text.slice(first?.end, node.getStart(file))));
      const byName = new Map<string, Declaration[]>();
      for (const declaration of file.statements.flatMap(declarations)) {
        byName.set(declaration.name, [...(byName.get(declaration.name) ?? []), declaration]);
      }
      const listed = new Set(file.statements.flatMap(listedNames));
      return [...byName].flatMap(([name, all]) => {
        const exported = listed.has(name) || all.some((declaration) => declaration.exported);
        // Overloads, and a type and a value of one name, need one comment among them.
        if (!exported || all.some((declaration) => documented(declaration.node))) return [];
        return [`${place(file, all[0]!.node)} exports ${name} without a /** comment */`];
      });
    });
}

/** `NAME = 3` or `NAME = -1`. */
function isNumber(node: ts.Node): boolean {
  if (!ts.isVariableDeclaration(node) || !node.initializer) return false;
  const value = node.initializer;
  return ts.isNumericLiteral(ts.isPrefixUnaryExpression(value) ? value.operand : value);
}

/** Whether a comment stands between the last blank line and the end of `before`. */
function sharesComment(before: string): boolean {
  const lines = before.slice(before.search(/\n[ \t]*\n(?![\s\S]*\n[ \t]*\n)/) + 1);
  return /^\s*(\/\/|\/\*\*)/m.test(lines);
}

interface Declaration {
  readonly name: string;
  readonly exported: boolean;
  readonly node: ts.Node;
}

function declarations(statement: ts.Statement): Declaration[] {
  const exported =
    ts.canHaveModifiers(statement) &&
    (ts.getModifiers(statement)?.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword) ?? false);
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map((node) => ({
      name: node.name.getText(),
      exported,
      node,
    }));
  }
  if (
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement)
  ) {
    return [{ name: statement.name?.text ?? "default", exported, node: statement }];
  }
  return [];
}

/** The local names in `export { a, b as c }`; those of `export ... from` are documented where they are declared. */
function listedNames(statement: ts.Statement): string[] {
  if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier) return [];
  if (!statement.exportClause || !ts.isNamedExports(statement.exportClause)) return [];
  return statement.exportClause.elements.map((element) => (element.propertyName ?? element.name).text);
}
