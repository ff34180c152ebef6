/** How a module looks at its input, step by step: from a network's input to the text of `look` and `read`. */
import type { FlatInput, NetworkInput } from "../nn/index.js";
import { literal } from "./identifiers.js";

/** The text, and the pieces of the kit that it calls. */
export interface InputCode {
  readonly code: string;
  readonly needs: readonly string[];
  /** What an input is, for people. */
  readonly says: string;
}

const looks = (of: FlatInput): string =>
  "vocabulary" in of ? `(id) => tokenId(id, ${of.vocabulary})` : `(step) => vectorOf(step, ${of.width})`;

const saysOf = (of: FlatInput): string =>
  "vocabulary" in of ? `token ids from 0 to ${of.vocabulary - 1}` : `steps of ${of.width} numbers`;

/** The input's part of a module. */
export function inputCode(input: NetworkInput): InputCode {
  const needs = ["tokenId", "vectorOf", "stepsOf"];
  if (!("inputs" in input))
    return {
      needs: needs.filter((name) => name !== ("vocabulary" in input ? "vectorOf" : "tokenId")),
      code: [
        "/** A step of the input, looked at. */",
        `const look = ${looks(input)};`,
        "",
        "/** The input as the layers read it. */",
        'const read = (input) => ({ steps: stepsOf(input, look, "the input") });',
      ].join("\n"),
      says: `a list of ${saysOf(input)}`,
    };
  const entries = Object.entries(input.inputs).map(([name, of]) => {
    const what = literal(`the input "${name}"`);
    if (of.once) return `    ${literal(name)}: (${looks(of)})(input[${literal(name)}]),`;
    const look = of.inside
      ? `(steps) => stepsOf(steps, ${looks(of)}, ${literal(`a step of the input "${name}"`)})`
      : looks(of);
    return `    ${literal(name)}: stepsOf(input[${literal(name)}], ${look}, ${what}),`;
  });
  const together = Object.entries(input.inputs).flatMap(([name, of]) => (of.once || of.beside ? [] : [name]));
  const says = Object.entries(input.inputs).map(([name, of]) =>
    of.once
      ? `${name}: one list of ${(of as { width: number }).width} numbers`
      : `${name}: ${of.inside ? "for every step a list of " : of.beside ? "of as many steps as it has, " : ""}${saysOf(of)}`,
  );
  return {
    needs,
    code: [
      "/** The inputs as the layers read them. */",
      "function read(input) {",
      "  const inputs = {",
      ...entries,
      "  };",
      `  if (new Set(${literal(together)}.map((name) => inputs[name].length)).size > 1)`,
      '    throw new RangeError("the inputs must have as many steps one as the other");',
      "  return { inputs };",
      "}",
    ].join("\n"),
    says: `an object of lists with an entry for every step: ${says.join("; ")}`,
  };
}
