/**
 * A TorchScript program followed as data, from its input to its output: every operator becomes a part of a network (ops.ts), and
 * conditions are decided where all that they ask is known. Nothing is computed and nothing runs.
 */
import type { Made } from "../modules/made.js";
import type { Call, Program } from "./operator.js";
import { operators } from "./operators.js";
import {
  type Block,
  parseScript,
  type ScriptClass,
  ScriptError,
  type ScriptExpr,
  type ScriptFile,
  type ScriptFunction,
} from "./parse.js";
import { plainValue, type ScriptValue, valueText } from "./values.js";

/** Calls in calls, and statements, at most. */
const [MOST_CALLS, MOST_STATEMENTS] = [100, 20_000];

/** Methods of PyTorch's own modules that look at sizes and give nothing. */
const checks = new Set([
  "check_forward_args",
  "check_hidden_size",
  "check_input",
  "_check_input_dim",
  "_update_flat_weights",
]);

/** Functions whose arguments stand in another order than those of the operator of their name. */
const otherOrder = new Set(["batch_norm", "embedding"]);

/** What a program does with an input. */
export interface Walked {
  readonly made: readonly Made[];
  readonly output: ScriptValue;
}

/**
 * Follows the forward of a program.
 *
 * @param input what goes in as the first tensor
 * @param progress takes how many parts were found, also where it fails
 * @throws ScriptError naming what the program does that is not read
 */
export function walk(program: Program, input: ScriptValue, progress: { parts: number }): Walked {
  return new Walker(program, progress).run(input);
}

class Walker {
  private readonly program: Program;
  private readonly progress: { parts: number };
  private readonly files = new Map<string, ScriptFile>();
  private readonly made: Made[] = [];
  private readonly paths: string[] = [];
  private statements = 0;

  constructor(program: Program, progress: { parts: number }) {
    this.program = program;
    this.progress = progress;
  }

  run(input: ScriptValue): Walked {
    const own = this.method("", "forward");
    const [, first, ...others] = own.parameters;
    if (first === undefined) throw new ScriptError("takes no input");
    const rest = others.map(({ name, type, otherwise }): ScriptValue => {
      if (otherwise !== undefined || type.startsWith("Optional")) return plainValue(null);
      if (/len|size/i.test(name)) return { kind: "other", what: "lengths" };
      if (type === "Tensor") throw new ScriptError(`takes a second tensor, ${name}`);
      throw new ScriptError(`takes ${name}, a ${type}, beside its input`);
    });
    const output = this.invoke(own, [{ kind: "module", path: "" }, input, ...rest], new Map(), "");
    return { made: this.made, output };
  }

  private file(module: string): ScriptFile {
    const found = this.files.get(module);
    if (found) return found;
    const text = this.program.code.get(module);
    if (text === undefined) throw new ScriptError(`has no code of ${module}`);
    const parsed = parseScript(text);
    this.files.set(module, parsed);
    return parsed;
  }

  private classOf(path: string): ScriptClass {
    const { source } = this.program.classes.get(path)!;
    const at = source.lastIndexOf(".");
    const found = this.file(source.slice(0, at)).classes.get(source.slice(at + 1));
    if (found) return found;
    throw new ScriptError(`has no code of ${source}`);
  }

  private method(path: string, name: string): ScriptFunction {
    const { methods } = this.classOf(path);
    const found = methods.get(name) ?? methods.get(`${name}__0`);
    if (found) return found;
    throw new ScriptError(`has no ${name} of ${this.program.classes.get(path)?.name}`);
  }

  private invoke(
    own: ScriptFunction,
    args: readonly ScriptValue[],
    named: ReadonlyMap<string, ScriptValue>,
    path: string,
  ): ScriptValue {
    if (this.paths.length > MOST_CALLS) throw new ScriptError("calls itself again and again");
    this.paths.push(path);
    const scope = new Map<string, ScriptValue>();
    own.parameters.forEach(({ name, otherwise }, i) => {
      const value =
        args[i] ?? named.get(name) ?? (otherwise ? this.value(otherwise, scope) : plainValue(null));
      scope.set(name, value);
    });
    const result = this.block(own.body, scope);
    this.paths.pop();
    return result ?? plainValue(null);
  }

