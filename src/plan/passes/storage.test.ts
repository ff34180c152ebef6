/** What is dropped, started, kept for one step or overwritten, case by case, and what must not be. */
import { describe, expect, it } from "vitest";
import type { LeafStep, Plan, Step } from "../plan.js";
import { addRows, copy, fill, gradient, lookUp, loop, planOf, product, sum, sumRows } from "./hand.cases.js";
import { dropUnread, keepOneStep, overwrite, prune, startFromZero } from "./storage.js";

/** The results that are left of a plan. */
const left = ({ steps }: Plan): unknown[] =>
  steps.map((step) => (step.kind === "loop" ? step.body.flatMap(written) : written(step).join(" ")));
const written = (step: LeafStep): string[] =>
  step.kind === "gemm"
    ? step.outputs.map(({ c }) => c)
    : step.kind === "elementwise"
      ? step.outputs.map(({ buffer }) => buffer)
      : [step.into];

describe("what nobody reads is dropped", () => {
  const dropped = (...steps: Step[]): unknown[] => left(dropUnread(planOf(...steps)));
  it("with what only it was made of, but no output, and nothing that is read", () => {
    expect(dropped(product("z", "x"), sum("t", "z"), sum("out", "x"))).toEqual(["out"]);
    expect(dropped(product("z", "x"), sum("out", "z"))).toEqual(["z", "out"]);
    expect(dropped(lookUp("z", "w"), sumRows("q", "x", "zero"), sum("out", "z"))).toEqual(["z", "out"]);
  });
  it("also where it is only added to, but not where a step reads what it wrote before", () => {
    expect(dropped(fill("g"), gradient("g", "x", "x"), sum("out", "x"))).toEqual(["out"]);
    expect(dropped(fill("g"), addRows("g", "x"), sum("out", "x"))).toEqual(["out"]);
    // In a loop a function reads what it wrote at the step before: it makes t, which is an output's.
    expect(
      dropped(fill("u"), loop({ ...sum("u", "u", "x"), space: "tokens:p" } as LeafStep, copy("out", "u"))),
    ).toEqual(["u", ["u", "out"]]);
    expect(dropped(fill("t"), loop(sum("t", "t", "x")))).toEqual(["t", ["t"]]);
  });
  it("one of several results at a time", () => {
    const two = {
      ...sum("t", "x"),
      outputs: [
        { buffer: "t", register: 1 },
        { buffer: "z", register: 0 },
      ],
    } as LeafStep;
    expect(dropped(two, sum("out", "t"))).toEqual(["t", "out"]);
    const both = {
      ...product("z", "x"),
      outputs: [...product("z", "x").outputs, ...product("y", "x", "k").outputs],
    } as LeafStep;
    expect(dropped(both, sum("out", "y"))).toEqual(["y", "out"]);
  });
  it("with loops that nothing is left of, and buffers that no step names", () => {
    const plan = dropUnread(planOf(loop(product("z", "x")), sum("out", "x")));
    expect(left(plan)).toEqual(["out"]);
    expect(plan.buffers).not.toHaveProperty("z");
    expect(plan.buffers).not.toHaveProperty("t");
    // What the caller writes and reads stays.
    for (const name of ["x2", "w", "out2"]) expect(plan.buffers).toHaveProperty(name);
    const inLoop = dropUnread(planOf(fill("u"), loop(copy("t", "u"), product("z", "x"), copy("out", "t"))));
    expect(left(inLoop)).toEqual(["u", ["t", "out"]]);
    expect(inLoop.buffers).toHaveProperty("t");
  });
  it("of a program: instructions and operands that no result needs", () => {
    expect(
      prune({
        kind: "elementwise",
        space: "tokens:p",
        width: 2,
        inputs: ["x", "t", "z"],
        program: [
          { op: "constant", args: [], value: 3 },
          { op: "neg", args: [1] },
          { op: "mul", args: [2, 3] },
          { op: "tanh", args: [5] },
        ],
        outputs: [
          { buffer: "y", register: 6 },
          { buffer: "y2", register: 2 },
        ],
      }),
    ).toMatchObject({
      inputs: ["z"],
      program: [
        { op: "constant", args: [], value: 3 },
        { op: "mul", args: [0, 1] },
        { op: "tanh", args: [2] },
      ],
      outputs: [
        { buffer: "y", register: 3 },
        { buffer: "y2", register: 0 },
      ],
    });
  });
});

