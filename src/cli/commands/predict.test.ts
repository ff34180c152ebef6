/**
 * `predict` while its input is read, and what comes out where files and models hold characters that command a terminal: of
 * `predict` and of the other commands that print what stands in a model.
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readModel, writeModel } from "../../io/index.js";
import { createFolder, type Folder, runCli } from "../harness.cases.js";

let folder: Folder;
beforeAll(async () => {
  folder = await createFolder();
});
afterAll(() => folder.remove());

const modelOf = (name: string) =>
  readModel(
    readFileSync(new URL(`../../../test/golden/model-files/${name}.format-1.safetensors`, import.meta.url)),
    name,
  );

/** A stored model with other data: labels, tags or tokens of the same number. */
async function hostile(name: string, data: Readonly<Record<string, unknown>>): Promise<string> {
  const file = modelOf(name);
  return folder.write(`${name}.safetensors`, writeModel({ ...file, data: { ...file.data, ...data } }));
}

const evil = ["\u001b]0;owned\u0007\u009b2J", "go\nod\t\r\u202eB"];
/** Anything that a terminal could obey. */
const commands = /(?![\t\n])\p{Cc}/u;

describe("what a terminal could obey is shown", () => {
  it("by every command that prints labels, names or lines of data", async () => {
    const model = await hostile("classifier-texts", { labels: evil });
    const data = await folder.write(
      "da\u001b[31mta.jsonl",
      `${JSON.stringify({ text: "a \u001b[5m fine day", label: evil[0] })}\n`,
    );
    const unknown = await folder.write(
      "unknown.jsonl",
      `${JSON.stringify({ text: "a", label: "\u001b[2J" })}\n`,
    );
    for (const args of [
      ["predict", model, "--text", "a \u001b[5m fine\u0007 day"],
      ["predict", model, data, "--json"],
      ["predict", model, `${data}.none`],
      ["evaluate", model, "--data", data],
      ["evaluate", model, "--data", data, "--json"],
      ["evaluate", model, "--data", unknown],
      ["evaluate", model, "--data", data, "--label", "\u001b[2J"],
      ["inspect", model],
      ["inspect", model, "--json"],
      ["cells", "\u001b[2J"],
      ["predict", model, "--\u001b[2J"],
    ]) {
      const { stdout, stderr } = await runCli(args);
      expect(stdout + stderr).toContain("\\u001b");
      expect(stdout + stderr).not.toMatch(commands);
    }
  });

  it("in columns that stay columns, and in JSON of the same values", async () => {
    const model = await hostile("classifier-texts", { labels: evil });
    const text = "a fine day";
    const { label } = JSON.parse((await runCli(["predict", model, "--text", text, "--json"])).stdout);
    expect(evil).toContain(label);
    const lines = (await runCli(["predict", model, "--text", text, "--text", "b"])).stdout
      .trimEnd()
      .split("\n");
    expect(lines.map((line) => line.split("\t").length)).toEqual([3, 3]);
  });

  it("also in directions of writing, where a person reads, and not in pipes", async () => {
    const model = await hostile("classifier-texts", { labels: ["\u202ea", "\u202eb"] });
    const args = ["predict", model, "--text", "a"];
    expect((await runCli(args)).stdout).toMatch(/^\u202e[ab]\t/);
    const seen = await runCli(args, { terminal: { columns: 80, stdout: true } });
    expect(seen.stdout).toMatch(/^\\u202e[ab]\t/);
  });

  it("of generated text on a terminal only: elsewhere it is what the model wrote", async () => {
    const tokens = (modelOf("generator-text").data["tokens"] as string[]).map((token) =>
      token === "day" ? "\u009b2J" : token,
    );
    const model = await hostile("generator-text", { tokens });
    const args = ["generate", model, "--length", "60", "--seed", "3"];
    const { text } = JSON.parse((await runCli([...args, "--json"])).stdout) as { text: string };
    expect(text).toMatch(commands);
    const piped = await runCli(args);
    expect(piped.stdout.trimEnd()).toBe(text.trimEnd());
    const seen = await runCli(args, { terminal: { columns: 80, stdout: true } });
    expect(seen.stdout).not.toMatch(commands);
    expect(seen.stdout).toContain("\\u009b2J");
  });
});

describe("predict, while it reads", () => {
  it("answers what comes before a line that cannot be used, names the line, and ends with status 1", async () => {
    const model = await hostile("classifier-texts", {});
    const text = `${"good,a\n".repeat(3000)}bad\n`;
    const file = await folder.write("rows.csv", text);
    const { status, stdout, stderr } = await runCli(["predict", model, file, "--text-column", "2"]);
    expect(stdout.trimEnd().split("\n")).toHaveLength(3000);
    expect(stderr).toContain("rows.csv:3001: found 1 column, expected 2 as in line 1");
    expect(status).toBe(1);
  });

  it("says what is remarkable about the texts when it has read them", async () => {
    const model = await hostile("classifier-texts", {});
    const { stdout, stderr } = await runCli(["predict", model], { stdin: "a\n\n" });
    expect(stdout.trimEnd().split("\n")).toHaveLength(2);
    expect(stderr).toBe("1 text is empty; it was kept.\n");
    expect((await runCli(["predict", model, "--quiet"], { stdin: "a\n\n" })).stderr).toBe("");
  });

  it("names the option where a table does not tell its column", async () => {
    const model = await hostile("classifier-texts", {});
    const { status, stderr } = await runCli(["predict", model, "--format", "csv"], { stdin: "a,b,c\n" });
    expect([status, stderr]).toEqual([1, expect.stringContaining("Say so with --text-column")]);
  });
});