  /** What a block returns; undefined: it goes on. */
  private block(block: Block, scope: Map<string, ScriptValue>): ScriptValue | undefined {
    for (const statement of block) {
      if (++this.statements > MOST_STATEMENTS) throw new ScriptError("is too long to be followed");
      if (statement.kind === "return") return this.value(statement.value, scope);
      if (statement.kind === "loop") throw new ScriptError("has a loop over what is not known beforehand");
      if (statement.kind === "assign") this.assign(statement, scope);
      else if (statement.kind === "call") this.value(statement.value, scope);
      else if (statement.kind === "if") {
        const condition = this.value(statement.condition, scope);
        if (condition.kind !== "plain")
          throw new ScriptError(`decides by ${valueText(condition)}, which is not known beforehand`);
        const result = this.block(condition.value ? statement.holds : statement.otherwise, scope);
        if (result !== undefined) return result;
      }
    }
    return undefined;
  }

  private assign(
    { targets, apart, value: of }: Extract<Block[number], { kind: "assign" }>,
    scope: Map<string, ScriptValue>,
  ): void {
    const value = this.value(of, scope);
    if (!apart) {
      scope.set(targets[0]!, value);
      return;
    }
    if (value.kind !== "list") throw new ScriptError(`takes ${valueText(value)} apart`);
    targets.forEach((target, i) => scope.set(target, value.items[i] ?? plainValue(null)));
  }

  private value(e: ScriptExpr, scope: ReadonlyMap<string, ScriptValue>): ScriptValue {
    if (e.kind === "constant") return plainValue(e.value);
    if ("items" in e) return { kind: "list", items: e.items.map((item) => this.value(item, scope)) };
    if (e.kind === "name") return scope.get(e.name) ?? { kind: "other", what: e.name };
    if (e.kind === "attribute") {
      const dotted = dottedName(e);
      const root = dotted?.split(".")[0] ?? "";
      if (root === "CONSTANTS") return { kind: "other", what: "a constant of the program" };
      if (dotted !== undefined && !scope.has(root)) return { kind: "function", name: dotted };
      return this.attribute(this.value(e.of, scope), e.name);
    }
    if (e.kind === "item") {
      const [of, index] = [this.value(e.of, scope), this.value(e.index, scope)];
      if (of.kind === "list" && index.kind === "plain")
        return of.items.at(Number(index.value)) ?? plainValue(null);
      return this.operator("torch.select", [of, plainValue(0), index], new Map());
    }
    return this.call(e, scope);
  }

  private attribute(of: ScriptValue, name: string): ScriptValue {
    if (of.kind !== "module") return { kind: "other", what: name };
    if (name === "training") return plainValue(false);
    const path = of.path === "" ? name : `${of.path}.${name}`;
    if (this.program.classes.has(path)) return { kind: "module", path };
    const tensor = this.program.tensors.get(path);
    if (name === "_flat_weights") return { kind: "list", items: this.flatWeights(of.path) };
    if (tensor) return { kind: "parameter", tensor };
    const made = this.program.classes.get(of.path)?.made.get(name);
    if (typeof made === "number" || typeof made === "string" || typeof made === "boolean")
      return plainValue(made);
    const constant = this.classOf(of.path).constants.get(name);
    return constant ? this.value(constant, new Map()) : plainValue(null);
  }

  /** The weights of a recurrent module, in the order in which they were made. */
  private flatWeights(path: string): readonly ScriptValue[] {
    const before = path === "" ? "" : `${path}.`;
    return [...this.program.tensors].flatMap(([name, tensor]): ScriptValue[] =>
      name.startsWith(before) && /^(weight|bias)_[ih]h_l\d+(_reverse)?$/.test(name.slice(before.length))
        ? [{ kind: "parameter", tensor }]
        : [],
    );
  }

