/**
 * Reading spans out of tags: by hand where programs disagree, and against seqeval (test/golden/metrics/spans.py).
 */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeSpans, encodeSpans, type Span, type SpanReading } from "./index.js";

const golden = JSON.parse(
  readFileSync(new URL("../../../test/golden/metrics/spans.json", import.meta.url), "utf8"),
);

/** Spans in short: "X 0-2, Y 3-4". */
const spansOf = (tags: string, reading: SpanReading): string =>
  decodeSpans(tags.split(" ").filter(Boolean), reading)
    .map(({ type, start, end }) => `${type} ${start}-${end}`)
    .join(", ");

// Each row: the tags, and what every reading makes of them; "refused" where they do not belong to the scheme.
const cases: [
  what: string,
  tags: string,
  ...spans: [conlleval: string, seqeval: string, iob1: string, iob2: string, iobes: string],
][] = [
  ["nothing", "", "", "", "", "", ""],
  ["all O", "O O O", "", "", "", "", ""],
  ["well-formed BIO", "B-X I-X O B-Y", "X 0-2, Y 3-4", "X 0-2, Y 3-4", "X 1-2", "X 0-2, Y 3-4", ""],
  ["I without B", "O I-X I-X", "X 1-3", "X 1-3", "X 1-3", "", ""],
  ["I at the very start", "I-X O", "X 0-1", "X 0-1", "X 0-1", "", ""],
  ["another type after B", "B-X I-Y", "X 0-1, Y 1-2", "X 0-1, Y 1-2", "Y 1-2", "X 0-1", ""],
  ["another type after I", "I-X I-Y", "X 0-1, Y 1-2", "X 0-1, Y 1-2", "X 0-1, Y 1-2", "", ""],
  [
    "another type within",
    "B-X I-X I-Y I-X",
    "X 0-2, Y 2-3, X 3-4",
    "X 0-2, Y 2-3, X 3-4",
    "X 1-2, Y 2-3, X 3-4",
    "X 0-2",
    "",
  ],
  ["B next to B", "B-X B-X", "X 0-1, X 1-2", "X 0-1, X 1-2", "X 1-2", "X 0-1, X 1-2", ""],
  ["IOB1: B only between", "I-X B-X I-X", "X 0-1, X 1-3", "X 0-1, X 1-3", "X 0-1, X 1-3", "X 1-3", ""],
  [
    "well-formed BIOES",
    "B-X I-X E-X O S-Y",
    "X 0-3, Y 4-5",
    "X 0-3, Y 4-5",
    "refused",
    "refused",
    "X 0-3, Y 4-5",
  ],
  ["E without B", "O E-X O", "X 1-2", "X 1-2", "refused", "refused", ""],
  ["B without E", "B-X I-X O S-X", "X 0-2, X 3-4", "X 0-2, X 3-4", "refused", "refused", "X 3-4"],
  ["B after E, same type", "B-X E-X B-X E-X", "X 0-4", "X 0-2, X 2-4", "refused", "refused", "X 0-2, X 2-4"],
  ["I after E, same type", "B-X E-X I-X", "X 0-2, X 2-3", "X 0-2, X 2-3", "refused", "refused", "X 0-2"],
  ["S next to S, same type", "S-X S-X", "X 0-2", "X 0-1, X 1-2", "refused", "refused", "X 0-1, X 1-2"],
  [
    "S next to S, other type",
    "S-X S-Y",
    "X 0-1, Y 1-2",
    "X 0-1, Y 1-2",
    "refused",
    "refused",
    "X 0-1, Y 1-2",
  ],
  ["S within a span", "B-X S-X E-X", "X 0-3", "X 0-1, X 1-2, X 2-3", "refused", "refused", "X 1-2"],
  ["I after S", "S-X I-X", "X 0-2", "X 0-1, X 1-2", "refused", "refused", "X 0-1"],
  ["bare tags", "B I O I", "_ 0-2, _ 3-4", "_ 0-2, _ 3-4", "_ 1-2, _ 3-4", "_ 0-2", ""],
  [
    "a hyphen in the type",
    "B-X-Y I-X-Y I-X",
    "X-Y 0-2, X 2-3",
    "X-Y 0-2, X 2-3",
    "X-Y 1-2, X 2-3",
    "X-Y 0-2",
    "",
  ],
];

describe.each(cases)("%s: %s", (_what, tags, conlleval, seqeval, IOB1, IOB2, IOBES) => {
  test.each(Object.entries({ conlleval, seqeval, IOB1, IOB2, IOBES }))("as %s: %s", (name, expected) => {
    const reading = name as SpanReading;
    if (expected === "refused")
      expect(() => spansOf(tags, reading)).toThrow(`the reading ${reading} takes O, and B, I`);
    else expect(spansOf(tags, reading)).toBe(expected);
  });
});

