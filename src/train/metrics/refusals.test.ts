/** What metrics refuse, each in a sentence that says which list or number is wrong, and the edges of what they take. */
import { describe, expect, it } from "vitest";
import { reliability } from "./calibration.js";
import { chrfOfStatistics, chrfStatistics } from "./chrf.js";
import { classCounts } from "./classification.js";
import { bootstrapInterval, brierScore, encodeSpans, entityReport, f1OfStatistics, mase } from "./index.js";
import { mean } from "./metric.js";
import { requireTexts } from "./text.js";

const none = undefined as never;

describe("a metric refuses", () => {
  const history = [1, 2, 4];
  it.each<[string, () => unknown, RegExp]>([
    [
      "true classes",
      () => brierScore({ classes: 2, truth: none, probabilities: [] }),
      /^the true classes are/,
    ],
    [
      "probabilities",
      () => brierScore({ classes: 2, truth: [], probabilities: none }),
      /^the probabilities are/,
    ],
    ["sums of chrF", () => chrfOfStatistics(none), /^the sums are/],
    ["sums of entities", () => f1OfStatistics(none), /^the sums are/],
    ["values", () => mean(none), /^the values are/],
    ["half a class", () => classCounts({ classes: 1.5, truth: [0], predicted: [0] }), /1\.5 classes/],
    ["less than no class", () => classCounts({ classes: -1, truth: [], predicted: [] }), /-1 classes/],
    ["too many classes", () => classCounts({ classes: 2 ** 25, truth: [], predicted: [] }), /classes/],
    [
      "true tags",
      () => entityReport({ truth: [none], predicted: [["O"]] }),
      /^the tags of sentence 0 must be/,
    ],
    [
      "predicted tags",
      () => entityReport({ truth: [["O"]], predicted: [none] }),
      /^the tags of sentence 0 must/,
    ],
    ["a season of 0", () => mase({ truth: [1], predicted: [1], history, season: 0 }), /^season is 0/],
    ["half a season", () => mase({ truth: [1], predicted: [1], history, season: 0.5 }), /^season is 0\.5/],
    ["spans", () => encodeSpans(none, 1), /^spans must be a list/],
    ["a span", () => encodeSpans([1 as never], 1), /^spans must be a list/],
    ["a negative length", () => encodeSpans([], -1), /^length is -1/],
    ["half a length", () => encodeSpans([], 0.5), /^length is 0\.5/],
    ["references", () => requireTexts({ predicted: ["a"], references: none }), /^references must be a list/],
    ["true labels", () => classCounts({ classes: 1, truth: none, predicted: [] }), /^the true /],
  ])("%s", (_, call, message) => {
    expect(call).toThrow(message);
  });
});

it("takes one resample, no class, and no token", () => {
  expect(bootstrapInterval([1, 1], { seed: 1, resamples: 1 })).toMatchObject({ low: 1, high: 1 });
  expect(encodeSpans([], 0)).toEqual([]);
});

it("takes spans in any order", () => {
  const [first, second] = [
    { type: "a", start: 0, end: 1 },
    { type: "b", start: 2, end: 3 },
  ];
  expect(encodeSpans([second!, first!], 3)).toEqual(encodeSpans([first!, second!], 3));
});

it("takes a mark at the beginning of a word for a word of its own", () => {
  const options = { characterOrder: 1, wordOrder: 1 };
  const [sums] = chrfStatistics({ predicted: ["(hi there"], references: [["hi there"]] }, options);
  // Words "(", "hi", "there" and "hi", "there".
  expect(sums!.slice(3)).toEqual([3, 2, 2]);
});

it("puts a confidence into the bin whose bounds, as the table has them, it lies between", () => {
  // A third and its neighbours times 15 may round across the bound of a bin.
  for (let bins = 1; bins <= 40; bins++) {
    for (let m = 1; m < bins; m++) {
      const confidences = [m / bins, m / bins + Number.EPSILON, m / bins - Number.EPSILON / 4];
      for (const confidence of confidences) {
        const table = reliability({ confidences: [confidence], correct: [1], bins });
        const bin = table.find(({ count }) => count > 0)!;
        expect(confidence > bin.low && confidence <= bin.high).toBe(true);
      }
    }
  }
});