  private call(
    e: Extract<ScriptExpr, { kind: "call" }>,
    scope: ReadonlyMap<string, ScriptValue>,
  ): ScriptValue {
    const { callee } = e;
    if (callee.kind === "name" && ["annotate", "unchecked_cast"].includes(callee.name))
      return this.value(e.args[1]!, scope);
    if (callee.kind === "name" && callee.name === "uninitialized") return plainValue(null);
    const args = e.args.map((arg) => this.value(arg, scope));
    const named = new Map([...e.named].map(([name, arg]) => [name, this.value(arg, scope)] as const));
    if (callee.kind === "name" && callee.name === "getattr" && args[1]?.kind === "plain")
      return this.attribute(args[0]!, String(args[1].value));
    if (callee.kind === "attribute") {
      const dotted = dottedName(callee);
      const of =
        dotted !== undefined && !scope.has(dotted.split(".")[0]!) ? undefined : this.value(callee.of, scope);
      if (of?.kind === "module") return this.invokeModule(of.path, callee.name, args, named);
    }
    const of = callee.kind === "name" && !scope.has(callee.name) ? callee.name : this.value(callee, scope);
    const name = typeof of === "string" ? of : of.kind === "function" ? of.name : undefined;
    if (name === undefined) throw new ScriptError("calls something that is no operator");
    return this.operator(name, args, named);
  }

  private invokeModule(
    path: string,
    name: string,
    args: readonly ScriptValue[],
    named: ReadonlyMap<string, ScriptValue>,
  ): ScriptValue {
    if (checks.has(name)) return plainValue(null);
    return this.invoke(this.method(path, name), [{ kind: "module", path }, ...args], named, path);
  }

  private operator(
    full: string,
    args: readonly ScriptValue[],
    named: ReadonlyMap<string, ScriptValue>,
  ): ScriptValue {
    const at = full.lastIndexOf(".");
    const [of, own] = [full.slice(0, at), full.slice(at + 1)];
    const functional = of === "__torch__.torch.nn.functional" && !otherOrder.has(own);
    // "relu_" is relu in place.
    const name = (functional ? `torch.${own}` : full).replace(/([a-z])_$/, "$1");
    const row = Object.hasOwn(operators, name) ? operators[name] : undefined;
    const result = row?.(args, this.callOf(named));
    if (result !== undefined) return result;
    const written = this.program.code.has(of) ? this.file(of).functions.get(own) : undefined;
    const path = this.paths.at(-1) ?? "";
    if (written) return this.invoke(written, args, named, path);
    const where = path === "" ? "" : `in ${path} `;
    throw new ScriptError(`${where}calls ${name}(${args.map(valueText).join(", ")}), which is not read`);
  }

  private callOf(named: ReadonlyMap<string, ScriptValue>): Call {
    return {
      named,
      add: (what, part, from) => {
        const path = this.paths.at(-1) ?? "";
        const layer = what.startsWith(", ");
        const name = layer ? `${path === "" ? "the module itself" : path}${what}` : path === "" ? what : path;
        const times = this.made.filter((each) => each.name.replace(/ #\d+$/, "") === name).length;
        const own = times === 0 ? name : `${name} #${times + 1}`;
        this.made.push({ ...part, name: own, from });
        this.progress.parts = this.made.length;
        return own;
      },
      call: (name, args) => this.operator(name, args, new Map()),
    };
  }
}

/** "torch.nn.functional.relu"; undefined if something else is in it. */
function dottedName(e: ScriptExpr): string | undefined {
  if (e.kind === "name") return e.name;
  if (e.kind !== "attribute") return undefined;
  const of = dottedName(e.of);
  return of === undefined ? undefined : `${of}.${e.name}`;
}
