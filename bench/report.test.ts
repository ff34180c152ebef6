/** The report names what a reader must know of each row: the BLAS, what is left out, how many runs, why there is none. */
import { expect, it } from "vitest";
import { machine } from "./machine.mjs";
import { markdown } from "./report.mjs";

const row = (name: string, key: string, rest: object) => ({
  task: "train gru 64/128/32/100",
  group: "train",
  runtime: "Node 24",
  threads: 1,
  name,
  key,
  ...rest,
});
const ms = (median: number, runs: number) => ({ median, low: median - 1, high: median + 1, runs });

it("a table has the version, the BLAS, what a peer leaves out and the runs behind a figure", () => {
  const text = markdown({
    command: "npm run bench",
    quick: false,
    machine: machine(),
    tokens: { "train gru 64/128/32/100": 3200 },
    programs: [{ task: "program step.mjs", name: "unrolled", printed: "median 3 ms" }],
    absent: ["jax-js wasm is not installed: npm run bench -- --install"],
    results: [
      row("unrolled simd", "unrolled", { ms: ms(10, 5), facts: { loss: [2, 1] } }),
      row("tool 4.22.0", "tool", { ms: ms(12_000, 1), facts: { leavesOut: "clipping", loss: [2, 3] } }),
      row("PyTorch 2.13.0", "torch", { threads: 2, ms: ms(30, 5), facts: { blas: "MKL 2024.2" } }),
      row("late 1.0", "late", { refused: "no answer for 2 minutes" }),
    ],
  });
  const lines = text.split("\n");
  expect(lines).toContain("| task | who | on | leaves out | median | 10 % to 90 % | runs | times ours |");
  expect(lines).toContain(
    "| train gru 64/128/32/100 | unrolled simd | Node 24 |  | 10.0 ms | 9.00 ms to 11.0 ms | 5 | 1.00 |",
  );
  expect(lines).toContain("|  | tool 4.22.0 | Node 24 | clipping | 12.0 s |  | 1 | 1,200 |");
  expect(lines).toContain(
    "|  | PyTorch 2.13.0 with MKL 2024.2, 2 threads | Node 24 |  | 30.0 ms | 29.0 ms to 31.0 ms | 5 | 3.00 |",
  );
  expect(lines).toContain("- tool 4.22.0 (Node 24): the loss did not fall: train gru 64/128/32/100");
  expect(lines).toContain("- late 1.0 (Node 24): no answer for 2 minutes: train gru 64/128/32/100");
  expect(lines).toContain("- jax-js wasm is not installed: npm run bench -- --install");
  expect(text).toContain("## program step.mjs\n\n```\nmedian 3 ms\n```");
});
