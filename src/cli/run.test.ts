/** What holds for all commands: help, version, colours, and what is said of errors that nobody expected. */
import { describe, expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { runCli } from "./harness.cases.js";
import { reportError } from "./terminal/errors.js";
import { shownSink } from "./terminal/visible.js";

describe("help", () => {
  it.each([
    ["train"],
    ["train", "classifier"],
    ["evaluate"],
    ["predict"],
    ["cells"],
    ["inspect"],
    ["compress"],
    ["replay"],
  ])("of %s %s has an example and goes to stdout", async (...command) => {
    const { status, stdout, stderr } = await runCli([...command, "--help"]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/\nExamples?:\n {2}/);
    expect(stdout).toContain(`unrolled ${command.join(" ")} `);
  });
  it("of the program lists all commands and the exit statuses", async () => {
    const { status, stdout } = await runCli(["--help"]);
    expect(status).toBe(0);
    for (const name of ["train", "evaluate", "predict", "cells", "inspect", "compress", "replay"])
      expect(stdout).toContain(`\n  ${name}`);
    expect(stdout).toContain("Exit status: 0 done, 1 the work failed, 2 the command was wrong.");
  });
  it.each([[[]], [["train"]]])("comes on stderr, with status 2, after %j", async (args) => {
    const { status, stdout, stderr } = await runCli(args);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("Usage: unrolled");
  });
});

it("--version prints that of the package", async () => {
  expect(await runCli(["--version"])).toMatchObject({ status: 0, stdout: `${packageJson.version}\n` });
});

describe("errors", () => {
  const red = "\u001b[31m";
  it.each<[string, Parameters<typeof runCli>[1], boolean]>([
    ["are red on a terminal", { terminal: { columns: 80 } }, true],
    [
      "have no colour where NO_COLOR asks for none",
      { terminal: { columns: 80 }, env: { NO_COLOR: "1" } },
      false,
    ],
    ["have no colour in a file", {}, false],
  ])("%s", async (_, options, coloured) => {
    for (const args of [
      ["cells", "gnu"],
      ["cells", "--gnu"],
    ]) {
      expect((await runCli(args, options)).stderr.startsWith(red)).toBe(coloured);
    }
  });

  const report = (error: unknown, env = {}): [number, string] => {
    let text = "";
    const stderr = shownSink({
      write: (part: string) => {
        text += part;
      },
    });
    const none = () => {
      throw new Error("not needed here");
    };
    const stdin = { name: "", stream: none };
    return [
      reportError(error, {
        stdout: stderr,
        stderr,
        stdin,
        env,
        interruption: none,
        outliveReaders: none,
        createExecutor: none,
      }),
      text,
    ];
  };
  it("that nobody expected are short, and say how to see more", () => {
    const [status, text] = report(new TypeError("x is undefined"));
    expect(status).toBe(1);
    expect(text).toBe(
      "error: something unexpected went wrong (TypeError: x is undefined). " +
        "UNROLLED_DEBUG=1 prints the details; please report them.\n",
    );
    expect(report(new TypeError("x is undefined"), { UNROLLED_DEBUG: "1" })[1]).toMatch(/\n {4}at /);
    expect(report("thrown text")[1]).toContain("(thrown text)");
  });
  it("of the operating system name the file", () => {
    const error = Object.assign(new Error("EIO: i/o error, read"), {
      syscall: "read",
      path: "/a",
      code: "EIO",
    });
    expect(report(error)).toEqual([1, "error: /a: EIO: i/o error, read\n"]);
  });
});
