/** Headers of checkpoints: each field is refused by its name where it is not what it can be. */
import { expect, test } from "vitest";
import { FileFormatError } from "../../io/index.js";
import { readCheckpointHeader } from "./checkpoint-header.js";

const position = {
  epoch: 0,
  batch: 1,
  steps: null,
  fixedAt: 0,
  lossSum: 1.5,
  rows: 4,
  tokens: 12,
  seconds: 0.1,
  inTraining: 0.1,
  skipped: 0,
  skippedInRow: 0,
  waited: 0,
};
const valid = {
  format: 1,
  step: 3,
  applied: 3,
  schedule: { best: null, waited: 0, fallen: 1 },
  position,
  conditions: { seed: 1 },
  best: { score: null, epoch: 1 },
  carried: [0, 7],
};
const refusal = (header: unknown): string => {
  const text = typeof header === "string" ? header : JSON.stringify(header);
  try {
    readCheckpointHeader(text, "c");
  } catch (error) {
    if (error instanceof FileFormatError) return error.message;
  }
  throw new Error("it was not refused");
};

test("a whole header, with or without a best score", () => {
  expect(readCheckpointHeader(JSON.stringify(valid), "c")).toEqual(valid);
  expect(readCheckpointHeader(JSON.stringify({ ...valid, best: null }), "c").best).toBe(null);
});

test.each<[string, object, string]>([
  ["a step that is a text", { step: "x" }, 'step is "x"; it must be a whole number from 0'],
  ["a step that is null", { step: null }, "step is null; it must be a whole number from 0"],
  ["a step below 0", { step: -1 }, "step is -1"],
  ["a step between two", { step: 0.5 }, "step is 0.5"],
  ["no steps applied", { applied: undefined }, "applied is missing"],
  ["a schedule that is a list", { schedule: [] }, "schedule is []; it must be an object"],
  ["a schedule that fell below 0", { schedule: { ...valid.schedule, fallen: -1 } }, "schedule.fallen is -1"],
  [
    "a position without a batch",
    { position: { ...position, batch: undefined } },
    "position.batch is missing",
  ],
  ["an epoch that is a text", { position: { ...position, epoch: "1" } }, 'position.epoch is "1"'],
  [
    "steps that are no number",
    { position: { ...position, steps: {} } },
    "it must be a whole number from 0, or null",
  ],
  ["conditions that are null", { conditions: null }, "conditions is null; it must be an object"],
  ["carried states of a text", { carried: ["a"] }, "carried is"],
  [
    "a best score that is a text",
    { best: { score: "1", epoch: 1 } },
    'best.score is "1"; it must be a number, or null',
  ],
])("%s", (_, change, problem) => {
  expect(refusal({ ...valid, ...change })).toContain(problem);
});

test("what is no header at all", () => {
  expect(refusal("{")).toContain('is not JSON under the key "checkpoint"');
  expect(refusal("[".repeat(9999))).toContain('is not JSON under the key "checkpoint"');
  for (const other of [null, [], "7", { format: 2 }])
    expect(refusal(JSON.stringify(other))).toContain("has a checkpoint of format");
});