describe("what is zeroed and then added to starts from zero", () => {
  const started = (...steps: Step[]): unknown[] =>
    startFromZero(planOf(...steps)).steps.map((step) => {
      if (step.kind === "loop") return "loop";
      if (step.kind === "gemm") return step.outputs.map(({ c, start }) => `${c} ${start}`).join(", ");
      return step.kind === "reduce" ? `${step.into} ${step.start}` : step.kind;
    });
  it("in products and sums outside loops, whatever lies between", () => {
    expect(started(fill("g"), gradient("g", "x", "x"))).toEqual(["g zero"]);
    expect(started(fill("q"), sumRows("q", "x"))).toEqual(["q zero"]);
    expect(started(fill("z"), sum("t", "x"), product("z", "x", "w", "accumulate"))).toEqual([
      "elementwise",
      "z zero",
    ]);
    expect(
      started(
        fill("g"),
        fill("f"),
        gradient("f", "x", "x2"),
        gradient("g", "x", "x"),
        gradient("g", "x2", "x"),
      ),
    ).toEqual([...["f zero", "g zero", "g accumulate"]]);
    const both = {
      ...gradient("g", "x", "x"),
      outputs: [...gradient("g", "x", "x").outputs, ...gradient("f", "x", "x").outputs],
    } as LeafStep;
    expect(started(fill("g"), fill("f"), both)).toEqual(["g zero, f zero"]);
    expect(started(fill("g"), fill("f", 2), both)).toEqual(["elementwise", "g zero, f accumulate"]);
  });
  it.each<[string, Step[]]>([
    ["what starts as another number", [fill("g", 1), gradient("g", "x", "x")]],
    ["what is added to in a loop", [fill("g"), loop(gradient("g", "x", "x"))]],
    ["what is read first", [fill("g"), product("z", "x", "g"), gradient("g", "x", "x")]],
    [
      "what is read by the step that adds",
      [fill("z"), { ...gradient("g", "z", "x", "zero") }, product("z", "x", "w", "accumulate")],
    ],
    ["what is written anew, not added to", [fill("g"), gradient("g", "x", "x", "zero")]],
    ["what is added to by index", [fill("g"), addRows("g", "x")]],
    ["what a function adds to", [fill("t"), sum("t", "t", "x")]],
    ["what nobody touches again", [fill("g"), sum("t", "x")]],
    [
      "a function of one instruction that is no number",
      [sum("t", "x"), product("t", "x2", "w", "accumulate")],
    ],
    [
      "a number that is the start of something longer",
      [
        {
          ...fill("t"),
          program: [
            { op: "constant", args: [], value: 0 },
            { op: "exp", args: [0] },
          ],
          outputs: [{ buffer: "t", register: 1 }],
        } as LeafStep,
        product("t", "x", "w", "accumulate"),
      ],
    ],
    [
      "two results at once",
      [
        {
          ...fill("t"),
          outputs: [
            { buffer: "t", register: 0 },
            { buffer: "z", register: 0 },
          ],
        } as LeafStep,
        product("t", "x", "w", "accumulate"),
      ],
    ],
  ])("but not %s", (_what, steps) => {
    const plan = planOf(...steps);
    expect(startFromZero(plan).steps).toEqual(plan.steps);
  });
});

