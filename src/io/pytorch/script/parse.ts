/**
 * The code of a TorchScript program as data: the subset of Python that PyTorch prints into the archive, one statement a line,
 * calls for all operators. It is read here and followed by walk.ts; nothing runs it.
 *
 * Source: torch/csrc/jit/serialization/python_print.cpp.
 */

/** A value in the code. */
export type ScriptExpr =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "constant"; readonly value: number | string | boolean | null }
  | { readonly kind: "list" | "tuple"; readonly items: readonly ScriptExpr[] }
  | { readonly kind: "attribute"; readonly of: ScriptExpr; readonly name: string }
  | { readonly kind: "item"; readonly of: ScriptExpr; readonly index: ScriptExpr }
  | {
      readonly kind: "call";
      readonly callee: ScriptExpr;
      readonly args: readonly ScriptExpr[];
      readonly named: ReadonlyMap<string, ScriptExpr>;
    };

/** A statement. */
export type Statement =
  /** More than one target: the value is taken apart. */
  | {
      readonly kind: "assign";
      readonly targets: readonly string[];
      readonly apart: boolean;
      readonly value: ScriptExpr;
    }
  | { readonly kind: "if"; readonly condition: ScriptExpr; readonly holds: Block; readonly otherwise: Block }
  | { readonly kind: "return"; readonly value: ScriptExpr }
  | { readonly kind: "call"; readonly value: ScriptExpr }
  | { readonly kind: "loop" }
  | { readonly kind: "pass" };

/** Statements one after the other. */
export type Block = readonly Statement[];

/** A function or a method. */
export interface ScriptFunction {
  readonly name: string;
  /** A default is absent where there is none. */
  readonly parameters: readonly {
    readonly name: string;
    readonly type: string;
    readonly otherwise?: ScriptExpr;
  }[];
  readonly body: Block;
}

/** A class. */
export interface ScriptClass {
  readonly name: string;
  /** Constants that its modules were made with: `batch_first : Final[bool] = True`. */
  readonly constants: ReadonlyMap<string, ScriptExpr>;
  readonly methods: ReadonlyMap<string, ScriptFunction>;
}

/** A file of code. */
export interface ScriptFile {
  readonly classes: ReadonlyMap<string, ScriptClass>;
  readonly functions: ReadonlyMap<string, ScriptFunction>;
}

/** Code that is none, or does what is not read: where, in words. */
export class ScriptError extends Error {
  override readonly name = "ScriptError";
}

interface Line {
  readonly indent: number;
  readonly tokens: readonly string[];
}

/** Brackets in brackets, at most. */
const MOST_DEPTH = 100;

/** @throws ScriptError if it is not such code */
export function parseScript(text: string): ScriptFile {
  const lines = linesOf(text);
  const classes = new Map<string, ScriptClass>();
  const functions = new Map<string, ScriptFunction>();
  let at = 0;
  while (at < lines.length) {
    const { tokens, indent } = lines[at]!;
    const end = blockEnd(lines, at, indent);
    const inside = lines.slice(at + 1, end);
    if (tokens[0] === "class") classes.set(tokens[1] ?? "", classOf(tokens[1] ?? "", inside));
    else if (tokens[0] === "def") {
      const made = functionOf(tokens, inside);
      functions.set(made.name, made);
    }
    at = end;
  }
  return { classes, functions };
}

const token = /\s+|#.*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\d[\w.]*(?:(?<=[eE])[+-]\d+)?|[A-Za-z_]\w*|->|./gy;

