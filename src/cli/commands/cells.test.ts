/** The list of cells, and one cell printed: of the catalogue, or from a user's file, with every way it can be wrong. */
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { catalogue, printCell } from "../../cell/index.js";
import { printBackward } from "../../grad/index.js";
import { createFolder, type Folder, moodLines, runCli } from "../harness.cases.js";
import { meanings } from "./cells.js";

/** What a user's file imports. In a project of theirs it would be "unrolled/cell". */
const library = JSON.stringify(pathToFileURL("src/cell/index.ts").href);
const mine = `cell("mine", { states: ["h"], output: "h" }, ({ h, x, affine }) => ({ h: tanh(affine("h", h, x)) }))`;
let folder: Folder;
beforeAll(async () => {
  folder = await createFolder();
});
afterAll(() => folder.remove());

describe("the list", () => {
  it("has every cell of the catalogue, its meaning, states and parameters", async () => {
    expect(Object.keys(meanings)).toEqual(Object.keys(catalogue));
    const { status, stdout } = await runCli(["cells"]);
    expect(status).toBe(0);
    for (const [name, meaning] of Object.entries(meanings)) {
      expect(stdout).toMatch(new RegExp(`^${name} +${meaning}$`, "m"));
    }
    expect(stdout).toMatch(
      /^gru .*\n {2}states +c\n {2}parameters +w_r, w_u, w_c \(H, H \+ X\)\n +b_r, b_u, b_c \(H\)$/m,
    );
  });
  it("is one JSON object per cell", async () => {
    const lines = (await runCli(["cells", "--json"])).stdout.trimEnd().split("\n");
    const cells = lines.map((line) => JSON.parse(line));
    expect(cells.map(({ name }) => name)).toEqual(Object.keys(catalogue));
    expect(cells[0]).toEqual({
      name: "rnn",
      describes: meanings["rnn"],
      states: ["a"],
      output: "a",
      parameters: [
        { name: "w_a", shape: ["H", "H + X"] },
        { name: "b_a", shape: ["H"] },
      ],
    });
  });
});

describe("one cell", () => {
  it.each(["unicode", "latex"] as const)("prints its equations and gradients in %s", async (notation) => {
    for (const [name, cell] of Object.entries(catalogue)) {
      const { status, stdout } = await runCli(["cells", name, ...(notation === "latex" ? ["--latex"] : [])]);
      expect(status).toBe(0);
      expect(stdout).toContain(printCell(cell.equations(), notation).trimEnd());
      expect(stdout).toContain(printBackward(cell.equations(), notation).trimEnd());
    }
  });
  it("prints the plan that trains it, at the sizes asked for", async () => {
    const { stdout } = await runCli(["cells", "gru", "--plan", "--input", "5", "--units", "7"]);
    expect(stdout).toMatch(/^plan train\n {2}input input \[N\(batch\), 5\]\n/);
    expect(stdout).toContain("  parameter recurrent1.w_rc [7, 7]\n  parameter recurrent1.w_rx [7, 5]\n");
    expect((await runCli(["cells", "gru", "--plan"])).stdout).toContain("recurrent1.w_rx [4, 3]");
  });
});

describe("a user's file", () => {
  it("gives its default export, or the only cell that it exports", async () => {
    const head = `import { cell, tanh } from ${library};\n`;
    const byDefault = await folder.write(
      "default.mjs",
      `${head}export const other = ${mine};\nexport default ${mine};`,
    );
    const byName = await folder.write(
      "named.mjs",
      `${head}export const width = 3;\nexport const mine = ${mine};`,
    );
    for (const file of [byDefault, byName]) {
      expect(await runCli(["cells", file])).toMatchObject({
        status: 0,
        stdout: expect.stringMatching(/^h⟨t⟩ = tanh\(w_h \[h⟨t−1⟩, x⟨t⟩\] \+ b_h\)\n/),
      });
    }
    expect(JSON.parse((await runCli(["cells", byName, "--json"])).stdout)).toMatchObject({
      name: "mine",
      states: ["h"],
    });
  });
  it("trains a model that then works without it", async () => {
    const file = await folder.write(
      "own.mjs",
      `import { cell, tanh } from ${library};\nexport default ${mine};`,
    );
    const data = await folder.write("good.tsv", moodLines(20));
    const out = folder.path("own.safetensors");
    const small = ["--units", "2", "--embedding", "2", "--epochs", "1", "--json"];
    const { stdout } = await runCli([
      "train",
      "classifier",
      "--train",
      data,
      "--cell",
      file,
      ...small,
      "--out",
      out,
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ cell: "mine" });
    expect((await runCli(["inspect", out])).stdout).toContain("\nmine:\nh⟨t⟩ = tanh(");
  });
  it("is taken by shape, whichever copy of the package made it", async () => {
    // What another copy gives: plain data and no class of ours.
    const leaf = (op: string, name: string, width: string) =>
      `{ op: "${op}", args: [], width: "${width}", name: "${name}" }`;
    const text = `
      const product = { op: "affine", args: [${leaf("state", "h", "H")}, ${leaf("input", "x", "X")}], width: "H",
        weight: { gate: "h", parameter: "w_h", blocks: ["w_hh", "w_hx"], bias: "b_h" } };
      const blocks = [{ name: "w_hh", columns: "H", input: false }, { name: "w_hx", columns: "X", input: true }];
      const parameters = [{ name: "w_h", kind: "weight", blocks, initial: 0 }, { name: "b_h", kind: "vector", blocks: [], initial: 0 }];
      const next = { h: { op: "tanh", args: [product], width: "H" } };
      const named = { name: "foreign", states: ["h"], output: "h" };
      export default { ...named, equations: () => ({ ...named, parameters, next, gates: {} }) };`;
    const file = await folder.write("foreign.mjs", text);
    expect(await runCli(["cells", file])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^h⟨t⟩ = tanh\(w_h \[h⟨t−1⟩, x⟨t⟩\] \+ b_h\)\n/),
    });
  });

  it.each<[string, string, string]>([
    ["without a cell", "export const a = 1;", "exports no cell. Export one: export default cell("],
    [
      "with two cells",
      `import { cell, tanh } from LIB; export const a = ${mine}, b = ${mine};`,
      "exports 2 cells (a, b)",
    ],
    ["that is not JavaScript", "export default {", "cannot be loaded ("],
    ["that fails", "throw new Error('no luck');", "cannot be loaded (Error: no luck)"],
    [
      "with a step that fails",
      'import { cell } from LIB; export default cell("c", { states: ["h"], output: "h" }, ({ h }) => nothing(h));',
      'the step of its cell "c" fails (ReferenceError: nothing is not defined)',
    ],
    [
      "with a step that is not right",
      'import { cell } from LIB; export default cell("c", { states: ["h"], output: "h" }, () => ({}));',
      'cell "c": the step does not return its state "h"',
    ],
    [
      "with names that cannot be",
      'import { cell } from LIB; export default cell("c", { states: ["x"], output: "x" }, () => ({}));',
      '"x" cannot name a state',
    ],
  ])("%s is refused with status 1", async (what, text, says) => {
    const file = await folder.write(`${what.replaceAll(" ", "-")}.mjs`, text.replace("LIB", library));
    const { status, stdout, stderr } = await runCli(["cells", file]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain(says);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });
  it("that is not there is told from a package that it does not find", async () => {
    expect((await runCli(["cells", folder.path("none.js")])).stderr).toContain(
      "none.js: cannot be read: there is no such file",
    );
  });
});