describe("rows of one time step are kept", () => {
  const spaceOf = (name: string, ...steps: Step[]): string =>
    keepOneStep(planOf(...steps)).buffers[name]!.space;
  it("of what lives within a step of one loop", () => {
    expect(spaceOf("t", fill("u"), loop(copy("t", "u"), copy("out", "t")))).toBe("sequences:p");
  });
  it.each<[string, string, Step[]]>([
    ["what is read after the loop", "t", [loop(sum("t", "x")), sum("out", "t")]],
    ["what is written before it", "t", [fill("t"), loop(sum("out", "t"))]],
    ["what two loops share", "t", [loop(sum("t", "x")), loop(sum("out", "t"))]],
    ["what is no temporary", "out", [loop(sum("out", "x"))]],
    ["what lives outside loops", "t", [sum("t", "x"), sum("out", "t")]],
    ["what is looked up as a whole", "t", [loop(sum("t", "x"), lookUp("out", "t", "own"))]],
    ["what is added to as a whole", "z", [loop(fill("z"), addRows("z", "x", "own"), copy("out", "z"))]],
    ["what no step touches", "t", [sum("out", "x")]],
  ])("but not of %s", (_what, name, steps) => {
    expect(spaceOf(name, ...steps)).toBe("tokens:p");
  });
  it("nor of what a step reads before the same step writes it: it is another step's", () => {
    const plan = planOf(fill("t"), loop(sum("out", "t"), sum("t", "x")));
    const { steps } = plan;
    expect(keepOneStep({ ...plan, steps: steps.slice(1) }).buffers["t"]!.space).toBe("tokens:p");
  });
  it("and other rows stay what they are", () => {
    expect(spaceOf("g", loop(sum("g", "w"), sum("out", "x")))).toBe("rows:2");
    expect(spaceOf("v", loop({ ...sum("v", "x"), space: "tokens:p" } as LeafStep, copy("out", "v")))).toBe(
      "sequences:p",
    );
  });
});

describe("a result lies in the memory of an operand", () => {
  const storage = (name: string, ...steps: Step[]): string | undefined =>
    overwrite(planOf(...steps)).buffers[name]!.storage;
  const first = sum("t", "x");
  it("that nobody reads afterwards, and of what lies there in the same memory again", () => {
    expect(storage("z", first, sum("z", "t"), copy("out", "z"))).toBe("t");
    expect(storage("y", first, sum("z", "t"), sum("y", "z"), copy("out", "y"))).toBe("t");
    expect(storage("z", first, sum("y", "x2"), sum("z", "x", "y", "t"), copy("out", "z"))).toBe("y");
    expect(storage("z", loop(first, sum("z", "t"), copy("out", "z")))).toBe("t");
  });
  it.each<[string, string, Step[]]>([
    ["is read afterwards", "z", [first, sum("z", "t"), sum("out", "z", "t")]],
    ["is an input", "z", [sum("z", "x"), copy("out", "z")]],
    ["has another width", "one", [first, { ...sum("one", "one2") } as LeafStep].slice(0, 1)],
    ["has other rows", "t", [fill("q"), sum("t", "x", "q"), copy("out", "t")]],
    ["holds what it makes already", "t", [first, sum("t", "t"), copy("out", "t")]],
    [
      "another result lies in",
      "y",
      [
        first,
        {
          ...sum("z", "t"),
          outputs: [
            { buffer: "z", register: 1 },
            { buffer: "y", register: 0 },
          ],
        } as LeafStep,
        sum("out", "z", "y"),
      ],
    ],
    [
      "the step itself overwrites",
      "z",
      [
        first,
        {
          ...sum("z", "t"),
          outputs: [
            { buffer: "z", register: 1 },
            { buffer: "t", register: 0 },
          ],
        } as LeafStep,
        copy("out", "z"),
      ],
    ],
    ["a product made it of", "z", [first, product("z", "t"), copy("out", "z")]],
  ])("but none that %s", (_what, name, steps) => {
    expect(storage(name, ...steps)).toBeUndefined();
  });
  it("and neither an output nor what was there before is moved", () => {
    expect(storage("out", first, sum("out", "t"))).toBeUndefined();
    expect(storage("z", fill("z"), first, sum("z", "t"), copy("out", "z"))).toBeUndefined();
  });
  it("per sequence only where the same time step wrote it", () => {
    const inLoop = (into: string, from: string): LeafStep =>
      ({ ...copy(into, from), space: "tokens:p" }) as LeafStep;
    expect(storage("v", loop(inLoop("u", "x"), inLoop("v", "u"), copy("out", "v")))).toBe("u");
    // Carried from step to step, or made before the loop: the next step reads it again.
    expect(storage("v", fill("u"), loop(inLoop("v", "u"), copy("out", "v")))).toBeUndefined();
    expect(storage("f", sum("g", "w"), sum("f", "g"), copy("outG", "f"))).toBeUndefined();
  });
});