/** Logical lines: those within brackets belong together. */
function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  let depth = 0;
  let open: { indent: number; tokens: string[] } | undefined;
  for (const raw of text.split("\n")) {
    const tokens = (raw.match(token) ?? []).filter((each) => !/^(\s|#)/.test(each));
    if (tokens.length === 0) continue;
    if (open === undefined) open = { indent: raw.length - raw.trimStart().length, tokens: [] };
    for (const each of tokens) {
      if ("([{".includes(each)) depth++;
      if (")]}".includes(each)) depth--;
      open.tokens.push(each);
    }
    if (depth > 0) continue;
    lines.push(open);
    open = undefined;
    depth = 0;
  }
  if (open !== undefined) throw new ScriptError("has a bracket that does not close");
  return lines;
}

/** Where the lines under one end. */
function blockEnd(lines: readonly Line[], at: number, indent: number): number {
  let end = at + 1;
  while (end < lines.length && lines[end]!.indent > indent) end++;
  return end;
}

function classOf(name: string, lines: readonly Line[]): ScriptClass {
  const constants = new Map<string, ScriptExpr>();
  const methods = new Map<string, ScriptFunction>();
  for (let at = 0; at < lines.length; ) {
    const { tokens, indent } = lines[at]!;
    const end = blockEnd(lines, at, indent);
    if (tokens[0] === "def") {
      const made = functionOf(tokens, lines.slice(at + 1, end));
      methods.set(made.name, made);
    } else if (tokens[2] === "Final" && tokens.includes("="))
      constants.set(tokens[0] ?? "", expressionOf(tokens.slice(tokens.indexOf("=") + 1)));
    at = end;
  }
  return { name, constants, methods };
}

/** def name(self: T, x: Tensor, y: Optional[int]=None) -> T: */
function functionOf(tokens: readonly string[], lines: readonly Line[]): ScriptFunction {
  const name = tokens[1] ?? "";
  const end = closing(tokens, 2);
  const parameters = splitAt(tokens.slice(3, end), ",").flatMap((part) => {
    if (part.length === 0) return [];
    const equals = part.indexOf("=");
    const type = part.slice(2, equals < 0 ? undefined : equals).join("");
    const otherwise = equals < 0 ? {} : { otherwise: expressionOf(part.slice(equals + 1)) };
    return [{ name: part[0]!, type, ...otherwise }];
  });
  return { name, parameters, body: blockOf(lines) };
}

function blockOf(lines: readonly Line[]): Block {
  const block: Statement[] = [];
  for (let at = 0; at < lines.length; ) {
    const { tokens, indent } = lines[at]!;
    const end = blockEnd(lines, at, indent);
    const inside = lines.slice(at + 1, end);
    at = end;
    if (tokens[0] === "if") {
      const next = lines[at];
      let otherwise: Block = [];
      if (next !== undefined && next.indent === indent && next.tokens[0] === "else") {
        const last = blockEnd(lines, at, indent);
        otherwise = blockOf(lines.slice(at + 1, last));
        at = last;
      }
      block.push({
        kind: "if",
        condition: expressionOf(tokens.slice(1, -1)),
        holds: blockOf(inside),
        otherwise,
      });
    } else if (tokens[0] === "for" || tokens[0] === "while") block.push({ kind: "loop" });
    else block.push(statementOf(tokens));
  }
  return block;
}

function statementOf(tokens: readonly string[]): Statement {
  if (tokens[0] === "pass") return { kind: "pass" };
  if (tokens[0] === "return") return { kind: "return", value: expressionOf(tokens.slice(1)) };
  const equals = topLevel(tokens, "=");
  if (equals < 0) return { kind: "call", value: expressionOf(tokens) };
  const left = splitAt(tokens.slice(0, equals), ",");
  const targets = left.flatMap((part) => (part[0] === undefined ? [] : [part[0]]));
  return { kind: "assign", targets, apart: left.length > 1, value: expressionOf(tokens.slice(equals + 1)) };
}

/** Where a token stands that is in no bracket; -1: nowhere. */
function topLevel(tokens: readonly string[], wanted: string): number {
  let depth = 0;
  return tokens.findIndex((each) => {
    if ("([{".includes(each)) depth++;
    if (")]}".includes(each)) depth--;
    return depth === 0 && each === wanted;
  });
}

/** Where the bracket closes that opens there. */
function closing(tokens: readonly string[], from: number): number {
  let depth = 0;
  for (let at = from; at < tokens.length; at++) {
    if ("([{".includes(tokens[at]!)) depth++;
    if (")]}".includes(tokens[at]!) && --depth === 0) return at;
  }
  throw new ScriptError("has a bracket that does not close");
}

/** The parts between separators that are in no bracket; "a, b, " has three, of which the last is empty. */
function splitAt(tokens: readonly string[], separator: string): (readonly string[])[] {
  const parts: string[][] = [[]];
  let depth = 0;
  for (const each of tokens) {
    if ("([{".includes(each)) depth++;
    if (")]}".includes(each)) depth--;
    if (depth === 0 && each === separator) parts.push([]);
    else parts.at(-1)?.push(each);
  }
  return parts;
}

/** An expression, or several that a comma makes a tuple. */
function expressionOf(tokens: readonly string[], depth = 0): ScriptExpr {
  if (depth > MOST_DEPTH) throw new ScriptError("has brackets in brackets in brackets");
  const parts = splitAt(tokens, ",");
  if (parts.length > 1) return { kind: "tuple", items: itemsOf(parts, depth) };
  const [first = ""] = tokens;
  let at = 1;
  let value: ScriptExpr;
  if (first === "(" || first === "[") {
    const end = closing(tokens, 0);
    const inside = splitAt(tokens.slice(1, end), ",");
    const items = itemsOf(inside, depth);
    if (first === "[") value = { kind: "list", items };
    else value = inside.length > 1 || items.length === 0 ? { kind: "tuple", items } : items[0]!;
    at = end + 1;
  } else if (first === "-") {
    value = { kind: "constant", value: -Number(tokens[1]) };
    at = 2;
  } else value = leafOf(first);
  while (at < tokens.length) {
    const next = tokens[at]!;
    if (next === ".") {
      value = { kind: "attribute", of: value, name: tokens[at + 1] ?? "" };
      at += 2;
      continue;
    }
    if (next !== "(" && next !== "[")
      throw new ScriptError(
        `has ${tokens
          .slice(0, at + 1)
          .join(" ")
          .slice(0, 60)}`,
      );
    const end = closing(tokens, at);
    const inside = splitAt(tokens.slice(at + 1, end), ",").filter((part) => part.length > 0);
    at = end + 1;
    if (next === "[") {
      value = { kind: "item", of: value, index: expressionOf(inside[0] ?? [], depth + 1) };
      continue;
    }
    const args: ScriptExpr[] = [];
    const named = new Map<string, ScriptExpr>();
    for (const part of inside) {
      if (part[1] === "=") named.set(part[0]!, expressionOf(part.slice(2), depth + 1));
      else args.push(expressionOf(part, depth + 1));
    }
    value = { kind: "call", callee: value, args, named };
  }
  return value;
}

const itemsOf = (parts: readonly (readonly string[])[], depth: number): ScriptExpr[] =>
  parts.filter((part) => part.length > 0).map((part) => expressionOf(part, depth + 1));

function leafOf(text: string): ScriptExpr {
  if (/^["']/.test(text)) return { kind: "constant", value: text.slice(1, -1) };
  if (/^\d/.test(text)) return { kind: "constant", value: Number(text) };
  if (text === "True" || text === "False") return { kind: "constant", value: text === "True" };
  if (text === "None") return { kind: "constant", value: null };
  return { kind: "name", name: text };
}
