/** Rows and their check: each way in which options can be wrong, the messages, defaults, and the types. */
import { describe, expect, it } from "vitest";
import { checkNeeds, checkOptions } from "./check.js";
import { OptionError, plain, spelled } from "./error.js";
import { type RowsOf, withDefaults } from "./row.js";
import { fits, type ValueKind, wanted } from "./value.js";

interface Baked {
  readonly dough: readonly string[];
  readonly layers?: readonly number[];
  readonly heat?: number;
  readonly shape?: "round" | "square";
  readonly glazed?: boolean;
  readonly glaze?: string;
  readonly recipe?: object;
  readonly onSmoke?: () => void;
}

const rows = {
  dough: { kind: "data", required: true },
  layers: { kind: "list", of: { kind: "whole", most: 9 }, default: [3] },
  heat: { kind: "number", above: 0, below: 1, default: 0.5, by: "data", defaults: { loaves: 0.7 } },
  shape: { kind: "name", names: ["round", "square"], default: "round" },
  glazed: { kind: "flag", default: false, needs: { data: ["cakes", "tarts"], recipe: false } },
  glaze: { kind: "text", needs: { glazed: true, shape: ["round"] } },
  recipe: { kind: "object", what: "a recipe" },
  onSmoke: { kind: "function" },
} as const satisfies RowsOf<Baked>;

const dough = ["x"];
const message = (given: object, facts = {}): string => {
  try {
    checkOptions(given, rows, "baker.bake", facts);
    return "";
  } catch (error) {
    expect(error).toBeInstanceOf(OptionError);
    return (error as OptionError).template;
  }
};

describe("options against their rows", () => {
  it.each<[string, object, string]>([
    [
      "a slip of the pen",
      { dough, laiers: [1] },
      'baker.bake has no option "laiers"; did you mean {layers}?',
    ],
    [
      "a key that is near none",
      { dough, tin: 1 },
      'has no option "tin"; there are {dough}, {layers}, {heat},',
    ],
    ["a key with a brace", { dough, "{x}": 1 }, 'baker.bake has no option "{{x}"'],
    ["a key of all objects", { dough, toString: 1 }, 'has no option "toString"'],
    [
      "a wrong kind",
      { dough, heat: "1" },
      '{heat} is "1"; it must be a number above 0 and below 1 (baker.bake)',
    ],
    [
      "out of range",
      { dough, layers: [10] },
      "{layers} is [10]; it must be a list of whole numbers from 1 to 9",
    ],
    ["no list", { dough, layers: 3 }, "{layers} is 3; it must be a list of whole"],
    ["an empty list", { dough, layers: [] }, "{layers} is []; it must be a list of whole"],
    ["no such name", { dough, shape: "long" }, '{shape} is "long"; it must be round or square'],
    ["a number that is none", { dough, heat: Number.NaN }, "{heat} is NaN; it must be a number"],
    ["null", { dough, glaze: null }, "{glaze} is null; it must be a text"],
    ["no object", { dough, recipe: "pie" }, '{recipe} is "pie"; it must be a recipe'],
    ["no function", { dough, onSmoke: {} }, "{onSmoke} is {{}; it must be a function"],
    ["nothing of what is needed", {}, "baker.bake needs {dough}, which must be data"],
    ["a list instead of options", [1], "takes its options as one object, and was given [1]"],
    [
      "what goes with another",
      { dough, glaze: "a" },
      "{glaze} goes with {glazed}: give it with {glazed}, or leave it out",
    ],
    [
      "for another value",
      { dough, glaze: "a", glazed: true, shape: "square" },
      "{glaze} is for {shape} round, not for square; leave it out",
    ],
    [
      "what excludes another",
      { dough, glazed: true, recipe: {} },
      "{glazed} and {recipe} contradict each other; give one of them",
    ],
  ])("%s is refused", (_, given, says) => expect(message(given)).toContain(says));

  it("what has no effect on the data is refused once the data is known", () => {
    expect(message({ dough, glazed: true })).toBe("");
    expect(message({ dough, glazed: true }, { data: "tarts" })).toBe("");
    expect(message({ dough, glazed: true }, { data: "loaves" })).toBe(
      "{glazed} is for cakes or tarts, not for loaves; leave it out",
    );
    expect(() => checkNeeds({ glazed: true }, rows, { data: "loaves" })).toThrow(OptionError);
  });
  it("undefined is left out, and a switch that is left off asks for nothing", () => {
    expect(message({ dough, laiers: undefined, heat: undefined })).toBe("");
    expect(message({ dough, glazed: false, recipe: {} }, { data: "loaves" })).toBe("");
  });
  it("nothing at all is no object", () => {
    expect(() => checkOptions(undefined as never, rows, "baker.bake")).toThrow("was given undefined");
  });
});

describe("defaults", () => {
  it("are those of the rows, and by facts others", () => {
    const given = withDefaults({ dough, shape: undefined } as Pick<Baked, "dough">, rows);
    expect(given).toEqual({ dough, layers: [3], heat: 0.5, shape: "round", glazed: false });
    const options: Baked = { dough, layers: [1, 2] };
    const { heat, layers } = withDefaults(options, rows, { data: "loaves" });
    expect([heat satisfies number, layers[0]]).toEqual([0.7, 1]);
  });
  it("rows that differ from their options do not compile", () => {
    // @ts-expect-error: "heat" is missing
    ({ shape: { kind: "name", names: ["round"] } }) satisfies RowsOf<Pick<Baked, "heat" | "shape">>;
    // @ts-expect-error: there is no option "tin"
    ({ heat: { kind: "number" }, tin: { kind: "text" } }) satisfies RowsOf<Pick<Baked, "heat">>;
    // @ts-expect-error: a number is no flag
    ({ heat: { kind: "flag" } }) satisfies RowsOf<Pick<Baked, "heat">>;
    // @ts-expect-error: "long" is no shape
    ({ shape: { kind: "name", names: ["long"] } }) satisfies RowsOf<Pick<Baked, "shape">>;
    // @ts-expect-error: a default of another type
    ({ heat: { kind: "number", default: "1" } }) satisfies RowsOf<Pick<Baked, "heat">>;
  });
});

describe("messages", () => {
  it("are written as each surface writes options", () => {
    const error = new OptionError(`{layers} ${plain("{heat}")} {dough}`);
    expect(error.message).toBe("layers {heat} dough");
    expect(spelled(error.template, (key) => `--${key}`)).toBe("--layers {heat} --dough");
  });
  it.each<[ValueKind, unknown, unknown, string]>([
    [{ kind: "whole", least: 0 }, 0, 0.5, "a whole number from 0"],
    [{ kind: "number", above: 0, most: 1 }, 1, 0, "a number above 0 and at most 1"],
    [{ kind: "number" }, -3, Infinity, "a number"],
    [{ kind: "list", of: { kind: "text" }, least: 0 }, [], [1], "a list of texts"],
    [
      { kind: "either", of: [{ kind: "flag" }, { kind: "function" }] },
      true,
      1,
      "true or false, or a function",
    ],
    [
      { kind: "list", of: { kind: "list", of: { kind: "name", names: ["a", "b"] } } },
      [["b"]],
      [["c"]],
      "a list of lists of names out of a, b",
    ],
    [{ kind: "file" }, "x", 1, "the path of a file"],
  ])("%j: %j, not %j", (kind, right, wrong, words) => {
    expect([fits(right, kind), fits(wrong, kind), wanted(kind)]).toEqual([true, false, words]);
  });
});
