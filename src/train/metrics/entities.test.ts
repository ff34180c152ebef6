/**
 * Entity scores: by hand, and against what conlleval counts (test/golden/metrics/spans.py).
 */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bootstrapStatistic,
  entityReport,
  entityStatistics,
  f1OfStatistics,
  metrics,
  spanCounts,
  spanScores,
  type TaggingResult,
} from "./index.js";

const golden = JSON.parse(
  readFileSync(new URL("../../../test/golden/metrics/spans.json", import.meta.url), "utf8"),
);
const words = (tags: string): string[] => tags.split(" ").filter(Boolean);

// The example of seqeval's documentation: MISC is found one token too early, PER is right.
const example: TaggingResult = {
  truth: [words("O O O B-MISC I-MISC I-MISC O"), words("B-PER I-PER O")],
  predicted: [words("O O B-MISC I-MISC I-MISC I-MISC O"), words("B-PER I-PER O")],
};

test("overall and by type: 1 of 2 found spans is one of the 2 true ones", () => {
  expect(entityReport(example)).toEqual({
    correct: 1,
    predicted: 2,
    actual: 2,
    precision: 0.5,
    recall: 0.5,
    f1: 0.5,
    byType: {
      MISC: { correct: 0, predicted: 1, actual: 1, precision: 0, recall: 0, f1: 0 },
      PER: { correct: 1, predicted: 1, actual: 1, precision: 1, recall: 1, f1: 1 },
    },
  });
  expect(metrics.f1.of(example)).toBe(0.5);
});

test("precision and recall differ: 2 of 3 found, 2 of 4 true", () => {
  const report = entityReport({
    truth: [words("B-X O B-X O B-Y O B-Y")],
    predicted: [words("B-X O B-Y O B-Y O O")],
  });
  // F1 = 2 · 2 / (3 + 4)
  expect(report).toMatchObject({ precision: 2 / 3, recall: 0.5, f1: 4 / 7 });
  expect(report.byType["X"]).toMatchObject({ precision: 1, recall: 0.5 });
  expect(report.byType["Y"]).toMatchObject({ precision: 0.5, recall: 0.5 });
});

test("bounds and type must both be right", () => {
  const score = (predicted: string): number =>
    entityReport({ truth: [words("O B-X I-X O")], predicted: [words(predicted)] }).f1;
  expect(score("O B-X I-X O")).toBe(1);
  for (const wrong of ["O B-X O O", "B-X I-X I-X O", "O B-X I-X I-X", "O B-Y I-Y O", "O B-X B-X O"]) {
    expect(score(wrong)).toBe(0);
  }
});

test("without spans, or with empty sentences, everything is 0", () => {
  const zero = { correct: 0, predicted: 0, actual: 0, precision: 0, recall: 0, f1: 0, byType: {} };
  expect(entityReport({ truth: [["O", "O"], []], predicted: [["O", "O"], []] })).toEqual(zero);
});

test("a type named like a property of every object is a type like any other", () => {
  const tags = [["B-__proto__", "B-constructor"]];
  const { byType } = entityReport({ truth: tags, predicted: tags });
  expect(Object.entries(byType).map(([type, { f1 }]) => [type, f1])).toEqual([
    ["__proto__", 1],
    ["constructor", 1],
  ]);
});

test("the reading decides: strictly, an I without B is no span", () => {
  const result = { truth: [words("B-X I-X O")], predicted: [words("I-X I-X O")] };
  expect(entityReport(result).f1).toBe(1);
  expect(entityReport({ ...result, reading: "conlleval" }).f1).toBe(1);
  expect(entityReport({ ...result, reading: "IOB2" })).toMatchObject({ f1: 0, predicted: 0, actual: 1 });
});

test("counts as conlleval does", () => {
  for (const { truth, predicted, conlleval } of golden.corpora) {
    const result = {
      truth: truth.map(words),
      predicted: predicted.map(words),
      reading: "conlleval",
    } as const;
    const { correct, predicted: found, actual } = entityReport(result);
    expect([truth, predicted, [correct, found, actual]]).toEqual([truth, predicted, conlleval]);
  }
  expect(golden.corpora).toHaveLength(100);
});

describe("statistics of sentences", () => {
  test("sum to the report's counts and give its F1, for any tags and reading", () => {
    const tag = fc.constantFrom("O", "B-X", "I-X", "B-Y", "I-Y");
    const sentence = fc.array(fc.tuple(tag, tag));
    const reading = fc.constantFrom("conlleval", "seqeval", "IOB1", "IOB2", "IOBES");
    fc.assert(
      fc.property(fc.array(sentence, { minLength: 1 }), reading, (pairs, name) => {
        const result = {
          truth: pairs.map((list) => list.map(([truth]) => truth)),
          predicted: pairs.map((list) => list.map(([, predicted]) => predicted)),
          reading: name,
        } as const;
        const sums = [0, 1, 2].map((k) => entityStatistics(result).reduce((sum, row) => sum + row[k]!, 0));
        const { correct, predicted, actual, f1, byType } = entityReport(result);
        expect(sums).toEqual([correct, predicted, actual]);
        expect(f1OfStatistics(sums)).toBe(f1);
        expect(Object.values(byType).reduce((sum, type) => sum + type.correct, 0)).toBe(correct);
        expect(f1).toBeGreaterThanOrEqual(0);
        expect(f1).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("give an interval around F1", () => {
    const result = {
      truth: Array.from({ length: 60 }, () => words("B-X O B-Y")),
      predicted: Array.from({ length: 60 }, (_, i) => words(i % 3 === 0 ? "B-X O O" : "B-X O B-Y")),
    };
    const { low, high } = bootstrapStatistic(entityStatistics(result), f1OfStatistics, { seed: 1 });
    const { f1 } = entityReport(result);
    expect(f1).toBe(200 / 220);
    expect(low).toBeLessThan(f1);
    expect(high).toBeGreaterThan(f1);
    expect(high - low).toBeLessThan(0.1);
  });
});

test("a span given twice counts once", () => {
  const span = { type: "X", start: 0, end: 1 };
  expect(spanCounts([span, span], [span, span])).toEqual({ correct: 1, predicted: 1, actual: 1 });
  expect(spanScores(spanCounts([], [span]))).toMatchObject({ precision: 0, recall: 0, f1: 0 });
});

test("refused: no sentences, or lists that do not pair up", () => {
  expect(() => entityReport({ truth: [], predicted: [] })).toThrow("there are no sentences");
  expect(() => entityReport({ truth: [[]], predicted: [] })).toThrow("1 true sentences and 0 predicted");
  expect(() => entityReport({ truth: [["O"]], predicted: [[]] })).toThrow("sentence 0 has 1 true tags and 0");
});