test("the same spans as seqeval, in its default mode and its strict schemes", () => {
  let compared = 0;
  for (const { tags, ...byReading } of golden.sequences) {
    for (const [reading, spans] of Object.entries<[string, number, number][]>(byReading)) {
      const found = decodeSpans(tags.split(" "), reading as SpanReading);
      expect([tags, reading, found.map(({ type, start, end }) => [type, start, end])]).toEqual([
        tags,
        reading,
        spans,
      ]);
      compared++;
    }
  }
  expect(compared).toBe(720); // 120 sequences of B, I and O by 4 readings, 120 with E and S by 2.
});

test("conlleval and seqeval read B, I and O alike", () => {
  const tag = fc.constantFrom("O", "B-X", "I-X", "B-Y", "I-Y", "B", "I");
  fc.assert(
    fc.property(fc.array(tag), (tags) => {
      expect(decodeSpans(tags, "conlleval")).toEqual(decodeSpans(tags, "seqeval"));
    }),
  );
});

/** Spans that do not overlap, and how many tokens there are. */
const layout = fc
  .array(fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 4 }), fc.constantFrom("X", "Y", "_", "A-B")))
  .chain((pieces) => {
    const spans: Span[] = [];
    let end = 0;
    for (const [gap, length, type] of pieces) {
      spans.push({ type, start: end + gap, end: end + gap + length });
      end += gap + length;
    }
    return fc.nat(3).map((rest) => ({ spans, length: end + rest }));
  });

describe("writing spans", () => {
  test("as each scheme has it", () => {
    const spans = [
      { type: "X", start: 1, end: 3 },
      { type: "X", start: 3, end: 4 },
      { type: "Y", start: 4, end: 5 },
    ];
    expect(encodeSpans(spans, 6)).toEqual(["O", "B-X", "I-X", "B-X", "B-Y", "O"]);
    expect(encodeSpans(spans, 6, "IOB1")).toEqual(["O", "I-X", "I-X", "B-X", "I-Y", "O"]);
    expect(encodeSpans(spans, 6, "IOBES")).toEqual(["O", "B-X", "E-X", "S-X", "S-Y", "O"]);
  });

  test.each(["IOB1", "IOB2", "IOBES"] as const)(
    "in %s, and reading them strictly, gives them back",
    (scheme) => {
      fc.assert(
        fc.property(layout, ({ spans, length }) => {
          expect(decodeSpans(encodeSpans(spans, length, scheme), scheme)).toEqual(spans);
          expect(decodeSpans(encodeSpans(spans, length, scheme), "seqeval")).toEqual(spans);
        }),
      );
    },
  );

  test("reading anything, and writing it, is a fixed point", () => {
    const tag = fc.constantFrom("O", "B-X", "I-X", "E-X", "S-X", "B-Y", "I-Y", "E-Y", "S-Y");
    fc.assert(
      fc.property(fc.array(tag), (tags) => {
        const spans = decodeSpans(tags);
        expect(decodeSpans(encodeSpans(spans, tags.length, "IOBES"), "IOBES")).toEqual(spans);
      }),
    );
  });

  test("is refused where spans overlap, are empty or leave the tokens", () => {
    const span = (start: number, end: number): Span => ({ type: "X", start, end });
    expect(() => encodeSpans([span(0, 2), span(1, 3)], 3)).toThrow(
      "the span X from 1 to 3 is empty, overlaps",
    );
    expect(() => encodeSpans([span(1, 1)], 3)).toThrow("from 1 to 1");
    expect(() => encodeSpans([span(2, 4)], 3)).toThrow("leaves the 3 tokens");
    expect(() => encodeSpans([span(-1, 1)], 3)).toThrow("from -1 to 1");
  });
});

describe("refused", () => {
  test("what is no tag", () => {
    expect(() => decodeSpans(["O", "PER"])).toThrow(
      'tag 1 is "PER"; the reading seqeval takes O, and B, I, E, S',
    );
    expect(() => decodeSpans([""])).toThrow('tag 0 is ""');
    expect(() => decodeSpans(["L-X"])).toThrow('tag 0 is "L-X"');
    expect(() => decodeSpans(["O-X"])).toThrow('tag 0 is "O-X"');
  });

  test("a bare S, of which conlleval has no rule", () => {
    expect(() => decodeSpans(["S"], "conlleval")).toThrow('a bare "S", for which conlleval has no rule');
    expect(decodeSpans(["S"], "seqeval")).toEqual([{ type: "_", start: 0, end: 1 }]);
  });
});
