/**
 * Flags of the command line in messages of the library. The library names options by their keys, and each surface writes
 * them in its own way (src/options/error.ts).
 */
import ts from "typescript";
import { isAssembly, isTest, parse, place, type Source } from "./sources.js";

/** Files whose texts hold dashes that are no flags of ours, each with what they are. */
const OTHERS: Readonly<Record<string, string>> = {
  "src/exec/wasm/no-memory.ts": "a flag of Node",
  "src/exec/wasm/tiers.ts": "a flag of V8",
  "src/insight/page/style.ts": "properties of CSS",
  "src/io/keras/tfjs.ts": "a flag of TensorFlow.js",
};

/** A flag at the beginning of a text, or after a blank, a bracket or a quotation mark; its name may be put in. */
const FLAG = /(^|[\s("'`])--([a-z]|$)/;

/** One message per text in src, outside the command line, that holds a flag. */
export function checkFlags(sources: readonly Source[]): readonly string[] {
  const ofLibrary = sources.filter(
    ({ path }) =>
      path.startsWith("src/") && path.endsWith(".ts") && !path.startsWith("src/cli/") && !(path in OTHERS),
  );
  return ofLibrary.flatMap((source) => {
    if (isTest(source.path) || isAssembly(source.path)) return [];
    const file = parse(source);
    const problems: string[] = [];
    const visit = (node: ts.Node): void => {
      const isText =
        ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node);
      if (isText && FLAG.test(node.text))
        problems.push(
          `${place(file, node)} names a flag of the command line in ${JSON.stringify(node.text)}; write the key of the option in braces, as in keyed("… {units} …")`,
        );
      ts.forEachChild(node, visit);
    };
    visit(file);
    return problems;
  });
}
