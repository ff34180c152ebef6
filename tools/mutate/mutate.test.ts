/** What a mutation run counts and reports, without Stryker: samples, results of earlier runs, scores and survivors. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { described, keyOf, sample, textAt } from "./mutants.mjs";
import { findings, scores } from "./report.mjs";
import { resultsIn } from "./results.mjs";
import { isMutated, targetOf } from "./targets.mjs";
import { wording } from "./wording.mjs";

const mutant = (file: string, line: number, column: number, replacement: string) => ({
  file,
  location: { start: { line, column }, end: { line, column: column + 5 } },
  mutatorName: "EqualityOperator",
  replacement,
});
const text = "const a = 1;\nif (a < 2) return;\n";
const [less, more, other, bare] = [
  ...[mutant("src/plan/a.ts", 1, 4, "a <= 2"), mutant("src/plan/a.ts", 1, 4, "a >= 2")],
  ...[mutant("src/grad/b.ts", 1, 4, "true"), mutant("src/grad/b.ts", 0, 0, "")],
] as const;
const all = [less, more, other, bare];

test("a sample of a seed is always the same, of another seed another, and grows by whole mutants", () => {
  const many = Array.from({ length: 200 }, (_, line) => mutant("src/cell/c.ts", line, 0, "x"));
  const ten = sample(many, 10, 1);
  expect(sample([...many].reverse(), 10, 1)).toEqual(ten);
  expect(sample(many, 20, 1).slice(0, 10)).toEqual(ten);
  expect(sample(many, 10, 2)).not.toEqual(ten);
  expect(new Set(ten.map(keyOf)).size).toBe(10);
  expect(sample(all, 100, 1)).toHaveLength(4);
});

test("a mutant is told by its place, and to people by its line and what becomes of it", () => {
  expect(new Set(all.map(keyOf)).size).toBe(4);
  expect(described(less, text)).toEqual({
    file: "src/plan/a.ts",
    line: "if (a < 2) return;",
    from: "a < 2",
    to: "a <= 2",
  });
  const place = { start: { line: 0, column: 6 }, end: { line: 1, column: 2 } };
  expect(textAt(text, place)).toBe("a = 1;\nif");
});

test("only code is mutated, and belongs to the folder that it lies in", () => {
  expect(["a.ts", "a.test.ts", "a.cases.ts", "a.md"].filter(isMutated)).toEqual(["a.ts"]);
  expect(targetOf("src/plan/passes/share.ts")).toBe("src/plan");
  expect(targetOf("src/nn/losses/crf.ts")).toBe("src/nn/losses");
  expect(targetOf("src/planning/x.ts")).toBe("src/planning/x.ts");
});

test("the score is what was killed of what was tested, by folder", () => {
  const results = new Map([
    [keyOf(less), { status: "Killed" }],
    [keyOf(more), { status: "Survived" }],
    [keyOf(other), { status: "Timeout" }],
    [keyOf(bare), { status: "RuntimeError" }],
  ]);
  const { score, lines } = scores(all, results);
  expect(score).toBeCloseTo(2 / 3, 12);
  expect(lines).toContain("| src/plan | 2 | 1 | 1 | 50.0 % |");
  expect(lines).toContain("| src/grad | 1 | 1 | 0 | 100.0 % |");
  expect(lines).toContain("| src/cell | 0 | 0 | 0 | – |");
  expect(lines.at(-1)).toBe("| all | 3 | 2 | 1 | 66.7 % |");
});

test("survivors need a row with a reason, and rows need a survivor", () => {
  const row = (of: typeof less) => ({ ...described(of, text), reason: "equivalent" });
  const results = new Map([
    [keyOf(less), { status: "Survived" }],
    [keyOf(more), { status: "Killed" }],
    [keyOf(other), { status: "NoCoverage" }],
  ]);
  const found = (accepted: ReturnType<typeof row>[]) =>
    findings(all, all, results, { accepted, textOf: () => text });
  expect(found([])).toMatchObject({ accepted: 0, stale: [] });
  expect(found([]).unexplained).toEqual([
    "src/plan/a.ts:2:5 EqualityOperator\n    a < 2\n    a <= 2",
    "src/grad/b.ts:2:5 EqualityOperator (no test runs it)\n    a < 2\n    true",
  ]);
  expect(found([row(less), row(other)])).toEqual({ accepted: 2, unexplained: [], stale: [] });
  expect(found([row(more)]).stale).toEqual(["src/plan/a.ts: a < 2 -> a >= 2: it does not survive"]);
  expect(found([{ ...row(less), line: "if (b < 2) return;" }]).stale).toEqual([
    "src/plan/a.ts: a < 2 -> a <= 2: there is no such mutant",
  ]);
  // What was not tested this time stays as it is.
  expect(findings([less], all, results, { accepted: [row(more)], textOf: () => text }).stale).toEqual([]);
});

const folder = mkdtempSync(join(tmpdir(), "unrolled-results-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("results are kept while what they were found with is unchanged", () => {
  const path = join(folder, "results.jsonl");
  const code: Record<string, string> = { "a.ts": "1", "a.test.ts": "2", "b.ts": "3" };
  const store = () => resultsIn(path, { code: Object.keys(code), textOf: (file: string) => code[file]! });
  expect(store().read().size).toBe(0);
  store().add({ key: "killed", file: "a.ts", status: "Killed", killedBy: "a.test.ts" });
  store().add({ key: "survived", file: "a.ts", status: "Survived" });
  const kept = (): string[] => [...store().read().keys()];
  expect(kept()).toEqual(["killed", "survived"]);
  expect(store().read().get("killed")).toEqual({
    key: "killed",
    file: "a.ts",
    status: "Killed",
    killedBy: "a.test.ts",
  });
  // Another file may hold the test that the survivor lacks; the killer is still there.
  code["b.ts"] = "4";
  expect(kept()).toEqual(["killed"]);
  code["a.test.ts"] = "5";
  expect(kept()).toEqual([]);
  code["a.test.ts"] = "2";
  code["b.ts"] = "3";
  expect(kept()).toEqual(["killed", "survived"]);
  code["a.ts"] = "6";
  expect(kept()).toEqual([]);
  delete code["a.ts"];
  expect(kept()).toEqual([]);
  // A line that was cut off by an end without warning is no result.
  writeFileSync(path, '{"key":"ki');
  expect(kept()).toEqual([]);
});

test("the wording of errors is left out, and nothing else", () => {
  const inside = (...path: { type: string; name?: string }[]) => {
    const [node, ...up] = path.map(({ type, name }) => ({
      type,
      ...(name ? { callee: { type: "Identifier", name } } : {}),
    }));
    const chain = up.reduceRight<object | null>((parentPath, each) => ({ node: each, parentPath }), null);
    return wording.shouldIgnore({ node, parentPath: chain } as never);
  };
  const literal = { type: "StringLiteral" };
  expect(inside(literal, { type: "NewExpression", name: "PlanError" })).toBe("the wording of an error");
  expect(
    inside(
      { type: "TemplateLiteral" },
      { type: "ConditionalExpression" },
      { type: "CallExpression", name: "fail" },
    ),
  ).toBe("the wording of an error");
  expect(inside(literal, { type: "CallExpression", name: "failing" })).toBeUndefined();
  expect(inside({ type: "BinaryExpression" }, { type: "NewExpression", name: "PlanError" })).toBeUndefined();
  expect(
    inside(literal, { type: "ArrowFunctionExpression" }, { type: "CallExpression", name: "fail" }),
  ).toBeUndefined();
});
