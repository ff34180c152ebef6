/**
 * The baselines against numbers worked by hand.
 */
import { describe, expect, test } from "vitest";
import { majorityBaseline, naiveBayesBaseline } from "./baselines.js";

describe("the majority", () => {
  test("is the commonest label, whatever the text", () => {
    expect(majorityBaseline(["a", "b", "b"]).predict(["anything"])).toBe("b");
  });

  test("of equally common labels is the first in order", () => {
    expect(majorityBaseline(["b", "a"]).predict([])).toBe("a");
  });

  test("of nothing is refused", () => {
    expect(() => majorityBaseline([])).toThrow("there are no labels");
  });
});

describe("naive Bayes", () => {
  // The example of Manning, Raghavan, Schütze (2008), Introduction to Information Retrieval, table 13.1: class c has
  // 8 words in 3 texts, class j has 3 in 1, the vocabulary has 6.
  const texts = [
    "Chinese Beijing Chinese",
    "Chinese Chinese Shanghai",
    "Chinese Macao",
    "Tokyo Japan Chinese",
  ];
  const tokens = texts.map((text) => text.split(" "));
  const bayes = naiveBayesBaseline(tokens, ["c", "c", "c", "j"]);

  test("gives the textbook's answer", () => {
    // c: 3/4 · (3/7)³ · (1/14)² ≈ 0.0003, j: 1/4 · (2/9)³ · (2/9)² ≈ 0.0001.
    expect(bayes.predict("Chinese Chinese Chinese Tokyo Japan".split(" "))).toBe("c");
  });

  test("turns where the numbers turn", () => {
    // c: 3/4 · (3/7)² · (1/14)² ≈ 0.00070, j: 1/4 · (2/9)⁴ ≈ 0.00061; with one "Chinese" less, j wins.
    expect(bayes.predict("Chinese Chinese Tokyo Japan".split(" "))).toBe("c");
    expect(bayes.predict("Chinese Tokyo Japan".split(" "))).toBe("j");
  });

  test("ignores words it has not seen, and falls back on the prior", () => {
    expect(bayes.predict(["Osaka", "constructor"])).toBe("c");
    expect(bayes.predict([])).toBe("c");
    expect(bayes.predict("Chinese Tokyo Japan Osaka Kyoto".split(" "))).toBe("j");
  });

  test("takes texts of no words", () => {
    expect(naiveBayesBaseline([[], ["x"], ["y"]], ["a", "b", "b"]).predict(["x"])).toBe("b");
    expect(naiveBayesBaseline([[]], ["a"]).predict(["x"])).toBe("a");
  });

  test("needs a label for every text", () => {
    expect(() => naiveBayesBaseline([["a"]], [])).toThrow("1 texts and 0 labels");
    expect(() => naiveBayesBaseline([], [])).toThrow("at least one");
  });
});
