/**
 * The program as a process of its own: `predict` answers a pipe line by line, in the same memory whatever the length, and an
 * output that takes no more ends it with a sentence.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const program = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const modelOf = (name: string): string =>
  fileURLToPath(new URL(`golden/model-files/${name}.format-1.safetensors`, import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), "unrolled-predict-"));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

/** Starts `predict`, and reads its answers one by one. */
function predict(args: readonly string[]) {
  const child = spawn(process.execPath, [program, "predict", ...args], { stdio: ["pipe", "pipe", "pipe"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { child, next: async () => (await lines.next()).value as string | undefined };
}

/** Kilobytes that a process holds now. */
const residentOf = (pid: number): number =>
  Number(/VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);

describe("predict on a pipe", () => {
  it.each([
    ["texts", "classifier-texts", [], ["a fine day\n", "isn't it dreary?\n"]],
    ["JSON lines", "classifier-texts", ["--format", "jsonl"], ['{"text": "a"}\n', '{"text": "b"}\n']],
    [
      "a table whose column is told",
      "classifier-texts",
      ["--format", "csv", "--text-column", "2"],
      ["1,a\n", "2,b\n"],
    ],
    ["vectors", "classifier-vectors", ["--format", "csv"], ["x,y\n0.5,-1\n", "3,3\n"]],
    [
      "series",
      "classifier-series",
      ["--format", "jsonl"],
      ['{"series": [[1, 2]]}\n', '{"series": [[2, 1]]}\n'],
    ],
    ["texts to translate", "translator", [], ["ab b\n", "ba\n"]],
    ["sentences", "tagger", ["--format", "conll"], ["Anna\n\n", "Otto\n\n"]],
  ])("answers %s before the next is written", async (_, name, args, inputs) => {
    const { child, next } = predict([modelOf(name), ...args, "--json"]);
    for (const input of inputs) {
      child.stdin.write(input);
      expect(JSON.parse((await next())!)).toBeTypeOf("object");
    }
    child.stdin.end();
    expect(await next()).toBeUndefined();
    expect(child.exitCode ?? (await once(child, "close"))[0]).toBe(0);
  });

  it("answers what came before a line that cannot be used, says which it is, and waits for no more", async () => {
    const { child, next } = predict([modelOf("classifier-texts"), "--format", "jsonl"]);
    const said: string[] = [];
    child.stderr.on("data", (part) => said.push(String(part)));
    child.stdin.write('{"text": "a"}\n{"text": "b"}\nnothing\n');
    expect([await next(), await next(), await next()]).toEqual([
      expect.stringMatching(/\ta$/),
      expect.stringMatching(/\tb$/),
      undefined,
    ]);
    // Standard input is still open.
    const [status] = child.exitCode === null ? await once(child, "close") : [child.exitCode];
    expect([status, said.join("")]).toEqual([1, expect.stringContaining("standard input:3: is not JSON")]);
  });

  // Elsewhere the system does not say how much memory a process holds.
  it.skipIf(process.platform !== "linux")(
    "takes no more memory for 18,000 long lines than for 6,000 (memory is told on Linux)",
    async () => {
      const { child, next } = predict([modelOf("classifier-texts")]);
      // One of four words is long: much to keep, and little to compute.
      const line = (i: number): string => `a fine day ${"x".repeat(2000)}${i}\n`;
      const held: number[] = [];
      for (let from = 0; from < 18_000; from += 6000) {
        child.stdin.write(Array.from({ length: 6000 }, (_, i) => line(from + i)).join(""));
        for (let i = 0; i < 5999; i++) await next();
        expect((await next())?.endsWith(`x${from + 5999}`)).toBe(true);
        held.push(residentOf(child.pid!));
      }
      child.stdin.end();
      await once(child, "close");
      // 12,000 lines that are kept take 2 KB each and their answers as much, 48 MB; garbage that is not collected yet, some.
      expect(held[2]! - held[0]!).toBeLessThan(24 * 1024);
    },
  );
});

it.skipIf(process.platform !== "linux")(
  "a full disk under the answers is a sentence (/dev/full is on Linux)",
  () => {
    const file = join(temporary, "many.txt");
    writeFileSync(file, "a fine day\n".repeat(5000));
    const full = openSync("/dev/full", "w");
    const { status, stderr } = spawnSync(
      process.execPath,
      [program, "predict", modelOf("classifier-texts"), file],
      {
        stdio: ["ignore", full, "pipe"],
        encoding: "utf8",
      },
    );
    expect(stderr).toMatch(/^error: standard output: .*the disk is full.*\n$/);
    expect(status).toBe(1);
  },
);
