/**
 * The pages of docs/ that show cells: what `$ unrolled cells ...` printed there is what it prints now, and an equation
 * that is said to be of a cell is one of its printed lines. `npx vitest run src/cli/docs.test.ts -u` prints the pages anew.
 */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { catalogue, printCell } from "../cell/index.js";
import { printBackward } from "../grad/index.js";
import { runCli } from "./harness.cases.js";

const docs = fileURLToPath(new URL("../../docs/", import.meta.url));
const pages = readdirSync(docs, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".md"))
  .map((file) => ({ file, text: readFileSync(docs + file, "utf8") }));
const shown = /^```console\n\$ unrolled (cells .*)\n[\s\S]*?^```$/gm;
const equations = /^```equation (\w+)( backward)?\n([\s\S]*?)^```$/gm;

it("there are pages of the notes with what the program prints", () => {
  const commands = pages.flatMap(({ text }) => [...text.matchAll(shown)].map(([, command]) => command));
  for (const cell of ["rnn", "gru", "lstmNotes", "lstm"]) expect(commands).toContain(`cells ${cell}`);
});

it.each(pages.filter(({ text }) => text.match(shown)))(
  "$file shows what is printed",
  async ({ file, text }) => {
    let now = text;
    for (const [block, command = ""] of text.matchAll(shown)) {
      const { status, stdout } = await runCli(command.split(" "));
      expect(status).toBe(0);
      now = now.replace(block, () => `\`\`\`console\n$ unrolled ${command}\n${stdout}\`\`\``);
    }
    await expect(now).toMatchFileSnapshot(docs + file);
  },
);

it.each(pages.filter(({ text }) => text.match(equations)))("$file: equations of cells", ({ text }) => {
  const plain = (line: string): string => line.replaceAll(/ +/g, " ").trim();
  for (const [, name = "", back, body = ""] of text.matchAll(equations)) {
    const cell = catalogue[name];
    if (!cell) throw new Error(`there is no cell ${name}`);
    const printed = (back ? printBackward : printCell)(cell.equations()).split("\n").map(plain);
    for (const line of body.trimEnd().split("\n")) expect(printed).toContain(plain(line));
  }
});
