/**
 * Sessions: buffers of one name are apart in two of them, one that ends leaves the others as they are, and what is disposed of
 * gives its memory back and is refused afterwards.
 */
import { describe, expect, it } from "vitest";
import { packing } from "../../tensor/packing.js";
import { ExecutorError, type Program, type Session } from "../executor.js";
import { executorOf, openHome } from "../home.js";
import { disposeSymbol } from "../resource.js";
import { buffer, planOf, type Subject } from "./harness.cases.js";

/** y = x · w, and w counts up with every run of `learn`. */
const product = planOf(
  "product",
  [
    buffer("x", "tokens:p", 1, "input"),
    buffer("w", "rows:1", 1, "parameter"),
    buffer("y", "tokens:p", 1, "output"),
  ],
  [
    {
      kind: "gemm",
      form: "apply",
      space: "tokens:p",
      a: "x",
      outputs: [{ b: "w", transpose: false, c: "y", start: "zero" }],
    },
  ],
);
const learn = planOf(
  "learn",
  [buffer("w", "rows:1", 1, "parameter")],
  [
    {
      kind: "elementwise",
      space: "rows:1",
      width: 1,
      inputs: ["w"],
      program: [
        { op: "constant", args: [], value: 1 },
        { op: "add", args: [0, 1] },
      ],
      outputs: [{ buffer: "w", register: 2 }],
    },
  ],
);
const p = packing([1]);
const batch = { packings: { p } };

interface Model {
  readonly session: Session;
  readonly program: Program;
  readonly answer: () => number;
}

function modelIn(session: Session, weight: number): Model {
  const program = session.prepare(product, { p });
  session.write("w", [weight]);
  program.write("x", [3]);
  const answer = (): number => {
    program.run(batch);
    return program.read("y")[0]!;
  };
  return { session, program, answer };
}

/** Registers the cases. */
export function sessionCases(subject: Subject): void {
  describe("sessions", () => {
    it("hold buffers of one name apart, whoever runs and learns in between", async () => {
      const executor = await subject.create();
      const [a, b] = [modelIn(executor.session(), 2), modelIn(executor.session(), 5)];
      expect([a.answer(), b.answer(), a.answer()]).toEqual([6, 15, 6]);
      b.session.prepare(learn, {}).run({ packings: {} });
      expect([a.answer(), b.answer(), a.answer()]).toEqual([6, 18, 6]);
      expect([a.session.read("w")[0], b.session.read("w")[0]]).toEqual([2, 6]);
      executor.dispose();
    });
    it("count the changes of their own buffers", async () => {
      const executor = await subject.create();
      const [a, b] = [modelIn(executor.session(), 2), modelIn(executor.session(), 5)];
      const before = [a.session.version, b.session.version];
      a.answer();
      expect([a.session.version, b.session.version]).toEqual(before);
      a.session.prepare(learn, {}).run({ packings: {} });
      expect(a.session.version).toBeGreaterThan(before[0]!);
      expect(b.session.version).toBe(before[1]);
      executor.dispose();
    });
    it("end alone, give their memory back and are refused afterwards", async () => {
      const executor = await subject.create();
      const empty = executor.bytes;
      const a = modelIn(executor.session(), 2);
      const alone = executor.bytes;
      const b = modelIn(executor.session(), 5);
      expect(a.session.bytes + empty).toBe(alone);
      b.session.dispose();
      b.session.dispose();
      expect([b.session.bytes, executor.bytes]).toEqual([0, alone]);
      expect([a.answer(), a.program.disposed, b.program.disposed]).toEqual([6, false, true]);
      for (const use of [b.answer, () => b.session.read("w"), () => b.session.prepare(product, { p })])
        expect(use).toThrow(/disposed/);
      // What was given back serves the next, from zeros on.
      const c = executor.session();
      c.prepare(product, { p });
      expect([...c.read("w")]).toEqual([0]);
      expect(a.answer()).toBe(6);
      executor.dispose();
      expect(a.program.disposed).toBe(true);
      expect(a.answer).toThrow(ExecutorError);
      expect(() => executor.session()).toThrow(/disposed/);
    });
    it("are opened and closed by whoever is given an executor, and left alone by whoever is given one", async () => {
      const executor = await subject.create();
      const before = executor.bytes;
      const own = openHome(executor);
      modelIn(own.session, 2);
      own.dispose();
      expect(executor.bytes).toBe(before);
      const shared = executor.session();
      const home = openHome(shared);
      expect([home.session, home.isOwn, executorOf(shared)]).toEqual([shared, false, executor]);
      const model = modelIn(home.session, 2);
      home[disposeSymbol]();
      expect(model.answer()).toBe(6);
      executor[disposeSymbol]();
      expect(model.answer).toThrow(ExecutorError);
    });
    it("give by asynchronous reads what a buffer held when it was asked for", async () => {
      const executor = await subject.create();
      const { session, program, answer } = modelIn(executor.session(), 2);
      answer();
      const [y, w] = [program.readAsync("y"), session.readAsync("w")];
      session.write("w", [7]);
      expect(answer()).toBe(21);
      program.dispose();
      expect([(await y)[0], (await w)[0]]).toEqual([6, 2]);
      await expect(program.readAsync("y")).rejects.toThrow(ExecutorError);
      executor.dispose();
    });
  });
}
